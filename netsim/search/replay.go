package search

import (
	"time"

	"cluster/splitbrain/netsim/world"
	"cluster/splitbrain/pbservice"
)

// deed is an event told so that it means the same when events before it are left out: a message by what it is, and not by
// its number.
type deed struct {
	event world.Action
	kind  world.MessageKind // of the message, if event is about one
	from  world.Node
	to    world.Node
	says  string
}

// deedOf tells what an event does in w.
func deedOf(w *world.World, e world.Action) deed {
	d := deed{event: e}
	if msg := message(w, e.Msg); msg != nil {
		d.kind, d.from, d.to, d.says = msg.Kind, msg.From, msg.To, msg.Summary()
	}
	return d
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
func (d deed) in(w *world.World) (e world.Action, ok bool) {
	e = d.event
	if e.Msg == 0 {
		return e, true
	}
	for _, msg := range w.Transit() {
		if msg.Kind != d.kind || msg.From != d.from || msg.To != d.to {
			continue
		}
		if !ok || msg.Summary() == d.says {
			e.Msg, ok = msg.ID, true
		}
		if msg.Summary() == d.says {
			break
		}
	}
	return e, ok
}

// replay follows deeds event by event, judging after each.
type replay struct {
	*setting
	m *moment
}

// follow lets the deeds happen as far as they are possible, leaving out those that are not. It returns those that
// happened, up to the first after which a promise is broken, and which that was.
func (r *replay) follow(deeds []deed) (went []deed, wrong string) {
	for _, d := range deeds {
		e, ok := d.in(r.m.world)
		if !ok {
			continue
		}
		before := r.m
		after, err := r.apply(e)
		if err != nil {
			continue
		}
		r.m = after
		went = append(went, deedOf(before.world, e))
		if wrong = r.broken(before, after); wrong != "" {
			return went, wrong
		}
	}
	return went, ""
}

// apply is what comes of one event.
func (r *replay) apply(e world.Action) (*moment, error) {
	n := *r.m
	n.world = r.m.world.Clone()
	n.world.SetObserver(&world.Observer{
		Began: func(_ world.Node, op pbservice.Op, _ time.Duration) { n.begin(r.key, op) },
		Ended: func(_ world.Node, op pbservice.Op, reply pbservice.Reply, err error, _ time.Duration) {
			n.end(r.key, op, reply, err)
		},
	})
	moveOn(n.world)
	err := n.world.Apply(e)
	n.world.SetObserver(nil)
	return &n, err
}

// moveOn lets a moment pass in a timed world, so that of two events one is later, but not so much that anything happens by
// itself.
func moveOn(w *world.World) {
	if _, _, timed := w.Next(); timed {
		w.Pass(w.Now() + time.Microsecond)
	}
}

// eventsOf carries the steps of a path out, and returns the events of which they consist.
func (s *setting) eventsOf(m *moment, path []int) (deeds []deed) {
	t := newTaker(s)
	for _, i := range path {
		t.note = t.note[:0]
		before := m
		m, _ = t.take(m, s.stepsOf(m, nil)[i])
		w := before.world.Clone()
		for _, e := range t.note {
			deeds = append(deeds, deedOf(w, e))
			must(w.Apply(e))
		}
	}
	return deeds
}
