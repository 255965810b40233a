package sim

import (
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/engine/lex"
	"cluster/splitbrain/netsim/history"
	"cluster/splitbrain/netsim/world"
	"cluster/splitbrain/pbservice"
)

// branch is one future, told from the beginning of the world, or from its first point if what was before that is
// forgotten: branches that have a past in common share it. Nothing in it is ever changed, only added, or forgotten.
type branch struct {
	name, parent string
	from, length int           // steps
	end          time.Duration // the time at its end
	commands     sequence[Entry]
	history      sequence[opRecord]
	marks        []engine.Mark
	points       []point      // by their steps; the first is where all that is kept begins
	spacing      int          // steps between points
	last         *world.World // at its end, once that was left

	weight  int    // of what it holds from its own beginning on, in bytes, about
	written writes // in all its past
	unkept  writes // since its last point
}

// Entry is a step that did not happen by itself.
type Entry struct {
	Step   int // that it makes
	At     time.Duration
	Action world.Action
}

// Apart is how much later than the step before an Entry may come although something else is due: so the steps of a world
// that stands still have times of their own.
const Apart = time.Microsecond

// String is the entry's line in a saved world.
func (e Entry) String() string { return fmt.Sprintf("%d %d %s", e.Step, int64(e.At), e.Action) }

// opRecord is the beginning or the end of an operation.
type opRecord struct {
	step   int
	at     time.Duration
	client world.Node
	op     *pbservice.Op // that begins
	done   *engine.Done  // that has ended
}

func (o *opRecord) outcome() history.Outcome { return o.done.Outcome.Seen(o.done.Reply) }

// point is a world that can be gone back to.
type point struct {
	step   int
	world  *world.World
	weight int // beside the point before it, in bytes, about
}

const (
	firstSpacing = 1024 // steps
	mostPoints   = 256
	mostMarks    = 256
	mostMarked   = 1000 // bytes of what was done, whose text may be as long as a value
)

func newBranch(name string, w *world.World) *branch {
	return &branch{name: name, points: []point{{world: w.Clone()}}, spacing: firstSpacing, end: w.Now()}
}

// fork returns a branch that begins at a step of b.
func (b *branch) fork(name string, step int, at time.Duration) *branch {
	n := &branch{name: name, parent: b.name, from: step, length: step, end: at, spacing: b.spacing}
	n.commands = b.commands.upTo(b.commandsUntil(step))
	n.history = b.history.upTo(b.historyUntil(step))
	n.marks = upTo(b.marks, sort.Search(len(b.marks), func(i int) bool { return b.marks[i].Step > step }))
	n.points = upTo(b.points, sort.Search(len(b.points), func(i int) bool { return b.points[i].step > step }))
	n.written = b.written
	return n
}

// upTo returns the first n of all. What is appended to them does not touch the others.
func upTo[T any](all []T, n int) []T { return all[:n:n] }

func (b *branch) commandsUntil(step int) int {
	return sort.Search(b.commands.len(), func(i int) bool { return b.commands.at(i).Step > step })
}

func (b *branch) historyUntil(step int) int {
	return sort.Search(b.history.len(), func(i int) bool { return b.history.at(i).step > step })
}

// do adds what did not happen by itself.
func (b *branch) do(c Entry) {
	b.commands.add(c)
	b.weight += c.weight()
	if c.Action.Kind == world.Invoke {
		b.written.add(c.Action.Op)
		b.unkept.add(c.Action.Op)
	}
}

// see adds what a client saw.
func (b *branch) see(o opRecord) {
	b.history.add(o)
	b.weight += o.weight()
}

// before is the last point that is not after a step, which must not be forgotten.
func (b *branch) before(step int) point {
	i := sort.Search(len(b.points), func(i int) bool { return b.points[i].step > step }) - 1
	if i < 0 {
		panic(fmt.Sprintf("step %d of %s is asked for, which begins at %d", step, b.name, b.first()))
	}
	return b.points[i]
}

// lastUntil are the last results of each of some clients up to a step, the newest first.
func (b *branch) lastUntil(step, clients int) [][]*engine.Done {
	all, missing := make([][]*engine.Done, clients), clients
	for i := b.historyUntil(step) - 1; i >= 0 && missing > 0; i-- {
		o := b.history.at(i)
		last := &all[o.client.Index()]
		if o.done == nil || len(*last) == engine.KeptResults {
			continue
		}
		if *last = append(*last, o.done); len(*last) == engine.KeptResults {
			missing--
		}
	}
	return all
}

// cursor is a world at a step of a branch.
type cursor struct {
	*branch
	world *world.World
	step  int
	next  int // the first command of the branch that is not made yet
}

// cursorAt is a cursor at a point of b, with a world of its own.
func (b *branch) cursorAt(p point) cursor {
	return cursor{b, p.world.Clone(), p.step, b.commandsUntil(p.step)}
}

// coming is the next step, and when it is due: the command that is next, if that makes it, or else what happens by itself.
func (c cursor) coming() (ev world.Action, at time.Duration, ok bool) {
	if c.makes(c.next, c.step+1) {
		command := c.commands.at(c.next)
		return command.Action, command.At, true
	}
	return c.world.Next()
}

// forth makes the next step. It does nothing if there is none or it is due after limit.
func (c *cursor) forth(limit time.Duration) (ev world.Action, ok bool) {
	ev, at, ok := c.coming()
	if !ok || at > limit {
		return world.Action{}, false
	}
	c.world.AdvanceTo(at)
	c.world.MustApply(ev)
	if c.step++; c.makes(c.next, c.step) {
		c.next++
	}
	return ev, true
}

// until goes on to a step, or as far as what is not due after limit.
func (c *cursor) until(step int, limit time.Duration) {
	for c.step < step {
		if _, ok := c.forth(limit); !ok {
			return
		}
	}
}

// makes reports whether a command of b makes a step.
func (b *branch) makes(command, step int) bool {
	return command < b.commands.len() && b.commands.at(command).Step == step
}

// at is the last point that is not later than a time, or the first one.
func (b *branch) at(when time.Duration) point {
	i := sort.Search(len(b.points), func(i int) bool { return b.points[i].world.Now() > when })
	return b.points[max(i-1, 0)]
}

// keep remembers the world at the end of the branch, now and then.
func (b *branch) keep(w *world.World) {
	if b.length%b.spacing != 0 {
		return
	}
	p := point{b.length, w.Clone(), b.pointWeight(w)}
	b.points, b.unkept, b.weight = append(b.points, p), writes{}, b.weight+p.weight
	if len(b.points) > mostPoints {
		b.thinOut()
	}
}

// thinOut forgets every other point, but the first.
func (b *branch) thinOut() {
	b.spacing *= 2
	kept, beside := b.points[:1:1], 0
	for _, p := range b.points[1:] {
		if beside += p.weight; p.step%b.spacing == 0 {
			p.weight, beside = beside, 0
			kept = append(kept, p)
		}
	}
	b.points = kept
}

// markCommand names the last step after what was done. Operations are named as long as there are few marks.
func (b *branch) markCommand(e world.Action) {
	isOp := e.Kind == world.Invoke || e.Kind == world.Cancel
	if !isOp || len(b.marks) < mostMarks/2 {
		text, more := lex.Clip(e.String(), mostMarked)
		b.mark(engine.Mark{Text: strings.Clone(text) + more})
	}
}

// mark names the last step. When there are too many marks the oldest go.
func (b *branch) mark(m engine.Mark) {
	m.Step, m.At = b.length, b.end
	b.marks = append(b.marks, m)
	if len(b.marks) > mostMarks {
		b.marks = slices.Clone(b.marks[len(b.marks)-mostMarks/2:])
	}
}
