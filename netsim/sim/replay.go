package sim

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/history"
	"cluster/splitbrain/netsim/world"
)

// traceSteps is how many steps back the trace is told anew after the world went to another step.
const traceSteps = 4096

// Timeline says where in which branch the world is.
func (e *Engine) Timeline() engine.Timeline {
	e.mu.Lock()
	defer e.mu.Unlock()
	t := engine.Timeline{
		Branch: e.branch.name, Step: e.step, First: e.branch.first(), Length: e.branch.length, Marks: slices.Clone(e.branch.marks),
	}
	for _, b := range e.branches {
		t.Branches = append(t.Branches, engine.Branch{Name: b.name, Parent: b.parent, From: b.from, First: b.first(), Length: b.length, End: b.end})
	}
	return t
}

// Rewind goes to a step of the present branch. It pauses the world. Operations that somebody waits for end with an
// unknown outcome.
func (e *Engine) Rewind(step int) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if err := e.ready(); err != nil {
		return err
	}
	if step < 0 || step > e.branch.length {
		return fmt.Errorf("no step %d: %s has %d to %d", step, e.branch.name, e.branch.first(), e.branch.length)
	}
	if err := e.branch.checkKept(step); err != nil {
		return err
	}
	e.seek(e.branch, step)
	return nil
}

// Visit goes to the end of a branch. It pauses the world.
func (e *Engine) Visit(name string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if err := e.ready(); err != nil {
		return err
	}
	b, err := e.named(name)
	if err != nil {
		return err
	}
	e.seek(b, b.length)
	return nil
}

func (e *Engine) named(name string) (*branch, error) {
	if b := e.find(name); b != nil {
		return b, nil
	}
	var all []string
	for _, b := range e.branches {
		all = append(all, b.name)
	}
	return nil, fmt.Errorf("no branch %q: there are %s", name, engine.Listing(all))
}

// Rename gives a branch another name, of 1 to 32 bytes without spaces, quotes or what can't be printed.
func (e *Engine) Rename(name, next string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	b, err := e.named(name)
	if err == nil && next != name {
		err = e.checkNew(next)
	}
	if err != nil {
		return err
	}
	for _, child := range e.branches {
		if child.parent == name {
			child.parent = next
		}
	}
	b.name = next
	return nil
}

// checkNew says why no new branch can have that name.
func (e *Engine) checkNew(name string) error {
	bad := func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && r != '-' && r != '_'
	}
	switch {
	case name == "" || len(name) > 32 || strings.ContainsFunc(name, bad):
		return fmt.Errorf("%q can't be the name of a branch: 1 to 32 letters, digits, - and _", name)
	case e.find(name) != nil:
		return fmt.Errorf("there is a branch %s already", name)
	}
	return nil
}

// seek goes to a step of a branch that is not forgotten. The trace tells the past of that step anew.
func (e *Engine) seek(b *branch, step int) {
	e.leave()
	e.trace.Forget()
	e.trace.Record(netsim.TraceEvent{At: e.world.Now(), Kind: netsim.TimeRewound, From: "time", Why: fmt.Sprintf("to step %d of %s", step, b.name)})
	p := b.before(min(step, max(step-traceSteps, b.first())))
	e.branch = b
	e.place(p)
	for e.step < step {
		e.nextStep(world.Never)
	}
	e.pending = nil
	e.recorder, e.told, e.calls = new(history.Recorder), 0, map[world.Node]int{}
	if b.first() > 0 {
		e.recorder = history.NewUnjudged()
	}
	e.recall()
	v, _ := e.world.View()
	e.viewnum = v.Viewnum
	e.pause()
	e.broadcast()
}

// recall gives the clients their last results up to the present step.
func (e *Engine) recall() {
	for i, last := range e.branch.lastUntil(e.step, len(e.queues)) {
		e.queues[i].last = last
	}
}

// leave pauses the world where it is, and ends what somebody waits for.
func (e *Engine) leave() {
	if e.step == e.branch.length {
		e.branch.last = e.world.Clone()
	}
	for _, s := range e.queues {
		s.giveUp(e.world, engine.ErrRewound)
	}
	for _, t := range e.timers {
		e.addCallback(func() { t.f(engine.ErrRewound) })
	}
	e.timers = nil
}

// place makes the world that of a point of the present branch.
func (e *Engine) place(p point) {
	e.world = p.world.Clone()
	e.world.SetObserver(&e.observer)
	e.step, e.stepped, e.next = p.step, p.world.Now(), e.branch.commandsUntil(p.step)
}

// end is the world at the end of a branch.
func (e *Engine) end(b *branch) *world.World {
	if b == e.branch && e.step == b.length {
		return e.world
	}
	return b.last
}

// Hash tells the world right after the present step from all that could ever behave differently.
func (e *Engine) Hash() uint64 {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.world.HashAt(e.stepped)
}

// judging bounds the time of the machine that a verdict may take.
const judging = time.Second

// Compare says in lines what differs between the ends of two branches; one line if nothing does.
func (e *Engine) Compare(a, b string) ([]string, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	first, err := e.named(a)
	if err != nil {
		return nil, err
	}
	second, err := e.named(b)
	if err != nil {
		return nil, err
	}
	x, y := e.end(first), e.end(second)
	lines := world.Differences(a, b, x, y)
	if v, u := first.verdict(), second.verdict(); v != u {
		lines = append(lines, fmt.Sprintf("verdict: %s has %s, %s has %s", a, v, b, u))
	}
	if len(lines) == 0 {
		lines = []string{fmt.Sprintf("%s and %s end alike: view %s, %s", a, b, x.ViewText(), first.verdict())}
	}
	return lines, nil
}

// verdict judges what the clients of a branch saw, unless the beginning of it is forgotten.
func (b *branch) verdict() string {
	if b.first() > 0 {
		return history.Verdict{Result: history.Undecided, Unjudged: true}.String()
	}
	var ops []history.Operation
	open := map[world.Node]int{}
	for i := range b.history.len() {
		o := b.history.at(i)
		if o.op != nil {
			open[o.client] = len(ops)
			ops = append(ops, history.Operation{
				Client: o.client.String(), Kind: o.op.Kind, Key: o.op.Key, Value: o.op.Value, Call: o.at, Called: i + 1,
			})
			continue
		}
		op := &ops[open[o.client]]
		op.Return, op.Returned, op.Outcome = o.at, i+1, o.outcome()
	}
	return history.Decide(context.Background(), ops, judging).String()
}
