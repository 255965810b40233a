package sim

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/history"
	"cluster/splitbrain/viewservice"
)

// traceSteps is how many steps back the trace is told anew after the world went to another step.
const traceSteps = 4096

// Timeline says where in which branch the world is.
func (e *Engine) Timeline() engine.Timeline {
	e.mu.Lock()
	defer e.mu.Unlock()
	t := engine.Timeline{
		Branch: e.branch.name, Step: e.step, Length: e.branch.length, Marks: slices.Clone(e.branch.marks),
	}
	for _, b := range e.branches {
		t.Branches = append(t.Branches, engine.Branch{Name: b.name, Parent: b.parent, From: b.from, Length: b.length, End: b.end})
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
		return fmt.Errorf("no step %d: %s has 0 to %d", step, e.branch.name, e.branch.length)
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
	switch {
	case err != nil:
		return err
	case !goodName(next):
		return badName(next)
	case next != name && e.find(next) != nil:
		return fmt.Errorf("there is a branch %s already", next)
	}
	for _, child := range e.branches {
		if child.parent == name {
			child.parent = next
		}
	}
	b.name = next
	return nil
}

func goodName(name string) bool {
	bad := func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && r != '-' && r != '_'
	}
	return name != "" && len(name) <= 32 && !strings.ContainsFunc(name, bad)
}

// seek goes to a step of a branch. The trace tells the past of that step anew.
func (e *Engine) seek(b *branch, step int) {
	e.leave()
	e.trace.Forget()
	e.trace.Record(netsim.TraceEvent{At: e.world.now, Kind: netsim.TimeRewound, From: "time", Why: fmt.Sprintf("to step %d of %s", step, b.name)})
	p := b.before(max(step-traceSteps, 0))
	e.branch = b
	e.place(p)
	for e.step < step {
		e.advance(never)
	}
	e.fresh = nil
	e.recorder, e.told, e.calls = new(history.Recorder), 0, map[Node]int{}
	e.recall(b.history[:b.historyUntil(step)])
	v, _ := e.world.views.core.Current()
	e.viewnum = v.Viewnum
	e.pause()
	e.poke()
}

// recall gives the clients the last results of a past.
func (e *Engine) recall(past []occasion) {
	missing := len(e.seats)
	for _, s := range e.seats {
		s.last = nil
	}
	for i := len(past) - 1; i >= 0 && missing > 0; i-- {
		s := e.seats[past[i].client.place()]
		if past[i].done == nil || len(s.last) == keptResults {
			continue
		}
		if s.last = append(s.last, past[i].done); len(s.last) == keptResults {
			missing--
		}
	}
}

// leave pauses the world where it is, and ends what somebody waits for.
func (e *Engine) leave() {
	if e.step == e.branch.length {
		e.branch.last = e.world.Clone()
	}
	for _, s := range e.seats {
		s.giveUp(e.world, ErrRewound)
	}
	for _, w := range e.waits {
		w.err = ErrRewound
		close(w.done)
	}
	e.waits = nil
}

// place makes the world that of a point of the present branch.
func (e *Engine) place(p point) {
	e.world = p.world.Clone()
	e.world.SetObserver(&e.witness)
	e.step, e.stepped, e.next = p.step, p.world.now, e.branch.commandsUntil(p.step)
}

// end is the world at the end of a branch.
func (e *Engine) end(b *branch) *World {
	if b == e.branch && e.step == b.length {
		return e.world
	}
	return b.last
}

// Hash tells the world right after the present step from all that could ever behave differently.
func (e *Engine) Hash() uint64 {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.world.hashAt(e.stepped)
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
	lines := differing(nil, "view", a, b, x.viewText(), y.viewText())
	for i := range max(len(x.servers), len(y.servers)) {
		n := Server(i + 1)
		lines = differing(lines, n.String(), a, b, x.serverText(n), y.serverText(n))
		lines = append(lines, mapsDiffer(n, a, b, x, y)...)
	}
	lines = differing(lines, "verdict", a, b, first.verdict(), second.verdict())
	if len(lines) == 0 {
		lines = []string{fmt.Sprintf("%s and %s end alike: view %s, %s", a, b, x.viewText(), first.verdict())}
	}
	return lines, nil
}

func differing(lines []string, what, a, b, x, y string) []string {
	if x == y {
		return lines
	}
	return append(lines, fmt.Sprintf("%s: %s has %s, %s has %s", what, a, x, b, y))
}

func (w *World) viewText() string {
	v, acked := w.views.core.Current()
	switch {
	case w.views.state == netsim.Crashed:
		return "no viewservice"
	case acked || v == viewservice.View{}:
		return v.String()
	}
	return v.String() + ", not acknowledged"
}

func (w *World) serverText(n Node) string {
	if !w.has(n) {
		return "no such server"
	}
	s := w.servers[n.place()]
	if s.core == nil {
		return "crashed"
	}
	status := s.core.Status()
	return fmt.Sprintf("%v in view %d, keys: %d", status.Role, status.View.Viewnum, status.Keys)
}

// mostDifferent bounds the keys that are named of one server.
const mostDifferent = 8

func mapsDiffer(n Node, a, b string, x, y *World) (lines []string) {
	left, right := x.data(n), y.data(n)
	var keys []string
	for key := range left {
		keys = append(keys, key)
	}
	for key := range right {
		if _, both := left[key]; !both {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	hidden := 0
	for _, key := range keys {
		v, ok := left[key]
		u, other := right[key]
		switch {
		case ok == other && v == u:
		case len(lines) == mostDifferent:
			hidden++
		default:
			lines = differing(lines, fmt.Sprintf("%s %q", n, key), a, b, shortValue(v, ok), shortValue(u, other))
		}
	}
	if hidden > 0 {
		lines = append(lines, fmt.Sprintf("%s: %d more keys differ", n, hidden))
	}
	return lines
}

func (w *World) data(n Node) map[string]string {
	all := map[string]string{}
	if w.has(n) && w.servers[n.place()].core != nil {
		w.servers[n.place()].core.Data().Scan(func(key, value string) bool {
			all[key] = value
			return true
		})
	}
	return all
}

func shortValue(v string, ok bool) string {
	const most = 32
	switch {
	case !ok:
		return "nothing"
	case len(v) > most:
		return fmt.Sprintf("%q… (%d bytes)", v[:most], len(v))
	}
	return fmt.Sprintf("%q", v)
}

// verdict judges what the clients of a branch saw.
func (b *branch) verdict() string {
	var ops []history.Operation
	open := map[Node]int{}
	for i := range b.history {
		o := &b.history[i]
		if o.op != nil {
			open[o.client] = len(ops)
			ops = append(ops, history.Operation{
				Client: o.client.String(), Kind: o.op.Kind, Key: o.op.Key, Value: o.op.Value, Call: o.at,
			})
			continue
		}
		op := &ops[open[o.client]]
		op.Return, op.Outcome = o.at, o.outcome()
	}
	slices.SortStableFunc(ops, func(a, b history.Operation) int { return cmp.Compare(a.Call, b.Call) })
	return history.Check(ops, judging).String()
}
