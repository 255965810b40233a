package sim

import (
	"fmt"
	"slices"
	"sort"
	"time"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/history"
	"cluster/splitbrain/netsim/world"
	"cluster/splitbrain/pbservice"
)

// branch is one future, told from the beginning of the world: branches that have a past in common share it. Nothing
// in it is ever changed, only added.
type branch struct {
	name, parent string
	from, length int           // steps
	end          time.Duration // the time at its end
	commands     []Entry
	history      []opRecord
	marks        []engine.Mark
	points       []point      // by their steps; the first is at step 0
	spacing      int          // steps between points
	last         *world.World // at its end, once that was left
}

// Entry is a step that did not happen by itself.
type Entry struct {
	Step   int // that it makes
	At     time.Duration
	Action world.Action
}

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
	step  int
	world *world.World
}

const (
	firstSpacing = 1024 // steps
	mostPoints   = 256
	mostMarks    = 256
)

func newBranch(name string, w *world.World) *branch {
	return &branch{name: name, points: []point{{0, w.Clone()}}, spacing: firstSpacing, end: w.Now()}
}

// fork returns a branch that begins at a step of b.
func (b *branch) fork(name string, step int, at time.Duration) *branch {
	n := &branch{name: name, parent: b.name, from: step, length: step, end: at, spacing: b.spacing}
	n.commands = upTo(b.commands, b.commandsUntil(step))
	n.history = upTo(b.history, b.historyUntil(step))
	n.marks = upTo(b.marks, sort.Search(len(b.marks), func(i int) bool { return b.marks[i].Step > step }))
	n.points = upTo(b.points, sort.Search(len(b.points), func(i int) bool { return b.points[i].step > step }))
	return n
}

// upTo returns the first n of all. What is appended to them does not touch the others.
func upTo[T any](all []T, n int) []T { return all[:n:n] }

func (b *branch) commandsUntil(step int) int {
	return sort.Search(len(b.commands), func(i int) bool { return b.commands[i].Step > step })
}

func (b *branch) historyUntil(step int) int {
	return sort.Search(len(b.history), func(i int) bool { return b.history[i].step > step })
}

// before is the last point that is not after step.
func (b *branch) before(step int) point {
	i := sort.Search(len(b.points), func(i int) bool { return b.points[i].step > step })
	return b.points[i-1]
}

// keep remembers the world at the end of the branch, now and then.
func (b *branch) keep(w *world.World) {
	if b.length%b.spacing != 0 {
		return
	}
	b.points = append(b.points, point{b.length, w.Clone()})
	if len(b.points) > mostPoints {
		b.spacing *= 2
		b.points = slices.DeleteFunc(slices.Clone(b.points), func(p point) bool { return p.step%b.spacing != 0 })
	}
}

// markCommand names the last step after what was done. Operations are named as long as there are few marks.
func (b *branch) markCommand(e world.Action) {
	isOp := e.Kind == world.Invoke || e.Kind == world.Cancel
	if !isOp || len(b.marks) < mostMarks/2 {
		b.mark(engine.Mark{Text: e.String()})
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
