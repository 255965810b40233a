package search

import (
	"time"

	"cluster/splitbrain/netsim/sim"
	"cluster/splitbrain/netsim/world"
	"cluster/splitbrain/pbservice"
)

// action is a world.Action that keeps its meaning when actions before it are left out: it names a message by what the
// message says, since numbers of messages change then.
type action struct {
	event world.Action
	kind  world.MessageKind // kind, from, to, says and late are those of the message that event is about, if any
	from  world.Node
	to    world.Node
	says  string
	late  bool // a server sent it, or what it answers, and has booted again since
}

// actionOf returns e, which is possible in w, as an action.
func actionOf(w *world.World, e world.Action) action {
	a := action{event: e}
	if msg := w.Message(e.Msg); msg != nil {
		a.kind, a.from, a.to, a.says, a.late = msg.Kind, msg.From, msg.To, msg.Summary(), late(w, msg)
	}
	return a
}

// late reports whether a server that is gone has sent msg, or the call that msg answers.
func late(w *world.World, msg *world.Message) bool {
	if msg.Asks != nil {
		msg = msg.Asks
	}
	if !msg.From.IsServer() {
		return false
	}
	core := w.ServerCore(msg.From)
	return core == nil || core.Boot() != msg.Boot
}

// about reports whether a is about a message like msg.
func (a action) about(msg *world.Message) bool {
	return msg.Kind == a.kind && msg.From == a.from && msg.To == a.to
}

// in returns what a is in w: the same about the message that is most like a's: it says the same, or is late as it is, or is of
// that kind and between the same nodes at least. Of several it is the one with the nearest number, since not many messages
// are missing where an action was left out. ok is false if there is no such message.
func (a action) in(w *world.World) (e world.Action, ok bool) {
	e = a.event
	if e.Msg == 0 {
		return e, true
	}
	most := 0
	for _, msg := range w.Transit() {
		like, far := a.likeness(w, msg), func(id uint64) uint64 { return max(id, a.event.Msg) - min(id, a.event.Msg) }
		if like > most || like > 0 && like == most && far(msg.ID) < far(e.Msg) {
			e.Msg, most = msg.ID, like
		}
	}
	return e, most > 0
}

// likeness says how like msg is to the message that a is about; 0 if not at all.
func (a action) likeness(w *world.World, msg *world.Message) (like int) {
	if !a.about(msg) {
		return 0
	}
	like = 1
	if late(w, msg) == a.late {
		like++
	}
	if msg.Summary() == a.says {
		like += 2
	}
	return like
}

// follow carries out those of actions that are possible from st on, up to the first violation. It returns the state after
// them, the actions that were carried out, and the violation, "" if there was none.
func (s *scope) follow(st *state, actions []action) (end *state, went []action, violation string) {
	if s.goal.reached(s, st, st) {
		return st, nil, s.goal.says()
	}
	for _, a := range actions {
		e, ok := a.in(st.world)
		if !ok {
			continue
		}
		next, err := s.after(st, e)
		if err != nil {
			continue
		}
		went = append(went, actionOf(st.world, e))
		violation = s.violation(st, next)
		if st = next; violation != "" {
			break
		}
	}
	return st, went, violation
}

// after returns the state after e happened in st. The error says why e is not possible in st.
func (s *scope) after(st *state, e world.Action) (*state, error) {
	n := *st
	n.world = st.world.Clone()
	n.world.SetObserver(&world.Observer{
		Began: func(client world.Node, op pbservice.Op, _ time.Duration) { s.invoked(&n, client, op) },
		Ended: func(_ world.Node, op pbservice.Op, reply pbservice.Reply, err error, _ time.Duration) {
			s.end(&n, op, reply, err)
		},
	})
	advanceClock(n.world)
	var err error
	if s.watches(&n) {
		n.dataLost = lossBy(n.world, e, n.dataLost, func() { err = n.world.Apply(e) })
	} else {
		err = n.world.Apply(e)
	}
	n.world.SetObserver(nil)
	return &n, err
}

// advanceClock lets a moment pass in a timed world, so that no two actions happen at one time. What is due by then waits.
func advanceClock(w *world.World) {
	if w.Timed() {
		w.AdvanceTo(w.Now() + sim.Apart)
	}
}

// actionsOf carries out the steps of path from st on. It returns the actions of which the steps consist, and the state
// after them. The error says that there is no such path: it is one of a State that was tampered with.
func (s *scope) actionsOf(st *state, path []int) (actions []action, end *state, err error) {
	t := newTransition(s, newStock())
	for _, i := range path {
		w, steps := st.world.Clone(), s.stepsOf(st, nil)
		if i < 0 || i >= len(steps) {
			return nil, nil, errDamaged
		}
		st, _ = t.take(st, steps[i])
		for _, e := range t.actions {
			actions = append(actions, actionOf(w, e))
			w.MustApply(e)
		}
	}
	return actions, st, nil
}
