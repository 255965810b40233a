package pane

import (
	"cmp"
	"slices"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/env"
	"cluster/splitbrain/tui/canvas"
)

// What matters of a link, in this order.
const (
	weighsPing = 1 << iota // a ping is under way
	weighsPast             // a message has just arrived
	weighsFault
	weighsView // a fault between two of those that make a view
	weighsLoss // a message has just been lost
	weighsHeld // messages wait for a person
	weighsTalk // a message is under way
	weighsMark // a lesson points at it
)

// wiresOf are the links where something happens or is broken, but for the cuts of a partition that swallow nothing.
func wiresOf(now *Index, flights []*flight) []*wire {
	b := wiring{now: now, at: map[string]int{}, byEnds: map[engine.Link]*wire{}}
	for i, n := range now.Nodes {
		b.at[n] = i
	}
	b.addFaults()
	b.addPointed()
	if !now.Covers("messages") {
		b.addFlights(flights)
	}
	slices.SortStableFunc(b.all, func(x, y *wire) int { return cmp.Compare(y.weight, x.weight) })
	return b.all
}

// wiring collects wires.
type wiring struct {
	now    *Index
	at     map[string]int // the places of nodes in their order
	byEnds map[engine.Link]*wire
	all    []*wire
}

// between is the wire between two nodes.
func (b *wiring) between(from, to string) *wire {
	if b.at[from] > b.at[to] {
		from, to = to, from
	}
	w := b.byEnds[engine.Link{From: from, To: to}]
	if w == nil {
		w = &wire{a: from, b: to}
		b.byEnds[engine.Link{From: from, To: to}] = w
		b.all = append(b.all, w)
	}
	return w
}

func (b *wiring) addFaults() {
	for _, f := range b.now.Faults {
		if f.To == "" || f.Kind == netsim.FaultCut && b.now.cuts.Parts(f) {
			continue
		}
		w := b.between(f.From, f.To)
		w.faults = append(w.faults, f)
		w.weight |= weighsFault
		if b.now.Client(f.From) == nil && b.now.Client(f.To) == nil {
			w.weight |= weighsView
		}
	}
}

// addPointed adds the links that a lesson points at, whatever happens there.
func (b *wiring) addPointed() {
	for _, l := range b.now.Look.Links {
		_, knowsFrom := b.at[l.From]
		_, knowsTo := b.at[l.To]
		if !knowsFrom || !knowsTo {
			continue
		}
		w := b.between(l.From, l.To)
		w.pointed = append(w.pointed, l)
		w.weight |= weighsMark
	}
}

func (b *wiring) addFlights(flights []*flight) {
	for _, f := range flights {
		weight := f.weighs()
		_, knowsFrom := b.at[f.from]
		_, knowsTo := b.at[f.to]
		if !knowsFrom || !knowsTo || weight == 0 {
			continue
		}
		w := b.between(f.from, f.to)
		w.flights = append(w.flights, f)
		w.weight |= weight
	}
}

// weighs is how much a flight matters; 0 for a ping that has arrived.
func (f *flight) weighs() int {
	switch {
	case f.course == held:
		return weighsHeld
	case f.course == lost && f.ping:
		return weighsPast
	case f.course == lost:
		return weighsLoss
	case f.ping && f.course == arrived:
		return 0
	case f.ping:
		return weighsPing
	case f.course == arrived:
		return weighsPast
	}
	return weighsTalk
}

// cutWays reports which directions of a wire are cut, from a to b and back.
func (w *wire) cutWays() (there, back bool) {
	for _, f := range w.faults {
		if f.Kind == netsim.FaultCut {
			there, back = there || f.From == w.a, back || f.From == w.b
		}
	}
	return there, back
}

// sign is the mark of what is done to a wire, and what it is in words; "" where nothing is.
func (w *wire) sign() (mark, words string) {
	there, back := w.cutWays()
	switch {
	case there && back:
		return "⊘", "cut"
	case there:
		return "⊘", "cut " + w.a + " > " + w.b
	case back:
		return "⊘", "cut " + w.b + " > " + w.a
	case len(w.faults) == 0:
		return "", ""
	}
	f := w.faults[0]
	for _, other := range w.faults { // a hold says more than a delay
		if other.Kind == netsim.FaultHold {
			f = other
		}
	}
	return f.Kind.Row().Mark, f.String()
}

// says is what is told of a wire in words: of the messages under way the newest, else of those that wait the oldest, else
// what was lost, what is broken, or what has just arrived.
func (w *wire) says() (words string, look canvas.Style, about *flight) {
	var waiting, past *flight
	n := 0
	for _, f := range w.flights {
		switch weight := f.weighs(); {
		case weight == weighsTalk:
			about = f
		case weight == weighsHeld:
			n++
			if waiting == nil {
				waiting = f
			}
		case past == nil || weight >= weighsPast && f.ended >= past.ended:
			past = f
		}
	}
	_, broken := w.sign()
	switch {
	case about != nil:
		return about.words, canvas.Strong, about
	case n > 1:
		return engine.Count(n) + " held: " + waiting.words, canvas.Broken, waiting
	case waiting != nil:
		return "held: " + waiting.words, canvas.Broken, waiting
	case past != nil && past.course == lost:
		return past.words + " lost", canvas.Dead, past
	case broken != "":
		return broken, canvas.Broken, nil
	case past != nil && past.course == arrived:
		return w.toldOf(past), canvas.Muted, past
	case past != nil:
		return past.words, canvas.Muted, past
	}
	if len(w.pointed) == 1 {
		return w.pointed[0].From + " > " + w.pointed[0].To, canvas.Selected, nil
	}
	return "", canvas.Plain, nil
}

// toldOf is a message that has arrived: of a reply what it answers, too.
func (w *wire) toldOf(f *flight) string {
	i := slices.IndexFunc(w.flights, func(asked *flight) bool { return asked.id == f.answers })
	switch {
	case i < 0, w.flights[i].asksView:
		return f.words
	case f.answer == env.Done:
		return w.flights[i].words + " ✓"
	case f.answer == env.Found:
		return w.flights[i].words + " " + f.words
	}
	return w.flights[i].words + ": " + f.words
}
