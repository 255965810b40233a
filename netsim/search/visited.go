package search

import (
	"encoding/binary"
	"math/bits"
)

// Key is a hash that stands for the canonical form of a state. In a search of n states two forms share a key with a
// probability of about n²/2¹²⁹: never, for any number of states that a memory can hold.
type Key struct{ Hi, Lo uint64 }

// The odd constants of wyhash. mix is wyhash's mixing step.
const (
	mix0 = 0xa0761d6478bd642f
	mix1 = 0xe7037ed1a0b428db
	mix2 = 0x8ebc6af09c88c6e3
	mix3 = 0x589965cc75374cc3
)

// keyOf hashes a canonical form. A form has the same key in every run, which hash/maphash would not promise.
func keyOf(b []byte) Key {
	x, y := uint64(mix0)^uint64(len(b)), uint64(mix2)
	for len(b) >= 16 {
		p, q := binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:])
		x = mix(p^mix1, q^x)
		y = mix(p^y, q^mix3)
		b = b[16:]
	}
	var tail [16]byte
	copy(tail[:], b)
	p, q := binary.LittleEndian.Uint64(tail[:]), binary.LittleEndian.Uint64(tail[8:])
	x, y = mix(p^mix1, q^x), mix(p^y, q^mix3)
	return Key{mix(x^mix0, y^mix1), mix(x^mix3, y^mix2)}
}

func mix(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	return hi ^ lo ^ a ^ b
}

// visited is a set of keys. Any number of goroutines may call has at once; add needs the set for itself.
type visited struct {
	parts [256]part // by the first byte of the key, so that growing never copies the whole set at once
	n     int
}

// part is a hash table with open addressing, at most three quarters full. The zero Key marks a free slot.
type part struct {
	slots []Key
	n     int
}

const firstSlots = 16

// sized returns an empty set with room for n keys. One that grows with the keys of another, in the order of its slots, would place
// them beside each other and take much longer.
func sized(n int) (v visited) {
	slots := firstSlots
	for 3*slots*len(v.parts) < 4*n {
		slots *= 2
	}
	for i := range v.parts {
		v.parts[i].slots = make([]Key, slots)
	}
	return v
}

func (v *visited) has(k Key) bool {
	p := &v.parts[k.Hi>>56]
	return len(p.slots) > 0 && p.slots[p.place(k)] == k
}

// add adds k, and reports whether k is new.
func (v *visited) add(k Key) bool {
	p := &v.parts[k.Hi>>56]
	if 4*(p.n+1) > 3*len(p.slots) {
		p.grow()
	}
	i := p.place(k)
	if p.slots[i] == k {
		return false
	}
	p.slots[i] = k
	p.n++
	v.n++
	return true
}

// place returns the index of the slot of k, or of the free slot where k belongs.
func (p *part) place(k Key) uint64 {
	mask := uint64(len(p.slots) - 1)
	i := k.Lo & mask
	for p.slots[i] != k && p.slots[i] != (Key{}) {
		i = (i + 1) & mask
	}
	return i
}

func (p *part) grow() {
	old := p.slots
	p.slots = make([]Key, max(firstSlots, 2*len(old)))
	for _, k := range old {
		if k != (Key{}) {
			p.slots[p.place(k)] = k
		}
	}
}
