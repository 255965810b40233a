package transcript

import (
	"math"
	"time"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/viewservice"
	"cluster/splitbrain/viewservice/rules"
)

// Formed is a view with its causes and when it was formed, in the cluster's time.
type Formed struct {
	At time.Duration
	viewservice.Change
}

// Event is the event that the view was formed.
func (f Formed) Event() Event { return Event{Kind: NewView, At: f.At, View: f.Change} }

// ViewLog tells new views from those that were seen. The zero ViewLog has seen none.
type ViewLog struct {
	seen  viewservice.Number
	epoch int // the start of the viewservice that formed it
}

// Fresh are the views that have been formed since the last snapshot, oldest first.
func (l *ViewLog) Fresh(s *engine.Snapshot) []Formed { return l.FreshUntil(s, math.MaxInt64) }

// FreshUntil is Fresh, but that it leaves views that were formed at a time or later for the next snapshot.
func (l *ViewLog) FreshUntil(s *engine.Snapshot, until time.Duration) []Formed {
	if l.epoch != s.Viewservice.Boots {
		l.epoch, l.seen = s.Viewservice.Boots, 0
	}
	var all []Formed
	for _, c := range s.Viewservice.Status.Changes {
		if at := s.At - s.Viewservice.Status.Up + c.At; c.View.Viewnum > l.seen && at < until {
			l.seen = c.View.Viewnum
			all = append(all, Formed{at, c})
		}
	}
	return all
}

// RuleChanges are the events that rules were switched off or on.
func RuleChanges(was, is rules.Disabled, at time.Duration) (all []Event) {
	for _, r := range rules.All() {
		if was.Has(r) == is.Has(r) {
			continue
		}
		kind := RuleOn
		if is.Has(r) {
			kind = RuleOff
		}
		all = append(all, Event{Kind: kind, At: at, Rule: r})
	}
	return all
}
