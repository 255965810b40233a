package world

import (
	"fmt"
	"slices"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/pbservice"
)

// ActionKind says what an event is.
type ActionKind uint8

// The events. Node and Msg of the Event say which node or message, unless it says otherwise.
const (
	Tick            ActionKind = iota // a PingInterval has passed on a server
	Deliver                           // a message arrives, though it is held or its time has not come
	Lose                              // a message gets lost
	Duplicate                         // a message gets a copy
	Fail                              // a message gets lost with its connection, and the caller learns that
	Timer                             // a client's wait is over
	ViewTimeout                       // a client gives up its question for the view; only by itself
	ViewserviceTick                   // the viewservice looks at the time; only by itself
	DeclareDead                       // the viewservice counts a server as dead
	Quiet                             // the viewservice has not heard a server lately; only in searches
	Crash                             // a server or the viewservice
	Restart                           // a server or the viewservice, one that runs crashes first
	Invoke                            // a client begins Op
	Cancel                            // a client gives its operation up, for the reason Text
	Command                           // Command is done
)

// Action is one thing that can happen to a world.
type Action struct {
	Kind ActionKind
	Node Node
	Msg  uint64
	*Details
}

// Details are what only some actions have.
type Details struct {
	Op      pbservice.Op // its Kind, Key and Value
	Text    string
	Command engine.Command
}

// Next is what happens by itself if nobody does anything, and when. In an untimed world nothing does.
func (w *World) Next() (e Action, at time.Duration, ok bool) {
	if w.untimed {
		return Action{}, 0, false
	}
	at = Never
	if len(w.transit) > 0 {
		m := w.transit[0]
		e, at = Action{Kind: Deliver, Msg: m.ID}, m.Due
	}
	if w.viewNode.deadline < at {
		e, at = Action{Kind: ViewserviceTick}, w.viewNode.deadline
	}
	for i := range w.servers {
		if due := w.servers[i].tick; due < at {
			e, at = Action{Kind: Tick, Node: Server(i + 1)}, due
		}
	}
	for i := range w.clients {
		c := &w.clients[i]
		if c.timer < at {
			e, at = Action{Kind: Timer, Node: Client(i + 1)}, c.timer
		}
		if c.ask < at {
			e, at = Action{Kind: ViewTimeout, Node: Client(i + 1)}, c.ask
		}
	}
	return e, max(at, w.now), at != Never
}

// Step lets time go to the next event, and lets that happen. It returns false if there is none.
func (w *World) Step() (Action, bool) {
	e, at, ok := w.Next()
	if !ok {
		return e, false
	}
	w.AdvanceTo(at)
	if err := w.Apply(e); err != nil {
		panic(fmt.Sprintf("%v at %v: %v", e, at, err))
	}
	return e, true
}

// Events are all events that are possible now but for commands, whatever their time. Their order is always the same:
// ticks, messages that arrive, that get lost, that get copies, timers, silences, crashes, restarts.
func (w *World) Events() []Action {
	all := make([]Action, 0, 4*len(w.servers)+2*len(w.clients)+3*len(w.transit)+3*len(w.held)+4)
	for i := range w.servers {
		if w.servers[i].state == netsim.Up {
			all = append(all, Action{Kind: Tick, Node: Server(i + 1)})
		}
	}
	for _, kind := range []ActionKind{Deliver, Lose, Duplicate} {
		all = w.appendMessages(all, kind)
	}
	for i := range w.clients {
		if w.clients[i].timer != Never {
			all = append(all, Action{Kind: Timer, Node: Client(i + 1)})
		}
	}
	if w.viewNode.state == netsim.Up {
		for i := range w.servers {
			all = append(all, Action{Kind: DeclareDead, Node: Server(i + 1)})
		}
	}
	for _, kind := range []ActionKind{Crash, Restart} {
		for i := range 1 + len(w.servers) {
			n := Viewservice + Node(i)
			if (w.State(n) == netsim.Crashed) == (kind == Restart) {
				all = append(all, Action{Kind: kind, Node: n})
			}
		}
	}
	return all
}

func (w *World) appendMessages(all []Action, kind ActionKind) []Action {
	for _, under := range [][]*Message{w.transit, w.held} {
		for _, m := range under {
			if m.Kind != Reset && (kind != Deliver || w.State(m.To) != netsim.Frozen) {
				all = append(all, Action{Kind: kind, Msg: m.ID})
			}
		}
	}
	return all
}

var noDetails Details

// Apply lets an event happen now. After an error nothing has.
func (w *World) Apply(e Action) error {
	if e.Kind == Cancel || e.Kind == Command {
		w.forgets()
	}
	if w.memo == nil {
		w.begin()
	}
	if e.Details == nil {
		e.Details = &noDetails
	}
	switch e.Kind {
	case Deliver, Lose, Duplicate, Fail:
		return w.applyToMessage(e)
	case Invoke, Cancel, Timer, ViewTimeout:
		return w.applyToClient(e)
	case Command:
		return w.command(e.Command)
	}
	return w.applyToNode(e)
}

func (w *World) applyToNode(e Action) error {
	if !w.has(e.Node) {
		return fmt.Errorf("there is no node %s", e.Node)
	}
	switch e.Kind {
	case Tick:
		return w.tick(e.Node)
	case ViewserviceTick:
		w.toViewNode(happening{kind: ViewserviceTick})
	case DeclareDead, Quiet:
		if w.viewNode.state != netsim.Up {
			return fmt.Errorf("%s does not run", Viewservice)
		}
		w.toViewNode(happening{kind: e.Kind, number: uint64(e.Node)})
	case Crash:
		return w.crash(e.Node)
	case Restart:
		return w.restart(e.Node)
	default:
		return fmt.Errorf("no such event: %d", e.Kind)
	}
	return nil
}

func (w *World) tick(n Node) error {
	if !n.IsServer() || w.State(n) != netsim.Up {
		return fmt.Errorf("%s is no server that runs", n)
	}
	w.servers[n.Index()].tick = w.now + w.cfg.PingInterval
	w.toServer(n.Index(), happening{kind: Tick})
	return nil
}

func (w *World) applyToClient(e Action) error {
	if !e.Node.IsClient() || !w.has(e.Node) {
		return fmt.Errorf("%s is no client", e.Node)
	}
	i := e.Node.Index()
	slot := &w.clients[i]
	switch {
	case e.Kind == Invoke && slot.running:
		return fmt.Errorf("%s runs another operation", e.Node)
	case e.Kind == Cancel && !slot.running:
		return fmt.Errorf("%s runs no operation", e.Node)
	case e.Kind == Timer && slot.timer == Never:
		return fmt.Errorf("%s waits for no time", e.Node)
	case e.Kind == ViewTimeout && slot.ask == Never:
		return fmt.Errorf("%s has not asked for the view", e.Node)
	}
	switch e.Kind {
	case Cancel:
		w.abort(i, w.ownClient(i), e.Text)
		return nil
	case Timer:
		slot.timer = Never
	case ViewTimeout:
		slot.ask = Never
	}
	w.toClient(i, happening{kind: e.Kind, op: &e.Op})
	return nil
}

// abort ends an operation whose outcome is unknown.
func (w *World) abort(i int, c *client, why string) {
	p := c.core.Progress()
	c.core.Abort()
	c.core.Ready()
	c.running, c.attempt, c.leftTimer = false, nil, Never
	w.ended(i, c.op, pbservice.Reply{}, &pbservice.UnknownOutcomeError{Op: p.Op, Why: p.Unanswered(), Err: reasonFor(why)})
}

// ended says that op, a client's operation, has ended.
func (w *World) ended(i int, op pbservice.Op, r pbservice.Reply, err error) {
	w.clients[i].timer = Never
	if w.observer != nil && w.observer.Ended != nil {
		w.observer.Ended(Client(i+1), op, r, err, w.now)
	}
}

func (w *World) applyToMessage(e Action) error {
	if i := indexOf(w.transit, e.Msg); i >= 0 {
		m := w.transit[i]
		switch e.Kind {
		case Deliver:
			w.transit = removed(w.transit, i)
			w.arrive(m)
		case Lose:
			w.transit = removed(w.transit, i)
			w.lose(m, "by choice")
		case Fail:
			w.transit = removed(w.transit, i)
			w.fail(m)
		case Duplicate:
			n := w.copyOf(m)
			w.note(netsim.MsgDuplicated, n, "by choice")
			w.insert(n)
		}
		return nil
	}
	i := indexOf(w.held, e.Msg)
	if i < 0 {
		return fmt.Errorf("no message %d is under way", e.Msg)
	}
	m := w.held[i]
	switch why := w.cut(m.From, m.To); {
	case e.Kind == Duplicate:
		n := w.copyOf(m)
		n.Since = w.now
		w.note(netsim.MsgDuplicated, n, "by hand")
		w.note(netsim.MsgHeld, n, "")
		w.held = append(w.held, n)
		return nil
	case e.Kind == Deliver && why != "":
		return fmt.Errorf("%s: message %d would be lost", why, m.ID)
	}
	w.held = removed(w.held, i)
	switch e.Kind {
	case Deliver:
		w.arrive(m)
	case Fail:
		w.fail(m)
	default:
		w.lose(m, "dropped by hand")
	}
	return nil
}

func indexOf(all []*Message, id uint64) int {
	return slices.IndexFunc(all, func(m *Message) bool { return m.ID == id })
}

// removed takes the i-th message out of all. The first one of many goes without moving the others.
func removed(all []*Message, i int) []*Message {
	const many = 16
	if i == 0 && len(all) > many {
		all[0] = nil
		return all[1:]
	}
	return slices.Delete(all, i, i+1)
}
