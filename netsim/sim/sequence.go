package sim

import (
	"iter"
	"slices"
)

// chunkLen is how many elements of a sequence a copy of it may have to copy.
const chunkLen = 256

// sequence grows at its end and is forgotten from its beginning. Copies share what they have in common, by whole chunks, and
// what becomes of one does not touch the others.
type sequence[T any] struct {
	chunks [][]T // of chunkLen elements each, but for the last; nobody changes an element
	gone   int   // how many of the first chunk are forgotten
}

func (s *sequence[T]) len() int {
	n := len(s.chunks)
	if n == 0 {
		return 0
	}
	return (n-1)*chunkLen + len(s.chunks[n-1]) - s.gone
}

// at is element i, which must not be changed.
func (s *sequence[T]) at(i int) *T {
	i += s.gone
	return &s.chunks[i/chunkLen][i%chunkLen]
}

// from returns the elements from i on.
func (s *sequence[T]) from(i int) iter.Seq[*T] {
	return func(yield func(*T) bool) {
		for ; i < s.len() && yield(s.at(i)); i++ {
		}
	}
}

func (s *sequence[T]) add(x T) {
	n := len(s.chunks)
	if n == 0 || len(s.chunks[n-1]) == chunkLen {
		s.chunks = append(s.chunks, []T{x})
		return
	}
	s.chunks[n-1] = append(s.chunks[n-1], x)
}

// upTo returns a copy of the first n elements.
func (s *sequence[T]) upTo(n int) sequence[T] {
	whole, rest := (s.gone+n)/chunkLen, (s.gone+n)%chunkLen
	c := sequence[T]{s.chunks[:whole:whole], s.gone}
	if rest > 0 {
		c.chunks = append(c.chunks, s.chunks[whole][:rest:rest])
	}
	return c
}

// forget lets go of the first n elements, and of all that they hold.
func (s *sequence[T]) forget(n int) {
	whole, rest := (s.gone+n)/chunkLen, (s.gone+n)%chunkLen
	s.chunks, s.gone = slices.Clone(s.chunks[whole:]), rest
	if rest > 0 {
		s.chunks[0] = slices.Clone(s.chunks[0])
		clear(s.chunks[0][:rest])
	}
}
