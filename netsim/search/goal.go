package search

import (
	"fmt"
	"slices"
	"strings"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/world"
	"cluster/splitbrain/viewservice"
)

// Goal is a condition on states: one that is looked for in place of a broken promise, or one beyond which nothing is tried.
// ParseGoal makes it.
type Goal struct {
	Text  string // such as "view 3 and not primary s1"
	far   distance
	parts []goalPart // all of which must hold; none where one of several may
	names bool       // servers or clients are named in it, so that it matters which is which
	keys  []string   // that hold something in it
	step  string     // a promise in it that steps break, and no state alone; "" for none
	fair  string     // a promise in it that is tried in a fair future of each state; "" for none
	implied

	unreached bool // it stands for another one, which was not reached
}

// goalPart is one of the conditions of a goal that must all hold.
type goalPart struct {
	text string
	far  distance
}

// missing are the parts of g that do not hold in st, which follows before, and how far they are.
func (g *Goal) missing(s *scope, before, st *state) (all []string) {
	for _, part := range g.parts {
		switch far := part.far(s, before, st); {
		case far == 1:
			all = append(all, part.text)
		case far > 1:
			all = append(all, fmt.Sprintf("%s (by %d)", part.text, far))
		}
	}
	return all
}

// implied is what must be so where a condition holds.
type implied struct {
	needsVs bool // the viewservice has restarted
	view0   bool // it is in view 0, and has been from the start
	done    bool // all operations were done
	facts   facts
}

// and is what conditions imply together.
func (i implied) and(other implied) implied {
	return implied{i.needsVs || other.needsVs, i.view0 || other.view0, i.done || other.done, i.facts.and(other.facts)}
}

// or is what each of two conditions implies.
func (i implied) or(other implied) implied {
	return implied{i.needsVs && other.needsVs, i.view0 && other.view0, i.done && other.done, i.facts.or(other.facts)}
}

// crashes is how many servers must have crashed.
func (i implied) crashes() (n int) {
	for of, is := range i.facts {
		if of != factOfVs && is == crashed {
			n++
		}
	}
	return n
}

// beyond reports whether a round of that budget, of a search of the whole one, can't come to g.
func (g *Goal) beyond(narrow, whole Budget) bool {
	if g == nil {
		return false
	}
	vs := g.needsVs || g.facts[factOfVs] == crashed
	return vs && narrow.VsCrashes == 0 || g.crashes() > narrow.Crashes || g.done && narrow.Ops < whole.Ops
}

// dear is the condition for which each state is tried in a fair future; "" if there is none.
func (o Options) dear() string {
	for _, g := range []*Goal{o.Goal, o.Prune} {
		if g != nil && g.fair != "" {
			return "broken " + g.fair
		}
	}
	return ""
}

// tellsApart reports whether it matters to g which server or client is which.
func (g *Goal) tellsApart() bool { return g != nil && g.names }

// within is the goal of coming as near to g, which was not reached, as far says.
func (g *Goal) within(far int) *Goal {
	near := *g
	near.Text, near.unreached = g.Text+"; this is one of the states that are nearest to it", true
	near.far = func(s *scope, before, st *state) int { return max(g.far(s, before, st)-far, 0) }
	return &near
}

// distance says how far st, which follows before, is from what is looked for: 0 if it is there.
type distance func(s *scope, before, st *state) int

// says tells that g was reached.
func (g *Goal) says() string {
	if g.unreached {
		return "not reached: " + g.Text
	}
	return "reached: " + g.Text
}

// reached reports whether st, which follows before, is as the goal says.
func (g *Goal) reached(s *scope, before, st *state) bool {
	return g != nil && g.far(s, before, st) == 0
}

// all is where each of some conditions holds: it is as far as they are together. Those that are dear are not tried where the
// others don't hold, and then count as one each.
func all(of, dear []distance) distance {
	return func(s *scope, before, st *state) (sum int) {
		for _, one := range of {
			sum += one(s, before, st)
		}
		for _, one := range dear {
			if sum == 0 {
				sum = one(s, before, st)
			} else {
				sum++
			}
		}
		return sum
	}
}

// some is where one of some conditions holds: it is as far as the nearest. Those that are dear come last.
func some(of, dear []distance) distance {
	of = slices.Concat(of, dear)
	return func(s *scope, before, st *state) int {
		least := of[0](s, before, st)
		for _, one := range of[1:] {
			if least == 0 {
				break
			}
			least = min(least, one(s, before, st))
		}
		return least
	}
}

func not(of distance) distance {
	return holding(func(s *scope, before, st *state) bool { return of(s, before, st) != 0 })
}

// holding is the distance to what holds or does not.
func holding(condition func(s *scope, before, st *state) bool) distance {
	return func(s *scope, before, st *state) int {
		if condition(s, before, st) {
			return 0
		}
		return 1
	}
}

// inView is where a condition holds for the viewservice's view.
func inView(condition func(v viewservice.View, acked bool) bool) distance {
	return holding(func(_ *scope, _, st *state) bool { return condition(currentView(st.world)) })
}

func currentView(w *world.World) (viewservice.View, bool) {
	if w.ViewCore() == nil {
		return viewservice.View{}, false
	}
	return w.ViewCore().Current()
}

func viewOf(w *world.World) viewservice.View {
	v, _ := currentView(w)
	return v
}

// viewNumber is in view n, or, with more, in that or a later one.
func viewNumber(n viewservice.Number, more bool) distance {
	return func(_ *scope, _, st *state) int {
		switch have := viewOf(st.world).Viewnum; {
		case n == 0 && st.world.ViewCore() == nil:
			return 1
		case have <= n:
			return int(n - have)
		case more:
			return 0
		default:
			return int(have - n)
		}
	}
}

// stuck is where that rule, or any if it is "", holds the viewservice up.
func stuckBy(rule string) distance {
	return holding(func(_ *scope, _, st *state) bool {
		views := st.world.ViewCore()
		if views == nil {
			return false
		}
		by := string(views.Clone().Status(st.world.ViewserviceTime()).Blocked.Rule())
		return by != "" && (rule == "" || strings.EqualFold(by, rule))
	})
}

// crashed is where a node does not run.
func crashedNode(n world.Node) distance {
	return holding(func(_ *scope, _, st *state) bool { return st.world.State(n) == netsim.Crashed })
}

// completeIn is where a server has all data of the present view.
func completeIn(n world.Node) distance {
	return holding(func(_ *scope, _, st *state) bool {
		core, v := st.world.ServerCore(n), viewOf(st.world)
		return core != nil && v.Viewnum > 0 && core.Holds() == v.Viewnum
	})
}

// dataIs is where a key of a server holds want.
func dataIs(n world.Node, key string, want register) distance {
	return holding(func(_ *scope, _, st *state) bool {
		core := st.world.ServerCore(n)
		if core == nil {
			return false
		}
		var r register
		r.value, r.found = core.Value(key)
		return r == want
	})
}

// allDone is where no operation runs, and none is left to begin.
func allDone(s *scope, _, st *state) (left int) {
	left = s.toDo
	for i := range s.clients {
		left -= int(st.seqs[i] - s.ops)
		if st.world.Running(world.Client(i + 1)) {
			left++
		}
	}
	return left
}

// clientDone is where a client has ended what the workload says, or any operation of the search if there is no workload.
func clientDone(n world.Node) distance {
	return func(s *scope, _, st *state) (left int) {
		i := n.Index()
		begun, want := int(st.seqs[i]-s.ops), 1
		if s.workload != nil {
			want = len(s.workload[i])
		}
		if left = max(want-begun, 0); st.world.Running(n) {
			left++
		}
		return left
	}
}

// brokenPromise is where one of those promises is broken, or was before if clients have seen it.
func brokenPromise(of Properties) distance {
	return holding(func(s *scope, before, st *state) bool {
		n, earlier := *s, *before
		n.goal, n.properties, earlier.judges = nil, of, [maxKeys]*judge{}
		return n.violation(&earlier, st) != "" || n.inTheEnd(st) != ""
	})
}

// Obstacles are the rules that can hold the viewservice up.
func Obstacles() (rules []string) {
	known := map[string]bool{}
	for _, code := range viewservice.Obstacles() {
		if rule := string(viewservice.Cause{Code: code}.Rule()); !known[rule] {
			known[rule] = true
			rules = append(rules, rule)
		}
	}
	return rules
}
