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

// watched holds every step of a world against the invariants, and leaves it at the end. The last one is seen twice, since
// most invariants count as broken only when two snapshots in a row say so.
func watched(ctx context.Context, world *sim.Engine) (broken []invariant.Violation, err error) {
	var watcher invariant.Watcher
	length := world.Timeline().Length
	err = world.Pass(ctx, max(length-longestWatched, world.Timeline().First), func(step int, seen engine.Snapshot) {
		found := watcher.Watch(seen)
		if step == length {
			found = append(found, watcher.Watch(seen)...)
		}
		for _, b := range found {
			b.Text += fmt.Sprintf(", in step %d", step)
			broken = append(broken, b)
		}
	})
	return broken, err
}
