package cli

import (
	"bytes"
	"context"
	"slices"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/history/invariant"
	"cluster/splitbrain/netsim/search"
	"cluster/splitbrain/netsim/sim"
)

// promisesBroken says which promise is broken where a world is, if the story of its file says so of one: what a search has found
// may be something that neither clients nor the servers' answers show, like that a client waits for ever. What the story says
// is tried, not believed.
func promisesBroken(ctx context.Context, eng engine.Engine, story []string) (broken []invariant.Violation) {
	world, ok := eng.(engine.Replayer)
	names := promisesIn(story)
	if !ok || len(names) == 0 || world.Timeline().Length > longestWatched {
		return nil
	}
	var saved bytes.Buffer
	if world.Save(&saved) != nil { // its beginning is forgotten
		return nil
	}
	rec, err := search.ReadRecording(ctx, &saved, sim.Limits{})
	if err != nil {
		return nil
	}
	for _, name := range names {
		if why := rec.Breaks(name); why != "" {
			broken = append(broken, invariant.Violation{Name: name, Text: why})
		}
	}
	return broken
}

// promisesIn are the promises of which lines of a story say that they are broken.
func promisesIn(story []string) (names []string) {
	for _, line := range story {
		if name, ok := search.PromiseIn(line); ok && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}
