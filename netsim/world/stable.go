package world

import (
	"fmt"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/viewservice"
)

// NewStable returns an untimed world in which the service has settled: view 2 of s1 and s2 is acknowledged, s2 is
// complete, the others have volunteered, all clients know the view, and nothing is under way. With one server it is
// view 1. No rule is off before that: cfg.Off counts from then on.
func NewStable(cfg engine.Config) *World {
	off := cfg.Disabled
	cfg.Disabled = 0
	w := NewUntimed(cfg)
	want := viewservice.Number(min(cfg.Servers, 2))
	for range 20 {
		w.round()
		v, acked := w.viewNode.core.Current()
		if v.Viewnum == want && acked {
			w.round() // all know of the acknowledgement
			w.begin()
			for i := range w.clients {
				w.ownClient(i).core.ViewReply(v)
			}
			if off != 0 {
				w.switchRules(off)
			}
			cfg.Disabled = off
			return w
		}
	}
	panic(fmt.Sprintf("no steady world with %+v", cfg))
}

// round lets every server tick and everything arrive.
func (w *World) round() {
	for i := range w.servers {
		w.MustApply(Action{Kind: Tick, Node: Server(i + 1)})
	}
	for len(w.transit) > 0 {
		w.MustApply(Action{Kind: Deliver, Msg: w.transit[0].ID})
	}
}

// MustApply is Apply of an event that is possible. It panics if the event is not.
func (w *World) MustApply(e Action) {
	if err := w.Apply(e); err != nil {
		panic(fmt.Sprintf("%v: %v", e, err))
	}
}
