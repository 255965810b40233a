package world

import (
	"encoding/binary"
	"hash/fnv"
	"time"
)

// identity names everything by its own name, and tells every time.
type identity struct{}

func (identity) Name(b []byte, name string) []byte { return append(append(b, name...), 0) }

func (identity) Boot(b []byte, _ string, boot uint64) []byte { return binary.AppendUvarint(b, boot) }

func (identity) Text(b []byte, text string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(text))), text...)
}

func (identity) Age(b []byte, age, _ time.Duration) []byte { return binary.AppendVarint(b, int64(age)) }

func (identity) Number(b []byte, _ uint64) []byte { return b }

func (identity) Position(b []byte, n uint64) []byte { return binary.AppendUvarint(b, n) }

// Hash tells worlds from each other that could ever behave differently, with all their names, times and numbers.
func (w *World) Hash() uint64 {
	h := fnv.New64a()
	h.Write(w.appendAll(nil))
	return h.Sum64()
}

// HashAt is Hash of the same world at another time.
func (w *World) HashAt(now time.Duration) uint64 {
	n := w.Clone()
	n.now = now
	return n.Hash()
}

func (w *World) appendAll(b []byte) []byte {
	numbers := func(all ...uint64) {
		for _, n := range all {
			b = binary.AppendUvarint(b, n)
		}
	}
	as := identity{}
	numbers(uint64(w.now), uint64(w.off), w.messages, w.boots)
	v := w.viewNode
	numbers(uint64(v.state), uint64(v.boots), uint64(v.born), uint64(v.stopped), uint64(v.deadline))
	b = v.core.AppendCanon(b, as)
	for i := range w.servers {
		s := &w.servers[i]
		numbers(uint64(s.state), uint64(s.boots), uint64(s.tick), uint64(s.left))
		if s.core != nil {
			b = s.core.AppendCanon(b, as)
		}
	}
	for i := range w.clients {
		c := &w.clients[i]
		numbers(uint64(c.state), uint64(c.timer), uint64(c.ask), uint64(c.leftTimer), uint64(c.leftAsk), c.asks)
		b = c.core.AppendCanon(b, as)
	}
	for _, some := range [][]*Message{w.transit, w.held, w.queued} {
		numbers(uint64(len(some)))
		for _, m := range some {
			numbers(m.ID, m.Call, m.CopyOf, uint64(m.Due))
			b = m.AppendCanon(b, as)
		}
	}
	for _, l := range w.links {
		state, _ := l.random.MarshalBinary() // never fails
		b = append(append(b, byte(l.from), byte(l.to)), state...)
		numbers(uint64(l.last))
		for _, f := range l.faults {
			b = append(append(b, f.String()...), 0)
		}
	}
	return b
}
