package cli

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"time"

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
		tell(fmt.Sprintf("%s states tried, up to %d events, round %d of %d", engine.Count(r.Distinct), r.Depth, r.Round, r.Rounds))
	})
	switch {
	case err != nil:
		return found, err
	case r.Find == nil:
		ended := "nothing was found"
		if ctx.Err() != nil {
			ended = fmt.Sprintf("cancelled in round %d of %d, nothing was found so far", r.Round, r.Rounds)
		}
		found.Story = []string{fmt.Sprintf("%s: %s states, up to %d events, in %v", ended, engine.Count(r.Distinct), r.Depth, r.Elapsed.Round(time.Second))}
		return found, ctx.Err()
	}
	var story strings.Builder
	r.Find.Tell(&story)
	found.Story = append(strings.Split(strings.TrimRight(story.String(), "\n"), "\n"), r.Find.Conclusion()...)
	saved.Reset()
	err = r.Find.Write(&saved)
	found.World = saved.Bytes()
	return found, err
}
