package engine

import (
	"fmt"
	"slices"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/pbservice"
)

// WaitsFor says in words what a client with a running operation waits for.
func WaitsFor(s Snapshot, k ClientState, p pbservice.Progress) string {
	text := waitsInTime(s, k, p)
	if s.Paused {
		text += "; time is paused"
	}
	return text
}

// waitsInTime says it of time that goes on. What the Clerk knows comes first; why nothing comes back, only the
// network and the servers know.
func waitsInTime(s Snapshot, k ClientState, p pbservice.Progress) string {
	switch {
	case k.State == netsim.Frozen:
		return k.Name + " is frozen"
	case p.Op.Seq == 0:
		return "about to be sent"
	case p.Waits == pbservice.WaitsForView:
		if why := unheard(s, k.Name, ViewAddr, s.Viewservice.State); why != "" {
			return "knows no view: " + why
		}
		return "asks vs for the view (C1)"
	case p.Waits == pbservice.WaitsToRetry:
		why := p.Why + "; tries again (C1)"
		if silent := unheard(s, k.Name, ViewAddr, s.Viewservice.State); silent != "" {
			why += "; no newer view: " + silent
		}
		return why
	}
	return waitsForAnswer(s, k.Name, p)
}

// waitsForAnswer says why a server has not answered.
func waitsForAnswer(s Snapshot, client string, p pbservice.Progress) string {
	i := slices.IndexFunc(s.Servers, func(v ServerState) bool { return v.Name == p.Server })
	if i < 0 {
		return p.Server + " has not answered"
	}
	server := s.Servers[i]
	if why := unheard(s, client, server.Name, server.State); why != "" {
		if silent := unheard(s, client, ViewAddr, s.Viewservice.State); silent != "" && silent != why {
			why += "; no newer view: " + silent
		}
		return why
	}
	waits := server.Status.Waits
	if waits.Code == pbservice.CodeNone {
		return server.Name + " has not answered yet"
	}
	for _, b := range s.Servers {
		if b.Name != waits.Other {
			continue
		}
		if why := unheard(s, server.Name, b.Name, b.State); why != "" {
			return fmt.Sprintf("%v: %s", waits, why)
		}
	}
	return waits.String()
}

// unheard says why messages between from and the node to lead to no answer; "" if nothing is known to be in
// their way.
func unheard(s Snapshot, from, to string, state netsim.State) string {
	switch {
	case state == netsim.Crashed:
		return to + " has crashed"
	case state == netsim.Frozen:
		return to + " is frozen"
	case cuts(s.Faults, from, to):
		return fmt.Sprintf("%s > %s is cut", from, to)
	case cuts(s.Faults, to, from):
		return fmt.Sprintf("%s > %s is cut: no reply arrives", to, from)
	}
	if why := heldBack(s.Held, from, to); why != "" {
		return why
	}
	return lossy(s.Faults, from, to)
}

// heldBack says which message between two nodes waits for a person: the newest request, which its sender
// still waits for, or else the newest reply.
func heldBack(held []netsim.Held, from, to string) string {
	for _, h := range slices.Backward(held) {
		if h.Direction == netsim.Request && h.From == from && h.To == to {
			return fmt.Sprintf("request %d is held on %s > %s: deliver it by hand", h.Msg, from, to)
		}
	}
	for _, h := range slices.Backward(held) {
		if h.Direction == netsim.Reply && h.From == to && h.To == from {
			return fmt.Sprintf("reply %d is held on %s > %s: deliver it by hand", h.Msg, to, from)
		}
	}
	return ""
}

// lossy says that requests or their replies get lost at random.
func lossy(faults []netsim.Fault, from, to string) string {
	for _, f := range faults {
		switch loses := f.Kind.Row().Loses; {
		case loses == netsim.Request && f.From == from && f.To == to, loses == netsim.Reply && f.From == to && f.To == from:
			return f.From + " > " + f.To + " " + f.Effect()
		}
	}
	return ""
}
