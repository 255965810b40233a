package pbservice

import (
	"cmp"
	"slices"

	"cluster/splitbrain/viewservice/rules"

	"github.com/tidwall/btree"
)

// state is what is replicated: the map, the duplicate filter, and how many operations made them.
type state struct {
	data     btree.Map[string, string]
	filter   map[string]lastOp // by client: its size follows the clients, not the operations (S10)
	position uint64
}

// lastOp is the newest operation of a client that was applied.
type lastOp struct {
	seq      uint64
	tooLarge bool
}

// result is the outcome of an operation.
type result struct {
	err   Err
	value string // what a get found
	bytes int    // with TooLarge: the size that the value would have had
}

// apply applies op as the next operation in the order. present says whether the state has the data of op's key. A backup
// that is being filled may not have them yet: it only notes in the filter that op happened, and gets the data with a
// later chunk, which shows the effect of op.
func (s *state) apply(op Op, present bool, off rules.Disabled) result {
	s.position++
	last := s.filter[op.Client]
	if op.Kind != Get && op.Seq <= last.seq && !off.Has(rules.FilterDuplicates) {
		// S10. The filter is asked here and not when a request comes: a retry may wait behind its own first copy.
		switch {
		case op.Seq < last.seq:
			return result{err: NotPrimary} // an older operation may have happened or not: OK would be a promise (C2)
		case last.tooLarge:
			return result{err: TooLarge}
		}
		return result{err: OK}
	}
	r := result{err: TooLarge}
	if !op.TooLarge {
		r = s.change(op, present)
	}
	if op.Seq > last.seq {
		s.note(FilterEntry{Client: op.Client, Seq: op.Seq, TooLarge: r.err == TooLarge})
	}
	return r
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
		s.data.Set(op.Key, old+op.Value)
	default:
		s.data.Set(op.Key, op.Value)
	}
	return result{err: OK}
}

// note puts e into the filter.
func (s *state) note(e FilterEntry) {
	if s.filter == nil {
		s.filter = map[string]lastOp{}
	}
	s.filter[e.Client] = lastOp{seq: e.Seq, tooLarge: e.TooLarge}
}

// entries returns the filter as a list in the order of clients.
func (s *state) entries() []FilterEntry {
	all := make([]FilterEntry, 0, len(s.filter))
	for client, last := range s.filter {
		all = append(all, FilterEntry{Client: client, Seq: last.seq, TooLarge: last.tooLarge})
	}
	slices.SortFunc(all, func(a, b FilterEntry) int { return cmp.Compare(a.Client, b.Client) })
	return all
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
