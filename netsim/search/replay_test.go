package search

import (
	"testing"

	"cluster/splitbrain/netsim/world"
	"cluster/splitbrain/pbservice"
)

// began returns the scope of a search that begins at the start, and its first states without time and with it.
func began(t *testing.T) (s *scope, untimed, timed *state) {
	t.Helper()
	o := Defaults
	opening := open(o.config(), Start)
	s, err := o.scope(opening)
	if err != nil {
		t.Fatal(err)
	}
	return s, s.initialState(opening.world, o.Budget), s.initialState(opening.recording().world, o.Budget)
}

// done follows events from st on, which must all be possible, as actions.
func done(t *testing.T, s *scope, st *state, events ...world.Action) (actions []action, end *state) {
	t.Helper()
	for _, e := range events {
		next, err := s.after(st, e)
		if err != nil {
			t.Fatalf("%v: %v", e, err)
		}
		actions, st = append(actions, actionOf(st.world, e)), next
	}
	return actions, st
}

func deliver(id uint64) world.Action { return world.Action{Kind: world.Deliver, Msg: id} }

var (
	c1Puts = world.Action{Kind: world.Invoke, Node: world.Client(1),
		Details: &world.Details{Op: pbservice.Op{Kind: pbservice.Put, Key: firstKey, Value: "1"}}}
	c1Waited = world.Action{Kind: world.Timer, Node: world.Client(1)}
	s1Ticks  = world.Action{Kind: world.Tick, Node: world.Server(1)}
)

// In an untimed world a client learns at once that its question for the view was lost; in a timed one it must give it up.
func TestALostQuestionForTheViewIsGivenUpInATimedWorld(t *testing.T) {
	for name, lost := range map[string][]world.Action{
		"the question":       {{Kind: world.Lose, Msg: 1}},
		"the answer":         {deliver(1), {Kind: world.Lose, Msg: 2}},
		"a dead viewservice": {{Kind: world.Crash, Node: world.Viewservice}, deliver(1)},
	} {
		t.Run(name, func(t *testing.T) {
			s, untimed, timed := began(t)
			actions, end := done(t, s, untimed, append(append([]world.Action{c1Puts}, lost...), c1Waited)...)
			asks := func(st *state) bool {
				all := st.world.Transit()
				return len(all) > 0 && all[len(all)-1].Kind == world.ViewGet
			}
			if !asks(end) {
				t.Fatal("c1 does not ask again in the untimed world")
			}
			all := s.inTime(untimed, actions)
			if after, went, _ := s.follow(timed, all); len(went) != len(all) || !asks(after) {
				t.Errorf("c1 does not ask again in the timed world: %v of %v happened", went, all)
			}
		})
	}
	s, untimed, _ := began(t)
	if actions, _ := done(t, s, untimed, c1Puts, deliver(1), deliver(2)); len(s.inTime(untimed, actions)) != len(actions) {
		t.Error("a client gives up a question that was answered")
	}
}

// A message of a boot that is gone, and one of its successor, may say the same.
func TestAnActionIsAboutAMessageOfTheSameBoot(t *testing.T) {
	s, st, _ := began(t)
	restart := world.Action{Kind: world.Restart, Node: world.Server(1)}
	_, end := done(t, s, st, s1Ticks, restart, s1Ticks)
	old, newer := actionOf(end.world, deliver(1)), actionOf(end.world, deliver(2))
	_, end = done(t, s, st, c1Puts, s1Ticks, restart, s1Ticks)
	for _, c := range []struct {
		action
		want uint64
	}{{old, 2}, {newer, 3}} {
		if e, ok := c.in(end.world); !ok || e.Msg != c.want {
			t.Errorf("%v %v is about message %d, want %d", c.event, c.says, e.Msg, c.want)
		}
	}
}
