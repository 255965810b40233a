package tui

import (
	"slices"
	"strings"

	"cluster/splitbrain/netsim"
)

// messages lists what crosses the network: above, what is held; below, everything else, the newest last. One line is
// chosen. Unless somebody chose it, it is the first that is held, else the newest.
type messages struct {
	traffic
	filter  string
	unfold  bool // pings are shown one by one
	reading bool // the chosen one is shown in full
	stop    func()

	w, h  int
	held  []*message
	lines []line
	view  list // over lines

	chosen  uint64 // a message, while following is false
	follows bool
	resumes bool // follow again when the message that is read is closed
	pings   int  // folded or hidden
}

// line is one message, or pings that share a line.
type line struct {
	*message
	folded      bool
	pings, lost int
}

func newMessages() *messages { return &messages{traffic: newTraffic(), follows: true} }

func (p *messages) name() string { return "messages" }

// attend makes the trace record messages while the pane is seen.
func (p *messages) attend(trace *netsim.Trace, seen bool, now *scene) {
	switch {
	case seen && p.stop == nil && trace != nil:
		if len(p.all) > 0 {
			p.remark(now.At, "what happened until here was not watched")
		}
		p.stop = trace.Watch()
	case !seen && p.stop != nil:
		p.stop()
		p.stop = nil
	}
}

func (p *messages) observe(o observed, now *scene) {
	if o.missed > 0 && p.stop != nil {
		p.remark(now.At, count(int(o.missed))+" events were not seen: too many at once")
	}
	for _, e := range o.events {
		p.note(e)
	}
	_, wasHeld := p.place()
	p.held = p.held[:0]
	for _, h := range now.Held {
		p.held = append(p.held, p.hold(h))
	}
	p.trim()
	if _, isHeld := p.place(); wasHeld && !isHeld && !p.reading { // the next one takes its place
		p.follows = true
	}
	p.arrange(now.nodes)
}

// arrange makes the lines anew and keeps the chosen one where it was on the screen.
func (p *messages) arrange(nodes []string) {
	at, _ := p.place()
	from, _ := p.view.window()
	waiting := make(map[*message]bool, len(p.held))
	for _, m := range p.held {
		waiting[m] = true
	}
	words := strings.Fields(strings.ToLower(p.filter))
	fold := !p.unfold && !strings.Contains(strings.ToLower(p.filter), "ping")
	p.lines, p.pings = p.lines[:0], 0
	for _, m := range p.all {
		switch {
		case waiting[m]:
		case m.id == 0 && len(words) == 0:
			p.lines = append(p.lines, line{message: m})
		case m.id == 0 || !m.matches(words, nodes):
		case fold && m.isPing():
			p.foldPing(m, len(words) > 0)
		default:
			p.lines = append(p.lines, line{message: m})
		}
	}
	p.view.n = len(p.lines)
	p.settle(at - from)
}

// foldPing counts a ping in the line of the pings before it. Of their two messages the request counts.
func (p *messages) foldPing(m *message, hide bool) {
	if m.role == netsim.Request {
		p.pings++
	}
	if hide {
		return
	}
	if n := len(p.lines); n == 0 || !p.lines[n-1].folded {
		p.lines = append(p.lines, line{message: m, folded: true})
	}
	l := &p.lines[len(p.lines)-1]
	if m.role == netsim.Request {
		l.pings++
	}
	if m.lost() {
		l.lost++
	}
}

// settle scrolls to the chosen line, offset rows below the top.
func (p *messages) settle(offset int) {
	p.resize(p.w, p.h)
	switch at, inHeld := p.place(); {
	case p.follows:
		p.view.above = 0
	case !inHeld:
		p.view.above = p.view.n - (at - offset) - p.view.h
		p.view.clamp()
		p.reveal(at)
	}
}

func (p *messages) resize(w, h int) {
	p.w, p.h = w, h
	p.view.resize(w, max(h-p.heldRows()-p.readRows(), 0))
}

// heldRows are those above, which leave room for the others.
func (p *messages) heldRows() int {
	if len(p.held) == 0 {
		return 0
	}
	return min(len(p.held), max(p.listRows()/2, 1))
}

// readRows are those of the message that is read: all, where there is no room for the list beside.
func (p *messages) readRows() int {
	const least, list = 9, 5
	switch {
	case !p.reading:
		return 0
	case p.h >= least+list:
		return max(least, p.h/3)
	}
	return p.h
}

func (p *messages) listRows() int { return max(p.h-p.readRows(), 0) }

// place is where the chosen line is: among those that are held, or among the others; -1 if there is none.
func (p *messages) place() (at int, inHeld bool) {
	if p.follows {
		if len(p.held) > 0 {
			return 0, true
		}
		return len(p.lines) - 1, false
	}
	if i := slices.IndexFunc(p.held, func(m *message) bool { return m.id == p.chosen }); i >= 0 {
		return i, true
	}
	return p.lineOf(p.chosen), false
}

// lineOf is the line of a message, or one near where it was.
func (p *messages) lineOf(id uint64) int {
	if i := slices.IndexFunc(p.lines, func(l line) bool { return l.id == id }); i >= 0 {
		return i
	}
	if i := slices.IndexFunc(p.lines, func(l line) bool { return l.id > id }); i >= 0 {
		return i
	}
	return len(p.lines) - 1
}

// current is the chosen line's message; nil if there is none.
func (p *messages) current() *message {
	at, inHeld := p.place()
	switch {
	case inHeld:
		return p.held[at]
	case at >= 0 && at < len(p.lines) && p.lines[at].id != 0:
		return p.lines[at].message
	}
	return nil
}

// currentHeld is the chosen message if it is held.
func (p *messages) currentHeld() *message {
	if at, inHeld := p.place(); inHeld {
		return p.held[at]
	}
	return nil
}

func (p *messages) scroll(by motion) {
	switch {
	case by.to == end:
		p.follows, p.view.above = true, 0
	case by.to == start && len(p.held) > 0:
		p.choose(0, true)
	case by.to == start:
		p.choose(0, false)
	case by.pages != 0:
		p.turn(by.pages * max(1, p.view.h-1))
	default:
		p.move(by.rows)
	}
}

// turn goes through what is not held.
func (p *messages) turn(rows int) {
	at, inHeld := p.place()
	if inHeld {
		_, to := p.view.window()
		at = to - 1
	}
	p.choose(at+rows, false)
}

// move goes through what is held, and from there into the part of the others that is seen.
func (p *messages) move(rows int) {
	at, inHeld := p.place()
	at += rows
	from, _ := p.view.window()
	switch {
	case inHeld && at >= len(p.held) && len(p.lines) > 0:
		p.choose(from, false)
	case inHeld:
		p.choose(at, true)
	case at < 0 && len(p.held) > 0:
		p.choose(len(p.held)-1, true)
	default:
		p.choose(at, false)
	}
}

// choose picks a line. The last one of all is followed.
func (p *messages) choose(at int, inHeld bool) {
	p.resumes = false
	if inHeld {
		p.follows, p.chosen = false, p.held[min(max(at, 0), len(p.held)-1)].id
		return
	}
	if len(p.lines) == 0 {
		return
	}
	at = min(max(at, 0), len(p.lines)-1)
	if at == len(p.lines)-1 && len(p.held) == 0 {
		p.follows, p.view.above = true, 0
		return
	}
	for at > 0 && p.lines[at].id == 0 {
		at--
	}
	p.follows, p.chosen = false, p.lines[at].id
	p.reveal(at)
}

// open shows the chosen message in full, whatever comes, or closes it.
func (p *messages) open() {
	p.reading = !p.reading
	m := p.current()
	switch {
	case !p.reading && p.resumes:
		p.follows, p.view.above = true, 0
	case p.reading && m != nil:
		p.resumes = p.follows
		p.follows, p.chosen = false, m.id
	}
}

// reveal scrolls as little as shows the line.
func (p *messages) reveal(at int) {
	from, to := p.view.window()
	switch {
	case at < from:
		p.view.above = p.view.n - at - p.view.h
	case at >= to:
		p.view.above = p.view.n - at - 1
	}
	p.view.clamp()
}

func (p *messages) filterText() string { return p.filter }

func (p *messages) setFilter(text string) { p.filter = text }

func (p *messages) status() string {
	var parts []string
	if n := len(p.held); n > 0 {
		text := "‖ " + count(n) + " held"
		if seen := p.heldRows(); seen < n {
			text = "‖ " + count(seen) + " of " + count(n) + " held"
		}
		parts = append(parts, text)
	}
	if p.filter != "" {
		parts = append(parts, "/"+p.filter)
	}
	if p.pings > 0 && p.filter != "" {
		parts = append(parts, plural(p.pings, "ping")+" hidden")
	}
	if text := p.view.status(); text != "" && p.view.h > 0 {
		parts = append(parts, text)
	}
	if p.view.above > 0 {
		parts = append(parts, "End follows")
	}
	return strings.Join(parts, "  ")
}
