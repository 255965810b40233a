package pane

import (
	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/history"
	"cluster/splitbrain/tui/script"
)

// Observation is what one look at the cluster has brought for the panes.
type Observation struct {
	Snap    engine.Snapshot
	Nodes   []string
	Events  []netsim.TraceEvent // new ones
	Missed  uint64              // events that came too fast to be seen
	Asked   engine.Window       // the part of the maps that was asked for
	Past    *engine.Timeline    // of a cluster that has one
	Choices []engine.Choice

	Bars    []history.Bar // what clients did, and what it is judged to be
	Verdict history.Verdict
	Showing *script.PlayerState // nil while no script is shown
}

// Newest are the events that count, and whether the world went to another moment before them: then they tell its past
// anew, and whatever was told before is void.
func (o *Observation) Newest() (events []netsim.TraceEvent, rewound bool) {
	for i := len(o.Events) - 1; i >= 0; i-- { // no copy of each
		if o.Events[i].Kind == netsim.TimeRewound {
			return o.Events[i+1:], true
		}
	}
	return o.Events, false
}
