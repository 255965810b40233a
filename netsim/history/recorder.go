package history

import (
	"maps"
	"slices"
	"sync"
	"time"

	"cluster/splitbrain/pbservice"
)

// Kept is how many operations a Recorder keeps at least, unless it is told another number.
const Kept = 4096

// How much may wait for a Judge before those who run operations judge themselves, for how long they then do, and how
// much may be left over.
const (
	maxUnjudged = 1024 // events
	ownTime     = 5 * time.Millisecond
	maxLeftOver = 16384 // events
)

// Recorder gathers operations as they run, and judges them while one watches. It keeps the newest operations, those
// that run, and those to blame for a violation; what it needs beyond them grows with the number of keys and not with
// that of operations. The zero Recorder is empty. Safe for concurrent use.
type Recorder struct {
	judging sync.Mutex // guards judge and spare; locked before mu
	judge   judge
	spare   []event // the inbox before, to be used again

	mu      sync.Mutex // guards what follows
	keep    int        // 0: Kept
	firstID int        // the name of ops[0]
	ops     []record
	running map[int]record // those before ops that have not ended
	events  int            // so far
	inbox   []event        // not yet taken by the judge
	verdict Verdict        // but for Total
}

// record is an operation as it is shown.
type record struct {
	Operation
	entry *entry // as it is judged
	ended bool
}

// Keep makes the recorder keep at least the newest n operations, from now on.
func (r *Recorder) Keep(n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.keep = n
}

// Call notes that client begins op at time now, and returns the name under which its end is noted. Names count up
// from 0. The order of Call and Return is what counts; times are told.
func (r *Recorder) Call(client string, op pbservice.Op, now time.Duration) int {
	r.mu.Lock()
	o := Operation{Client: client, Kind: op.Kind, Key: op.Key, Value: op.Value, Call: now}
	id := r.firstID + len(r.ops)
	e := &entry{id: id, Operation: o, called: r.events + 1, returned: never}
	r.ops = append(r.ops, record{Operation: o, entry: e})
	behind := r.enqueue(event{entry: e})
	r.forget()
	r.mu.Unlock()
	if behind {
		r.catchUp()
	}
	return id
}

// Return notes how the operation of that name ended, once.
func (r *Recorder) Return(id int, now time.Duration, o Outcome) {
	r.mu.Lock()
	var entry *entry
	if old, ok := r.running[id]; ok {
		delete(r.running, id)
		entry = old.entry
	} else {
		op := &r.ops[id-r.firstID]
		op.Return, op.Outcome, op.ended = now, o, true
		entry, op.entry = op.entry, nil
	}
	behind := r.enqueue(event{entry: entry, end: true, out: o, time: now})
	r.mu.Unlock()
	if behind {
		r.catchUp()
	}
}

// post reports whether too much waits to be judged. The caller holds r.mu.
func (r *Recorder) enqueue(e event) (behind bool) {
	r.events++
	e.at = r.events
	if r.verdict.Result == Violated {
		return false
	}
	r.inbox = append(r.inbox, e)
	return len(r.inbox) >= maxUnjudged
}

// forget drops the oldest operations that have ended. The caller holds r.mu.
func (r *Recorder) forget() {
	keep := r.keep
	if keep == 0 {
		keep = Kept
	}
	if len(r.ops) < 2*keep {
		return
	}
	old := r.ops[:len(r.ops)-keep]
	for i, op := range old {
		if op.ended {
			continue
		}
		if r.running == nil {
			r.running = map[int]record{}
		}
		r.running[r.firstID+i] = op
	}
	r.firstID += len(old)
	r.ops = slices.Delete(r.ops, 0, len(old))
}

// catchUp judges a share, unless somebody is judging anyhow.
func (r *Recorder) catchUp() {
	if !r.judging.TryLock() {
		return
	}
	defer r.judging.Unlock()
	r.takeInbox()
	deadline := time.Now().Add(ownTime)
	for n := 1; r.judge.next(); n++ {
		if n%16 == 0 && r.judge.waiting < maxLeftOver && time.Now().After(deadline) {
			break
		}
	}
	r.publish()
}

// Judge goes on judging for about budget of real time, and returns the verdict. It waits for another Judge to end.
func (r *Recorder) Judge(budget time.Duration) Verdict {
	const slice = 64 // events between two looks at the clock
	r.judging.Lock()
	defer r.judging.Unlock()
	r.takeInbox()
	for deadline := time.Now().Add(budget); time.Now().Before(deadline); {
		for range slice {
			if !r.judge.next() {
				return r.publish()
			}
		}
	}
	return r.publish()
}

// takeInbox hands the judge what has come. The caller holds r.judging.
func (r *Recorder) takeInbox() {
	r.mu.Lock()
	events := r.inbox
	r.inbox = r.spare[:0]
	r.mu.Unlock()
	r.judge.add(events)
	clear(events)
	r.spare = events
	if cap(events) > 4*maxUnjudged {
		r.spare = nil // it came from an unusual time
	}
}

// publish makes the verdict known. The caller holds r.judging.
func (r *Recorder) publish() Verdict {
	r.mu.Lock()
	r.verdict = r.judge.verdict()
	if r.verdict.Result == Violated {
		r.inbox, r.spare = nil, nil
		r.judge = judge{judged: r.judge.judged, blame: r.judge.blame}
	}
	r.mu.Unlock()
	return r.Verdict()
}

// Verdict is what the last Judge has found. It waits for nobody.
func (r *Recorder) Verdict() Verdict {
	r.mu.Lock()
	defer r.mu.Unlock()
	v := r.verdict
	v.Total = r.firstID + len(r.ops)
	return v
}

// Operations are those that are kept, in the order of calls: all of them as long as there are no more than the
// Recorder keeps.
func (r *Recorder) Operations() []Operation {
	r.mu.Lock()
	defer r.mu.Unlock()
	var all []Operation
	for _, id := range slices.Sorted(maps.Keys(r.running)) {
		all = append(all, r.running[id].Operation)
	}
	for _, op := range r.ops {
		all = append(all, op.Operation)
	}
	return all
}

// Bar is an operation as a screen draws it.
type Bar struct {
	ID int // counts up from 0 in the order of calls
	Operation
	Running bool // it has not ended
	Open    bool // it has, and may have happened at any time since its call, may still happen, or never
	Blamed  bool // it is one of those that can't be explained together
}

// Since are operations in the order of calls: the newest n of those that are kept and whose ID is at least id.
func (r *Recorder) Since(id, n int) []Bar {
	r.mu.Lock()
	defer r.mu.Unlock()
	var all []Bar
	for _, old := range slices.Sorted(maps.Keys(r.running)) {
		if old >= id {
			all = append(all, r.bar(old, r.running[old]))
		}
	}
	from := max(id-r.firstID, len(r.ops)-n, 0)
	for i := from; i < len(r.ops); i++ {
		all = append(all, r.bar(r.firstID+i, r.ops[i]))
	}
	return all[max(len(all)-n, 0):]
}

func (r *Recorder) bar(id int, op record) Bar {
	return Bar{
		ID: id, Operation: op.Operation, Running: !op.ended, Open: op.ended && !op.Known,
		Blamed: r.verdict.Blame != nil && slices.Contains(r.verdict.Blame.ids, id),
	}
}
