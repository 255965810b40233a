package pbservice

import (
	"cluster/splitbrain/viewservice/rules"

	"github.com/tidwall/btree"
)

// state is what is replicated: the map, the duplicate filter, and how many operations made them.
type state struct {
	data     btree.Map[string, string]
	listed   *btree.BTreeG[string] // the keys of data, as people list them; nil until somebody lists them
	filter   filter
	position uint64
}

// result is the outcome of an operation.
type result struct {
	err   Err
	value string // what a get found
	bytes int    // with TooLarge: the size that the value would have had
	void  bool   // nothing has changed, and the filter has noted nothing
}

// apply applies op as the next operation in the order.
func (s *state) apply(op Op, off rules.Disabled) result {
	s.position++
	// S10. The filter is asked here and not when a request comes: a retry may wait behind its own first copy.
	last, known := s.filter.last(op.Client)
	forgotten := !known && op.Since < s.filter.horizon // it may have been applied, and forgotten since
	if op.Kind != Get && !off.Has(rules.FilterDuplicates) {
		switch {
		case forgotten:
			return result{err: Forgotten, void: true}
		case op.Seq < last.Seq:
			return result{err: NotPrimary, void: true} // an older operation may have happened or not: OK would be a promise (C2)
		case op.Seq == last.Seq && last.TooLarge:
			return result{err: TooLarge, void: true}
		case op.Seq == last.Seq:
			return result{err: OK, void: true}
		}
	}
	r := result{err: TooLarge}
	if !op.TooLarge {
		r = s.change(op, true)
	}
	if forgotten || op.Seq <= last.Seq {
		r.void = true
		return r
	}
	s.note(op, r.err == TooLarge)
	return r
}

// follow applies op as the next operation in the order, as the primary has, to a backup that is being filled. The backup
// doesn't have all of the filter, so op says what became of it; and if it doesn't have the data of op's key yet, it gets
// them with a later chunk, which shows the effect of op.
func (s *state) follow(op Op, present bool) {
	s.position++
	if op.Void {
		return
	}
	if !op.TooLarge {
		s.change(op, present)
	}
	s.note(op, op.TooLarge)
}

// note notes op in the filter.
func (s *state) note(op Op, tooLarge bool) {
	s.filter.note(FilterEntry{Client: op.Client, Seq: op.Seq, TooLarge: tooLarge, Position: s.position})
}

// change carries op out on the data.
func (s *state) change(op Op, present bool) result {
	if !present {
		return result{err: OK}
	}
	switch op.Kind {
	case Get:
		value, ok := s.data.Get(op.Key)
		if !ok {
			return result{err: NoKey}
		}
		return result{err: OK, value: value}
	case Append:
		old, _ := s.data.Get(op.Key)
		if n := len(old) + len(op.Value); n > MaxValue {
			return result{err: TooLarge, bytes: n}
		}
		s.set(op.Key, old+op.Value)
	default:
		s.set(op.Key, op.Value)
	}
	return result{err: OK}
}

// Limits of one chunk. The first limit that is reached ends the chunk; one pair always fits.
const (
	DefaultChunkKeys = 1000
	chunkBytes       = 256 << 10
)

// chunk copies the next pairs after key cursor, or from the first key on if begun is false, most at the most. last reports
// that no key follows.
func (s *state) chunk(cursor string, begun bool, most int) (pairs []Pair, last bool) {
	bytes := 0
	last = true
	s.data.Ascend(cursor, func(key, value string) bool {
		if begun && key == cursor {
			return true
		}
		if len(pairs) == most || bytes > 0 && bytes+len(key)+len(value) > chunkBytes {
			last = false
			return false
		}
		pairs = append(pairs, Pair{key, value})
		bytes += len(key) + len(value)
		return true
	})
	return pairs, last
}
