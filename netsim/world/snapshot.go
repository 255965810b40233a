package world

import (
	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/env"
	"cluster/splitbrain/pbservice"
)

// Snapshot is what can be seen of the world itself: all but time's pace, the results of clients, and what engine.Explain
// says of the rest.
func (w *World) Snapshot(window engine.Window) engine.Snapshot {
	v := w.viewNode
	s := engine.Snapshot{
		At: w.now, Config: *w.cfg, Faults: w.Faults(), Held: w.HeldMessages(), Disabled: w.off, WereOff: w.wereOff, Speed: 1, Latency: w.latency(),
		Viewservice: engine.ViewserviceState{State: v.state, Boots: v.boots, Status: v.core.Clone().Status(w.ViewserviceTime())},
	}
	answers := map[string]pbservice.InspectReply{}
	for i, server := range w.servers {
		state := engine.ServerState{Name: Server(i + 1).String(), State: server.state, Boots: server.boots}
		var answer pbservice.InspectReply
		if server.core != nil {
			answer = server.core.Inspect(window)
		}
		state.Status, answers[state.Name] = answer.Status, answer
		s.Servers = append(s.Servers, state)
	}
	s.Map = engine.Align(answers, window)
	for i := range w.clients {
		c := w.clients[i]
		state := engine.ClientState{Name: Client(i + 1).String(), State: c.state, Running: c.running}
		if c.running {
			state.Op, state.Since = c.op, w.now-c.began
		}
		s.Clients = append(s.Clients, state)
	}
	return s
}

// Pairs is how many keys with their values all servers hold together.
func (w *World) Pairs() (n int) {
	for _, s := range w.servers {
		if s.core != nil {
			n += s.core.Keys()
		}
	}
	return n
}

// HeldMessages are the messages that wait for a person, in the order in which they were sent.
func (w *World) HeldMessages() []netsim.Held {
	var all []netsim.Held
	for _, m := range w.held {
		h := netsim.Held{
			Msg: m.ID, CopyOf: m.CopyOf, Direction: m.direction(), From: m.From.String(), To: m.To.String(),
			Method: m.Method(), Summary: m.Summary(), Says: env.SaysOf(m.Body), Op: netsim.OpOf(m.Body), Since: m.Since,
		}
		if m.Asks != nil {
			h.Answers = m.Asks.ID
		}
		all = append(all, h)
	}
	return all
}
