package search

import (
	"sync"

	"cluster/splitbrain/netsim/world"
	"cluster/splitbrain/pbservice"
)

// stock holds what the states of one search consist of, each once: parts of worlds, judges, and boots. There are few of them,
// of which states are ever new combinations. Safe for concurrent use.
type stock struct {
	parts *world.Parts

	mu     sync.Mutex
	judges map[string]*judge // by their forms under their own names
	boots  map[bootEvent]*boots
	own    renaming // names everybody as they are
	text   []byte   // buffer
}

// bootEvent is a boot after others.
type bootEvent struct {
	before *boots
	boot
}

func newStock() *stock {
	s := &stock{parts: world.NewParts(), judges: map[string]*judge{}, boots: map[bootEvent]*boots{}}
	s.own.names = ownNames()
	return s
}

// ownNames are the names that everybody has.
func ownNames() (n names) {
	for i := range n.servers {
		n.servers[i] = byte(i + 1)
	}
	for i := range n.clients {
		n.clients[i] = byte(i + 1)
	}
	return n
}

// judge returns the one that is like j.
func (s *stock) judge(j *judge) *judge {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.text = j.appendCanon(s.text[:0], &s.own)
	one := s.judges[string(s.text)]
	if one == nil {
		one = &judge{j.open, j.configurations, uint64(len(s.judges)) + 1}
		s.judges[string(s.text)] = one
	}
	return one
}

// booted returns the boots after one more.
func (s *stock) booted(e bootEvent) *boots {
	s.mu.Lock()
	defer s.mu.Unlock()
	one := s.boots[e]
	if one == nil {
		one = e.before.and(e.boot)
		one.number = uint64(len(s.boots)) + 1
		s.boots[e] = one
	}
	return one
}

// and returns the boots after one more.
func (b *boots) and(more boot) *boots {
	return &boots{all: append(b.all[:len(b.all):len(b.all)], more)}
}

// memory is what a worker of a search remembers of what is in the stock: of what came of it before nothing is made again. A nil
// memory remembers nothing. Not safe for concurrent use.
type memory struct {
	*stock
	worlds *world.Memo
	judged map[judgement]*judge
}

// judgement is an operation that begins, or ends with an answer, before a judge.
type judgement struct {
	judge  uint64
	begins bool
	op     pbservice.Op // of one that ends the client and the number
	saw    register
}

func newMemory(of *stock) *memory {
	return &memory{stock: of, worlds: world.NewMemo(of.parts), judged: map[judgement]*judge{}}
}

// adopt returns a state like st that consists of what is in the stock.
func (m *memory) adopt(st *state) *state {
	n := *st
	n.world, n.boots = m.worlds.Adopt(st.world), &boots{all: st.boots.all}
	for k, j := range n.judges {
		if j != nil {
			n.judges[k] = m.judge(j)
		}
	}
	return &n
}

// clone returns a copy of w, which discard takes back.
func (m *memory) clone(w *world.World) *world.World {
	if m == nil {
		return w.Clone()
	}
	return m.worlds.Clone(w)
}

// discard says that nobody uses w any more, nor anything of it.
func (m *memory) discard(w *world.World) {
	if m != nil {
		m.worlds.Discard(w)
	}
}

// begun is j.begin.
func (m *memory) begun(j *judge, op pbservice.Op) *judge {
	if m == nil || j.version == 0 {
		return j.begin(op)
	}
	return m.after(judgement{judge: j.version, begins: true, op: op}, func() *judge { return j.begin(op) })
}

// ended is j.end.
func (m *memory) ended(j *judge, client string, seq uint64, saw register) *judge {
	if m == nil || j.version == 0 {
		return j.end(client, seq, saw)
	}
	is := judgement{judge: j.version, op: pbservice.Op{Client: client, Seq: seq}, saw: saw}
	return m.after(is, func() *judge { return j.end(client, seq, saw) })
}

func (m *memory) after(is judgement, judged func() *judge) *judge {
	j := m.judged[is]
	if j == nil {
		j = m.judge(judged())
		m.judged[is] = j
	}
	return j
}

// booted returns the boots after one more.
func (m *memory) booted(b *boots, more boot) *boots {
	if m == nil {
		return b.and(more)
	}
	return m.stock.booted(bootEvent{b, more})
}
