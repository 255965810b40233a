package pane

import (
	"cmp"
	"slices"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/env"
	"cluster/splitbrain/viewservice"
)

// course is where a message is on its way.
type course uint8

// The courses.
const (
	flying  course = iota
	held           // waits for a person
	queued         // has arrived at a node that stands still, or waits at one
	arrived        // has been delivered a moment ago
	lost           // will never arrive, as was clear a moment ago
)

// flight is a message that is under way, or was a moment ago.
type flight struct {
	id, answers uint64
	from, to    string
	words       string
	answer      env.Answer // of a reply
	ping        bool       // of the pings, requests or replies
	asksView    bool
	course      course
	sent, due   time.Duration // it arrives at due; not known before that if due is not after sent
	ended       time.Duration // when it arrived or was lost
}

// progress is how much of its way a flight has behind it, 0 to 1.
func (f *flight) progress(now time.Duration) float64 {
	switch way := f.due - f.sent; {
	case f.course == arrived, f.course == queued, way <= 0 && f.course == flying:
		return 1
	case f.course != flying:
		return 0.5
	default:
		return min(max(float64(now-f.sent)/float64(way), 0), 1)
	}
}

// over reports whether nothing more becomes of the flight.
func (f *flight) over() bool { return f.course >= arrived }

// mostFlights bounds what is remembered of messages: of a busy cluster the newest.
const mostFlights = 256

// flightLog knows the messages under way, and those that ended a moment ago.
type flightLog struct {
	byID map[uint64]*flight
}

// take takes in what the trace tells. A message takes latency on a whole link.
func (l *flightLog) take(events []netsim.TraceEvent, latency time.Duration) {
	if l.byID == nil {
		l.byID = map[uint64]*flight{}
	}
	for i := range events {
		if e := &events[i]; e.Direction != netsim.NoDirection && e.Msg != 0 && e.Kind <= netsim.MsgLost {
			l.note(e, latency)
		}
	}
}

func (l *flightLog) note(e *netsim.TraceEvent, latency time.Duration) {
	f := l.byID[e.Msg]
	if f == nil {
		f = &flight{
			id: e.Msg, answers: e.Answers, from: e.From, to: e.To, words: wordsOf(e.Direction, e.Method, e.Says),
			answer: e.Says.Answer, ping: e.Method == viewservice.PingMethod, asksView: e.Method == viewservice.GetMethod,
			sent: e.At, due: e.At + latency,
		}
		l.byID[e.Msg] = f
	}
	switch e.Kind {
	case netsim.MsgSent, netsim.MsgDuplicated:
		f.course = flying
	case netsim.MsgDelayed:
		f.course, f.due = flying, e.Due
	case netsim.MsgHeld:
		f.course = held
	case netsim.MsgQueued:
		f.course = queued
	case netsim.MsgDelivered:
		f.course, f.ended = arrived, e.At
	case netsim.MsgLost:
		f.course, f.ended = lost, e.At
	}
}

// unended reports whether nobody was told of a ping's end, which was due before a moment: a trace may forget that, and reports no gap.
func (f *flight) unended(before time.Duration) bool {
	return f.ping && f.course == flying && f.due > f.sent && f.due < before
}

// forget drops what ended before a moment, but for what others answer that are still seen, and of too many the oldest.
func (l *flightLog) forget(before time.Duration) {
	past := func(f *flight) bool { return f.over() && f.ended < before || f.unended(before) }
	asked := map[uint64]bool{}
	for _, f := range l.byID {
		if f.answers != 0 && !past(f) {
			asked[f.answers] = true
		}
	}
	for id, f := range l.byID {
		if past(f) && !asked[id] {
			delete(l.byID, id)
		}
	}
	if len(l.byID) <= mostFlights {
		return
	}
	for _, f := range l.all()[:len(l.byID)-mostFlights] {
		delete(l.byID, f.id)
	}
}

// all are the flights in the order in which they were sent.
func (l *flightLog) all() []*flight {
	all := make([]*flight, 0, len(l.byID))
	for _, f := range l.byID {
		all = append(all, f)
	}
	slices.SortFunc(all, func(a, b *flight) int { return cmp.Compare(a.id, b.id) })
	return all
}
