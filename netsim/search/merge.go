package search

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/engine/lex"
)

// ReadReports reads reports, one JSON object after the other.
func ReadReports(r io.Reader) (all []Report, err error) {
	for d := json.NewDecoder(r); ; {
		var one Report
		if err := d.Decode(&one); errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return nil, errors.New("it is no result of a search, as --random --json prints it")
		}
		all = append(all, one)
	}
}

// Merge folds the reports of shards of one random search into that of the whole search, which one process would have come to.
// Seconds are those of all shards together. Shards that are missing are in the report. The error says which is there twice, or of
// another search.
func Merge(shards []Report) (Report, error) {
	missing, err := oneSearch(shards)
	if err != nil {
		return Report{}, err
	}
	all := shards[0]
	all.Missing = missing
	all.Shard, all.Never = Shard{}.String(), nil
	all.States, all.Seconds, all.Walks, all.Futures = 0, 0, 0, 0
	for _, one := range shards {
		all.States, all.Seconds, all.Walks, all.Futures = all.States+one.States, all.Seconds+one.Seconds, all.Walks+one.Walks, all.Futures+one.Futures
		all.Depth = max(all.Depth, one.Depth)
		if weight(one.Ended) > weight(all.Ended) {
			all.Ended = one.Ended
		}
		if one.Violation != nil && (all.Violation == nil || one.Walk < all.Walk) {
			all.Violation, all.Walk, all.Script, all.Command = one.Violation, one.Walk, one.Script, one.Command
		}
	}
	all.Command = withoutShard(all.Command)
	all.StatesPS = float64(all.States) / max(all.Seconds, 1e-9)
	for _, name := range shards[0].Never {
		if !slices.ContainsFunc(shards, func(one Report) bool { return !slices.Contains(one.Never, name) }) {
			all.Never = append(all.Never, name)
		}
	}
	return all, nil
}

// weight is how much of what has ended a shard is true of all: one that was not complete tells more than one that was.
func weight(ended string) int {
	return slices.Index([]string{ByWalks, ByMemory, ByTime, Interrupted, ByFind}, ended)
}

// withoutShard is a command without --shard: that of one process which goes all walks.
func withoutShard(command string) string {
	before, after, ok := strings.Cut(command, " --shard ")
	if !ok {
		return command
	}
	_, after, more := strings.Cut(after, " ")
	if more {
		return before + " " + after
	}
	return before
}

// oneSearch says which shards of one search are missing in reports, or why these are not of one.
func oneSearch(shards []Report) (missing []string, err error) {
	if len(shards) == 0 {
		return nil, errors.New("there is no result to merge")
	}
	seen := map[int]bool{}
	n := 0
	for _, one := range shards {
		s, err := ParseShard(one.Shard)
		switch {
		case err != nil || one.Of == "":
			return nil, errors.New("a result is not one of a random search")
		case one.Version != shards[0].Version:
			return nil, fmt.Errorf("shard %s is by version %s, and shard %s by %s", one.Shard, lex.Quote(one.Version), shards[0].Shard, lex.Quote(shards[0].Version))
		case one.Of != shards[0].Of || n > 0 && s.N != n:
			return nil, fmt.Errorf("shard %s is of another search than shard %s", one.Shard, shards[0].Shard)
		case seen[s.I]:
			return nil, fmt.Errorf("shard %s is there twice", one.Shard)
		}
		seen[s.I], n = true, s.N
	}
	for i := 1; i <= n; i++ {
		if !seen[i] {
			missing = append(missing, Shard{i, n}.String())
		}
	}
	return missing, nil
}

// Incomplete says in one line which shards are missing in what was merged; "" if none is.
func (r Report) Incomplete() string {
	const most = 10
	n := len(r.Missing)
	if n == 0 {
		return ""
	}
	first, _ := ParseShard(r.Missing[0])
	text := fmt.Sprintf("%d of %d shards are missing: ", n, first.N)
	if n == 1 {
		text = fmt.Sprintf("1 of %d shards is missing: ", first.N)
	}
	text += strings.Join(r.Missing[:min(n, most)], ", ")
	if n > most {
		text += fmt.Sprintf(", and %d more", n-most)
	}
	return text
}

// Summary says in a few lines what a random search came to.
func (r Report) Summary() string {
	what := "nothing was found"
	if len(r.Missing) > 0 {
		what += " in the shards that are there"
	}
	if r.Violation != nil {
		what = fmt.Sprintf("found by walk %d: %s", r.Walk, *r.Violation)
		if r.Script != nil {
			what += "\nthe world is in " + *r.Script
		}
	}
	ended := "ended by " + cmp.Or(r.Ended, "nothing")
	if r.Ended == Interrupted {
		ended = "a shard was interrupted"
	}
	text := fmt.Sprintf("%s\n%s, %.1f s together, %s/s; %s", what,
		walked(r.States, int(r.Walks), r.Depth), r.Seconds, engine.Count(int(r.StatesPS)), ended)
	if never := neverSeen(r.Never); never != "" {
		text += "\n" + never
	}
	return text
}
