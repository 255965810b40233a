package search

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/history"
	"cluster/splitbrain/netsim/sim"
	"cluster/splitbrain/netsim/world"
	"cluster/splitbrain/viewservice"
	"cluster/splitbrain/viewservice/rules"
)

// Conclusion says what the story comes to, line by line: the violation, what is bad about it, and of each rule that is off what
// it would have prevented in this story.
func (f *Find) Conclusion() []string {
	all := f.told()
	before, end := f.first, f.first
	for _, t := range all {
		before, end = end, t.after
	}
	lines := []string{f.verdict()}
	if f.goal != nil {
		lines = append(lines, f.ofGoal(before, end)...)
	} else if p, ok := brokenIn(f.Violation); ok {
		if moral := f.moral(p, all, end); moral != "" {
			lines = append(lines, "so "+moral)
		}
	}
	if two := twoPrimaries(end.world, f.ableOnes(end.world)); two != "" && !strings.Contains(lines[0], two) && f.goal == nil {
		lines = append(lines, "at the end "+two+": two primaries at once")
	}
	for _, rule := range f.off.Rules() {
		if len(all) == 0 { // it was broken, or stuck, before the first event
			break
		}
		lines = append(lines, fmt.Sprintf("%s %s is off: %s", rule, rule.Refs(), rule.Effect()))
		if prevented := f.prevented(rule, all); prevented != "" {
			lines = append(lines, prevented)
		}
	}
	return lines
}

// verdict is the violation, with which answer can't be explained where that is what is broken, and which operation would be
// repeated where that is.
func (f *Find) verdict() string {
	p, ok := brokenIn(f.Violation)
	if f.goal != nil || !ok || len(f.Events) == 0 {
		return f.Violation
	}
	text := ""
	switch p {
	case linearizable:
		text = f.contradiction()
	case completeBackup, knownRepeats:
		rec, _ := f.played()
		told, s := f.told(), f.scope
		s.past = rec.clients
		end := told[len(told)-1].after
		text = s.check(p, end, end, s.ableOnes(end.world))
	}
	if text == "" {
		return f.Violation
	}
	return p.broken(text)
}

// moral says what is bad about p, which is broken at the end; "" if the verdict has said so.
func (f *Find) moral(p property, all []telling, end *state) string {
	switch p {
	case answered:
		return f.inVain()
	case completeBackup:
		backup, _ := world.ParseNode(viewOf(end.world).Backup)
		if l, ok := f.lost(end, end.world.ServerCore(backup)); ok && end.world.ServerCore(backup).Holds() == viewOf(end.world).Viewnum {
			return fmt.Sprintf("promoted now it would answer a get of %s with %s%s", l.key, l.register, f.inPlaceOf(l, all, end))
		}
	case nothingLost:
		if _, l, ok := f.loser(end, f.ableOnes(end.world)); ok {
			return fmt.Sprintf("a get of %s that it completes returns %s%s", l.key, l.register, f.inPlaceOf(l, all, end))
		}
	}
	return morals[p]
}

// morals say what is bad about a property that is violated, whatever the violation was; "" of linearizable, whose violation tells
// it, and of those of which moral says more.
var morals = [propertyCount]string{
	viewsForward:   "a server may serve in a view that is over, beside its successor",
	onePrimary:     "one of them may answer without what the other has done",
	completeBackup: "promoted now it would not know all that clients were told is done",
	knownRepeats:   "that operation is done twice if it comes there once more",
	heirsLive:      "the last copy of the data is dropped for a server that is gone",
	idleEmpty:      "a client may wait for an answer that does not come, or old data be taken for new",
	redundant:      "one crash more may lose everything",
}

// inVain says what a client waits for that is never answered: whether any server could serve.
func (f *Find) inVain() string {
	rec, _ := f.played()
	for i := range f.servers {
		n := world.Server(i + 1)
		if core := rec.world.ServerCore(n); core != nil && core.Holds() > 0 {
			return fmt.Sprintf("a client waits for ever, though %s has all data of view %d", n, core.Holds())
		}
	}
	if viewOf(rec.world).Viewnum == 0 {
		return "a client waits for ever: there never is a view"
	}
	return "a client waits for ever: no server has the data any more"
}

// ofGoal says what a goal lacks at the end of what leads to it, and why the viewservice forms no view there, if it needs one.
func (f *Find) ofGoal(before, end *state) (lines []string) {
	if lacks := f.goal.missing(&f.scope, before, end); len(lacks) > 0 {
		lines = append(lines, "there it lacks: "+strings.Join(lacks, ", "))
	}
	views := end.world.ViewCore()
	if views == nil {
		return lines
	}
	if b := views.Clone().Status(end.world.ViewserviceTime()).Blocked; b.Code != viewservice.CodeNone {
		lines = append(lines, "there vs forms no view: "+b.String())
	}
	return lines
}

// contradiction says which answer no order of the operations explains, and what it contradicts; "" if that was given before the
// find's first event.
func (f *Find) contradiction() string {
	const longest = time.Second
	var saved bytes.Buffer
	if err := f.write(&saved, nil); err != nil {
		return ""
	}
	e, err := sim.Open(context.Background(), &saved, sim.ManualTime())
	if err != nil {
		return ""
	}
	defer e.Close()
	other := func(op history.Operation) bool { return !slices.Contains(f.keys, op.Key) }
	verdict := history.Decide(context.Background(), slices.DeleteFunc(e.History().Operations(), other), longest)
	if verdict.Blame == nil || verdict.Blame.Culprit.Return < f.first.world.Now() {
		return ""
	}
	rec, _ := f.played()
	return verdict.Blame.Sentence(func(at, before time.Duration) (string, string) { return f.lineAt(rec, at), f.lineAt(rec, before) })
}

// lineAt says which line of the story tells what happened at a time of rec: all is within a few microseconds there.
func (f *Find) lineAt(rec *Recording, at time.Duration) string {
	for _, c := range rec.past.Commands {
		if c.Step > f.recording.past.Steps && c.At == at {
			return fmt.Sprintf("in line %d", c.Step)
		}
	}
	return fmt.Sprintf("before line %d", f.recording.past.Steps+1)
}

// prevented says what a rule that is off would have prevented: it lets the same events happen with the rule on, and looks for the
// first one that comes to something else. If none does it says what would be otherwise at the end; "" if it finds nothing.
func (f *Find) prevented(rule rules.Rule, all []telling) string {
	with := *f
	with.first = new(state)
	*with.first = *f.first
	with.first.world = f.first.world.Clone()
	with.first.world.MustApply(commanded(engine.Command{Kind: engine.SetRule, Rule: rule, On: true}))
	var actions []action
	st := f.first
	for i, t := range all {
		actions = append(actions, actionOf(st.world, f.Events[i]))
		st = t.after
	}
	end, _, still := with.follow(with.first, actions)
	if still == "" && f.stall {
		still = with.stallsIn(end)
	}
	if still != "" {
		return "it has no part in this: with it on the same comes of it"
	}
	st = with.first
	for i, t := range all {
		line := fmt.Sprintf("with it on, line %d (%s) would ", f.recording.past.Steps+i+1, t.head)
		e, ok := actions[i].in(st.world)
		if !ok {
			return line + "not have happened"
		}
		next, err := f.after(st, e)
		if err != nil {
			return line + "not have happened"
		}
		if other := differing(t.effects, f.effects(st, next, e)); other != "" {
			return line + other
		}
		st = next
	}
	if f.stall {
		if p, _ := brokenIn(f.Violation); p == redundant {
			return "with it on, the view would have had a backup with all data in the end"
		}
		return "with it on, all clients would have been answered in the end"
	}
	var unable []string
	could := f.ableOnes(all[len(all)-1].after.world) &^ f.ableOnes(st.world)
	for i := range f.servers {
		if could.has(i) {
			unable = append(unable, world.Server(i+1).String())
		}
	}
	if len(unable) == 0 {
		return ""
	}
	return fmt.Sprintf("with it on, %s could complete no operation at the end", strings.Join(unable, " and "))
}

// stallsIn returns what f is about if it comes true in no fair future of st either, be it by design; "" if it does.
func (f *Find) stallsIn(st *state) string {
	w, calm := f.fairFuture(st)
	defer f.memory.discard(w)
	switch p, _ := brokenIn(f.Violation); {
	case !calm:
		return "messages go to and fro for ever"
	case p == redundant:
		return f.unfilled(w)
	}
	return f.unanswered(w)
}

// differing tells what came of an event, and what would have come of it instead, on the first node where that differs; "" if it
// does on none.
func differing(was, instead []effect) string {
	for _, n := range nodesOf(was, instead) {
		x, y := on(was, n), on(instead, n)
		gone, come := x.without(y), y.without(x)
		switch {
		case len(gone.what) > 0 && len(come.what) > 0:
			return fmt.Sprintf("not have come to this: %s, but to this: %s", gone.brief(), come)
		case len(gone.what) > 0:
			return fmt.Sprintf("not have come to this: %s", gone.brief())
		case len(come.what) > 0:
			return fmt.Sprintf("have come to this, too: %s", come)
		}
	}
	return ""
}

// nodesOf are the nodes of effects, each once.
func nodesOf(all ...[]effect) (nodes []string) {
	for _, e := range slices.Concat(all...) {
		if !slices.Contains(nodes, e.node) {
			nodes = append(nodes, e.node)
		}
	}
	return nodes
}

// on is the effect on a node, empty if there is none.
func on(all []effect, node string) effect {
	for _, e := range all {
		if e.node == node {
			return e
		}
	}
	return effect{node: node}
}

// without is what of e the other has not. That a view is formed, or none is, for reasons in other words is no difference.
func (e effect) without(other effect) effect {
	n := effect{node: e.node}
	for _, what := range e.what {
		same := func(o string) bool {
			return withoutReasons(o, formsView, formsNo) == withoutReasons(what, formsView, formsNo)
		}
		if !slices.ContainsFunc(other.what, same) {
			n.what = append(n.what, what)
		}
	}
	return n
}

// brief is e without the reasons for new views.
func (e effect) brief() effect {
	n := effect{node: e.node}
	for _, what := range e.what {
		n.what = append(n.what, withoutReasons(what, formsView))
	}
	return n
}

// withoutReasons is what, without the reasons if it begins with one of those.
func withoutReasons(what string, begins ...string) string {
	said, _, _ := strings.Cut(what, ": ")
	if slices.ContainsFunc(begins, func(begin string) bool { return strings.HasPrefix(said, begin) }) {
		return said
	}
	return what
}
