package world

import (
	"fmt"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
)

// Choice describes an event that is possible now, for those who choose among several.
func (w *World) Choice(ev Action) engine.Choice {
	c := engine.Choice{Name: ev.String(), Due: -1}
	switch ev.Kind {
	case Tick:
		c.Text, c.Due, c.Kind = ev.Node.String()+" pings: an interval has passed there", w.servers[ev.Node.Index()].tick, netsim.StepEvent
	case Timer:
		c.Text, c.Due = ev.Node.String()+" waits no longer", w.clients[ev.Node.Index()].timer
	case DeclareDead:
		c.Text = fmt.Sprintf("%s counts %s as dead", Viewservice, ev.Node)
	default:
		m := w.Message(ev.Msg)
		what := map[ActionKind]string{Deliver: "arrives", Lose: "gets lost", Duplicate: "gets a copy",
			Fail: "gets lost with its connection"}[ev.Kind]
		c.Text = fmt.Sprintf("%s > %s %v %s %s: %s", m.From, m.To, m.direction(), m.Method(), what, m.Summary())
		c.Kind = netsim.StepMessage
		if ev.Kind == Deliver && m.Kind == Ping {
			c.Kind = netsim.StepPing
		}
		if ev.Kind == Deliver && !m.Held {
			c.Due = m.Due
		}
	}
	return c
}

// Message is the message of that number if it is under way or held; nil if not. Read-only.
func (w *World) Message(id uint64) *Message {
	if i := indexOf(w.transit, id); i >= 0 {
		return w.transit[i]
	}
	if i := indexOf(w.held, id); i >= 0 {
		return w.held[i]
	}
	return nil
}
