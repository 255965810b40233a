package search

import (
	"slices"

	"cluster/splitbrain/netsim/world"
	"cluster/splitbrain/viewservice/rules"
)

// Find is a shortest sequence of events that leads to a violation, or to a goal. Immutable.
type Find struct {
	Violation string         // the property and how it is violated, or which goal was reached
	Events    []world.Action // since the beginning of the search; no single one can be left out
	// Confirmed says that the events lead to the violation in a timed world too, where a file can tell them. All finds so
	// far were confirmed. A find that is not has no events.
	Confirmed bool
	By        string // what found it, for the last line of the story in a file; "" for no such line

	scope
	off       rules.Disabled
	stall     bool       // the violation is that a client is never answered after the events
	first     *state     // the beginning of the search in a timed world, in which time stands still
	recording *Recording // ends in the world of first
}

// newFind makes a Find of actions, which lead from first to violation in an untimed world. It leaves out what is not needed
// for the violation, there and then in the timed world at the end of rec. In a timed world unconfirmed messages are sent
// again more seldom than in an untimed one: where the violation needs such a message, ticks are doubled.
func (s *scope) newFind(first *state, actions []action, violation string, rec *Recording) *Find {
	f := s.emptyFind(first, violation, rec)
	end, _, _ := s.follow(first, actions)
	f.stall = violation == s.inTheEnd(end)
	least, _ := shrink(actions, func(a []action) ([]action, string) { return f.tryFrom(first, a) })
	if !f.confirm(s.inTime(first, least)) && !f.confirm(s.inTime(first, actions)) && f.stall { // what is least without time may need more in it
		f.confirm(slices.Concat(s.inTime(first, actions), s.ticks()))
	}
	return f
}

// inTime returns actions, which lead from first to the violation, with what a timed world needs besides: there a client whose
// question for the view gets lost learns that when it gives the question up, and not at once.
func (s *scope) inTime(first *state, actions []action) (all []action) {
	if first.world.Timed() {
		return actions
	}
	st := first
	for _, a := range actions {
		next, err := s.after(st, a.event)
		if err != nil {
			return actions
		}
		all = append(all, a)
		for i := range s.clients {
			n := world.Client(i + 1)
			told := a.kind == world.ViewGetReply && a.event.Kind == world.Deliver
			if st.world.AsksForView(n) && !next.world.AsksForView(n) && !told {
				all = append(all, action{event: world.Action{Kind: world.ViewTimeout, Node: n}})
			}
		}
		st = next
	}
	return all
}

// confirm makes actions the events of f, less what can be left out, if they lead to the violation in the timed world.
func (f *Find) confirm(actions []action) bool {
	for range maxDoublings {
		if least, still := shrink(actions, f.try); still != "" {
			f.Violation, f.Confirmed = still, true
			for _, a := range least {
				f.Events = append(f.Events, a.event)
			}
			return true
		}
		actions = doubled(actions)
	}
	return false
}

// emptyFind is a Find without events.
func (s *scope) emptyFind(first *state, violation string, rec *Recording) *Find {
	return &Find{Violation: violation, scope: *s, off: first.world.Disabled(), first: s.initialState(rec.world.Clone(), Budget{}), recording: rec}
}

// wholeFind makes a Find of all of actions that are possible in the timed world.
func (s *scope) wholeFind(first *state, actions []action, violation string, rec *Recording) *Find {
	f := s.emptyFind(first, violation, rec)
	f.goal, f.properties = nil, 0
	_, went, _ := f.follow(f.first, s.inTime(first, actions))
	for _, a := range went {
		f.Events = append(f.Events, a.event)
	}
	f.Confirmed = true
	return f
}

// ticks are one of each server. With those a fair future of an untimed world begins, and so what is on its way may be sent again
// before it is confirmed; in a timed world it arrives first.
func (s *scope) ticks() (all []action) {
	for i := range s.servers {
		all = append(all, action{event: world.Action{Kind: world.Tick, Node: world.Server(i + 1)}})
	}
	return all
}

// maxDoublings bounds how often ticks are doubled.
const maxDoublings = 4

// try carries actions out in the timed world, as shrink needs it.
func (f *Find) try(actions []action) ([]action, string) { return f.tryFrom(f.first, actions) }

func (f *Find) tryFrom(first *state, actions []action) ([]action, string) {
	end, went, violation := f.follow(first, actions)
	if violation == "" && f.stall {
		violation = f.inTheEnd(end)
	}
	return went, violation
}

// doubled returns actions with every tick twice. The ping of the first tick gets lost.
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
