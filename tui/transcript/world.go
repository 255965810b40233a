package transcript

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/viewservice"
)

// World tells the story that a saved world's file has, and all that was done in the world and all views, in the order of
// their times, and of their steps where several happened at once: end is how it ends, timeline its past, now its time.
func (t *Transcript) World(now func() time.Duration, end engine.Snapshot, timeline engine.Timeline, story []string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.now, t.times = now, ofWorlds.upTo(end.At)
	t.write(Event{Kind: Begin, Text: fmt.Sprintf("%s: a world of %s, %s, %d steps", t.script,
		count(len(end.Servers), "server"), count(len(end.Clients), "client"), timeline.Length)})
	for _, line := range story {
		t.write(Event{Kind: Story, Text: line})
	}
	var all []Event
	type formed struct {
		at   time.Duration
		view viewservice.Number
	}
	steps := map[formed]int{}
	for _, m := range timeline.Marks {
		if m.View > 0 {
			steps[formed{m.At, m.View}] = m.Step
			continue
		}
		all = append(all, Event{Kind: Command, At: m.At, Step: m.Step, Text: m.Text})
	}
	for _, f := range t.views.Fresh(&end) {
		e := f.Event()
		e.Step = steps[formed{f.At, f.View.Viewnum}]
		all = append(all, e)
	}
	slices.SortStableFunc(all, func(a, b Event) int { return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Step, b.Step)) })
	for _, e := range all {
		t.write(e)
	}
}
