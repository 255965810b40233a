package search

import (
	"fmt"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/world"
)

// fairRounds is how many intervals a healed service may take to answer everyone. In each all that is sent arrives.
const fairRounds = 30

// sampled reports whether the state of that key is tried for stalls: one of about a thousand, the same in every run.
func sampled(k Key) bool { return k.lo%1024 == 0 }

// neverAnswered is the promise that everyone is answered, if it is broken.
func (s *scope) neverAnswered(st *state) string {
	if s.goal != nil || !s.properties.has(answered) {
		return ""
	}
	if why := s.stalled(st); why != "" {
		return fmt.Sprintf("%s: %s", answered, why)
	}
	return ""
}

// stalled says whom a fair future never answers: what is cut, frozen or held goes on, what has crashed restarts, and
// everything arrives.
// It is "" if all are answered, or if what they wait for is lost by design and the viewservice says so.
func (s *scope) stalled(st *state) string {
	w := st.world.Clone()
	must(w.Apply(world.Action{Kind: world.HealAll}))
	for i := range s.servers {
		if n := world.Server(i + 1); w.State(n) == netsim.Crashed {
			must(w.Apply(world.Action{Kind: world.Restart, Node: n}))
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

// fairRound lets an interval pass everywhere, and everything arrive.
func (s *scope) fairRound(w *world.World) {
	for i := range s.servers {
		if n := world.Server(i + 1); up(w, n) {
			must(w.Apply(world.Action{Kind: world.Tick, Node: n}))
		}
	}
	for i := range s.clients {
		if n := world.Client(i + 1); w.Running(n) && w.Waits(n) {
			must(w.Apply(world.Action{Kind: world.Timer, Node: n}))
		}
	}
	for len(w.Transit()) > 0 {
		must(w.Apply(world.Action{Kind: world.Deliver, Msg: w.Transit()[0].ID}))
	}
}

// why is what stands in the way of operations.
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

// must panics if what is possible by construction was not.
func must(err error) {
	if err != nil {
		panic("search: " + err.Error())
	}
}
