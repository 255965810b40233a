package search

import (
	"slices"
	"strings"

	"cluster/splitbrain/netsim/world"
	"cluster/splitbrain/viewservice/rules"
)

// Find is a way to a broken promise, or to a goal.
type Find struct {
	Violation string         // which promise, and how it is broken
	Events    []world.Action // since the beginning of the search; none can be left out
	// Confirmed says that the events break the promise in a timed world too. It has never been otherwise; then there
	// would be no events.
	Confirmed bool

	scope
	off       rules.Disabled
	stall     bool       // what is wrong is what never happens after the events
	first     *state     // a timed world in which the events happen while time stands still
	recording *Recording // that led there
}

// findOf makes a find of what happened since first: what is not needed is left out, and it is told in a timed world,
// whose messages have other numbers. There unconfirmed messages are sent again more seldom than in the search: where a
// find needs that, ticks are doubled.
func (s *scope) newFind(first *state, actions []action, violation string, rec *Recording) *Find {
	f := &Find{Violation: violation, scope: *s, off: first.world.Disabled(), first: s.initialState(rec.world.Clone(), Budget{}), recording: rec}
	f.stall = strings.HasPrefix(violation, answered.String()+": ")
	for range maxDoublings {
		if least, still := shrink(actions, f.try); still != "" {
			f.Violation, f.Confirmed = still, true
			for _, a := range least {
				f.Events = append(f.Events, a.event)
			}
			return f
		}
		actions = doubled(actions)
	}
	return f
}

// mostPatience bounds how often ticks are doubled.
const maxDoublings = 4

func (f *Find) try(actions []action) ([]action, string) {
	r := replay{scope: &f.scope, m: f.first}
	went, violation := r.run(actions)
	if violation == "" && f.stall {
		violation = f.neverAnswered(r.m)
	}
	return went, violation
}

// doubled lets every tick happen twice, the ping of the first being lost.
func doubled(actions []action) (all []action) {
	for i, a := range actions {
		if a.event.Kind == world.Tick && (i == 0 || actions[i-1].event.Kind != world.Tick) {
			lost := action{event: world.Action{Kind: world.Lose, Msg: 1}, kind: world.Ping, from: a.event.Node, to: world.Viewservice}
			all = append(all, a, lost)
		}
		all = append(all, a)
	}
	return slices.Clip(all)
}
