package history

import (
	"slices"

	"cluster/splitbrain/pbservice"
)

// judge judges the history of each key on its own: the whole is linearizable exactly if each of them is. It stops at
// the first violation. Not safe for concurrent use.
type judge struct {
	keys    map[string]*keyJudge
	ready   []*keyJudge // keys that may have an event to judge
	waiting int         // events in the queues of all keys
	judged  int         // operations judged so far

	undecided []*keyJudge // keys of which something is not decided, the first first
	blame     *Blame
}

// keyJudge is one key with the events that wait to be judged.
type keyJudge struct {
	name    string
	queue   []event
	first   [2]event // memory of a short queue: most queues are short, and there are many
	queued  bool     // the key is in judge.ready
	state   *keyState
	missed  int  // operations that have ended while the state was unknown
	doubted bool // the key is in judge.undecided

	// While the next event is blocked, a copy of state goes ahead without the gets that run.
	lookahead *keyState // state after the first ahead events of queue
	ahead     int
	outdated  bool // one of those gets has returned since
	began     int  // length of queue when lookahead began
}

// again reports whether lookahead is to begin once more: at once while the queue is short, then ever more rarely.
func (k *keyJudge) again() bool {
	const short = 128
	return k.outdated && (len(k.queue) <= short || len(k.queue) >= k.began+k.began/4)
}

// blocked reports whether the next event is the call of a get that has not returned: only what it returns says how to
// judge the events after it.
func (k *keyJudge) blocked() bool {
	e := k.queue[0]
	return !e.end && e.Kind == pbservice.Get && !e.ended
}

// stepAlone judges the next two events at once if they are call and end of one operation, as most are. It reports
// whether it did; the events stay in the queue.
func (k *keyJudge) stepAlone() bool {
	q := k.queue
	return len(q) > 1 && q[0].entry == q[1].entry && k.state.stepBoth(q[0], q[1])
}

// pop takes the next event of k.
func (j *judge) pop(k *keyJudge) event {
	j.waiting--
	e := k.queue[0]
	k.queue[0] = event{}
	if k.queue = k.queue[1:]; len(k.queue) == 0 {
		k.queue = k.first[:0]
	}
	return e
}

// add adds events to the queues. An outcome is noted at once, so that the call of its operation can be judged.
func (j *judge) add(events []event) {
	if j.keys == nil {
		j.keys = map[string]*keyJudge{}
	}
	for _, e := range events {
		if e.end {
			e.Outcome, e.Return, e.Returned, e.ended = e.out, e.time, e.at, true
			if e.Known {
				e.returned = e.at
			}
		}
		k := j.keys[e.Key]
		if k == nil {
			k = &keyJudge{name: e.Key, state: newKeyState(value{})}
			k.queue = k.first[:0]
			j.keys[e.Key] = k
		}
		k.queue = append(k.queue, e)
		j.waiting++
		if e.end && k.lookahead != nil && slices.Contains(k.lookahead.unread, e.entry) {
			k.outdated = true
		}
		if !k.queued {
			k.queued = true
			j.ready = append(j.ready, k)
		}
	}
}

// next judges one event, or two. It returns false if none can be judged now.
func (j *judge) next() bool {
	for j.blame == nil && len(j.ready) > 0 {
		k := j.ready[len(j.ready)-1]
		if j.advance(k) {
			return true
		}
		k.queued = false
		j.ready = j.ready[:len(j.ready)-1]
	}
	return false
}

// advance judges the next event of k. While that is blocked, lookahead judges the events after it without the gets that
// run: what can't be explained without those gets can't be explained with them. It returns false if it judged nothing.
func (j *judge) advance(k *keyJudge) bool {
	switch {
	case len(k.queue) == 0:
		return false
	case !k.blocked():
		k.lookahead = nil
		if k.stepAlone() {
			j.pop(k)
			j.pop(k)
			j.judged++
			break
		}
		e := j.pop(k)
		j.step(k.state, e)
		j.count(k, e)
	case k.lookahead == nil || k.again():
		k.lookahead, k.ahead, k.outdated, k.began = k.state.clone(), 0, false, len(k.queue)
	case len(k.queue) > maxBacklog && k.ahead > 0:
		j.skipBlocked(k)
	case k.ahead < len(k.queue) && !k.lookahead.unknown:
		j.step(k.lookahead, k.queue[k.ahead])
		k.ahead++
	default:
		return false
	}
	return true
}

// count counts e, which was judged, or was not because the state of k is unknown.
func (j *judge) count(k *keyJudge, e event) {
	ends := 0
	if e.end {
		ends = 1
	}
	if k.state.unknown {
		k.missed += ends
		j.doubt(k)
		return
	}
	j.judged += ends
	if k.missed > 0 && !k.state.lost { // it was reconsidered
		j.judged += k.missed
		k.missed = 0
	}
	if !k.state.lost {
		j.trust(k)
	}
}

// doubt notes that something of k is not decided.
func (j *judge) doubt(k *keyJudge) {
	if !k.doubted {
		k.doubted = true
		j.undecided = append(j.undecided, k)
	}
}

// trust notes that all of k is decided.
func (j *judge) trust(k *keyJudge) {
	if k.doubted {
		k.doubted = false
		j.undecided = slices.DeleteFunc(j.undecided, func(o *keyJudge) bool { return o == k })
	}
}

func (j *judge) step(s *keyState, e event) {
	if culprit := s.step(e); culprit != nil {
		j.blame = s.accuse(culprit)
	}
}

// skipBlocked waits no longer for the gets that run: they are never judged, and the verdict is undecided.
func (j *judge) skipBlocked(k *keyJudge) {
	j.doubt(k)
	for range k.ahead {
		if e := j.pop(k); e.end && !k.lookahead.unknown {
			j.judged++
		}
	}
	k.state, k.lookahead = k.lookahead, nil
	k.state.unread, k.state.lost = nil, true
}

// verdict returns the verdict on the operations judged so far.
func (j *judge) verdict() Verdict {
	v := Verdict{Judged: j.judged, Blame: j.blame}
	switch {
	case j.blame != nil:
		v.Result, v.Key = Violated, j.blame.Culprit.Key
	case len(j.undecided) > 0:
		v.Result, v.Key = Undecided, j.undecided[0].name
	}
	return v
}
