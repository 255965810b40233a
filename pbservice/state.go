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

// lastOp is the newest operation of a client that took its turn.
type lastOp struct {
	seq      uint64
	tooLarge bool
}

// result is what an operation comes to.
type result struct {
	err   Err
	value string
	bytes int // of the value that would have been, with TooLarge
}

// apply gives op its turn in the order. present says whether the state has the data of op's key: a backup that is
// being filled does not have all of it, and notes only that the operation happened.
func (s *state) apply(op Op, present bool, off rules.Disabled) result {
	s.position++
	last := s.filter[op.Client]
	if op.Kind != Get && op.Seq <= last.seq && !off.Has(rules.FilterDuplicates) {
		// S10, asked here and not on arrival: a retry may have slipped in behind its own first copy.
		switch {
		case op.Seq < last.seq:
			return result{err: NotPrimary} // it may have happened or not: OK would be a promise (C2)
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

func (s *state) note(e FilterEntry) {
	if s.filter == nil {
		s.filter = map[string]lastOp{}
	}
	s.filter[e.Client] = lastOp{seq: e.Seq, tooLarge: e.TooLarge}
}

// entries is the filter in the order of clients.
func (s *state) entries() []FilterEntry {
	all := make([]FilterEntry, 0, len(s.filter))
	for client, last := range s.filter {
		all = append(all, FilterEntry{Client: client, Seq: last.seq, TooLarge: last.tooLarge})
	}
	slices.SortFunc(all, func(a, b FilterEntry) int { return cmp.Compare(a.Client, b.Client) })
	return all
}

// Limits of one chunk. The first to be reached ends it; one pair always fits.
const (
	chunkPairs = 1000
	chunkBytes = 256 << 10
)

// chunk copies the next pairs after key cursor, from the very first one if begun is false. last says that no
// key follows.
func (s *state) chunk(cursor string, begun bool) (pairs []Pair, last bool) {
	bytes := 0
	last = true
	s.data.Ascend(cursor, func(key, value string) bool {
		if begun && key == cursor {
			return true
		}
		if len(pairs) == chunkPairs || bytes > 0 && bytes+len(key)+len(value) > chunkBytes {
			last = false
			return false
		}
		pairs = append(pairs, Pair{key, value})
		bytes += len(key) + len(value)
		return true
	})
	return pairs, last
}
