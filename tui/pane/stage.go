package pane

import (
	"time"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/tui/canvas"
)

// Stage draws the system: the viewservice, servers and clients as boxes, messages on their way between them, links only
// where something happens or is broken, and a lamp that says how the whole fares.
type Stage struct {
	Selected  string // the node that keys act on
	Violation string // the promise that was found broken; "" while all hold
	NoLamp    bool   // the lamp is elsewhere on the screen
	Told      bool   // the violation is told elsewhere

	w, h    int
	flights flightLog
	seenAt  time.Duration
	now     *Index // that was seen last; nil at first
}

// glow is how long a message is still seen that has arrived, of the viewer's time.
const glow = 1500 * time.Millisecond

// Name is on the tab.
func (p *Stage) Name() string { return "stage" }

// Status says how long messages take.
func (p *Stage) Status() string {
	if p.now == nil || p.now.Latency == 0 {
		return ""
	}
	return "latency " + p.now.Latency.String()
}

// Observe takes in the messages.
func (p *Stage) Observe(o Observation, now *Index) {
	events, rewound := o.Newest()
	if rewound || now.At < p.seenAt || o.Missed > 0 {
		p.flights = flightLog{}
	}
	p.flights.take(events, now.Latency)
	p.flights.forget(now.At - now.inTime(glow))
	p.seenAt, p.now = now.At, now
}

// Resize tells the size.
func (p *Stage) Resize(w, h int) { p.w, p.h = w, h }

// Scroll does nothing: all is seen.
func (p *Stage) Scroll(Motion) {}

// plan is what there is to see now, in its places.
func (p *Stage) plan(now *Index, w, h int) *plan {
	s := sceneOf(now, p.flights.all(), p.Selected, p.Violation)
	if p.Told && s.lamp.Word == Unsound {
		s.lamp.Text = "a promise was: told below"
	}
	return planFor(s, w, h, !p.NoLamp)
}

// Draw draws the stage.
func (p *Stage) Draw(b *canvas.Canvas, now *Index) {
	p.plan(now, b.W, b.H).draw(b.Styles, now.At).writeTo(b)
}

// Click selects a node, or asks what is to be done to a link.
func (p *Stage) Click(x, y int) Wish {
	if p.now == nil {
		return Wish{}
	}
	plan := p.plan(p.now, p.w, p.h)
	for i := range plan.boxes {
		if b := &plan.boxes[i]; b.has(x, y) {
			return Wish{Select: b.nodes[0]}
		}
	}
	for i := range plan.wires {
		if r := &plan.wires[i]; r.near(x, y) {
			return Wish{Link: engine.Link{From: r.a, To: r.b}}
		}
	}
	return Wish{}
}
