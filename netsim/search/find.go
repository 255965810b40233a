package search

import (
	"slices"
	"strings"

	"cluster/splitbrain/netsim/world"
	"cluster/splitbrain/viewservice/rules"
)

// Find is a way to a broken promise, or to a goal.
type Find struct {
	Wrong  string         // which promise, and how it is broken
	Events []world.Action // since the beginning of the search; none can be left out
	// Confirmed says that the events break the promise in a timed world too. It has never been otherwise; then there
	// would be no events.
	Confirmed bool

	setting
	off   rules.Disabled
	stall bool    // what is wrong is what never happens after the events
	first *moment // a timed world in which the events happen while time stands still
	tape  *tape   // that led there; nil if the search began in a given world
}

// findOf makes a find of what happened since first: what is not needed is left out, and it is told in a timed world,
// whose messages have other numbers. There unconfirmed messages are sent again more seldom than in the search: where a
// find needs that, ticks are doubled.
func (s *setting) findOf(first *moment, deeds []deed, wrong string, t *tape) *Find {
	f := &Find{Wrong: wrong, setting: *s, off: first.world.Disabled(), first: first, tape: t}
	f.stall = strings.HasPrefix(wrong, answered.String()+": ")
	if t != nil {
		f.first = s.first(t.world.Clone(), Budget{})
	}
	for range mostPatience {
		if least, still := shrink(deeds, f.try); still != "" {
			f.Wrong, f.Confirmed = still, true
			for _, d := range least {
				f.Events = append(f.Events, d.event)
			}
			return f
		}
		deeds = doubled(deeds)
	}
	return f
}

// mostPatience bounds how often ticks are doubled.
const mostPatience = 4

func (f *Find) try(deeds []deed) ([]deed, string) {
	r := replay{setting: &f.setting, m: f.first}
	went, wrong := r.follow(deeds)
	if wrong == "" && f.stall {
		wrong = f.neverAnswered(r.m)
	}
	return went, wrong
}

// doubled lets every tick happen twice, the ping of the first being lost.
func doubled(deeds []deed) (all []deed) {
	for i, d := range deeds {
		if d.event.Kind == world.Tick && (i == 0 || deeds[i-1].event.Kind != world.Tick) {
			lost := deed{event: world.Action{Kind: world.Lose, Msg: 1}, kind: world.Ping, from: d.event.Node, to: world.Viewservice}
			all = append(all, d, lost)
		}
		all = append(all, d)
	}
	return slices.Clip(all)
}
