package history

import (
	"slices"

	"cluster/splitbrain/pbservice"
)

// judge judges the keys of a history apart: it is linearizable exactly if that of each key is. It goes on until the
// first violation.
type judge struct {
	keys    map[string]*keyJudge
	ready   []*keyJudge // those that may have something to judge
	waiting int         // events in the queues of all keys
	judged  int         // operations

	undecided    bool
	undecidedKey string // the first key of which something was not decided
	blame        *Blame
}

// keyJudge is one key.
type keyJudge struct {
	name   string
	queue  []event
	first  [2]event // where queue begins while it is short: most are, and there are many
	queued bool     // in judge.ready
	state  *keyState

	// While the next event has to wait:
	lookahead *keyState // the account after ahead events more, without the gets that run
	ahead     int
	outdated  bool // one of those gets has ended since, and its scouting began with a queue of length began
	began     int
}

// again reports whether the scout is worth another run: at once while the queue is short, then ever more rarely.
func (k *keyJudge) again() bool {
	const short = 128
	return k.outdated && (len(k.queue) <= short || len(k.queue) >= k.began+k.began/4)
}

// blocked reports whether the next event is a get of which nobody knows yet what it will have seen.
func (k *keyJudge) blocked() bool {
	e := k.queue[0]
	return !e.end && e.Kind == pbservice.Get && !e.ended
}

// apart takes in the next operation if it had the key to itself, as most have, and that is all there is to say of it.
func (k *keyJudge) stepAlone() bool {
	q := k.queue
	return len(q) > 1 && q[0].entry == q[1].entry && k.state.stepBoth(q[0], q[1])
}

func (j *judge) pop(k *keyJudge) event {
	j.waiting--
	e := k.queue[0]
	k.queue[0] = event{}
	if k.queue = k.queue[1:]; len(k.queue) == 0 {
		k.queue = k.first[:0]
	}
	return e
}

// take hands in events. Outcomes are known from now on, also to what comes before them.
func (j *judge) add(events []event) {
	if j.keys == nil {
		j.keys = map[string]*keyJudge{}
	}
	for _, e := range events {
		if e.end {
			e.Outcome, e.Return, e.ended = e.out, e.time, true
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

// next judges one event. It returns false if none can be judged now.
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

// advance judges one event of k. While k is blocked, it judges what would be so without the gets that run: what can't
// be explained without them can't be explained with them.
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
		j.step(k.state, j.pop(k))
		if k.state.unknown {
			j.notDecided(k)
		}
	case k.lookahead == nil || k.again():
		k.lookahead, k.ahead, k.outdated, k.began = k.state.clone(), 0, false, len(k.queue)
	case len(k.queue) > maxBacklog && k.ahead > 0:
		j.skipBlocked(k)
	case k.ahead < len(k.queue) && !k.lookahead.unknown:
		j.accuse(k.lookahead, k.lookahead.step(k.queue[k.ahead]))
		k.ahead++
	default:
		return false
	}
	return true
}

func (j *judge) step(a *keyState, e event) {
	j.accuse(a, a.step(e))
	if e.end && !a.unknown {
		j.judged++
	}
}

func (j *judge) accuse(a *keyState, culprit *entry) {
	if culprit != nil {
		j.blame = a.accuse(culprit)
	}
}

// settle waits no longer for the gets that run: they are not judged.
func (j *judge) skipBlocked(k *keyJudge) {
	j.notDecided(k)
	for range k.ahead {
		if e := j.pop(k); e.end && !k.lookahead.unknown {
			j.judged++
		}
	}
	k.state, k.lookahead = k.lookahead, nil
	k.state.unread = nil
}

func (j *judge) notDecided(k *keyJudge) {
	if !j.undecided {
		j.undecided, j.undecidedKey = true, k.name
	}
}

// verdict is that of the operations judged so far.
func (j *judge) verdict() Verdict {
	v := Verdict{Judged: j.judged, Blame: j.blame}
	switch {
	case j.blame != nil:
		v.Result, v.Key = Violated, j.blame.Culprit.Key
	case j.undecided:
		v.Result, v.Key = Undecided, j.undecidedKey
	}
	return v
}
