package search

import (
	"fmt"
	"math/bits"
	"slices"
	"strings"
	"time"

	"cluster/splitbrain/netsim/world"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/viewservice"
	"cluster/splitbrain/viewservice/rules"
)

// property is one thing that must hold in every state.
type property uint8

// The properties, in the order in which they are checked. docs/search.md lists them.
const (
	viewsForward   property = iota // view numbers never go back (S11)
	onePrimary                     // one server at most can complete an operation (S5, S7)
	completeBackup                 // a backup that could be promoted now has what clients were told (S4)
	linearizable                   // what clients saw is linearizable (C3)
	nothingLost                    // a server that can complete operations holds what clients were told (C3)
	knownRepeats                   // the filter of such a server knows all operations that were answered (S10)
	heirsLive                      // no view is given to a server that is gone and not heard, while another has the data (V5)
	idleEmpty                      // who has no part keeps no data, and who refuses clients lets none wait (S9)
	answered                       // every client is answered once all is healed, but for the limits by design (C1)
	redundant                      // and the view gets a backup again, which is filled (S4, V10)

	propertyCount
)

var propertyNames = [propertyCount]string{
	"views-forward", "one-primary", "complete-backup", "linearizable", "nothing-lost", "known-repeats",
	"heirs-live", "idle-empty", "answered", "redundant",
}

func (p property) String() string { return propertyNames[p] }

// Properties is a set of properties, one bit for each. 0 stands for those that Options.Properties chooses.
type Properties uint16

// PropertyNames are the names of all properties, as PropertyNamed takes them.
func PropertyNames() []string { return propertyNames[:] }

// PropertyNamed is the set of the one property of that name; ok is false if there is none.
func PropertyNamed(name string) (set Properties, ok bool) {
	p := slices.Index(propertyNames[:], name)
	if p < 0 {
		return 0, false
	}
	return 1 << p, true
}

const (
	allProperties Properties = 1<<propertyCount - 1
	// clientProperties are those that clients rely on. With a rule off the others are violated some steps before
	// anybody is harmed, and would hide the damage.
	clientProperties = 1<<linearizable | 1<<nothingLost
)

// ofSteps are those that say something of a step, from one state to the next, and nothing of a state alone.
const ofSteps Properties = 1<<viewsForward | 1<<heirsLive

// inTheEnd are those that are tried in a fair future.
const inTheEnd Properties = 1<<answered | 1<<redundant

func (ps Properties) has(p property) bool { return ps&(1<<p) != 0 }

// violation says which property next violates, and why; "" if none. next is a successor of st. What must come true
// in the end needs a whole future and is not checked here (fair.go). With a goal violation says whether next has reached it.
func (s *scope) violation(st, next *state) string { return s.violationOf(s.properties, st, next) }

// brokenByStep is violation for a next that was reached before: what a step breaks no state shows, so that equal ones may differ
// in that.
func (s *scope) brokenByStep(st, next *state) string {
	if s.goal != nil && s.goal.step == "" {
		return ""
	}
	return s.violationOf(s.properties&ofSteps, st, next)
}

// violationOf is violation of some properties.
func (s *scope) violationOf(properties Properties, st, next *state) string {
	if s.goal != nil {
		if s.goal.reached(s, st, next) {
			return s.goal.says()
		}
		return ""
	}
	var able serverSet
	if properties&(1<<onePrimary|1<<nothingLost|1<<knownRepeats) != 0 {
		able = s.ableOnes(next.world)
	}
	for p := range propertyCount {
		if !properties.has(p) {
			continue
		}
		if why := s.check(p, st, next, able); why != "" {
			return p.broken(why)
		}
	}
	return ""
}

// Words with which a violation begins: of what clients were told it says the verdict, of other promises their names.
const (
	brokenPrefix    = "broken: "
	notLinearizable = "not linearizable"
)

// broken says that p does not hold, and why.
func (p property) broken(why string) string {
	if p == linearizable {
		return notLinearizable + ": " + why
	}
	return brokenPrefix + p.String() + ": " + why
}

// brokenIn returns the property of which a violation says that it is broken; ok is false of any other text.
func brokenIn(violation string) (p property, ok bool) {
	name, _, _ := strings.Cut(strings.TrimPrefix(violation, brokenPrefix), ": ")
	if name == notLinearizable {
		return linearizable, true
	}
	i := slices.Index(propertyNames[:], name)
	return property(max(i, 0)), i >= 0
}

// PromiseIn returns the name of the promise of which a line of a story says that it is broken; ok is false of any other line.
func PromiseIn(line string) (name string, ok bool) {
	if !strings.Contains(line, ": ") {
		return "", false
	}
	p, ok := brokenIn(line)
	return p.String(), ok
}

func (s *scope) check(p property, st, next *state, able serverSet) string {
	switch p {
	case viewsForward:
		return s.wentBack(st.world, next.world)
	case onePrimary:
		return twoPrimaries(next.world, able)
	case completeBackup:
		return s.incompleteBackup(next)
	case nothingLost:
		return s.lostWrite(next, able)
	case knownRepeats:
		return s.unknownRepeat(next, able)
	case heirsLive:
		return s.goneHeir(st.world, next.world)
	case idleEmpty:
		return s.keepsTooMuch(next.world)
	case linearizable:
		for k, judge := range next.judges {
			if judge != st.judges[k] && !judge.linearizable() {
				return "no order of the operations explains what the clients were told"
			}
		}
	}
	return ""
}

func (s *scope) wentBack(before, after *world.World) string {
	x, y := before.ViewCore(), after.ViewCore()
	if x != y && x != nil && y != nil && before.Boots(world.Viewservice) == after.Boots(world.Viewservice) {
		from, _ := x.Current()
		to, _ := y.Current()
		if to.Viewnum < from.Viewnum {
			return fmt.Sprintf("the viewservice goes back from view %d to view %d", from.Viewnum, to.Viewnum)
		}
	}
	for i := range s.servers {
		n := world.Server(i + 1)
		x, y := before.ServerCore(n), after.ServerCore(n)
		if x == y || x == nil || y == nil || x.Boot() != y.Boot() {
			continue
		}
		if from, to := x.View().Viewnum, y.View().Viewnum; to < from || y.Entered() > to {
			return fmt.Sprintf("%s knows view %d after view %d, and has entered view %d", n, to, from, y.Entered())
		}
	}
	for i := range s.clients {
		n := world.Client(i + 1)
		x, y := before.ClerkCore(n), after.ClerkCore(n)
		if from, to := x.View().Viewnum, y.View().Viewnum; x != y && to < from {
			return fmt.Sprintf("%s knows view %d after view %d", n, to, from)
		}
	}
	return ""
}

// serverSet is some of the servers: bit i stands for the one with index i.
type serverSet uint16

func (s serverSet) has(i int) bool { return s&(1<<i) != 0 }

// ableOnes are the servers that would complete an operation now, be it a get only.
func (s *scope) ableOnes(w *world.World) (able serverSet) {
	for i := range s.servers {
		if completes(w, world.Server(i+1), pbservice.Get) {
			able |= 1 << i
		}
	}
	return able
}

// completes reports whether server n would complete an operation of a kind now: alone, or because its backup would confirm it.
// Rules that are off count: invariant.Watcher says the same of a cluster.
func completes(w *world.World, n world.Node, kind pbservice.OpKind) bool {
	core := w.ServerCore(n)
	if core == nil {
		return false
	}
	able, ifBackup := core.Completes()
	if !able || ifBackup == 0 || kind == pbservice.Get && w.Disabled().Has(rules.ForwardGets) {
		return able
	}
	node, _ := world.ParseNode(core.View().Backup)
	backup := w.ServerCore(node)
	if backup == nil || backup.Boot() != ifBackup {
		return false
	}
	left := backup.View().Viewnum > core.View().Viewnum
	return backup.View() == core.View() || left && w.Disabled().Has(rules.BackupChecksView)
}

// canDo says what server n, one of ableOnes, can do: with a rule off perhaps no more than answer gets.
func canDo(w *world.World, n world.Node) string {
	if completes(w, n, pbservice.Append) {
		return "complete operations"
	}
	return "answer gets"
}

// twoPrimaries says which two servers can complete operations in w; "" if there is one at most.
func twoPrimaries(w *world.World, able serverSet) string {
	if bits.OnesCount16(uint16(able)) < 2 {
		return ""
	}
	one := bits.TrailingZeros16(uint16(able))
	other := bits.TrailingZeros16(uint16(able &^ (1 << one)))
	old, successor := world.Server(one+1), world.Server(other+1)
	x, y := w.ServerCore(old).View().Viewnum, w.ServerCore(successor).View().Viewnum
	if x > y {
		old, x, successor, y = successor, y, old, x
	}
	first, second := canDo(w, old), canDo(w, successor)
	if first == second {
		second = "do so"
	}
	return fmt.Sprintf("%s can still %s in view %d, although %s can %s in view %d already", old, first, x, successor, second, y)
}

// incompleteBackup checks the backup of an acknowledged view. Whether the viewservice would promote that backup is
// asked last, because the viewservice's status needs a copy of its core.
func (s *scope) incompleteBackup(st *state) string {
	views := st.world.ViewCore()
	if views == nil {
		return ""
	}
	v, acked := views.Current()
	if !acked || v.Backup == "" {
		return ""
	}
	n, _ := world.ParseNode(v.Backup)
	core := st.world.ServerCore(n)
	if core == nil {
		return ""
	}
	lacks := "is not complete"
	if core.Holds() == v.Viewnum {
		lacks = s.lacks(st, core)
	}
	if lacks == "" {
		return ""
	}
	for _, m := range views.Clone().Status(st.world.ViewserviceTime()).Servers {
		if m.Name == v.Backup && m.Boot == core.Boot() && !m.Restarted && !m.Dead {
			return fmt.Sprintf("view %d is acknowledged and %s could be promoted, but %s", v.Viewnum, n, lacks)
		}
	}
	return ""
}

// lacks says what a server that has all the data of its view lacks of what clients were told; "" if it lacks nothing.
func (s *scope) lacks(st *state, core *pbservice.Core) string {
	if l, ok := s.lost(st, core); ok {
		return l.unexplained()
	}
	return s.repeats(st, core)
}

// goneHeir says that a view was formed whose primary is gone, which the viewservice could suspect, since it had not heard that
// one lately, while the other member of the view before lives with all the data and must drop it (S9).
func (s *scope) goneHeir(before, after *world.World) string {
	x, y := before.ViewCore(), after.ViewCore()
	if x == nil || y == nil {
		return ""
	}
	from, _ := x.Current()
	to, _ := y.Current()
	if from.Viewnum == 0 || to.Viewnum != from.Viewnum+1 || holds(after, to.Primary, from.Viewnum) {
		return ""
	}
	status := y.Clone().Status(after.ViewserviceTime())
	lately := status.PingInterval * time.Duration(min(2, status.DeadPings-1))
	if m := status.Member(to.Primary); m == nil || m.Silent <= lately {
		return ""
	}
	for _, other := range []string{from.Primary, from.Backup} {
		if other != to.Primary && holds(before, other, from.Viewnum) && holds(after, other, from.Viewnum) {
			return fmt.Sprintf("view %s is led by a server that was not heard lately, and has crashed, though %s has all the data", to, other)
		}
	}
	return ""
}

// holds reports whether a server runs that is complete in that view, or a later one.
func holds(w *world.World, name string, view viewservice.Number) bool {
	n, ok := world.ParseNode(name)
	return ok && w.ServerCore(n) != nil && w.ServerCore(n).Holds() >= view
}

// keepsTooMuch says which server has not stepped down as it should.
func (s *scope) keepsTooMuch(w *world.World) string {
	for i := range s.servers {
		n := world.Server(i + 1)
		core := w.ServerCore(n)
		if core == nil || core.Waiting() == 0 && (core.Keys() == 0 || core.Role() != pbservice.Idle) {
			continue // most are so, and a whole status is dear
		}
		if why := notSteppedDown(core.Status()); why != "" {
			return fmt.Sprintf("%s %s", n, why)
		}
	}
	return ""
}

// notSteppedDown says what a server keeps that it should not; "" if there is nothing.
func notSteppedDown(v pbservice.Status) string {
	switch {
	case v.Role == pbservice.Idle && v.Keys > 0:
		return fmt.Sprintf("keeps data, and is neither primary nor backup of view %d", v.View.Viewnum)
	case v.Waiting > 0 && v.Refuses.Code != pbservice.CodeNone:
		return "lets a client wait, and would refuse it: " + v.Refuses.String()
	}
	return ""
}
