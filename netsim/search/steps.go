package search

import (
	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/world"
	"cluster/splitbrain/pbservice"
)

// stepsOf appends all steps that are possible in st, in an order that depends on st alone. docs/search.md ("One step")
// says why nothing else needs to be tried.
func (s *scope) stepsOf(st *state, all []step) []step {
	for i := range s.servers {
		if n := world.Server(i + 1); up(st.world, n) {
			all = s.withLosses(st, all, step{kind: tick, node: n}, 0)
			all = s.withOutcomes(st, all, step{kind: tick, node: n})
		}
	}
	for _, msg := range st.world.Transit() {
		if s.matters(st.world, msg) {
			all = s.arrivals(st, all, msg)
			all = st.failures(all, msg)
		}
	}
	for i := range s.clients {
		all = s.clientSteps(st, all, i)
	}
	for i := range s.servers {
		all = s.serverSteps(st, all, world.Server(i+1))
	}
	return st.viewserviceSteps(all)
}

// withLosses appends one, and one again for each set of clients whose results may get lost on their way: clients whose
// operation waits at the server, and those in more, as bits.
func (s *scope) withLosses(st *state, all []step, one step, more uint8) []step {
	all = append(all, one)
	if st.left.losses == 0 || s.fine.has(fineResults) {
		return all
	}
	for i := range s.clients {
		if st.waits[i]&bit(one.node) != 0 {
			more |= 1 << i
		}
	}
	for lost := more; lost > 0; lost = (lost - 1) & more {
		one.lost = lost
		all = append(all, one)
	}
	return all
}

// bit is the bit of server n in state.waits.
func bit(n world.Node) uint16 { return 1 << (n - world.Server(1)) }

// withOutcomes appends one with each outcome of its ping that the budget still allows for, but pingAnswered.
func (s *scope) withOutcomes(st *state, all []step, one step) []step {
	if s.fine.has(finePings) {
		return all
	}
	for one.outcome = pingLost; one.outcome <= replyLate; one.outcome++ {
		left := st.left.losses
		if one.outcome >= pingLate {
			left = st.left.late
		}
		// A ping under way is lost, or late, by not arriving: that is no step.
		pingFails := one.outcome == pingLost || one.outcome == pingLate
		if left > 0 && (one.kind == tick || !pingFails) {
			all = append(all, one)
		}
	}
	return all
}

func (s *scope) arrivals(st *state, all []step, msg *world.Message) []step {
	one := step{kind: arrival, node: msg.To, msg: msg.ID}
	first := len(all)
	switch {
	case msg.Kind == world.Ping:
		one.kind, one.node = pingArrival, msg.From
		all = s.withOutcomes(st, s.withLosses(st, all, one, 0), one)
	case !up(st.world, msg.To):
		return all
	case !msg.To.IsServer():
		all = append(all, one)
	case msg.Kind != world.Request:
		all = s.withLosses(st, all, one, 0)
	default:
		more := uint8(0)
		if st.asksFor(msg) {
			more = 1 << msg.From.Index()
		}
		if one.joins = st.waitsAlready(msg); one.joins && st.left.duplicates == 0 {
			return all
		}
		all = s.withLosses(st, all, one, more)
	}
	copied := msg.Kind == world.Request || msg.Kind == world.Forward || s.fine.has(fineCopies)
	if st.left.duplicates > 0 && copied && len(all) > first && !one.joins {
		one.kind = arrivalTwice
		all = append(all, one)
	}
	return all
}

// asksFor reports whether msg asks for the operation that its client runs.
func (st *state) asksFor(msg *world.Message) bool {
	return st.world.ClerkCore(msg.From).Progress().Op.Seq == msg.Body.(world.RequestArgs).Op.Seq
}

// waitsAlready reports whether the operation that msg asks for waits where msg arrives: it would wait there twice.
func (st *state) waitsAlready(msg *world.Message) bool {
	return st.waits[msg.From.Index()]&bit(msg.To) != 0 && st.asksFor(msg)
}

// failures appends that msg is lost with its connection, and its caller learns it.
func (st *state) failures(all []step, msg *world.Message) []step {
	if st.left.losses == 0 {
		return all
	}
	switch msg.Kind {
	case world.Request, world.RequestReply, world.Forward, world.ForwardReply:
		all = append(all, step{kind: connectionLost, msg: msg.ID})
	}
	return all
}

func (s *scope) clientSteps(st *state, all []step, i int) []step {
	n := world.Client(i + 1)
	if st.world.Running(n) {
		if st.world.Waits(n) {
			all = append(all, step{kind: retry, node: n})
		}
		if st.world.AsksForView(n) && st.world.Timed() {
			all = append(all, step{kind: viewUnanswered, node: n})
		}
		return all
	}
	if v, _ := st.world.View(); st.left.ops == 0 || v.Viewnum == 0 && !s.fine.has(fineView0) {
		return all
	}
	if s.workload != nil {
		if op, ok := s.nextOp(st, i); ok {
			all = append(all, step{kind: invocation, node: n, op: op.Kind})
		}
		return all
	}
	for _, kind := range s.kinds {
		all = append(all, step{kind: invocation, node: n, op: kind})
	}
	return all
}

func (s *scope) serverSteps(st *state, all []step, n world.Node) []step {
	counting := up(st.world, world.Viewservice)
	switch state := st.world.State(n); {
	case state == netsim.Crashed:
		all = append(all, step{kind: restart, node: n})
		if counting {
			all = append(all, step{kind: deathDeclared, node: n}, step{kind: quiet, node: n})
		}
	case state == netsim.Frozen: // in a saved world: it is silent, and never goes on
		if counting {
			all = append(all, step{kind: deathDeclared, node: n}, step{kind: quiet, node: n})
		}
		if st.left.crashes > 0 {
			all = append(all, step{kind: crash, node: n})
		}
	case state == netsim.Up:
		if st.left.silences > 0 && counting {
			all = append(all, step{kind: deathDeclared, node: n})
		}
		if s.fine.has(fineQuiet) && counting {
			all = append(all, step{kind: quiet, node: n})
		}
		if st.left.crashes > 0 {
			all = append(all, step{kind: crash, node: n})
		}
	}
	return all
}

func (st *state) viewserviceSteps(all []step) []step {
	switch state := st.world.State(world.Viewservice); {
	case state == netsim.Crashed:
		return append(all, step{kind: restart, node: world.Viewservice})
	case state == netsim.Up && st.left.vsCrashes > 0:
		return append(all, step{kind: crash, node: world.Viewservice})
	}
	return all
}

// writes reports whether an operation changes anything.
func writes(op pbservice.Op) bool { return op.Kind != pbservice.Get }
