package cli

import (
	"context"
	"fmt"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/history/invariant"
	"cluster/splitbrain/netsim/sim"
	"cluster/splitbrain/tui"
	"cluster/splitbrain/tui/script"
	"cluster/splitbrain/tui/transcript"
)

// playWorld tells what happened in a saved world, up to the end of its branch.
func (r runner) playWorld(ctx context.Context, to *transcript.Transcript, p input) error {
	world := p.world
	world.Trace().Watch() // as long as it lives
	if err := world.Visit(world.Timeline().Branch); err != nil {
		return err
	}
	verdict := world.History().Decide(ctx, longest)
	end, err := world.Observe(ctx, engine.Window{})
	if err != nil {
		return err
	}
	if err := r.recorder.begin(ctx, world); err != nil {
		return err
	}
	story := script.Story(p.name)
	to.World(world.Now, end, world.Timeline(), story)
	broken, err := watched(ctx, world)
	if err != nil && ctx.Err() == nil {
		return err
	}
	to.End(verdict, append(promisesBroken(ctx, world, story), broken...))
	return r.Capture.keepPage(ctx, &script.Session{Engine: world, Picture: tui.Pictures(world)}, storyOf(p.name))
}

// longestWatched bounds how many steps are looked at one by one.
const longestWatched = 20_000

// looks are how often a world must be seen after a step until it is known what the step has broken: one look shows what is so,
// the next what contradicts that, and the third that it is no mistake.
const looks = 3

// watched holds every step of a world against the invariants, and leaves it at the end.
func watched(ctx context.Context, world *sim.Engine) (broken []invariant.Violation, err error) {
	var watcher invariant.Watcher
	past := world.Timeline()
	err = world.Pass(ctx, max(past.Length-longestWatched, past.First), func(step int, seen engine.Snapshot) {
		for range looks {
			for _, b := range watcher.Watch(seen) {
				b.Text += fmt.Sprintf(", in step %d", step)
				broken = append(broken, b)
			}
		}
	})
	return broken, err
}
