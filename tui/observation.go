package tui

import (
	"slices"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/history"
	"cluster/splitbrain/tui/script"
)

// observation is what one look at the cluster has brought for the panes.
type observation struct {
	snap    engine.Snapshot
	nodes   []string
	events  []netsim.TraceEvent // new ones
	missed  uint64              // events that came too fast to be seen
	asked   engine.Window       // the part of the maps that was asked for
	past    *engine.Timeline    // of a cluster that has one
	choices []engine.Choice

	bars    []history.Bar // what clients did, and what it is judged to be
	verdict history.Verdict
	showing *script.Showing // nil while no script is shown
}

// newest are the events that count, and whether the world went to another moment before them: then they tell its past
// anew, and whatever was told before is void.
func (o *observation) newest() (events []netsim.TraceEvent, rewound bool) {
	for i, e := range slices.Backward(o.events) {
		if e.Kind == netsim.TimeRewound {
			return o.events[i+1:], true
		}
	}
	return o.events, false
}
