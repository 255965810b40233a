package world

import (
	"encoding/binary"
	"slices"
	"sync"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/pbservice"
)

// Parts are nodes and messages of worlds in which time stands still, each once: of equal ones there is one. The many worlds of a
// search consist of few parts, in ever new combinations. Parts are never changed, and never given up. Safe for concurrent use.
type Parts struct {
	mu        sync.Mutex
	viewNodes map[string]*viewNode
	servers   map[string]*server
	clients   map[string]*client
	letters   map[letterKey]*Message
	numbers   uint64 // of letters
	text      []byte // buffer
}

// NewParts returns an empty set. All worlds of one set must have one configuration and one time, and the same rules switched off.
func NewParts() *Parts {
	return &Parts{
		viewNodes: map[string]*viewNode{}, servers: map[string]*server{}, clients: map[string]*client{}, letters: map[letterKey]*Message{},
	}
}

// letter is what makes a message a part. All copies of it that are under way, with numbers of their own, have the same.
type letter struct {
	*Message        // with ID 0
	number   uint64 // from 1; no other letter of the set has it
}

// letterKey tells letters from each other. A body that can't be compared is packed.
type letterKey struct {
	kind       MessageKind
	from, to   Node
	boot, call uint64
	asks       uint64 // the number of the letter that it answers
	body       any
	packed     string
}

// letter returns the part that says what m says. What m answers must be a part.
func (p *Parts) letter(m *Message) *Message {
	if m.letter != nil {
		return m.letter.Message
	}
	key := letterKey{kind: m.Kind, from: m.From, to: m.To, boot: m.Boot, call: m.Call, body: m.Body}
	if m.Asks != nil {
		key.asks = m.Asks.letter.number
	}
	if a, ok := m.Body.(*pbservice.ForwardArgs); ok {
		key.body, key.packed = nil, string(a.Pack(nil))
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	one := p.letters[key]
	if one == nil {
		p.numbers++
		one = &Message{Kind: m.Kind, From: m.From, To: m.To, Boot: m.Boot, Call: m.Call, Body: m.Body, Asks: m.Asks}
		one.letter = &letter{one, p.numbers}
		p.letters[key] = one
	}
	return one
}

// lettersOf replaces messages by the parts that say the same.
func (p *Parts) lettersOf(all []*Message) {
	for i, m := range all {
		all[i] = p.letter(m)
	}
}

// part returns the one of all whose text is that, or else makes one it.
func part[T any](p *Parts, all map[string]*T, text []byte, one *T, number func(*T)) *T {
	if known := all[string(text)]; known != nil {
		return known
	}
	number(one)
	all[string(text)] = one
	return one
}

// server returns the part that is like s, which has index i and whose messages are parts.
func (p *Parts) server(i int, s *server) *server {
	p.mu.Lock()
	defer p.mu.Unlock()
	b := append(p.text[:0], byte(i), byte(s.state))
	b = binary.AppendUvarint(b, uint64(s.boots))
	asked := s.asked
	for len(asked) > 0 && asked[len(asked)-1] == nil {
		asked = asked[:len(asked)-1]
	}
	b = binary.AppendUvarint(b, uint64(len(asked)))
	for _, m := range asked {
		number := uint64(0)
		if m != nil {
			number = m.letter.number
		}
		b = binary.AppendUvarint(b, number)
	}
	if s.core != nil {
		b = s.core.AppendCanon(b, exact{})
	}
	p.text = b
	return part(p, p.servers, b, s, func(s *server) { s.epoch = epochs.Add(1) })
}

// client returns the part that is like c, which has index i and whose messages are parts.
func (p *Parts) client(i int, c *client) *client {
	p.mu.Lock()
	defer p.mu.Unlock()
	b := append(p.text[:0], byte(i), byte(c.state))
	b = binary.AppendUvarint(b, c.asks)
	attempt := uint64(0)
	if c.attempt != nil {
		attempt = c.attempt.letter.number
	}
	b = c.core.AppendCanon(binary.AppendUvarint(b, attempt), exact{})
	p.text = b
	return part(p, p.clients, b, c, func(c *client) { c.epoch = epochs.Add(1) })
}

// viewNode returns the part that is like v.
func (p *Parts) viewNode(v *viewNode) *viewNode {
	p.mu.Lock()
	defer p.mu.Unlock()
	b := append(p.text[:0], byte(v.state))
	for _, n := range []uint64{uint64(v.boots), uint64(v.born), uint64(v.stopped)} {
		b = binary.AppendUvarint(b, n)
	}
	b = v.core.AppendCanon(b, exact{})
	p.text = b
	return part(p, p.viewNodes, b, v, func(v *viewNode) { v.epoch = epochs.Add(1) })
}

// exact is a Canon that leaves nothing out.
type exact struct{ identity }

func (exact) Number(b []byte, n uint64) []byte { return binary.AppendUvarint(b, n) }

// Memo remembers what has happened to parts, and what came of it: the second time that is looked up, and no core does it again. It
// forgets nothing. It also keeps worlds that nobody uses any more, to make others of them. Several may share Parts; a Memo is not
// safe for concurrent use.
type Memo struct {
	spare    Spare
	parts    *Parts
	came     Table[*consequence] // by the epoch of a part, and what happens to it
	ops      map[pbservice.Op]uint64
	numbered Table[*Message] // by the letter, and the number under which it is under way
}

// consequence is the part that comes of what happens to one, and what that wants done.
type consequence struct {
	*viewNode
	*server
	*client
	effects
}

// NewMemo returns one that knows nothing yet of parts, for one goroutine.
func NewMemo(parts *Parts) *Memo {
	return &Memo{parts: parts, ops: map[pbservice.Op]uint64{}}
}

// Adopt returns a copy of w that consists of parts, so that what happens to it and to its clones is remembered, for as long as time
// stands still there. Worlds with faults, with messages that are held or with frozen nodes don't: of such a one Adopt returns a
// plain clone.
func (k *Memo) Adopt(w *World) *World {
	n := w.Clone()
	frozen := slices.ContainsFunc(w.Nodes(), func(n Node) bool { return w.State(n) == netsim.Frozen })
	if frozen || len(w.links)+len(w.held)+len(w.queued) > 0 {
		return n
	}
	n.memo = k
	for i, m := range n.transit {
		again := *m
		again.letter = k.parts.letter(k.answering(m)).letter
		again.Asks = again.letter.Asks
		n.transit[i] = &again
	}
	for i := range n.servers {
		s := n.servers[i].copyInto(new(server))
		for at, m := range s.asked {
			if m != nil {
				s.asked[at] = k.parts.letter(k.answering(m))
			}
		}
		n.servers[i].server = k.parts.server(i, s)
	}
	for i := range n.clients {
		c := n.clients[i].copyInto(&client{core: new(pbservice.ClerkCore)})
		if c.attempt != nil {
			c.attempt = k.parts.letter(c.attempt)
		}
		n.clients[i].client = k.parts.client(i, c)
	}
	n.viewNode = k.parts.viewNode(n.viewNode.copyInto(k.spare.viewNode()))
	return n
}

// answering returns a message like m that answers a part, if it answers anything.
func (k *Memo) answering(m *Message) *Message {
	if m.Asks == nil {
		return m
	}
	n := *m
	n.Asks = k.parts.letter(m.Asks)
	return &n
}

// OfParts reports whether w consists of parts: then it has no faults, no messages that are held, and no frozen nodes.
func (w *World) OfParts() bool { return w.memo != nil }

// Clone returns a copy of w that behaves the same. It is for the goroutine of k, whoever adopted w.
func (k *Memo) Clone(w *World) *World {
	n := k.spare.Clone(w)
	if w.memo != nil {
		n.memo = k
	}
	return n
}

// Discard says that nobody uses w any more, which Clone has returned, nor anything that it has given away but messages and clones.
func (k *Memo) Discard(w *World) { k.spare.Discard(w) }

// number returns m, a letter, as it is under way under the number id, and due at a time.
func (k *Memo) number(m *Message, id uint64, due time.Duration) *Message {
	n, ok := k.numbered.Get(m.letter.number, id)
	if !ok {
		again := *m
		again.ID, again.Due = id, due
		n = &again
		k.numbered.Put(m.letter.number, id, n)
	}
	return n
}

// what numbers what happens. The message of h must be a letter.
func (k *Memo) what(h happening) uint64 {
	number := h.number
	switch {
	case h.msg != nil:
		number = h.msg.letter.number
	case h.op != nil && h.kind == Invoke:
		if number = k.ops[*h.op]; number == 0 {
			number = uint64(len(k.ops)) + 1
			k.ops[*h.op] = number
		}
	}
	return number<<4 | uint64(h.kind)
}

// of returns what comes of h, which happens to the part with that epoch: what it came to before, or else what think says.
func (k *Memo) of(node uint64, h happening, think func(h happening, c *consequence)) *consequence {
	if h.msg != nil {
		h.msg = h.msg.letter.Message
	}
	what := k.what(h)
	c, ok := k.came.Get(node, what)
	if !ok {
		c = new(consequence)
		think(h, c)
		k.came.Put(node, what, c)
	}
	return c
}

func (k *Memo) ofServer(w *World, i int, h happening) *consequence {
	s := w.servers[i].server
	return k.of(s.epoch, h, func(h happening, c *consequence) {
		n := s.copyInto(new(server))
		c.effects = w.onServer(i, n, h, nil)
		k.parts.lettersOf(c.post)
		c.server = k.parts.server(i, n)
	})
}

func (k *Memo) ofClient(w *World, i int, h happening) *consequence {
	one := w.clients[i].client
	return k.of(one.epoch, h, func(h happening, c *consequence) {
		n := one.copyInto(&client{core: new(pbservice.ClerkCore)})
		c.effects = w.onClient(i, n, h, nil)
		if n.attempt != nil {
			n.attempt = k.parts.letter(n.attempt)
		}
		k.parts.lettersOf(c.post)
		c.client = k.parts.client(i, n)
	})
}

func (k *Memo) ofViewNode(w *World, h happening) *consequence {
	v := w.viewNode
	return k.of(v.epoch, h, func(h happening, c *consequence) {
		n := v.copyInto(k.spare.viewNode())
		c.effects = w.onViewNode(n, h, nil)
		k.parts.lettersOf(c.post)
		c.viewNode = k.parts.viewNode(n)
	})
}

// forgets lets w no longer consist of parts: what happens next is none of those things that are remembered, or at another time.
func (w *World) forgets() {
	if w.memo != nil {
		w.memo = nil
		w.shared.Store(true)
	}
}
