package search

import (
	"fmt"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/world"
)

// fairRounds is how many ping intervals a healed service may take to answer everyone.
const fairRounds = 30

// sampled reports whether the state of that key is tried for stalls: one in 1,024, the same in every run. Trying all
// would cost more than the rest of the search.
func sampled(k Key) bool { return k.lo%1024 == 0 }

// neverAnswered returns the violation of the property answered in st; "" if there is none, or nobody asks for it.
func (s *scope) neverAnswered(st *state) string {
	if s.goal != nil || !s.properties.has(answered) {
		return ""
	}
	if why := s.stalled(st); why != "" {
		return fmt.Sprintf("%s: %s", answered, why)
	}
	return ""
}

// stalled says which client a fair future of st never answers. In a fair future everything is healed, all that has
// crashed restarts, and for fairRounds intervals every message arrives. stalled returns "" if all are answered, or if
// the viewservice says that no view can ever be formed again: that is a limit by design.
func (s *scope) stalled(st *state) string {
	w := st.world.Clone()
	w.MustApply(commanded(engine.Command{Kind: engine.HealAll}))
	for i := range s.servers {
		if n := world.Server(i + 1); w.State(n) == netsim.Crashed {
			w.MustApply(world.Action{Kind: world.Restart, Node: n})
		}
	}
	for range fairRounds {
		s.fairRound(w)
	}
	for i := range s.clients {
		n := world.Client(i + 1)
		if !w.Running(n) {
			continue
		}
		views := w.ViewCore()
		if views == nil || views.Clone().Status(w.ViewserviceTime()).Blocked.ForEver() {
			return ""
		}
		return fmt.Sprintf("%s is never answered, though nothing goes wrong any more: %s", n, s.why(w))
	}
	return ""
}

// fairRound lets an interval pass on every node, and then every message arrive.
func (s *scope) fairRound(w *world.World) {
	for i := range s.servers {
		if n := world.Server(i + 1); up(w, n) {
			w.MustApply(world.Action{Kind: world.Tick, Node: n})
		}
	}
	for i := range s.clients {
		if n := world.Client(i + 1); w.Running(n) && w.Waits(n) {
			w.MustApply(world.Action{Kind: world.Timer, Node: n})
		}
	}
	for len(w.Transit()) > 0 {
		w.MustApply(world.Action{Kind: world.Deliver, Msg: w.Transit()[0].ID})
	}
}

// why says what keeps the service from answering, in the words of the cores' own causes.
func (s *scope) why(w *world.World) string {
	views := w.ViewCore()
	if blocked := views.Clone().Status(w.ViewserviceTime()).Blocked; blocked.Rule() != "" {
		return blocked.String()
	}
	v, _ := views.Current()
	if n, ok := world.ParseNode(v.Primary); ok && w.ServerCore(n) != nil {
		status := w.ServerCore(n).Status()
		if status.Waiting > 0 {
			return status.Waits.String()
		}
		return status.Refuses.String()
	}
	return "view " + v.String()
}
