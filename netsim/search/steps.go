package search

import (
	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/world"
	"cluster/splitbrain/pbservice"
)

// stepsOf appends all that can happen in m. Their order depends on m alone. docs/search.md says why nothing else needs to be
// tried.
func (s *setting) stepsOf(m *moment, all []step) []step {
	for i := range s.servers {
		if n := world.Server(i + 1); up(m.world, n) {
			all = s.withLosses(m, all, step{kind: tick, node: n}, 0)
			all = m.withFates(all, step{kind: tick, node: n})
		}
	}
	for _, msg := range m.world.Transit() {
		if matters(m.world, msg) {
			all = s.arrivals(m, all, msg)
		}
	}
	for i := range s.clients {
		all = s.clientSteps(m, all, i)
	}
	for i := range s.servers {
		all = m.serverSteps(all, world.Server(i+1))
	}
	return all
}

// withLosses appends a step, and the same with results lost on their way to clients. More says whose results may come
// of it beside those of operations that wait at the server.
func (s *setting) withLosses(m *moment, all []step, one step, more uint8) []step {
	all = append(all, one)
	if m.left.losses == 0 {
		return all
	}
	for i := range s.clients {
		if m.waits[i]&bit(one.node) != 0 {
			more |= 1 << i
		}
	}
	for lost := more; lost > 0; lost = (lost - 1) & more {
		one.lost = lost
		all = append(all, one)
	}
	return all
}

// bit is that of a server.
func bit(n world.Node) uint16 { return 1 << (n - world.Server(1)) }

func index(n world.Node) int {
	if n.IsClient() {
		return int(n - world.Client(1))
	}
	return int(n - world.Server(1))
}

// withFates appends a ping that fails in every way.
func (m *moment) withFates(all []step, one step) []step {
	if m.left.losses > 0 {
		one.fate = pingLost
		if one.kind == tick { // a question that is lost is one that never arrives
			all = append(all, one)
		}
		one.fate = replyLost
		all = append(all, one)
	}
	if m.left.late > 0 {
		one.fate = pingLate
		if one.kind == tick {
			all = append(all, one)
		}
		one.fate = replyLate
		all = append(all, one)
	}
	return all
}

func (s *setting) arrivals(m *moment, all []step, msg *world.Message) []step {
	one := step{kind: arrival, node: msg.To, msg: msg.ID}
	if msg.Kind == world.Ping {
		one.kind, one.node = question, msg.From
		return m.withFates(s.withLosses(m, all, one, 0), one)
	}
	if !up(m.world, msg.To) {
		return all
	}
	if msg.Kind != world.Request {
		all = s.withLosses(m, all, one, 0)
	} else {
		i := index(msg.From)
		op := msg.Body.(world.RequestArgs).Op
		running := m.world.ClerkCore(msg.From).Progress().Op.Seq == op.Seq
		if running && m.waits[i]&bit(msg.To) != 0 {
			return all // it would share the turn of the first
		}
		more := uint8(0)
		if running {
			more = 1 << i
		}
		all = s.withLosses(m, all, one, more)
	}
	if m.left.duplicates > 0 && (msg.Kind == world.Request || msg.Kind == world.Forward) {
		one.kind = twice
		all = append(all, one)
	}
	return all
}

func (s *setting) clientSteps(m *moment, all []step, i int) []step {
	n := world.Client(i + 1)
	if m.world.Running(n) {
		if m.world.Waits(n) {
			all = append(all, step{kind: retry, node: n})
		}
		return all
	}
	views := m.world.ViewCore()
	if m.left.ops == 0 || views == nil {
		return all
	}
	if v, _ := views.Current(); v.Viewnum == 0 {
		return all
	}
	for _, kind := range s.kinds {
		all = append(all, step{kind: beginning, node: n, op: kind})
	}
	return all
}

func (m *moment) serverSteps(all []step, n world.Node) []step {
	switch state := m.world.State(n); {
	case state == netsim.Crashed:
		all = append(all, step{kind: restart, node: n}, step{kind: silence, node: n})
	case state == netsim.Up:
		if m.left.silences > 0 {
			all = append(all, step{kind: silence, node: n})
		}
		if m.left.crashes > 0 {
			all = append(all, step{kind: crash, node: n})
		}
	}
	return all
}

// writes reports whether an operation changes anything.
func writes(op pbservice.Op) bool { return op.Kind != pbservice.Get }
