package world

import (
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/viewservice"
)

// Spare is worlds and nodes that nobody uses any more. New ones are made of them: a search makes millions of worlds, and most are
// used for a moment. The zero Spare has none. Not safe for concurrent use.
type Spare struct {
	worlds    []*World
	viewNodes []*viewNode
	servers   []*server
	clients   []*client
}

// Clone is World.Clone of w. Until it is discarded the copy takes its nodes from s.
func (s *Spare) Clone(w *World) *World {
	n := last(&s.worlds)
	if n == nil {
		n = new(World)
	}
	return w.cloneInto(n, s)
}

// Discard says that nobody uses w any more, nor anything that it has given away but messages and clones of it. Cores are
// given away, too.
func (s *Spare) Discard(w *World) {
	if !w.shared.Load() { // otherwise clones may have its nodes
		if w.viewNode.epoch == w.epoch {
			s.viewNodes = append(s.viewNodes, w.viewNode)
		}
		for i := range w.servers {
			if one := w.servers[i].server; one.epoch == w.epoch {
				s.servers = append(s.servers, one)
			}
		}
		for i := range w.clients {
			if one := w.clients[i].client; one.epoch == w.epoch {
				s.clients = append(s.clients, one)
			}
		}
	}
	s.worlds = append(s.worlds, w)
}

// viewNode returns one that may be overwritten, with a core. s may be nil.
func (s *Spare) viewNode() *viewNode {
	if s != nil {
		if n := last(&s.viewNodes); n != nil {
			return n
		}
	}
	return &viewNode{core: new(viewservice.Core)}
}

// server returns one that may be overwritten, with a core unless it had crashed. s may be nil.
func (s *Spare) server() *server {
	if s != nil {
		if n := last(&s.servers); n != nil {
			return n
		}
	}
	return new(server)
}

// client returns one that may be overwritten, with a core. s may be nil.
func (s *Spare) client() *client {
	if s != nil {
		if n := last(&s.clients); n != nil {
			return n
		}
	}
	return &client{core: new(pbservice.ClerkCore)}
}

// last takes the last one of all away; nil if there is none.
func last[T any](all *[]*T) *T {
	n := len(*all)
	if n == 0 {
		return nil
	}
	one := (*all)[n-1]
	*all = (*all)[:n-1]
	return one
}
