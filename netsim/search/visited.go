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

// hasher makes a key of numbers. The same numbers have the same key in every run, which hash/maphash would not promise.
type hasher struct{ x, y uint64 }

func newHasher() hasher { return hasher{mix0, mix2} }

func (h *hasher) add(p, q uint64) { h.x, h.y = mix(p^mix1, q^h.x), mix(p^h.y, q^mix3) }

func (h *hasher) addKey(k Key) { h.add(k.Hi, k.Lo) }

func (h *hasher) key() Key { return Key{mix(h.x^mix0, h.y^mix1), mix(h.x^mix3, h.y^mix2)} }

// keyOf hashes a form.
func keyOf(b []byte) Key {
	h := newHasher()
	h.x ^= uint64(len(b))
	for len(b) >= 16 {
		h.add(binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:]))
		b = b[16:]
	}
	var tail [16]byte
	copy(tail[:], b)
	h.add(binary.LittleEndian.Uint64(tail[:]), binary.LittleEndian.Uint64(tail[8:]))
	return h.key()
}

func (k Key) less(o Key) bool { return k.Hi < o.Hi || k.Hi == o.Hi && k.Lo < o.Lo }

// plus adds two keys. Sums of different sets of keys differ.
func (k Key) plus(o Key) Key {
	lo, carry := bits.Add64(k.Lo, o.Lo, 0)
	hi, _ := bits.Add64(k.Hi, o.Hi, carry)
	return Key{hi, lo}
}

func mix(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	return hi ^ lo ^ a ^ b
}

// visited is a set of keys. Any number of goroutines may call has at once; add needs the set for itself.
type visited struct {
	parts [256]table // by the first byte of the key, so that growing never copies the whole set at once
	n     int
}

// table is a hash table with open addressing, at most three quarters full. The zero Key marks a free slot.
type table struct {
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
func (p *table) place(k Key) uint64 {
	mask := uint64(len(p.slots) - 1)
	i := k.Lo & mask
	for p.slots[i] != k && p.slots[i] != (Key{}) {
		i = (i + 1) & mask
	}
	return i
}

func (p *table) grow() {
	old := p.slots
	p.slots = make([]Key, max(firstSlots, 2*len(old)))
	for _, k := range old {
		if k != (Key{}) {
			p.slots[p.place(k)] = k
		}
	}
}
