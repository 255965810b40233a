package world

import (
	"fmt"
	"slices"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/viewservice"
	"cluster/splitbrain/viewservice/rules"
)

// bootViewNode boots the viewservice. From the second boot on the core is told so, and forms no view (V9).
func (w *World) bootViewNode(v *viewNode) {
	v.boots++
	v.core = viewservice.New(viewservice.Config{
		PingInterval: w.cfg.PingInterval, DeadPings: w.cfg.DeadPings, Restarted: v.boots > 1, Disabled: w.off,
	})
	v.state, v.born, v.deadline = netsim.Up, w.now, Never
}

// addServer adds a server, whose first tick comes after after.
func (w *World) addServer(after time.Duration) {
	s := &server{epoch: w.epoch}
	w.boots++
	w.bootServer(len(w.servers), s, w.boots)
	w.servers = append(w.servers, serverSlot{server: s, tick: w.now + after})
}

// Started tells the observer that node n has booted.
func (w *World) Started(n Node) {
	boots := w.Boots(n)
	w.tell(netsim.TraceEvent{Kind: netsim.NodeStarted, From: n.String(), Boots: boots, Why: fmt.Sprintf("boot %d", boots)})
}

func (w *World) crash(n Node) error {
	switch {
	case n.IsClient():
		return fmt.Errorf("%s is a client: only servers and %s can be killed", n, Viewservice)
	case w.State(n) == netsim.Crashed:
		return fmt.Errorf("%s has crashed already", n)
	case n == Viewservice:
		w.toViewNode(happening{kind: Crash})
	default:
		w.toServer(n.Index(), happening{kind: Crash})
		w.servers[n.Index()].tick = Never
	}
	w.tell(netsim.TraceEvent{Kind: netsim.NodeCrashed, From: n.String()})
	w.queued = slices.DeleteFunc(w.queued, func(m *Message) bool {
		if m.To == n {
			w.note(netsim.MsgLost, m, n.String()+" crashed")
		}
		return m.To == n
	})
	w.failCalls(n)
	return nil
}

// failCalls sends a Reset to every node that waits for an answer of gone, which has crashed.
func (w *World) failCalls(gone Node) {
	if w.untimed {
		return
	}
	for i := range w.clients {
		c := &w.clients[i]
		if c.attempt != nil && c.attempt.To == gone {
			w.reset(c.attempt, netsim.ErrReset.Error())
		}
		if gone == Viewservice && c.ask != Never {
			w.reset(&Message{Kind: ViewGet, From: Client(i + 1), To: Viewservice, Call: c.asks}, netsim.ErrReset.Error())
		}
	}
	for i := range w.servers {
		s := &w.servers[i]
		if m := s.forward; m != nil && m.To == gone && s.core != nil && s.core.Awaits(m.Call) {
			w.reset(m, netsim.ErrReset.Error())
		}
	}
}

// reset sends a Reset to the sender of a call that has failed, unless a cut keeps the sender from learning that.
func (w *World) reset(call *Message, why string) {
	if w.untimed || call.Kind == Ping || w.cut(call.To, call.From) != "" {
		return
	}
	w.messages++
	m := &Message{ID: w.messages, Kind: Reset, From: call.To, To: call.From, Body: why, Asks: call}
	w.schedule(m, netsim.Decision{})
}

func (w *World) restart(n Node) error {
	if n.IsClient() {
		return fmt.Errorf("%s is a client: only servers and %s can be restarted", n, Viewservice)
	}
	if w.State(n) != netsim.Crashed {
		if err := w.crash(n); err != nil {
			return err
		}
	}
	if n == Viewservice {
		w.toViewNode(happening{kind: Restart})
	} else {
		w.boots++
		w.toServer(n.Index(), happening{kind: Restart, number: w.boots})
		w.servers[n.Index()].tick = w.now
	}
	w.Started(n)
	return nil
}

func (w *World) freeze(n Node) error {
	switch w.State(n) {
	case netsim.Frozen:
		return fmt.Errorf("%s is frozen already", n)
	case netsim.Crashed:
		return fmt.Errorf("%s has crashed: only what runs can be frozen", n)
	}
	switch {
	case n.IsClient():
		c := w.ownClient(n.Index())
		slot := &w.clients[n.Index()]
		c.state, c.leftTimer, c.leftAsk = netsim.Frozen, w.left(slot.timer), w.left(slot.ask)
		slot.timer, slot.ask = Never, Never
	case n.IsServer():
		s := w.own(n.Index())
		slot := &w.servers[n.Index()]
		s.state, s.left = netsim.Frozen, w.left(slot.tick)
		slot.tick = Never
	default:
		v := w.ownViewNode()
		v.state, v.stopped, v.deadline = netsim.Frozen, w.now, Never
	}
	w.tell(netsim.TraceEvent{Kind: netsim.NodeFrozen, From: n.String()})
	return nil
}

// left returns how long it is to due; Never for Never.
func (w *World) left(due time.Duration) time.Duration {
	if due == Never {
		return Never
	}
	return max(due-w.now, 0)
}

// until returns when left will have passed; Never for Never.
func (w *World) until(left time.Duration) time.Duration {
	if left == Never {
		return Never
	}
	return w.now + left
}

// thaw lets a frozen node go on. Its clocks go on where they stood, and the messages that have queued for it arrive next.
func (w *World) thaw(n Node) error {
	if w.State(n) != netsim.Frozen {
		return fmt.Errorf("%s is not frozen", n)
	}
	w.tell(netsim.TraceEvent{Kind: netsim.NodeThawed, From: n.String()})
	switch {
	case n.IsClient():
		c := w.ownClient(n.Index())
		slot := &w.clients[n.Index()]
		c.state, slot.timer, slot.ask = netsim.Up, w.until(c.leftTimer), w.until(c.leftAsk)
		e := c.wants(n, nil)
		w.carryOut(n.Index(), &e) // an operation may have begun meanwhile
	case n.IsServer():
		s := w.own(n.Index())
		s.state = netsim.Up
		w.servers[n.Index()].tick = w.until(s.left)
	default:
		v := w.ownViewNode()
		v.state, v.born = netsim.Up, v.born+w.now-v.stopped
		w.setDeadline(v)
	}
	w.queued = slices.DeleteFunc(w.queued, func(m *Message) bool {
		if m.To == n {
			again := *m
			again.Due, again.arrived = w.now, true
			w.insert(&again)
		}
		return m.To == n
	})
	return nil
}

// ViewserviceTime returns the viewservice's own time, which stands still while it is frozen or crashed.
func (w *World) ViewserviceTime() time.Duration { return w.viewNode.time(w.now) }

func (v *viewNode) time(now time.Duration) time.Duration {
	if v.state != netsim.Up {
		now = v.stopped
	}
	return now - v.born
}

// setDeadline sets when the core's deadline comes. An untimed world has none.
func (w *World) setDeadline(v *viewNode) {
	v.deadline = Never
	if at, ok := v.core.Deadline(); ok && !w.untimed {
		v.deadline = max(at+v.born, w.now)
	}
}

// switchRules sets which rules are off, in all running nodes and for those that boot later.
func (w *World) switchRules(off rules.Disabled) {
	w.off, w.wereOff = off, w.wereOff|off
	w.ownViewNode().core.SetDisabled(off)
	for i := range w.servers {
		if s := w.own(i); s.core != nil {
			s.core.SetDisabled(off)
		}
	}
}
