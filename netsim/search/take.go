package search

import (
	"slices"
	"time"

	"cluster/splitbrain/netsim/world"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/viewservice"
)

// taker carries steps out. Not safe for concurrent use.
type taker struct {
	*setting
	now     *moment // that is being made
	step    step
	missing uint8          // clients of step.lost whose result has not come
	note    []world.Action // of which the step consists
	witness world.Observer
}

func newTaker(s *setting) *taker {
	t := &taker{setting: s}
	t.witness = world.Observer{Began: t.began, Ended: t.ended}
	return t
}

// take is what comes of a step of stepsOf(m). ok is false if the budget does not allow for it, or another step comes to
// the same.
func (t *taker) take(m *moment, one step) (next *moment, ok bool) {
	n := *m
	n.world = m.world.Clone()
	n.world.SetObserver(&t.witness)
	t.now, t.step, t.missing, t.note = &n, one, one.lost, t.note[:0]
	ok = t.carryOut() && t.missing == 0
	n.world.SetObserver(nil)
	return &n, ok
}

func (t *taker) carryOut() bool {
	n := t.now
	switch one := t.step; one.kind {
	case tick:
		return t.tick()
	case question:
		t.exchange(one.msg)
	case twice:
		if !spend(&n.left.duplicates) {
			return false
		}
		t.apply(world.Action{Kind: world.Duplicate, Msg: one.msg})
		t.arrive()
	case arrival:
		t.arrive()
	case retry:
		t.apply(world.Action{Kind: world.Timer, Node: one.node})
		t.settleClient()
	case beginning:
		return t.begin()
	case silence:
		if up(n.world, one.node) && !spend(&n.left.silences) {
			return false
		}
		t.apply(world.Action{Kind: world.DeclareDead, Node: one.node})
	case crash:
		for i := range n.waits {
			n.waits[i] &^= bit(one.node)
		}
		t.apply(world.Action{Kind: world.Crash, Node: one.node})
		return spend(&n.left.crashes)
	case restart:
		t.apply(world.Action{Kind: world.Restart, Node: one.node})
		id := n.world.ServerCore(one.node).Boot()
		n.boots = append(slices.Clip(n.boots), boot{uint8(index(one.node)), id})
	}
	return t.allowed()
}

// allowed takes what came of the step beside what it is from the budget.
func (t *taker) allowed() bool {
	left := &t.now.left
	switch t.step.fate {
	case pingLost, replyLost:
		if !spend(&left.losses) {
			return false
		}
	case pingLate, replyLate:
		if !spend(&left.late) {
			return false
		}
	}
	for lost := t.step.lost; lost > 0; lost &= lost - 1 {
		if !spend(&left.losses) {
			return false
		}
	}
	return true
}

// apply lets one event of the step happen.
func (t *taker) apply(e world.Action) {
	must(t.now.world.Apply(e))
	t.note = append(t.note, e)
}

func (t *taker) deliver(id uint64) { t.apply(world.Action{Kind: world.Deliver, Msg: id}) }
func (t *taker) lose(id uint64)    { t.apply(world.Action{Kind: world.Lose, Msg: id}) }

// find is the newest message under way that is wanted.
func (t *taker) find(wanted func(*world.Message) bool) *world.Message {
	all := t.now.world.Transit()
	for i := len(all) - 1; i >= 0; i-- {
		if wanted(all[i]) {
			return all[i]
		}
	}
	return nil
}

func (t *taker) tick() bool {
	n := t.now
	t.apply(world.Action{Kind: world.Tick, Node: t.step.node})
	t.settle()
	ping := t.newestPing()
	if ping == nil {
		return t.allowed() // cut off
	}
	args := ping.Body.(viewservice.PingArgs)
	if args.BackupLost && args.Viewnum > n.gaveUp {
		n.gaveUp = args.Viewnum
		if !spend(&n.left.silences) {
			return false
		}
	}
	switch t.step.fate {
	case pingLate:
	case pingLost:
		t.lose(ping.ID)
	default:
		t.exchange(ping.ID)
	}
	return t.allowed()
}

// newestPing is the ping that the tick has sent, or found under way. Older ones are overtaken, and arrive no more
// unless something may be late.
func (t *taker) newestPing() *world.Message {
	from := func(m *world.Message) bool { return m.Kind == world.Ping && m.From == t.step.node }
	newest := t.find(from)
	for newest != nil && t.now.left.late == 0 {
		older := t.find(func(m *world.Message) bool { return from(m) && m != newest })
		if older == nil {
			break
		}
		t.lose(older.ID)
	}
	return newest
}

// exchange lets a ping arrive, and its reply as the step's fate says.
func (t *taker) exchange(ping uint64) {
	n := t.now
	asks := t.find(func(m *world.Message) bool { return m.ID == ping })
	t.deliver(ping)
	if n.world.ViewCore() == nil {
		return
	}
	view, acked := n.world.ViewCore().Current()
	want := viewservice.PingReply{View: view, Acked: acked}
	reply := t.find(func(m *world.Message) bool { // or the same, under way already
		return m.Kind == world.PingReply && m.To == t.step.node && m.Asks.Boot == asks.Boot && m.Asks.Body == asks.Body && m.Body == want
	})
	switch {
	case reply == nil || t.step.fate == replyLate:
	case t.step.fate == replyLost:
		t.lose(reply.ID)
	default:
		t.deliver(reply.ID)
		t.settle()
	}
}

// arrive lets the step's message arrive.
func (t *taker) arrive() {
	n := t.now
	msg := t.find(func(m *world.Message) bool { return m.ID == t.step.msg })
	if msg.Kind == world.Request {
		i := index(msg.From)
		if n.world.ClerkCore(msg.From).Progress().Op.Seq == msg.Body.(world.RequestArgs).Op.Seq {
			n.waits[i] |= bit(msg.To) // until the answer takes it back
		}
	}
	t.deliver(msg.ID)
	t.settle()
}

// settle deals with the answers that a server has given: results arrive or are lost, as the step says; a refusal
// tells its client no more than its timer does.
func (t *taker) settle() {
	n := t.now
	for {
		msg := t.find(func(m *world.Message) bool { return m.Kind == world.RequestReply })
		if msg == nil {
			return
		}
		i := index(msg.To)
		running := n.world.ClerkCore(msg.To).Progress().Op.Seq == msg.Asks.Body.(world.RequestArgs).Op.Seq
		if running {
			n.waits[i] &^= bit(msg.From)
		}
		switch {
		case !running || msg.Body.(pbservice.Reply).Err == pbservice.NotPrimary:
			t.lose(msg.ID)
		case t.step.lost&(1<<i) != 0:
			t.missing &^= 1 << i
			t.lose(msg.ID)
		default:
			t.deliver(msg.ID)
		}
	}
}

func (t *taker) begin() bool {
	n, i := t.now, index(t.step.node)
	if !spend(&n.left.ops) {
		return false
	}
	n.seqs[i]++
	op := pbservice.Op{Kind: t.step.op, Key: t.key}
	if writes(op) {
		op.Value = token(i, uint64(n.seqs[i]))
	}
	n.waits[i] = 0
	t.apply(world.Action{Kind: world.Invoke, Node: t.step.node, Details: &world.Details{Op: op}})
	t.settleClient()
	return true
}

// settleClient lets the client look up the view, and loses what it has sent a second time.
func (t *taker) settleClient() {
	for _, kind := range []world.MessageKind{world.ViewGet, world.ViewGetReply} {
		if msg := t.find(func(m *world.Message) bool { return m.Kind == kind }); msg != nil {
			t.deliver(msg.ID)
		}
	}
	all := slices.Clone(t.now.world.Transit())
	for i, old := range all {
		if old.Kind != world.Request || old.From != t.step.node {
			continue
		}
		again := func(m *world.Message) bool {
			return m.Kind == world.Request && m.From == old.From && m.To == old.To && m.Body == old.Body
		}
		if slices.ContainsFunc(all[i+1:], again) {
			t.lose(old.ID)
		}
	}
}

func (t *taker) began(_ world.Node, op pbservice.Op, _ time.Duration) { t.now.begin(t.key, op) }

func (t *taker) ended(client world.Node, op pbservice.Op, r pbservice.Reply, err error, _ time.Duration) {
	t.now.waits[index(client)] = 0
	t.now.end(t.key, op, r, err)
}
