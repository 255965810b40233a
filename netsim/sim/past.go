package sim

import (
	"errors"
	"fmt"
	"slices"
	"sort"
	"time"
	"unsafe"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/world"
	"cluster/splitbrain/pbservice"
)

// How many bytes of its past a simulated cluster keeps: what was done, what clients saw, and worlds to go back from, on all
// branches together.
const (
	DefaultPast = 256 << 20
	LeastPast   = 1 << 20
)

// KeepPast bounds the bytes, about, that the engine keeps of its past: DefaultPast if this option is not given, LeastPast
// at least. When there is more, the oldest half is forgotten. What was forgotten can't be returned to or saved, and a
// history without its beginning is not judged; the verdict on what happens at the end of a branch that is never left stays whole.
func KeepPast(bytes int) Option { return func(e *Engine) { e.keepPast = max(bytes, LeastPast) } }

// errForgotten says what can't be done with a world whose beginning is gone.
var errForgotten = errors.New("the beginning of this world is forgotten: --past keeps more of it")

// What parts of the past weigh in memory, in bytes, besides keys and values.
const (
	entryWeight = int(unsafe.Sizeof(Entry{}) + unsafe.Sizeof(world.Details{}))
	beganWeight = int(unsafe.Sizeof(opRecord{}) + unsafe.Sizeof(pbservice.Op{}))
	endedWeight = int(unsafe.Sizeof(opRecord{}) + unsafe.Sizeof(engine.Done{}))
	nodeWeight  = 2 << 10 // a node of a map's tree, which a write copies
	pairWeight  = 64      // of a map
	copies      = 2       // of each map: the primary's and the backup's
)

func (c Entry) weight() int {
	if c.Action.Details == nil {
		return int(unsafe.Sizeof(c))
	}
	return entryWeight + len(c.Action.Op.Key) + len(c.Action.Op.Value)
}

func (o *opRecord) weight() int {
	if o.op != nil {
		return beganWeight // its texts are the command's
	}
	return endedWeight + len(o.done.Reply.Value)
}

// weigh counts what b holds.
func (b *branch) weigh() {
	b.weight = 0
	for _, c := range b.commands {
		b.weight += c.weight()
	}
	for i := range b.history {
		b.weight += b.history[i].weight()
	}
	for _, p := range b.points {
		b.weight += p.weight
	}
}

// pointWeight is what the world at the end of b weighs beside the point before it: the nodes of the maps that were
// written since, and not more than all maps.
func (b *branch) pointWeight(w *world.World) int {
	return min(copies*nodeWeight*b.unkept.n, w.Pairs()*(pairWeight+b.written.bytes/max(b.written.n, 1)))
}

// writes are puts and appends.
type writes struct{ n, bytes int }

func (w *writes) add(op pbservice.Op) {
	if op.Kind != pbservice.Get {
		w.n, w.bytes = w.n+1, w.bytes+len(op.Key)+len(op.Value)
	}
}

// first is the first step of b that is not forgotten.
func (b *branch) first() int { return b.points[0].step }

// forgetOld forgets the older half of the past if it weighs too much. The world must be at the end of its branch.
func (e *Engine) forgetOld() {
	total := 0
	for _, b := range e.branches {
		total += b.weight
	}
	if total <= e.keepPast {
		return
	}
	e.tellRecorder()
	heaviest := slices.MaxFunc(e.branches, func(a, b *branch) int { return a.weight - b.weight })
	until := heaviest.middle()
	for _, b := range e.branches {
		gone := len(b.history)
		b.forgetUntil(until, e.end(b))
		if b == e.branch {
			e.told -= gone - len(b.history)
		}
	}
	e.next = len(e.branch.commands)
}

// middle is the time before which about half of b lies.
func (b *branch) middle() time.Duration {
	if n := len(b.commands); n > 0 {
		return b.commands[n/2].At
	}
	return b.points[len(b.points)/2].world.Now()
}

// forgetUntil forgets what b holds from before the last point that is not later than a time, or from before its end, where
// the world is last, if no point after the first one is.
func (b *branch) forgetUntil(until time.Duration, last *world.World) {
	i := sort.Search(len(b.points), func(i int) bool { return b.points[i].world.Now() > until }) - 1
	if i > 0 {
		b.points = slices.Clone(b.points[i:])
	} else {
		b.points = []point{{step: b.length, world: last.Clone(), weight: b.points[0].weight}}
	}
	step := b.first()
	b.commands = slices.Clone(b.commands[b.commandsUntil(step):])
	b.history = slices.Clone(b.history[b.historyUntil(step):])
	b.marks = slices.DeleteFunc(slices.Clone(b.marks), func(m engine.Mark) bool { return m.Step < step })
	b.weigh()
}

// checkKept says why a step can't be gone to that is forgotten.
func (b *branch) checkKept(step int) error {
	if step >= b.first() {
		return nil
	}
	return fmt.Errorf("step %d is forgotten: %s goes back to %d (--past keeps more)", step, b.name, b.first())
}

// whole says that nothing of any branch is forgotten, or else errForgotten.
func (e *Engine) whole() error {
	for _, b := range e.branches {
		if b.first() > 0 {
			return errForgotten
		}
	}
	return nil
}
