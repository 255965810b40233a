package search

import (
	"time"

	"cluster/splitbrain/netsim/world"
	"cluster/splitbrain/pbservice"
)

// deed is an event told so that it means the same when events before it are left out: a message by what it is, and not by
// its number.
type action struct {
	event world.Action
	kind  world.MessageKind // of the message, if event is about one
	from  world.Node
	to    world.Node
	says  string
}

// deedOf tells what an event does in w.
func actionOf(w *world.World, e world.Action) action {
	a := action{event: e}
	if msg := message(w, e.Msg); msg != nil {
		a.kind, a.from, a.to, a.says = msg.Kind, msg.From, msg.To, msg.Summary()
	}
	return a
}

// message is the one of that number under way, nil if there is none.
func message(w *world.World, id uint64) *world.Message {
	for _, msg := range w.Transit() {
		if msg.ID == id {
			return msg
		}
	}
	return nil
}

// in is the event that the deed is in w: about a message that says the same, or else about the oldest of its kind
// between the same two. ok is false if there is none.
func (a action) in(w *world.World) (e world.Action, ok bool) {
	e = a.event
	if e.Msg == 0 {
		return e, true
	}
	for _, msg := range w.Transit() {
		if msg.Kind != a.kind || msg.From != a.from || msg.To != a.to {
			continue
		}
		if !ok || msg.Summary() == a.says {
			e.Msg, ok = msg.ID, true
		}
		if msg.Summary() == a.says {
			break
		}
	}
	return e, ok
}

// replay follows deeds event by event, judging after each.
type replay struct {
	*scope
	m *state
}

// follow lets the deeds happen as far as they are possible, leaving out those that are not. It returns those that
// happened, up to the first after which a promise is broken, and which that was.
func (r *replay) run(actions []action) (went []action, violation string) {
	for _, a := range actions {
		e, ok := a.in(r.m.world)
		if !ok {
			continue
		}
		before := r.m
		after, err := r.apply(e)
		if err != nil {
			continue
		}
		r.m = after
		went = append(went, actionOf(before.world, e))
		if violation = r.violation(before, after); violation != "" {
			return went, violation
		}
	}
	return went, ""
}

// apply is what comes of one event.
func (r *replay) apply(e world.Action) (*state, error) {
	n := *r.m
	n.world = r.m.world.Clone()
	n.world.SetObserver(&world.Observer{
		Began: func(_ world.Node, op pbservice.Op, _ time.Duration) { n.begin(r.key, op) },
		Ended: func(_ world.Node, op pbservice.Op, reply pbservice.Reply, err error, _ time.Duration) {
			n.end(r.key, op, reply, err)
		},
	})
	advanceClock(n.world)
	err := n.world.Apply(e)
	n.world.SetObserver(nil)
	return &n, err
}

// moveOn lets a moment pass in a timed world, so that of two events one is later, but not so much that anything happens by
// itself.
func advanceClock(w *world.World) {
	if _, _, timed := w.Next(); timed {
		w.Pass(w.Now() + time.Microsecond)
	}
}

// eventsOf carries the steps of a path out, and returns the events of which they consist.
func (s *scope) eventsOf(st *state, path []int) (actions []action) {
	t := newTransition(s)
	for _, i := range path {
		t.actions = t.actions[:0]
		before := st
		st, _ = t.take(st, s.stepsOf(st, nil)[i])
		w := before.world.Clone()
		for _, e := range t.actions {
			actions = append(actions, actionOf(w, e))
			must(w.Apply(e))
		}
	}
	return actions
}
