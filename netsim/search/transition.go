package search

import (
	"math/bits"
	"slices"
	"time"

	"cluster/splitbrain/netsim/world"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/viewservice"
)

// transition carries steps out, one after the other: a step consists of several actions of a world. A worker of the
// search owns one. Not safe for concurrent use.
type transition struct {
	*scope
	next     *state // what the step leads to, still being made
	step     step
	missing  uint8          // clients of step.lost, as bits, for whom no result has come yet
	actions  []world.Action // what has happened in the step so far
	observer world.Observer
	states   []*state         // that nobody uses any more
	under    []*world.Message // buffer
}

// newTransition returns one that shares what is in a stock.
func newTransition(s *scope, of *stock) *transition {
	own := *s
	own.memory = newMemory(of)
	t := &transition{scope: &own}
	t.observer = world.Observer{Began: t.began, Ended: t.ended}
	return t
}

// take returns the state that a step of stepsOf(st) leads to. ok is false if the budget does not allow for the step,
// or if another step leads to the same state.
func (t *transition) take(st *state, one step) (next *state, ok bool) {
	n := t.spare()
	*n = *st
	n.world = t.memory.clone(st.world)
	n.world.SetObserver(&t.observer)
	t.next, t.step, t.missing, t.actions = n, one, one.lost, t.actions[:0]
	ok = t.run() && t.missing == 0
	n.world.SetObserver(nil)
	return n, ok
}

// spare returns a state that may be overwritten.
func (t *transition) spare() *state {
	if i := len(t.states) - 1; i >= 0 {
		st := t.states[i]
		t.states = t.states[:i]
		return st
	}
	return new(state)
}

// drop says that nobody uses st any more, which take has returned, nor its world.
func (t *transition) drop(st *state) {
	t.memory.discard(st.world)
	t.states = append(t.states, st)
}

// run carries t.step out, and reports whether the budget allows for it.
func (t *transition) run() bool {
	n := t.next
	switch one := t.step; one.kind {
	case tick:
		return t.tick()
	case pingArrival:
		t.exchange(one.msg)
	case arrivalTwice:
		if !spend(&n.left.duplicates) {
			return false
		}
		t.apply(world.Action{Kind: world.Duplicate, Msg: one.msg})
		t.arrive()
	case arrival:
		if one.joins && !spend(&n.left.duplicates) {
			return false
		}
		t.arrive()
	case connectionLost:
		if !spend(&n.left.losses) {
			return false
		}
		t.apply(world.Action{Kind: world.Fail, Msg: one.msg})
		t.takeResults()
		t.finishClients()
	case retry:
		t.apply(world.Action{Kind: world.Timer, Node: one.node})
		t.finishClients()
	case viewUnanswered:
		t.apply(world.Action{Kind: world.ViewTimeout, Node: one.node})
		t.finishClients()
	case invocation:
		return t.invoke()
	case deathDeclared:
		if up(n.world, one.node) && !spend(&n.left.silences) {
			return false
		}
		t.apply(world.Action{Kind: world.DeclareDead, Node: one.node})
	case quiet:
		t.apply(world.Action{Kind: world.Quiet, Node: one.node})
	case crash:
		return t.crash(one.node)
	case restart:
		t.apply(world.Action{Kind: world.Restart, Node: one.node})
		t.noteBoot(n, one.node)
	}
	return t.charge()
}

// crash lets a server or the viewservice crash, and reports whether the budget allows for it.
func (t *transition) crash(node world.Node) bool {
	n := t.next
	t.apply(world.Action{Kind: world.Crash, Node: node})
	if node == world.Viewservice {
		return spend(&n.left.vsCrashes)
	}
	for i := range n.waits {
		n.waits[i] &^= bit(node)
	}
	return spend(&n.left.crashes)
}

// charge takes the losses and delays of the step from the budget, and reports whether it allowed for them.
func (t *transition) charge() bool {
	left := &t.next.left
	losses, late := uint8(bits.OnesCount8(t.step.lost)), uint8(0)
	switch t.step.outcome {
	case pingLost, replyLost:
		losses++
	case pingLate, replyLate:
		late++
	}
	if losses > left.losses || late > left.late {
		return false
	}
	left.losses, left.late = left.losses-losses, left.late-late
	return true
}

// apply lets one action of the step happen.
func (t *transition) apply(a world.Action) {
	if n := t.next; t.watches(n) {
		n.dataLost = lossBy(n.world, a, n.dataLost, func() { n.world.MustApply(a) })
	} else {
		n.world.MustApply(a)
	}
	t.actions = append(t.actions, a)
}

func (t *transition) deliver(id uint64) { t.apply(world.Action{Kind: world.Deliver, Msg: id}) }
func (t *transition) lose(id uint64)    { t.apply(world.Action{Kind: world.Lose, Msg: id}) }

// find returns the newest message under way that is wanted, nil if there is none.
func (t *transition) find(wanted func(*world.Message) bool) *world.Message {
	all := t.next.world.Transit()
	for i := len(all) - 1; i >= 0; i-- {
		if wanted(all[i]) {
			return all[i]
		}
	}
	return nil
}

// tick lets a ping interval pass on the step's server.
func (t *transition) tick() bool {
	t.apply(world.Action{Kind: world.Tick, Node: t.step.node})
	t.takeResults()
	if t.fine.has(finePings) {
		return t.payGivingUp(t.find(func(m *world.Message) bool { return m.Kind == world.Ping && m.From == t.step.node })) && t.charge()
	}
	ping := t.newestPing()
	if ping == nil {
		return t.charge() // the server is cut off from the viewservice
	}
	if !t.payGivingUp(ping) {
		return false
	}
	switch t.step.outcome {
	case pingLate:
	case pingLost:
		t.lose(ping.ID)
	default:
		t.exchange(ping.ID)
	}
	return t.charge()
}

// payGivingUp takes from the budget that ping, if not nil, gives a backup up that was not given up before. It reports whether
// the budget allowed for it.
func (t *transition) payGivingUp(ping *world.Message) bool {
	if ping == nil {
		return true
	}
	args := ping.Body.(viewservice.PingArgs)
	if !args.BackupLost || args.Viewnum <= t.next.gaveUp {
		return true
	}
	t.next.gaveUp = args.Viewnum
	return spend(&t.next.left.silences)
}

// newestPing returns the ping that the tick has sent, or the same one that was under way already. Older pings are lost
// unless something may be late: the newest one overtakes them, and the viewservice ignores them then.
func (t *transition) newestPing() *world.Message {
	from := func(m *world.Message) bool { return m.Kind == world.Ping && m.From == t.step.node }
	newest := t.find(from)
	for newest != nil && t.next.left.late == 0 {
		older := t.find(func(m *world.Message) bool { return from(m) && m != newest })
		if older == nil {
			break
		}
		t.lose(older.ID)
	}
	return newest
}

// exchange lets a ping arrive, and its reply as the step's outcome says.
func (t *transition) exchange(ping uint64) {
	n := t.next
	asks := n.world.Message(ping)
	t.deliver(ping)
	if n.world.ViewCore() == nil || t.fine.has(finePings) {
		return
	}
	view, acked := n.world.ViewCore().Current()
	want := viewservice.PingReply{View: view, Acked: acked, Boot: asks.Body.(viewservice.PingArgs).Boot}
	reply := t.find(func(m *world.Message) bool { // an equal reply that was under way already will do
		return m.Kind == world.PingReply && m.To == t.step.node && m.Asks.Boot == asks.Boot && m.Asks.Body == asks.Body && m.Body == want
	})
	switch {
	case reply == nil || t.step.outcome == replyLate:
	case t.step.outcome == replyLost:
		t.lose(reply.ID)
	default:
		t.deliver(reply.ID)
		t.takeResults()
	}
}

// arrive lets the step's message arrive.
func (t *transition) arrive() {
	n := t.next
	msg := n.world.Message(t.step.msg)
	if msg.Kind == world.Request {
		i := msg.From.Index()
		if n.asksFor(msg) {
			n.waits[i] |= bit(msg.To) // takeResults clears the bit if the server answers at once
		}
	}
	t.deliver(msg.ID)
	t.takeResults()
	if msg.To.IsClient() {
		t.finishClients()
	}
}

// takeResults deals with the answers that a server has given in this step. Results arrive, or are lost if the step says so;
// refusals arrive. With fine results all of them stay under way.
func (t *transition) takeResults() {
	if t.fine.has(fineResults) {
		t.noteAnswers()
		return
	}
	n := t.next
	for {
		msg := t.find(func(m *world.Message) bool { return m.Kind == world.RequestReply })
		if msg == nil {
			return
		}
		i := msg.To.Index()
		running := n.world.ClerkCore(msg.To).Progress().Op.Seq == msg.Asks.Body.(world.RequestArgs).Op.Seq
		if running {
			n.waits[i] &^= bit(msg.From)
		}
		switch refused := msg.Body.(pbservice.Reply).Err == pbservice.NotPrimary; {
		case running && !refused && t.step.lost&(1<<i) != 0:
			t.missing &^= 1 << i
			t.lose(msg.ID)
		default:
			t.deliver(msg.ID)
			t.finishClients()
		}
	}
}

// noteAnswers notes that operations whose answers are under way wait no more.
func (t *transition) noteAnswers() {
	for _, m := range t.next.world.Transit() {
		if m.Kind == world.RequestReply && t.next.world.ClerkCore(m.To).Progress().Op.Seq == m.Asks.Body.(world.RequestArgs).Op.Seq {
			t.next.waits[m.To.Index()] &^= bit(m.From)
		}
	}
}

// invoke lets the step's client begin an operation, and reports whether the budget allows for one.
func (t *transition) invoke() bool {
	n, i := t.next, t.step.node.Index()
	if n.left.ops == 0 {
		return false
	}
	op, given := t.nextOp(n, i)
	if !given {
		op = pbservice.Op{Kind: t.step.op, Key: t.keys[0]}
		if writes(op) {
			op.Value = token(i, uint64(n.seqs[i]+1))
		}
	}
	n.waits[i] = 0
	t.apply(world.Action{Kind: world.Invoke, Node: t.step.node, Details: &world.Details{Op: op}})
	t.finishClients()
	return true
}

// finishClients lets clients look up the view, and loses the older of two equal requests: a message is under way twice only
// if the budget of duplicates has paid for the copy.
func (t *transition) finishClients() {
	if !t.fine.has(fineLookups) {
		t.deliverAll(world.ViewGet)
		t.deliverAll(world.ViewGetReply)
	}
	if t.fine.has(fineCopies) {
		return
	}
	t.under = append(t.under[:0], t.next.world.Transit()...)
	for i, old := range t.under {
		if old.Kind != world.Request {
			continue
		}
		again := func(m *world.Message) bool {
			return m.Kind == world.Request && m.From == old.From && m.To == old.To && m.Body == old.Body
		}
		if slices.ContainsFunc(t.under[i+1:], again) {
			t.lose(old.ID)
		}
	}
}

// deliverAll lets the messages of a kind arrive.
func (t *transition) deliverAll(kind world.MessageKind) {
	for {
		m := t.find(func(m *world.Message) bool { return m.Kind == kind })
		if m == nil {
			return
		}
		t.deliver(m.ID)
	}
}

func (t *transition) began(client world.Node, op pbservice.Op, _ time.Duration) {
	t.invoked(t.next, client, op)
}

func (t *transition) ended(client world.Node, op pbservice.Op, r pbservice.Reply, err error, _ time.Duration) {
	t.next.waits[client.Index()] = 0
	t.end(t.next, op, r, err)
}
