package pane

import "slices"

// place is where the chosen line is: among those that are held, or among the others; -1 if there is none.
func (p *Messages) place() (at int, inHeld bool) {
	if p.follows {
		if len(p.held) > 0 {
			return 0, true
		}
		return len(p.lines) - 1, false
	}
	if p.inHeld {
		if i := slices.IndexFunc(p.held, func(m *message) bool { return m.no == p.chosen }); i >= 0 {
			return i, true
		}
	}
	return p.lineOf(p.chosen), false
}

// lineOf is the line of a happening, or one near where it was.
func (p *Messages) lineOf(no uint64) int {
	i, _ := slices.BinarySearchFunc(p.lines, no, func(l line, no uint64) int { return int(l.no) - int(no) })
	if i < len(p.lines) && p.lines[i].no != no && i > 0 && (p.lines[i-1].folded || p.lines[i-1].joined || p.lines[i-1].more > 0) {
		return i - 1 // it stands in that line now
	}
	return min(i, len(p.lines)-1)
}

// current is the chosen line's message; nil if there is none.
func (p *Messages) current() *message {
	at, inHeld := p.place()
	switch {
	case inHeld:
		return p.held[at]
	case at >= 0:
		return p.lines[at].message
	}
	return nil
}

// currentMark is the chosen line's mark; nil if it is a message's.
func (p *Messages) currentMark() *mark {
	if at, inHeld := p.place(); !inHeld && at >= 0 {
		return p.lines[at].mark
	}
	return nil
}

// onFold reports whether pings that share a line are chosen.
func (p *Messages) onFold() bool {
	at, inHeld := p.place()
	return !inHeld && at >= 0 && p.lines[at].folded
}

// currentHeld is the chosen message if it is held.
func (p *Messages) currentHeld() *message {
	if m := p.current(); m != nil && slices.Contains(p.held, m) {
		return m
	}
	return nil
}

func (p *Messages) Scroll(by Motion) {
	p.begins.done = true
	switch {
	case by.To == ToEnd:
		p.follow()
	case by.To == ToStart && len(p.held) > 0:
		p.choose(0, true)
	case by.To == ToStart:
		p.choose(0, false)
	case by.Pages != 0:
		p.turn(by.Pages * max(1, p.view.h-1))
	default:
		p.move(by.Rows)
	}
}

func (p *Messages) follow() { p.follows, p.inHeld, p.view.above = true, false, 0 }

// turn goes through what is not held.
func (p *Messages) turn(rows int) {
	at, inHeld := p.place()
	if inHeld {
		_, to := p.view.window()
		at = to - 1
	}
	p.choose(at+rows, false)
}

// move goes through what is held, and from there into the part of the others that is seen.
func (p *Messages) move(rows int) {
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
func (p *Messages) choose(at int, inHeld bool) {
	p.resumes, p.trail = false, nil
	if inHeld {
		p.follows, p.inHeld, p.chosen = false, true, p.held[min(max(at, 0), len(p.held)-1)].no
		return
	}
	if len(p.lines) == 0 {
		return
	}
	at = min(max(at, 0), len(p.lines)-1)
	if at == len(p.lines)-1 && len(p.held) == 0 && !p.reading {
		p.follow()
		return
	}
	p.pick(p.lines[at].no)
}

func (p *Messages) pick(no uint64) {
	p.follows, p.inHeld, p.chosen = false, false, no
	p.view.show(p.lineOf(no))
}

// Open shows the chosen line in full, whatever comes, or closes it. Pings that share a line it shows one by one.
func (p *Messages) Open() {
	if !p.reading && p.onFold() {
		p.foldPings()
		return
	}
	p.reading = !p.reading
	at, inHeld := p.place()
	switch {
	case !p.reading && p.resumes:
		p.follow()
	case p.reading && inHeld:
		p.resumes = p.follows
		p.follows, p.inHeld, p.chosen = false, true, p.held[at].no
	case p.reading && at >= 0:
		p.resumes = p.follows
		p.follows, p.chosen = false, p.lines[at].no
	}
	p.Resize(p.w, p.h)
	if at, inHeld := p.place(); !inHeld {
		p.view.show(at)
	}
}

// toCause chooses what caused the chosen message, which must be known.
func (p *Messages) toCause() {
	m := p.current()
	trail := append(slices.Clone(p.trail), m.no)
	p.goTo(p.causeOf(m).no)
	p.trail = trail
}

// back chooses the message from which its cause was followed last.
func (p *Messages) back() {
	last := len(p.trail) - 1
	trail := p.trail[:last]
	p.goTo(p.trail[last])
	p.trail = trail
}

// goTo chooses a message even if the filter hides it, or pings are folded.
func (p *Messages) goTo(no uint64) {
	if i := slices.IndexFunc(p.held, func(m *message) bool { return m.no == no }); i >= 0 {
		p.choose(i, true)
		return
	}
	if at := p.lineOf(no); at < 0 || p.lines[at].no != no {
		p.filter, p.unfold = "", p.unfold || p.hides(no)
		p.arrange(p.nodes)
	}
	p.resumes = false
	p.pick(no)
}

// hides reports whether a message is a ping.
func (p *Messages) hides(no uint64) bool {
	i := p.before(no + 1)
	return i >= 0 && p.all[i].message != nil && p.all[i].isPing()
}
