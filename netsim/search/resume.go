package search

import (
	"bufio"
	"cmp"
	"encoding/gob"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"time"
)

// State is what a search that was ended before its end needs to go on, as if nothing had ended it. It holds no worlds but the
// ways to them. Immutable.
type State struct{ s savedSearch }

// savedSearch is how a State is written.
type savedSearch struct {
	Of      string // the options, as of says it
	Elapsed time.Duration

	// Of an exhaustive search:
	Round      int    // index of the round that goes on
	Cut        []bool // run.cut
	Before     Covered
	Near, Deep ended
	Levels     *Levels

	// Of a random search: all walks up to a number were gone.
	Walks                    int64
	Steps, Longest           int
	SeenRefused, SeenDecided uint64
}

// Levels are an exhaustive search between two of its batches.
type Levels struct {
	Covered   Covered
	Parents   []uint32 // of the states, in the order in which they were found
	Steps     []uint16 // from the parents
	Keys      []Key    // in no order
	First     int      // the number of the first state whose steps are to be tried
	NextLevel int      // the number of the first state of the level after that one's
	Near      uint32
	Far       int
}

var errOtherSearch = errors.New("it is the state of a search with other flags")

// Write writes what ReadState reads.
func (s *State) Write(w io.Writer) error {
	b := bufio.NewWriter(w)
	if err := gob.NewEncoder(b).Encode(s.s); err != nil {
		return err
	}
	return b.Flush()
}

// ReadState reads what Write wrote.
func ReadState(r io.Reader) (*State, error) {
	var s State
	if err := gob.NewDecoder(bufio.NewReader(r)).Decode(&s.s); err != nil {
		return nil, fmt.Errorf("it is no state of a search: %w", err)
	}
	return &s, nil
}

// of tells searches from each other that differ in more than their limits, or their part of the walks.
func (o Options) of() string {
	h := fnv.New64a()
	o.Time, o.Memory, o.Workers, o.Walks, o.Shard, o.Resume, o.Keep = 0, 0, 0, 0, Shard{}, nil, false
	goal, prune, hash := "", "", uint64(0)
	if o.Goal != nil {
		goal = o.Goal.Text
	}
	if o.Prune != nil {
		prune = o.Prune.Text
	}
	if o.Recording != nil {
		hash = o.Recording.world.Hash()
	}
	o.Goal, o.Prune, o.Recording = nil, nil, nil
	fmt.Fprintf(h, "%+v %q %q %d", o, goal, prune, hash)
	return fmt.Sprintf("%016x", h.Sum64())
}

// left is the search between two batches, for restore.
func (x *explorer[S]) left(at int) *Levels {
	l := &Levels{Covered: x.Covered, First: x.first + at, NextLevel: x.first + x.count, Near: x.near, Far: x.far}
	for _, o := range x.origins {
		l.Parents, l.Steps = append(l.Parents, o.parent), append(l.Steps, o.step)
	}
	for i := range x.seen.parts {
		for _, k := range x.seen.parts[i].slots {
			if k != (Key{}) {
				l.Keys = append(l.Keys, k)
			}
		}
	}
	return l
}

// restore makes x the search that l was made of, which began at start. Whatever is left of a state is made again on the way
// to it. The error says that the space has no such ways.
func (x *explorer[S]) restore(start S, l *Levels) error {
	n := len(l.Parents)
	if n == 0 || len(l.Steps) != n || l.First < 0 || l.First > l.NextLevel || l.NextLevel == 0 || l.NextLevel > n || int(l.Near) >= n {
		return errOtherSearch
	}
	x.Covered, x.near, x.far, x.first, x.count = l.Covered, l.Near, l.Far, l.First, l.NextLevel-l.First
	x.Ended = ""
	for _, k := range l.Keys {
		x.seen.add(k)
	}
	x.origins = x.origins[:0]
	for i := range n {
		if i > 0 && (int(l.Parents[i]) >= i || l.Parents[i] < l.Parents[i-1]) {
			return errOtherSearch
		}
		x.origins = append(x.origins, origin{l.Parents[i], l.Steps[i]})
	}
	x.next = whole[S]{first: l.NextLevel, depth: l.Covered.Depth + 1}
	return x.verify(start, l.First)
}

// verify says whether there are such ways to the states from number first on. States are found in the order of their parents, so
// that what lies before the parent of the newest state is needed no more.
func (x *explorer[S]) verify(start S, first int) error {
	needed := make([]bool, len(x.origins))
	for i := len(x.origins) - 1; i > 0; i-- {
		if needed[i] || i >= first {
			needed[x.origins[i].parent] = true
		}
	}
	w, made, oldest := x.readers[0].Walker, map[uint32]S{0: start}, uint32(0)
	for i := 1; i < len(x.origins); i++ {
		o := x.origins[i]
		if !needed[i] && i < first {
			continue
		}
		for ; oldest < o.parent; oldest++ {
			delete(made, oldest)
		}
		from, ok := made[o.parent]
		if !ok || int(o.step) >= w.Steps(from) {
			return errOtherSearch
		}
		if i >= first {
			continue
		}
		s, ok := w.Take(from, int(o.step))
		if !ok || !x.seen.has(w.Key(s)) {
			return errOtherSearch
		}
		made[uint32(i)] = s
	}
	return nil
}

// save keeps what the search needs to go on from the round of that index.
func (r *run) save(round int, before Covered, left *Levels) {
	r.result.State = &State{savedSearch{
		Of: r.of(), Elapsed: r.elapsed(), Round: round, Cut: r.cut, Before: before, Near: r.near, Deep: r.deep, Levels: left,
	}}
}

// saveWalks keeps what a random search needs to go on.
func (r *run) saveWalks(c Covered, seen coverage) {
	r.result.State = &State{savedSearch{
		Of: r.of(), Elapsed: r.elapsed(), Walks: int64(c.Walks), Steps: c.States, Longest: c.Depth,
		SeenRefused: seen.refused, SeenDecided: seen.decided,
	}}
}

// Shard is one of several equal parts of the walks of a seed: the I-th of N, from 1. The zero Shard is all of them.
type Shard struct{ I, N int }

// number is the number of the k-th walk of the shard, from 1.
func (s Shard) number(k int64) int64 {
	return int64(max(s.I, 1)) + (k-1)*int64(max(s.N, 1))
}

func (s Shard) String() string { return fmt.Sprintf("%d/%d", cmp.Or(s.I, 1), cmp.Or(s.N, 1)) }

// ParseShard reads 3/8. The error says what is wrong.
func ParseShard(text string) (s Shard, err error) {
	var rest string
	if n, _ := fmt.Sscanf(text+" .", "%d/%d %s", &s.I, &s.N, &rest); n != 3 || rest != "." || s.I < 1 || s.I > s.N || s.N > maxShards {
		return Shard{}, fmt.Errorf("%q: must be like 3/8, with up to %d shards", text, maxShards)
	}
	return s, nil
}

const maxShards = 1_000_000
