package world

import (
	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/pbservice"
)

// snapshot is what can be seen of the world itself.
func (w *World) Snapshot(window engine.Window) engine.Snapshot {
	v := w.views
	s := engine.Snapshot{
		At: w.now, Config: *w.cfg, Faults: w.Faults(), Held: w.heldMessages(), Disabled: w.off, Speed: 1,
		Viewservice: engine.ViewserviceState{State: v.state, Incarnation: v.incarnation, Status: v.core.Clone().Status(w.ViewserviceTime())},
	}
	names := []string{Viewservice.String()}
	for i := range w.servers {
		names = append(names, Server(i+1).String())
	}
	answers := map[string]pbservice.InspectReply{}
	for i, name := range names[1:] {
		server := w.servers[i]
		state := engine.ServerState{Name: name, State: server.state, Incarnation: server.incarnation}
		answers[name] = pbservice.InspectReply{}
		if server.core != nil {
			answers[name] = server.core.Inspect(window)
			state.Status = answers[name].Status
		}
		state.PingAge = engine.PingAge(s.Viewservice.Status, name)
		state.CutOff = engine.CutOff(s.Faults, name, names)
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

func (w *World) heldMessages() []netsim.Held {
	var all []netsim.Held
	for _, m := range w.held {
		h := netsim.Held{
			Msg: m.ID, CopyOf: m.CopyOf, Direction: m.role(), From: m.From.String(), To: m.To.String(),
			Method: m.Method(), Summary: m.Summary(), Since: m.Since,
		}
		if m.Asks != nil {
			h.Answers = m.Asks.ID
		}
		all = append(all, h)
	}
	return all
}
