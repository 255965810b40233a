package search

import (
	"encoding/binary"
	"math/bits"
)

// Key is a hash that stands for the canonical form of a state. Two of n states share one with a probability of about n²/2¹²⁹:
// never, for any number of states that a memory can hold.
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

// slot is what a set keeps of a key, of which its table says eight bits more: two keys of n states are taken for one with a
// probability of about n²/2¹⁰⁵. The zero slot is free.
type slot [3]uint32

func slotOf(k Key) slot { return slot{uint32(k.Lo >> 32), uint32(k.Lo), uint32(k.Hi)} }

// visited is a set of keys. Any number of goroutines may call has at once; add needs the set for itself.
type visited struct {
	tables [256]table // by the first byte of the key
	n      int
}

// table is a hash table with open addressing, at most four fifths full. A slot's place is where its first number lies among all
// numbers, so that growing goes through old and new slots in their order.
type table struct {
	slots []slot
	n     int
}

// sized returns an empty set with room for n keys. One that grows with the keys of another, in the order of its slots, would place
// them beside each other and take much longer.
func sized(n int) (v visited) {
	for i := range v.tables {
		v.tables[i].slots = make([]slot, firstSlots(i)+n*3/2/len(v.tables))
	}
	return v
}

// firstSlots is how many slots the table with index i begins with. Tables have equal loads, but do not grow at one time, so that the
// set is never half empty, nor there twice.
func firstSlots(i int) int { return 64 + i/16 }

func (v *visited) has(k Key) bool {
	t := &v.tables[k.Hi>>56]
	return len(t.slots) > 0 && t.slots[t.place(slotOf(k))] != slot{}
}

// add adds k, and reports whether k is new.
func (v *visited) add(k Key) bool {
	t := &v.tables[k.Hi>>56]
	if 5*(t.n+1) > 4*len(t.slots) {
		t.grow(firstSlots(int(k.Hi >> 56)))
	}
	s := slotOf(k)
	i := t.place(s)
	if t.slots[i] == s {
		return false
	}
	t.slots[i] = s
	t.n++
	v.n++
	return true
}

// all goes through what is kept of the keys.
func (v *visited) all(yield func(Key) bool) {
	for i := range v.tables {
		for _, s := range v.tables[i].slots {
			if s != (slot{}) && !yield(Key{uint64(i)<<56 | uint64(s[2]), uint64(s[0])<<32 | uint64(s[1])}) {
				return
			}
		}
	}
}

// place returns the index where s is, or of the free slot where it belongs.
func (t *table) place(s slot) int {
	i := int(uint64(s[0]) * uint64(len(t.slots)) >> 32)
	for t.slots[i] != s && t.slots[i] != (slot{}) {
		if i++; i == len(t.slots) {
			i = 0
		}
	}
	return i
}

// grow makes room for a quarter more, or for a first few.
func (t *table) grow(first int) {
	old := t.slots
	t.slots = make([]slot, max(first, len(old)+len(old)/4))
	for _, s := range old {
		if s != (slot{}) {
			t.slots[t.place(s)] = s
		}
	}
}
