package search

import (
	"cmp"
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"
	"time"

	"cluster/splitbrain/netsim/engine/lex"
)

// State is what a search that was ended before its end needs to go on, as if nothing had ended it. It holds no worlds but the
// ways to them. It shares them with the search that it is of, and is used up by the one that goes on from it.
type State struct{ s savedSearch }

// savedSearch is what a State is, and the first line of its file.
type savedSearch struct {
	Version string // that of the program
	Of      string // the options, as of says it
	Command string // how it was asked, in words
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
	First     int // the number of the first state whose steps are to be tried
	NextLevel int // the number of the first state of the level after that one's
	Near      uint32
	Far       int

	origins origins // of all states, Covered.Distinct of them
	seen    visited // their keys
}

var (
	errUsedUp  = errors.New("a search has gone on from there already")
	errDamaged = errors.New("it is damaged")
)

// of tells searches from each other that differ in more than their limits, or their part of the walks.
func (o Options) of() string {
	h := fnv.New64a()
	o.Time, o.Memory, o.Workers, o.Walks, o.Shard, o.Version, o.Command, o.Resume, o.Keep = 0, 0, 0, 0, Shard{}, "", "", nil, false
	o.Save, o.SaveEvery = nil, 0
	goal, prune, hash := "", "", uint64(0)
	if o.Goal != nil {
		goal = o.Goal.Text
	}
	if o.Prune != nil {
		prune = o.Prune.Text
	}
	if o.Recording != nil {
		hash = o.Recording.hash()
	}
	o.Goal, o.Prune, o.Recording = nil, nil, nil
	fmt.Fprintf(h, "%+v %q %q %d", o, goal, prune, hash)
	return fmt.Sprintf("%016x", h.Sum64())
}

// left is the search between two batches, for restore.
func (x *explorer[S]) left(at int) *Levels {
	return &Levels{
		Covered: x.Covered, First: x.first + at, NextLevel: x.first + x.count, Near: x.near, Far: x.far, origins: x.origins, seen: x.seen,
	}
}

// restore makes x the search that l was made of. Whatever is left of a state is made again on the way to it.
func (x *explorer[S]) restore(l *Levels) error {
	if !l.sound() {
		return errDamaged
	}
	x.Covered, x.near, x.far, x.first, x.count = l.Covered, l.Near, l.Far, l.First, l.NextLevel-l.First
	x.Ended = ""
	x.origins, x.seen = l.origins, l.seen
	x.next = whole[S]{first: l.NextLevel, depth: l.Covered.Depth + 1}
	return nil
}

// sound reports whether l can be of a search: its states were found in the order of their parents, level by level, by the steps
// of those before First. Whether there are such steps is seen when they are taken.
func (l *Levels) sound() bool {
	n, depth := l.origins.n, l.Covered.Depth
	if n == 0 || n != l.Covered.Distinct || n != l.seen.n || l.First < 0 || l.First >= l.NextLevel || l.NextLevel > n || int(l.Near) >= n {
		return false
	}
	for i := 1; i < n; i++ {
		if p := l.origins.at(i).parent; int(p) >= min(i, l.First) || p < l.origins.at(i-1).parent {
			return false
		}
	}
	return l.depth(l.First) == depth && l.depth(l.NextLevel-1) == depth && (l.NextLevel == n || l.depth(l.NextLevel) == depth+1)
}

// depth is how many steps from the start the state of a number is.
func (l *Levels) depth(number int) (n int) {
	for ; number > 0; number = int(l.origins.at(number).parent) {
		n++
	}
	return n
}

// ours says why s is not the state of this search.
func (r *run) ours(s *savedSearch) error {
	switch {
	case s.Version != r.Version:
		return fmt.Errorf("it is the state of a search by version %s, and this is %s", lex.Quote(s.Version), lex.Quote(r.Version))
	case s.Of != r.of():
		return fmt.Errorf("it is the state of a search with other flags: %s", cmp.Or(s.Command, "it does not say which"))
	}
	return nil
}

// goOn makes r what it was when its state was saved, if there is one to go on from. It returns the index of the round that goes
// on, and where. Walks go on by their numbers alone.
func (r *run) goOn(rounds []round) (begin int, from *Levels, err error) {
	if r.Resume == nil || r.Random {
		return 0, nil, nil
	}
	s := &r.Resume.s
	is := func(round int) bool { return round >= 0 && round < len(rounds) }
	if err := r.ours(s); err != nil {
		return 0, nil, err
	}
	switch {
	case s.Levels == nil:
		return 0, nil, errUsedUp
	case !is(s.Round) || !is(s.Near.Round) || !is(s.Deep.Round) || len(s.Cut) != len(r.openings):
		return 0, nil, errDamaged
	}
	r.cut, r.near, r.deep, r.result.Covered = slices.Clone(s.Cut), s.Near, s.Deep, s.Before
	from, s.Levels = s.Levels, nil
	return s.Round, from, nil
}

// save keeps what the search needs to go on from the round of that index.
func (r *run) save(round int, before Covered, left *Levels) {
	r.result.State = &State{savedSearch{
		Version: r.Version, Of: r.of(), Command: r.Command, Elapsed: r.elapsed(), Round: round, Cut: r.cut, Before: before, Near: r.near, Deep: r.deep, Levels: left,
	}}
}

// saveWalks keeps what a random search needs to go on.
func (r *run) saveWalks(c Covered, seen coverage) {
	r.result.State = &State{savedSearch{
		Version: r.Version, Of: r.of(), Command: r.Command, Elapsed: r.elapsed(), Walks: int64(c.Walks), Steps: c.States, Longest: c.Depth,
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
	i, n, _ := strings.Cut(text, "/")
	if s.I, err = strconv.Atoi(i); err == nil {
		s.N, err = strconv.Atoi(n)
	}
	switch {
	case err != nil || s.I < 1 || s.N < 1 || s.N > maxShards || s.String() != text:
		return Shard{}, fmt.Errorf("%q: must be like 3/8, with up to %d shards", text, maxShards)
	case s.I > s.N:
		return Shard{}, fmt.Errorf("%q: %d is more than %d", text, s.I, s.N)
	}
	return s, nil
}

const maxShards = 1_000_000
