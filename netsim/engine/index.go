package engine

import (
	"slices"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/viewservice"
)

// Index is a snapshot with what explanations, screens and transcripts look up in it, worked out once. It must not be
// changed; so it is safe for concurrent use.
type Index struct {
	Snapshot
	// View is the viewservice's, or the newest that a server knows while the viewservice knows none (V9).
	View viewservice.View

	faults map[Link][]netsim.Fault
	held   map[Link][]netsim.Held
}

// Link is one direction between two nodes.
type Link struct{ From, To string }

// NewIndex works out the index of a snapshot.
func NewIndex(s Snapshot) *Index {
	x := &Index{
		Snapshot: s, View: s.Viewservice.Status.View,
		faults: make(map[Link][]netsim.Fault, len(s.Faults)), held: make(map[Link][]netsim.Held, len(s.Held)),
	}
	for i := range s.Servers {
		if v := s.Servers[i].Status.View; s.Viewservice.Status.View.Viewnum == 0 && v.Viewnum > x.View.Viewnum {
			x.View = v
		}
	}
	for _, f := range s.Faults {
		l := Link{f.From, f.To}
		x.faults[l] = append(x.faults[l], f)
	}
	for _, h := range s.Held {
		l := Link{h.From, h.To}
		x.held[l] = append(x.held[l], h)
	}
	return x
}

// Forgotten reports whether the viewservice knows of no view, though servers do (V9).
func (x *Index) Forgotten() bool { return x.View.Viewnum > x.Viewservice.Status.View.Viewnum }

// Server is the server of that name; nil if there is none.
func (x *Index) Server(name string) *ServerState {
	for i := range x.Servers {
		if x.Servers[i].Name == name {
			return &x.Servers[i]
		}
	}
	return nil
}

// Client is the client of that name; nil if there is none.
func (x *Index) Client(name string) *ClientState {
	for i := range x.Clients {
		if x.Clients[i].Name == name {
			return &x.Clients[i]
		}
	}
	return nil
}

// Member is what the viewservice knows of a server; nil if it never heard of it.
func (x *Index) Member(name string) *viewservice.Member { return x.Viewservice.Status.Member(name) }

// State is how a node's process fares; netsim.Stopped if there is no such node.
func (x *Index) State(node string) netsim.State {
	if node == ViewAddr {
		return x.Viewservice.State
	}
	if s := x.Server(node); s != nil {
		return s.State
	}
	if c := x.Client(node); c != nil {
		return c.State
	}
	return netsim.Stopped
}

// FaultsOn are the faults of a link, in the order of Snapshot.Faults.
func (x *Index) FaultsOn(from, to string) []netsim.Fault { return x.faults[Link{from, to}] }

// Suffers reports whether a link has a fault of that kind.
func (x *Index) Suffers(from, to string, kind netsim.FaultKind) bool {
	return slices.ContainsFunc(x.FaultsOn(from, to), func(f netsim.Fault) bool { return f.Kind == kind })
}

// Cut reports whether messages from one node to another vanish.
func (x *Index) Cut(from, to string) bool { return x.Suffers(from, to, netsim.FaultCut) }

// CutOff are the other nodes, the viewservice and servers, with whom a node's messages don't pass in one direction at
// least.
func (x *Index) CutOff(node string) []string {
	var off []string
	if x.Cut(node, ViewAddr) || x.Cut(ViewAddr, node) {
		off = append(off, ViewAddr)
	}
	for _, s := range x.Servers {
		if x.Cut(node, s.Name) || x.Cut(s.Name, node) {
			off = append(off, s.Name)
		}
	}
	return off
}

// Holds reports whether messages from one node to another wait for a person.
func (x *Index) Holds(from, to string) bool { return x.Suffers(from, to, netsim.FaultHold) }

// HeldOn are the messages that wait for a person on a link, in the order in which they were sent.
func (x *Index) HeldOn(from, to string) []netsim.Held { return x.held[Link{from, to}] }
