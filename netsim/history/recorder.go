package history

import (
	"cmp"
	"context"
	"maps"
	"math"
	"slices"
	"sync"
	"time"

	"cluster/splitbrain/pbservice"
)

// Kept is how many operations a Recorder keeps at least, unless Keep says another number.
const Kept = 4096

// When more than maxUnjudged events wait for Judge, whoever calls Call or Return judges for ownTime, and for longer if
// more than maxLeftOver events are left: nobody may ever call Judge, and memory must stay bounded.
const (
	maxUnjudged = 1024 // events
	ownTime     = 5 * time.Millisecond
	maxLeftOver = 16384 // events
)

// Recorder gathers operations as they run, and judges them meanwhile. It keeps the newest operations, those that run,
// and those to blame for a violation; beyond these its memory grows with the number of keys and not of operations. The
// zero Recorder is empty. Safe for concurrent use.
type Recorder struct {
	judging sync.Mutex // guards judge and spare; locked before mu
	judge   judge
	spare   []event // memory of the inbox before this one, to be used again

	mu      sync.Mutex // guards what follows
	keep    int        // 0: Kept
	firstID int        // the name of ops[0]
	ops     []record
	running map[int]record // by ID: the operations before ops that have not ended
	events  int            // calls and ends so far
	inbox   []event        // events that the judge has not taken yet
	verdict Verdict        // without Total

	decided   Verdict // by Decide, of what the judge has left undecided
	decidedAt int     // events then; 0: never
}

// NewUnjudged returns a Recorder of a history whose beginning is not known: it gathers operations and judges none.
func NewUnjudged() *Recorder {
	return &Recorder{verdict: Verdict{Result: Undecided, Unjudged: true}}
}

// record is an operation as it is shown.
type record struct {
	Operation
	entry *entry // the operation as it is judged; nil once it has ended
	ended bool
}

// Keep makes the recorder keep at least the newest n operations from now on; 0 means Kept.
func (r *Recorder) Keep(n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.keep = n
}

// Call notes that client begins op at time now, and returns the operation's ID, which Return needs. IDs count up from 0.
// The order of the calls of Call and Return is what is judged; times are only shown. Call may judge, for 5 ms or more.
func (r *Recorder) Call(client string, op pbservice.Op, now time.Duration) int {
	r.mu.Lock()
	o := Operation{Client: client, Kind: op.Kind, Key: op.Key, Value: op.Value, Call: now, Called: r.events + 1}
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

// Return notes how the operation of that ID ended. It must be called at most once for an ID. Like Call it may judge.
func (r *Recorder) Return(id int, now time.Duration, o Outcome) {
	r.mu.Lock()
	var entry *entry
	if old, ok := r.running[id]; ok {
		delete(r.running, id)
		entry = old.entry
	} else {
		op := &r.ops[id-r.firstID]
		op.Return, op.Outcome, op.ended, op.Returned = now, o, true, r.events+1
		entry, op.entry = op.entry, nil
	}
	behind := r.enqueue(event{entry: entry, end: true, out: o, time: now})
	r.mu.Unlock()
	if behind {
		r.catchUp()
	}
}

// enqueue adds e to the inbox, and reports whether too many events wait to be judged. The caller holds r.mu.
func (r *Recorder) enqueue(e event) (behind bool) {
	r.events++
	e.at = r.events
	if r.verdict.Result == Violated || r.verdict.Unjudged {
		return false
	}
	r.inbox = append(r.inbox, e)
	return len(r.inbox) >= maxUnjudged
}

// forget drops the oldest operations, but those that run. The caller holds r.mu.
func (r *Recorder) forget() {
	keep := cmp.Or(r.keep, Kept)
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

// catchUp judges some events, unless another goroutine is judging.
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

// Judge goes on judging for about budget of real time, and returns the verdict on what was judged so far. It waits while
// another goroutine judges.
func (r *Recorder) Judge(budget time.Duration) Verdict {
	v, _ := r.judgeUntil(context.Background(), budget)
	return v
}

// judgeUntil is Judge until ctx ends. whole reports that all was judged that can be as yet.
func (r *Recorder) judgeUntil(ctx context.Context, budget time.Duration) (v Verdict, whole bool) {
	const slice = 64 // events between two looks at the clock
	r.judging.Lock()
	defer r.judging.Unlock()
	r.takeInbox()
	for deadline := time.Now().Add(budget); time.Now().Before(deadline) && ctx.Err() == nil; {
		for range slice {
			if !r.judge.next() {
				return r.publish(), true
			}
		}
	}
	return r.publish(), false
}

// Decide is Judge, and where that leaves something undecided of a history that is kept as a whole, it goes on as the function
// Decide does, for as long again. Verdict says so, too, until something else happens. When ctx ends, what is undecided remains so.
func (r *Recorder) Decide(ctx context.Context, budget time.Duration) Verdict {
	v, judged := r.judgeUntil(ctx, budget)
	if !judged && v.Result == Linearizable {
		v.Result = Undecided // nothing is known of what is left
	}
	if v.Result != Undecided || v.Unjudged {
		return v
	}
	r.mu.Lock()
	whole, events, ops := r.firstID == 0, r.events, operationsOf(r.since(0, math.MaxInt))
	r.mu.Unlock()
	if !whole {
		return v
	}
	v = Decide(ctx, ops, budget)
	r.mu.Lock()
	if r.decided, r.decidedAt = v, events; v.Result == Violated {
		r.verdict = v // whatever comes
	}
	r.mu.Unlock()
	return v
}

// takeInbox hands the events of the inbox to the judge. The caller holds r.judging.
func (r *Recorder) takeInbox() {
	r.mu.Lock()
	events := r.inbox
	r.inbox = r.spare[:0]
	r.mu.Unlock()
	r.judge.add(events)
	clear(events)
	r.spare = events
	if cap(events) > 4*maxUnjudged {
		r.spare = nil // so many events are unusual: their memory is given back
	}
}

// publish makes the judge's verdict known to all, and returns it. The caller holds r.judging.
func (r *Recorder) publish() Verdict {
	r.mu.Lock()
	if !r.verdict.Unjudged && r.verdict.Result != Violated {
		r.verdict = r.judge.verdict()
	}
	if r.verdict.Result == Violated {
		r.inbox, r.spare = nil, nil
		r.judge = judge{judged: r.judge.judged, blame: r.judge.blame}
	}
	r.mu.Unlock()
	return r.Verdict()
}

// Verdict returns the verdict on what was judged so far. It never waits for a Judge.
func (r *Recorder) Verdict() Verdict {
	r.mu.Lock()
	defer r.mu.Unlock()
	v := r.verdict
	if v.Result == Undecided && r.decidedAt == r.events && !v.Unjudged {
		v = r.decided
	}
	v.Total = r.firstID + len(r.ops)
	return v
}

// Operations returns the operations that are kept, in the order of calls: all of them as long as there are no more than
// the Recorder keeps.
func (r *Recorder) Operations() []Operation { return operationsOf(r.Since(0, math.MaxInt)) }

func operationsOf(bars []Bar) (all []Operation) {
	for _, b := range bars {
		all = append(all, b.Operation)
	}
	return all
}

// Bar is an operation as a screen draws it.
type Bar struct {
	ID int // counts up from 0 in the order of calls
	Operation
	Running bool // the operation has not ended
	Open    bool // it has ended with an unknown outcome: it may have happened, may still happen, or never (C2)
	Blamed  bool // it is part of the violation
}

// Since returns the newest n of the operations that are kept and have at least that ID, in the order of calls.
func (r *Recorder) Since(id, n int) []Bar {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.since(id, n)
}

// since is Since for who holds r.mu.
func (r *Recorder) since(id, n int) []Bar {
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
