package world

// Table is a map from pairs of numbers, of which the first is not 0. It answers in a fraction of the time that a map takes. The
// zero Table is empty. Not safe for concurrent use.
type Table[V any] struct {
	slots []slot[V] // open addressing, at most three quarters full; their number is a power of 2
	n     int
}

type slot[V any] struct {
	a, b  uint64
	value V
}

// Get returns the value of a pair. ok is false if it has none.
func (t *Table[V]) Get(a, b uint64) (v V, ok bool) {
	if t.n == 0 {
		return v, false
	}
	s := &t.slots[t.place(a, b)]
	return s.value, s.a != 0
}

// Put gives a pair that has none a value.
func (t *Table[V]) Put(a, b uint64, v V) {
	if 4*(t.n+1) > 3*len(t.slots) {
		old := t.slots
		t.slots = make([]slot[V], max(64, 2*len(old)))
		for _, s := range old {
			if s.a != 0 {
				t.slots[t.place(s.a, s.b)] = s
			}
		}
	}
	t.slots[t.place(a, b)] = slot[V]{a, b, v}
	t.n++
}

// Len is how many pairs have a value.
func (t *Table[V]) Len() int { return t.n }

// place returns the index of the slot of a pair, or of the free slot where it belongs.
func (t *Table[V]) place(a, b uint64) uint64 {
	mask := uint64(len(t.slots) - 1)
	h := (a*0x9e3779b97f4a7c15 ^ b) * 0xc2b2ae3d27d4eb4f
	i := (h ^ h>>32) & mask
	for s := &t.slots[i]; s.a != 0 && (s.a != a || s.b != b); s = &t.slots[i] {
		i = (i + 1) & mask
	}
	return i
}
