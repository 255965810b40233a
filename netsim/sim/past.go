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
// at least. When there is more, the older half is forgotten, once the world goes on: what was opened is whole until then.
// What was forgotten can't be returned to or saved, and a history without its beginning is not judged; the verdict on what
// happens at the end of a branch that is never left stays whole.
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

// weigh counts what b holds from its own beginning on: what was before is its parent's, which holds as much of it or more.
func (b *branch) weigh() {
	b.weight = 0
	for c := range b.commands.from(b.commandsUntil(b.from)) {
		b.weight += c.weight()
	}
	for o := range b.history.from(b.historyUntil(b.from)) {
		b.weight += o.weight()
	}
	for _, p := range b.points {
		if p.step > b.from {
			b.weight += p.weight
		}
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

// forgetOld forgets older halves of the past, if it weighs too much, until it weighs a quarter less. The world must be at the
// end of its branch.
func (e *Engine) forgetOld() {
	if e.reading || e.weight() <= e.keepPast {
		return
	}
	e.tellRecorder()
	for e.weight() > e.keepPast/4*3 {
		heaviest := slices.MaxFunc(e.branches, func(a, b *branch) int { return a.weight - b.weight })
		first := heaviest.first()
		if e.forget(heaviest.middle()); heaviest.first() == first {
			panic(fmt.Sprintf("%s weighs %d bytes of %d from %d to %d, and forgets nothing", heaviest.name, heaviest.weight, e.weight(), first, heaviest.length))
		}
	}
}

// weight is what all branches weigh.
func (e *Engine) weight() (total int) {
	for _, b := range e.branches {
		total += b.weight
	}
	return total
}

// forget forgets what all branches hold from before a time. A branch that has ended by then keeps its end.
func (e *Engine) forget(until time.Duration) {
	kept := e.branch.history.len()
	for _, b := range e.branches { // parents first
		b.forgetBefore(b.cut(until, e.find(b.parent)))
	}
	e.told -= kept - e.branch.history.len()
	e.next = e.branch.commands.len()
}

// middle is when about half of what b has of its own was done.
func (b *branch) middle() time.Duration {
	own := b.commandsUntil(b.from)
	if n := b.commands.len() - own; n > 0 {
		return b.commands.at(own + n/2).At
	}
	return b.end
}

// cut is the point from which on b is kept if what happened before a time is forgotten: the last one that is not later, of
// those that b has, or its parent's first one where that is b's past too. If that leaves all that b holds, or of its past what
// its parent has forgotten, it is a new point.
func (b *branch) cut(until time.Duration, parent *branch) point {
	i := sort.Search(len(b.points), func(i int) bool { return b.points[i].world.Now() > until }) - 1
	if i < 0 {
		return b.points[0]
	}
	p, shares := b.points[i], parent != nil && parent.first() <= b.from
	switch {
	case shares && parent.first() > p.step:
		return parent.points[0]
	case i > 0 && (shares || p.step >= b.from):
		return p
	}
	return b.pointAt(until, p)
}

// pointAt is the world after the last step of b that is not later than a time, which is made from an earlier point.
func (b *branch) pointAt(at time.Duration, p point) point {
	c := b.cursorAt(p)
	c.until(b.length, at)
	return point{step: c.step, world: c.world}
}

// forgetBefore forgets what b holds from before a point of it.
func (b *branch) forgetBefore(p point) {
	if p.step == b.first() {
		return
	}
	b.commands.forget(b.commandsUntil(p.step))
	b.history.forget(b.historyUntil(p.step))
	b.marks = b.marks[sort.Search(len(b.marks), func(i int) bool { return b.marks[i].Step >= p.step }):]
	p.weight = 0 // what it shares with later ones is theirs
	later := sort.Search(len(b.points), func(i int) bool { return b.points[i].step > p.step })
	b.points = append([]point{p}, b.points[later:]...)
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
