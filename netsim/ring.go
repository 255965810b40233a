package netsim

import "time"

// ring is the newest events of one sort, in their order.
type ring struct {
	most   int
	events []TraceEvent // the n-th event that was ever added, from 0, is at n % most
	added  int
	gone   int // how many of those that were added are forgotten: the oldest
}

// add forgets the oldest event if the ring is full, and returns its Seq; 0 if none was forgotten.
func (r *ring) add(e TraceEvent) (forgotten uint64) {
	if len(r.events) < r.most {
		r.events = append(r.events, e)
		r.added++
		return 0
	}
	oldest := &r.events[r.added%r.most]
	if r.added-r.gone == r.most {
		forgotten = oldest.Seq
		r.gone++
	}
	*oldest = e
	r.added++
	return forgotten
}

func (r *ring) forget() { r.gone = r.added }

// after returns the number of the first event that is not forgotten and comes after Seq seq.
func (r *ring) after(seq uint64) int {
	n := r.added
	for n > r.gone && r.at(n-1).Seq > seq {
		n--
	}
	return n
}

// since is when the first event happened that is not forgotten; 0 if none is forgotten.
func (r *ring) since() time.Duration {
	if r.gone == 0 || r.gone == r.added {
		return 0
	}
	return r.at(r.gone).At
}

// at is the n-th event of all.
func (r *ring) at(n int) *TraceEvent { return &r.events[n%r.most] }
