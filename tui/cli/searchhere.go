package cli

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/search"
	"cluster/splitbrain/netsim/sim"
	"cluster/splitbrain/tui/pane"
)

// searchFrom looks for a broken promise from where a simulated world is.
func searchFrom(ctx context.Context, world engine.Replayer, tell func(string)) (found pane.Found, err error) {
	var saved bytes.Buffer
	if err := world.Save(&saved); err != nil {
		return found, err
	}
	o := search.Defaults
	if o.Recording, err = search.ReadRecording(ctx, &saved, sim.Limits{}); err != nil {
		return found, err
	}
	r, err := search.Search(ctx, o, func(r search.Result) {
		tell(fmt.Sprintf("%s, %.0fs of %v, %s", tried(r), r.Elapsed.Seconds(), o.Time, r.RoundWords()))
	})
	switch {
	case err != nil:
		return found, err
	case r.Find == nil:
		found.Story = inVain(r)
		return found, ctx.Err()
	}
	var story strings.Builder
	r.Find.Tell(&story)
	found.Story = append(strings.Split(strings.TrimRight(story.String(), "\n"), "\n"), r.Find.Conclusion()...)
	if found.Already = r.Find.Confirmed && len(r.Find.Events) == 0; found.Already {
		return found, nil
	}
	saved.Reset()
	err = r.Find.Write(&saved)
	found.World = saved.Bytes()
	return found, err
}

// tried says how much a search has tried.
func tried(r search.Result) string {
	return fmt.Sprintf("%s tried, %s deep", engine.Plural(r.Distinct, "distinct state"), engine.Plural(r.Depth, "step"))
}

// inVain tells of a search that found nothing, in lines: the first says in brief whether all was tried.
func inVain(r search.Result) []string {
	what, left := "", ", and more are left"
	switch r.Ended {
	case search.Exhausted:
		left = ", and that is all"
	case search.ByTime:
		what = fmt.Sprintf(" in the %v that a search has here", search.Defaults.Time)
	case search.ByMemory:
		what = " in the memory that a search has here"
	case context.Canceled.Error():
		what = " before it was cancelled"
		r.Ended = "cancelled"
	}
	lines := []string{"nothing was found" + what + ": " + tried(r) + left, r.Summary()}
	if r.Rounds > 1 && r.Ended != search.Exhausted {
		lines = append(lines, "each round has a budget of operations and faults of its own, small ones first; the last has the whole: "+search.Defaults.Budget.Words()+
			". splitbrain search --from FILE searches a saved world for longer, or with another budget (docs/search.md)")
	}
	return lines
}
