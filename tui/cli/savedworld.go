package cli

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/history/invariant"
	"cluster/splitbrain/netsim/sim"
	"cluster/splitbrain/tui/script"
)

// playWorld tells what happened in a saved world, up to the end of its branch.
func (r runner) playWorld(ctx context.Context, to *teller, p input) error {
	world := p.world
	if err := world.Visit(world.Timeline().Branch); err != nil {
		return err
	}
	verdict := world.History().Judge(longest)
	end, err := world.Observe(ctx, engine.Window{})
	if err != nil {
		return err
	}
	to.now = world.Now
	if err := r.recorder.begin(ctx, world); err != nil {
		return err
	}
	to.world(end, world.Timeline(), script.Story(p.name))
	broken, err := watched(ctx, world)
	if err != nil && ctx.Err() == nil {
		return err
	}
	to.end(verdict, broken)
	return nil
}

// longestWatched bounds how many steps are looked at one by one.
const longestWatched = 20_000

// watched holds every step of a world against the invariants, and leaves it at the end. The last one is seen twice, since
// most invariants count as broken only when two snapshots in a row say so.
func watched(ctx context.Context, world *sim.Engine) ([]invariant.Broken, error) {
	var watcher invariant.Watcher
	var broken []invariant.Broken
	length := world.Timeline().Length
	for step := max(length-longestWatched, 0); step <= length+1; step++ {
		if err := world.Rewind(min(step, length)); err != nil {
			return broken, err
		}
		seen, err := world.Observe(ctx, engine.Window{})
		if err != nil {
			return broken, err
		}
		for _, b := range watcher.Watch(seen) {
			b.Text += fmt.Sprintf(", in step %d", min(step, length))
			broken = append(broken, b)
		}
	}
	return broken, nil
}

// world tells the story that the file has, and of all that was done and of all views, in the order of their times.
func (t *teller) world(end engine.Snapshot, timeline engine.Timeline, lines []string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.Script = t.script
	text := fmt.Sprintf("%s: a world of %s, %s, %d steps", t.script,
		count(len(end.Servers), "server"), count(len(end.Clients), "client"), timeline.Length)
	t.tell(event{Event: begin, Text: text})
	for _, line := range lines {
		t.tell(event{Event: story, Text: line})
	}
	type moment struct {
		at   time.Duration
		tell func()
	}
	var all []moment
	steps := map[time.Duration]int{} // in which views were formed
	for _, m := range timeline.Marks {
		if strings.HasPrefix(m.Text, "view ") {
			steps[m.At] = m.Step
			continue
		}
		all = append(all, moment{m.At, func() { t.tell(event{AtMS: t.ms(m.At), Step: m.Step, Event: command, Text: m.Text}) }})
	}
	for _, c := range end.Viewservice.Status.Changes {
		at := end.At - end.Viewservice.Status.Up + c.At
		all = append(all, moment{at, func() { t.formedAt(c, at, steps[at]) }})
	}
	slices.SortStableFunc(all, func(a, b moment) int { return cmp.Compare(a.at, b.at) })
	for _, m := range all {
		m.tell()
	}
}
