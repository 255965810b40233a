package search

import (
	"fmt"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/world"
	"cluster/splitbrain/viewservice"
	"cluster/splitbrain/viewservice/rules"
)

// fairRounds is how many ping intervals a healed service may take to answer everyone.
const fairRounds = 30

// fairOf is of how many states one is tried for stalls unless the options say it. Trying all would cost more than the rest of
// the search.
const fairOf = 1024

// sampled reports whether the state of that key is tried for stalls. It is the same in every run.
func (s *scope) sampled(k Key) bool { return k.Lo%s.fairOf == 0 }

// asksForTheEnd reports whether anything must hold in the end.
func (s *scope) asksForTheEnd() bool {
	return s.goal == nil && (s.properties.has(answered) || s.properties.has(redundant))
}

// inTheEnd returns what must come true in a fair future of st and doesn't; "" if all does, or nobody asks. In a fair future
// everything is healed, all servers that have crashed restart, and for fairRounds intervals every message arrives. Nothing
// is promised where the data were lost by design, or the viewservice says that no view can ever be formed again.
func (s *scope) inTheEnd(st *state) string {
	if !s.asksForTheEnd() || st.dataLost && st.world.Disabled() != 0 {
		return ""
	}
	w, calm := s.fairFuture(st)
	defer s.memory.discard(w)
	if !calm {
		return answered.broken("messages go to and fro for ever")
	}
	views := w.ViewCore()
	if views == nil || views.Clone().Status(w.ViewserviceTime()).Blocked.ForEver() {
		return ""
	}
	if s.properties.has(answered) {
		if why := s.unanswered(w); why != "" {
			return answered.broken(why)
		}
	}
	if s.properties.has(redundant) {
		if why := s.unfilled(w); why != "" {
			return redundant.broken(why)
		}
	}
	return ""
}

// watches reports whether it matters to a search whether the data are lost by design in st, or after it. With all rules on the
// viewservice says so of its own accord.
func (s *scope) watches(st *state) bool { return st.world.Disabled() != 0 && s.asksForTheEnd() }

// lossBy does e to w and reports whether the data are lost by design then, as they may be whatever rules are off: the last member
// of the view that had them has crashed, or the view has gone on with one that had them and has crashed unnoticed (V5). That a
// view was given to somebody who never had them is no such loss: a rule that is off did that. lost says whether they were lost
// before.
func lossBy(w *world.World, e world.Action, lost bool, do func()) bool {
	had := memberHasData(w)
	before, acked := currentView(w)
	do()
	if w.ViewCore() == nil {
		return lost
	}
	switch has := memberHasData(w); {
	case has:
		return false
	case had && e.Node.IsServer() && (e.Kind == world.Crash || e.Kind == world.Restart):
		return true
	case had:
		now := viewOf(w).Primary
		return (acked || now == before.Primary) && hasCrashed(w, now)
	}
	return lost
}

// hasCrashed reports whether the boot of a server is gone that the viewservice knows.
func hasCrashed(w *world.World, name string) bool {
	n, _ := world.ParseNode(name)
	core, status := w.ServerCore(n), w.ViewCore().Clone().Status(w.ViewserviceTime())
	known := status.Member(name)
	return core == nil || known == nil || known.Boot != core.Boot()
}

// memberHasData reports whether a member of the viewservice's view runs that has the data of it: a primary those of the view
// before, or without the ack rule of any (S2), a backup those of this one (S4).
func memberHasData(w *world.World) bool {
	v := viewOf(w)
	if p, ok := world.ParseNode(v.Primary); ok && w.ServerCore(p) != nil {
		holds := w.ServerCore(p).Holds()
		if holds > 0 && (holds+1 >= v.Viewnum || w.Disabled().Has(rules.AckRule)) {
			return true
		}
	}
	b, ok := world.ParseNode(v.Backup)
	return ok && w.ServerCore(b) != nil && w.ServerCore(b).Holds() == v.Viewnum
}

// fairFuture returns the world of st after a fair future, for s.memory.discard. calm is false if messages go to and fro for ever.
func (s *scope) fairFuture(st *state) (w *world.World, calm bool) {
	w = s.memory.clone(st.world)
	if !w.OfParts() { // otherwise nothing needs to be healed
		w.MustApply(commanded(engine.Command{Kind: engine.HealAll}))
	}
	for i := range s.servers {
		if n := world.Server(i + 1); w.State(n) == netsim.Crashed {
			w.MustApply(world.Action{Kind: world.Restart, Node: n})
		}
	}
	for range fairRounds {
		if !s.fairRound(w, w.MustApply) {
			return w, false
		}
	}
	return w, true
}

// unanswered says which client is not answered in w, a fair future.
func (s *scope) unanswered(w *world.World) string {
	for i := range s.clients {
		if n := world.Client(i + 1); w.Running(n) {
			return fmt.Sprintf("%s is never answered, though nothing goes wrong any more: %s", n, s.why(w))
		}
	}
	return ""
}

// unfilled says why the view of w, a fair future in which all servers run, has no backup with all data.
func (s *scope) unfilled(w *world.World) string {
	v := viewOf(w)
	if s.servers < 2 || v.Viewnum == 0 {
		return ""
	}
	n, ok := world.ParseNode(v.Backup)
	switch {
	case !ok:
		return fmt.Sprintf("view %s never gets a backup, though nothing goes wrong any more", v)
	case w.ServerCore(n).Holds() != v.Viewnum:
		return fmt.Sprintf("backup %s of view %d is never filled, though nothing goes wrong any more", n, v.Viewnum)
	}
	return ""
}

// still says who is stuck in w, a fair future, and why; "" if nobody is.
func (s *scope) still(w *world.World) string {
	for i := range s.clients {
		if n := world.Client(i + 1); w.Running(n) && s.properties.has(answered) {
			return fmt.Sprintf("%s still waits: %s", n, s.why(w))
		}
	}
	if s.properties.has(redundant) && s.unfilled(w) != "" {
		text := fmt.Sprintf("view %s still has no backup with all data", viewOf(w))
		if why := s.why(w); why != "" {
			text += ": " + why
		}
		return text
	}
	return ""
}

// fairRound lets an interval pass on every node, then every message arrive, and then those clients stop waiting for the view
// whose question, or its answer, was lost earlier. What is to happen in w it tells do. It reports whether all messages have arrived.
func (s *scope) fairRound(w *world.World, do func(world.Action)) bool {
	for i := range s.servers {
		if n := world.Server(i + 1); up(w, n) {
			do(world.Action{Kind: world.Tick, Node: n})
		}
	}
	for i := range s.clients {
		if n := world.Client(i + 1); w.Running(n) && w.Waits(n) {
			do(world.Action{Kind: world.Timer, Node: n})
		}
	}
	if !deliverAll(w, do) {
		return false
	}
	for i := range s.clients {
		if n := world.Client(i + 1); w.AsksForView(n) {
			do(world.Action{Kind: world.ViewTimeout, Node: n})
		}
	}
	return true
}

// deliverAll lets every message arrive, and those that are sent meanwhile. It reports whether there was an end.
func deliverAll(w *world.World, do func(world.Action)) bool {
	const most = 10_000
	for range most {
		if len(w.Transit()) == 0 {
			return true
		}
		do(world.Action{Kind: world.Deliver, Msg: w.Transit()[0].ID})
	}
	return false
}

// why says what keeps the service from answering, in the words of the cores' own causes: where the viewservice waits for its
// primary, also why that refuses.
func (s *scope) why(w *world.World) string {
	views := w.ViewCore()
	v, _ := views.Current()
	primary := ""
	n, runs := world.ParseNode(v.Primary)
	if runs = runs && w.ServerCore(n) != nil; runs {
		status := w.ServerCore(n).Status()
		primary = status.Refuses.String()
		if status.Waiting > 0 {
			primary = status.Waits.String()
		}
	}
	blocked := views.Clone().Status(w.ViewserviceTime()).Blocked
	switch {
	case blocked.Rule() == "" && !runs:
		return "view " + v.String()
	case blocked.Rule() == "":
		return primary
	case primary != "" && (blocked.Code == viewservice.UnackedJoin || blocked.Code == viewservice.UnackedLoss):
		return blocked.String() + "; " + primary
	}
	return blocked.String()
}
