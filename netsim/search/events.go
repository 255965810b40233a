package search

import (
	"math/rand/v2"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/world"
	"cluster/splitbrain/pbservice"
)

// eventRoamer walks over single events: every message, answer, refusal, chunk, timer and question for the view is on its
// own, and nothing is left out because a correct core would not mind. Each walk draws a plan of its own.
type eventRoamer struct {
	*scope   // of where the walk began
	budget   Budget
	openings []opening // where walks begin
	seen     coverage
	keeping  bool // remember the events of the walk

	plan    plan    // of this walk
	begun   opening // where it began, and
	last    *state
	kept    []action // since then, if keeping
	steps   int      // since then
	choices []weighted
}

// weighted is an event that is possible, and how likely it is to be chosen.
type weighted struct {
	world.Action
	weight int
}

func (r *eventRoamer) Begin(random *rand.Rand) *state {
	r.plan = drawPlan(random, r.scope)
	r.begun = r.openings[random.IntN(len(r.openings))]
	r.scope = r.from(r.begun)
	r.kept, r.steps = r.kept[:0], 0
	return r.first()
}

// first returns the first state of the walk.
func (r *eventRoamer) first() *state {
	return r.initialState(r.begun.world, r.budget)
}

func (r *eventRoamer) Go(st *state, random *rand.Rand) (*state, bool) {
	if r.steps++; r.steps == r.plan.until {
		r.plan = drawPlan(random, r.scope).going(r.plan.length)
	}
	if r.steps > r.plan.length || r.steps%stuckEvery == 0 && stuck(st.world) || r.prune.reached(r.scope, st, st) {
		return st, false
	}
	for range maxRefused {
		e, ok := r.choose(st, random)
		if !ok {
			return st, false
		}
		next, err := r.after(st, e)
		if err != nil {
			continue // a held message on a cut link, in a world that was saved so
		}
		r.pay(st, next, e)
		r.seen.note(st.world, next.world)
		if r.keeping {
			r.kept = append(r.kept, actionOf(st.world, e))
		}
		r.last = next
		return next, true
	}
	return st, false
}

// maxRefused is how many events in a row may be refused before a walk ends: perhaps nothing else is possible any more.
const maxRefused = 100

// stuckEvery is after how many events a walk is looked at whether it can still come to anything.
const stuckEvery = 16

// stuck reports whether no view can ever be formed in w any more.
func stuck(w *world.World) bool {
	views := w.ViewCore()
	return views != nil && views.Clone().Status(w.ViewserviceTime()).Blocked.ForEver()
}

// pay takes what an event costs from the budget of next, the state after it.
func (r *eventRoamer) pay(st, next *state, e world.Action) {
	left := &next.left
	switch e.Kind {
	case world.Crash:
		if e.Node == world.Viewservice {
			left.vsCrashes--
		} else {
			left.crashes--
		}
	case world.Lose, world.Fail:
		left.losses--
	case world.Duplicate:
		left.duplicates--
	case world.DeclareDead:
		if up(st.world, e.Node) {
			left.silences--
		}
	case world.Restart:
		r.noteBoot(next, e.Node)
	}
}

// choose draws one of the events that are possible in st.
func (r *eventRoamer) choose(st *state, random *rand.Rand) (world.Action, bool) {
	r.choices = r.choices[:0]
	for _, e := range st.world.Events() {
		r.offer(e, r.weight(st, e))
	}
	r.offerFailures(st)
	r.offerQuiet(st)
	r.offerOperations(st)
	total := 0
	for _, c := range r.choices {
		total += c.weight
	}
	if total == 0 {
		return world.Action{}, false
	}
	at := random.IntN(total)
	for _, c := range r.choices {
		if at -= c.weight; at < 0 {
			return r.inTurn(st, c.Action, random), true
		}
	}
	panic("search: no event chosen")
}

func (r *eventRoamer) offer(e world.Action, weight int) {
	if weight > 0 {
		r.choices = append(r.choices, weighted{e, weight})
	}
}

// weight says how likely e is by the plan, 0 if the budget has nothing left for it.
func (r *eventRoamer) weight(st *state, e world.Action) int {
	left, weight := &st.left, r.plan.actions[e.Kind]
	switch e.Kind {
	case world.Deliver:
		m := st.world.Message(e.Msg)
		if r.plan.keeps(st.world, m) {
			return 0
		}
		return weight * r.arrival(m)
	case world.Tick:
		return weight * r.plan.clocks[e.Node.Index()]
	case world.Lose:
		return weight * min(int(left.losses), 1)
	case world.Duplicate:
		if m := st.world.Message(e.Msg); m.CopyOf == 0 && r.plan.comesLate(m) {
			weight *= 16
		}
		return weight * min(int(left.duplicates), 1)
	case world.DeclareDead:
		if up(st.world, e.Node) {
			weight *= min(int(left.silences), 1)
		}
	case world.Crash:
		switch {
		case e.Node != world.Viewservice:
		case r.plan.viewserviceCrashes:
			return weight * min(int(left.vsCrashes), 1)
		default:
			return 0
		}
		return weight * min(int(left.crashes), 1)
	}
	return weight
}

// arrival says how likely it is that m arrives.
func (r *eventRoamer) arrival(m *world.Message) int {
	weight := r.plan.messages[m.Kind]
	switch m.Kind {
	case world.Request, world.Forward:
		return weight * r.plan.roads[m.To.Index()]
	case world.PingReply, world.ForwardReply:
		if m.To == r.plan.deaf && r.steps > r.plan.deafFrom {
			return 0
		}
	}
	return 2 * weight
}

// inTurn returns the delivery of the oldest message on the same link in place of e, as often as the plan wants order.
func (r *eventRoamer) inTurn(st *state, e world.Action, random *rand.Rand) world.Action {
	if e.Kind != world.Deliver || random.IntN(8) >= r.plan.order {
		return e
	}
	m := st.world.Message(e.Msg)
	for _, o := range st.world.Transit() {
		if o.From == m.From && o.To == m.To && !r.plan.keeps(st.world, o) {
			e.Msg = o.ID
			break
		}
	}
	return e
}

// offerFailures offers that a call fails and its caller learns it, which nobody but the caller of an operation or the
// sender of a forward minds.
func (r *eventRoamer) offerFailures(st *state) {
	if st.left.losses == 0 || r.plan.actions[world.Fail] == 0 {
		return
	}
	for _, m := range st.world.Transit() {
		switch m.Kind {
		case world.Request, world.RequestReply, world.Forward, world.ForwardReply:
			r.offer(world.Action{Kind: world.Fail, Msg: m.ID}, r.plan.actions[world.Fail])
		}
	}
}

// offerQuiet offers that a server has not been heard lately.
func (r *eventRoamer) offerQuiet(st *state) {
	if !up(st.world, world.Viewservice) || r.plan.actions[world.Quiet] == 0 {
		return
	}
	for i := range r.servers {
		r.offer(world.Action{Kind: world.Quiet, Node: world.Server(i + 1)}, r.plan.actions[world.Quiet])
	}
}

// offerOperations offers that clients begin operations, or give them up.
func (r *eventRoamer) offerOperations(st *state) {
	for i := range r.clients {
		n := world.Client(i + 1)
		switch {
		case st.world.State(n) != netsim.Up:
		case st.world.Running(n):
			if st.world.AsksForView(n) && st.world.Timed() {
				r.offer(world.Action{Kind: world.ViewTimeout, Node: n}, r.plan.actions[world.Timer])
			}
			if openOps(st) <= r.plan.cancels {
				r.offer(world.Action{Kind: world.Cancel, Node: n, Details: &gaveUp}, r.plan.actions[world.Cancel])
			}
		case st.left.ops > 0 && openOps(st) < maxOpen:
			if _, ok := r.nextOp(st, i); ok || r.workload == nil {
				r.offer(r.operation(st, i))
			}
		}
	}
}

var gaveUp = world.Details{Text: "context canceled"}

// maxOpen is how many operations may be open before clients begin no more: the judge of a key tries all orders of them.
const maxOpen = 4

// openOps counts the operations of st that run, or whose outcome is unknown, so that they may still happen.
func openOps(st *state) (n int) {
	for _, j := range st.judges {
		if j != nil {
			n += len(j.open)
		}
	}
	return n
}

// operation is the next operation of the client with index i. It depends on the plan and on what has happened alone, so
// that a walk that is shortened keeps its operations.
func (r *eventRoamer) operation(st *state, i int) (world.Action, int) {
	op, given := r.nextOp(st, i)
	if !given {
		number := int(st.seqs[i])
		op = pbservice.Op{Kind: r.plan.kinds[(number+i)%len(r.plan.kinds)], Key: r.keys[r.plan.key(number, i)]}
		if writes(op) {
			op.Value = token(i, uint64(number+1))
		}
	}
	return world.Action{Kind: world.Invoke, Node: world.Client(i + 1), Details: &world.Details{Op: op}}, r.plan.actions[world.Invoke]
}

func (r *eventRoamer) Judge(st, next *state) string { return r.violation(st, next) }

func (r *eventRoamer) AtEnd(st *state) string {
	r.seen.noteEnd(st.world)
	return r.inTheEnd(st)
}
