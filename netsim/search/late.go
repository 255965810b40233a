package search

import (
	"math/rand/v2"
	"slices"

	"cluster/splitbrain/netsim/world"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/viewservice"
)

// lateOf is of how many walks one has a plan by which forwards come late, and one by which pings do.
const lateOf = 12

// firstWithBackup is the first view that can have a backup.
const firstWithBackup = 2

// comeLate makes p a plan by which what is forwarded in the first view with a backup arrives in a later one: the original when
// its receiver has left the view, and a copy when that is a backup again, with all data. Meanwhile clients are not heard, so that
// the positions of both views may agree; of three servers one never pings, which leaves the others to each other; and nobody crashes.
func (p *plan) comeLate(random *rand.Rand, s *scope) {
	p.late, p.deaf, p.viewserviceCrashes = true, 0, false
	if s.servers > 2 {
		p.clocks[random.IntN(s.servers)] = 0
	}
	p.length = max(p.length, 160)
	for _, kind := range []world.ActionKind{world.Crash, world.Lose, world.Fail, world.Cancel, world.Quiet} {
		p.actions[kind] = 0
	}
	p.actions[world.Duplicate], p.actions[world.DeclareDead] = 1, 1
}

// comesLate reports whether m is a forward that the plan wants to come late.
func (p *plan) comesLate(m *world.Message) bool {
	if !p.late || m.Kind != world.Forward {
		return false
	}
	a := m.Body.(*pbservice.ForwardArgs)
	return a.Viewnum <= firstWithBackup && a.Chunk == nil && a.Boot != 0
}

// keeps reports whether m, which is under way in w, does not arrive yet by the plan.
func (p *plan) keeps(w *world.World, m *world.Message) bool {
	switch m.Kind {
	case world.Ping:
		return m.From == p.slow && m.Body.(viewservice.PingArgs).Viewnum > 0 && !overtaken(w, m)
	case world.Request:
	default:
		return p.early(w, m)
	}
	return p.late && slices.ContainsFunc(w.Transit(), func(o *world.Message) bool { return o.CopyOf != 0 && p.early(w, o) })
}

// early reports whether m is a forward that comes late, and not yet.
func (p *plan) early(w *world.World, m *world.Message) bool {
	if !p.comesLate(m) || w.ServerCore(m.To) == nil {
		return false
	}
	core := w.ServerCore(m.To)
	v := core.View().Viewnum
	return v <= m.Body.(*pbservice.ForwardArgs).Viewnum || m.CopyOf != 0 && core.Holds() != v
}

// pingLate makes p a plan by which what a server pings of a view arrives when it has restarted, and the viewservice has heard its next
// boot.
func (p *plan) pingLate(random *rand.Rand, s *scope) {
	p.slow, p.deaf, p.viewserviceCrashes = world.Server(1+random.IntN(s.servers)), 0, false
	p.actions[world.Crash], p.actions[world.Restart] = 1, 4
}

// overtaken reports whether the viewservice has heard the sender of m, a ping, as a later boot.
func overtaken(w *world.World, m *world.Message) bool {
	core := w.ServerCore(m.From)
	if core == nil || core.Boot() <= m.Body.(viewservice.PingArgs).Boot {
		return false
	}
	return core.View().Viewnum > 0 || slices.ContainsFunc(w.Transit(), func(o *world.Message) bool {
		return o.Kind == world.PingReply && o.To == m.From && o.Asks.Boot == core.Boot()
	})
}
