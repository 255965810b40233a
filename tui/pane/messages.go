package pane

import (
	"slices"
	"strings"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/tui/transcript"
)

// Messages shows what crosses the network, as a space-time diagram or as a list: above, what is held; below,
// all else, the newest last. One line is chosen. Unless somebody chose it, it is the first that is held, else the
// newest.
type Messages struct {
	traffic
	filter  string
	only    string // the filter that a lesson wants
	unfold  bool   // pings are shown one by one
	asked   bool   // a lesson wants that
	listing bool   // a list, no diagram
	begins  beginning
	wanted  [][]string  // filters for the rows that a lesson points at
	pointed []happening // those rows
	reading bool        // the chosen one is shown in full
	views   transcript.ViewLog
	seenAt  time.Duration

	w, h  int
	held  []*message
	lines []line
	view  list // over lines
	nodes []string
	busy  map[string]bool // nodes that take part in what is shown

	chosen  uint64 // a happening, while following is false
	inHeld  bool   // it is chosen among what is held
	follows bool
	resumes bool     // follow again when what is read is closed
	trail   []uint64 // messages from which causes were followed
	pings   int      // folded or hidden
}

// beginning is from when on messages are shown first, because a lesson wants that, even when they don't all fit.
type beginning struct {
	at   time.Duration
	is   bool // there is one
	done bool // it was gone to, or somebody has chosen something else
}

// line is one happening, or pings that share a line.
type line struct {
	happening
	folded      bool
	pings, lost int
	more        int // further answers of the same words to other tries of the same operation, which have no row
}

// NewMessages makes the pane, empty.
func NewMessages() *Messages { return &Messages{traffic: newTraffic(), follows: true} }

func (p *Messages) Name() string { return "messages" }

func (p *Messages) Observe(o Observation, now *Index) {
	events, rewound := o.Newest()
	if rewound || now.At < p.seenAt {
		p.forget()
	}
	p.seenAt = now.At
	if o.Missed > 0 && len(p.all) > 0 && !rewound {
		p.addNote(now.At, engine.Count(int(o.Missed))+" events were not seen: too many at once")
	}
	p.see(events, p.views.Fresh(&now.Snapshot), now)
}

// see takes in what has happened, and the views formed meanwhile.
func (p *Messages) see(events []netsim.TraceEvent, formed []transcript.Formed, now *Index) {
	_, wasHeld := p.place()
	p.holdForgotten(now.Held, events)
	p.take(events, formed)
	p.held = p.held[:0]
	for _, h := range now.Held {
		p.held = append(p.held, p.hold(h))
	}
	p.trim(p.held)
	if _, isHeld := p.place(); wasHeld && !isHeld && !p.reading { // the next one takes its place
		p.follows, p.inHeld = true, false
	}
	p.wanted = now.filtersOf()
	p.arrange(now.Nodes)
}

// forget begins anew.
func (p *Messages) forget() {
	p.traffic, p.views, p.lines, p.held, p.trail = newTraffic(), transcript.ViewLog{}, nil, nil, nil
	p.reading, p.resumes = false, false
	p.follow()
}

// arrange makes the lines anew and keeps the chosen one where it was on the screen.
func (p *Messages) arrange(nodes []string) {
	at, _ := p.place()
	from, _ := p.view.window()
	waiting := make(map[*message]bool, len(p.held))
	for _, m := range p.held {
		waiting[m] = true
	}
	words := strings.Fields(strings.ToLower(p.filter))
	fold := !p.unfold && !strings.Contains(strings.ToLower(p.filter), "ping")
	p.lines, p.pings, p.nodes = p.lines[:0], 0, nodes
	for _, h := range p.all {
		p.leaveGap(h, fold, len(words) > 0)
		switch m := h.message; {
		case m == nil:
			if h.mark.matches(words) {
				p.lines = append(p.lines, line{happening: h})
			}
		case waiting[m], p.listing && h.arrival, !m.matches(words, nodes):
		case fold && m.isPing():
			p.foldPing(h, len(words) > 0)
		case h.arrival && p.joins(m):
			p.lines[len(p.lines)-1].joined = true
		case !p.unfold && p.repeats(h):
			p.lines[len(p.lines)-1].more++
		default:
			p.lines = append(p.lines, line{happening: h})
		}
	}
	p.view.n = len(p.lines)
	p.pointed = p.pointed[:0]
	for _, words := range p.wanted {
		p.find(words, fold)
	}
	p.takePart()
	p.settle(at - from)
}

// joins reports whether the newest line is that with which a message departed: its arrival needs no row of its own then, which
// would look like a second message.
func (p *Messages) joins(m *message) bool {
	n := len(p.lines)
	return n > 0 && p.lines[n-1].message == m && !p.lines[n-1].folded
}

// repeats reports whether a reply says once more, to another try of the same operation, what the newest line says: all tries that
// have waited are answered at once.
func (p *Messages) repeats(h happening) bool {
	n := len(p.lines)
	if n == 0 || h.role != netsim.Reply || h.way() != whole {
		return false
	}
	l := &p.lines[n-1]
	if l.message == nil || l.folded || l.role != netsim.Reply || l.way() != whole || l.from != h.from || l.to != h.to || l.words() != h.words() {
		return false
	}
	asked, before := p.byID[h.answers], p.byID[l.answers]
	return asked != nil && before != nil && asked != before && asked.fromClient() && asked.op == before.op
}

// find adds the newest row that has all words to those that a lesson points at.
func (p *Messages) find(words []string, fold bool) {
	for i := len(p.all) - 1; i >= 0; i-- {
		h := p.all[i]
		switch {
		case h.mark != nil && !h.mark.matches(words):
		case h.mark == nil && (fold && h.isPing() || !h.matches(words, p.nodes)):
		default:
			p.pointed = append(p.pointed, h)
			return
		}
	}
}

// points reports whether a lesson points at a row: of a message at that of its late arrival too.
func (p *Messages) points(h happening) bool {
	return slices.ContainsFunc(p.pointed, func(o happening) bool { return o.message == h.message && o.mark == h.mark })
}

// point scrolls as little as shows the rows that a lesson points at, unless somebody has chosen another or reads.
func (p *Messages) point() {
	if len(p.pointed) == 0 || p.reading {
		return
	}
	for i, l := range p.lines {
		if !l.folded && p.points(l.happening) && !slices.Contains(p.held, l.message) { // what is held is above
			p.view.show(i)
		}
	}
}

// foldPing counts a ping in the line of the pings before it. Of their two messages the request counts.
func (p *Messages) foldPing(h happening, hide bool) {
	request := h.role == netsim.Request && !h.arrival
	if request {
		p.pings++
	}
	if hide || h.arrival {
		return
	}
	if n := len(p.lines); n == 0 || !p.lines[n-1].folded {
		p.lines = append(p.lines, line{happening: h, folded: true})
	}
	l := &p.lines[len(p.lines)-1]
	if request {
		l.pings++
	}
	if h.lost() {
		l.lost++
	}
}

// leaveGap tells what was forgotten before h. Pings count as folded ones, where those are.
func (p *Messages) leaveGap(h happening, fold, filtered bool) {
	p.pings += h.before.pings
	n := len(p.lines)
	switch g := h.before; {
	case g == gap{} || filtered:
	case g.others == 0 && fold && n > 0 && p.lines[n-1].folded:
		p.lines[n-1].pings += g.pings
	case g.others == 0 && fold:
		l := g.row(h)
		l.folded, l.pings = true, g.pings
		p.lines = append(p.lines, l)
	default:
		p.lines = append(p.lines, g.row(h))
	}
}

// takePart notes which nodes send or receive what is shown, or have a mark.
func (p *Messages) takePart() {
	p.busy = map[string]bool{}
	for i := range p.lines {
		switch l := &p.lines[i]; {
		case l.folded:
		case l.mark != nil:
			p.busy[l.mark.node] = true
		default:
			p.busy[l.from], p.busy[l.to] = true, true
		}
	}
	for _, m := range p.held {
		p.busy[m.from], p.busy[m.to] = true, true
	}
}

// settle scrolls to the chosen line, offset rows below the top.
func (p *Messages) settle(offset int) {
	p.Resize(p.w, p.h)
	switch at, inHeld := p.place(); {
	case p.follows:
		p.view.above = 0
		p.begin()
		p.point()
	case !inHeld:
		p.view.above = p.view.n - (at - offset) - p.view.h
		p.view.clamp()
		p.view.show(at)
	}
}

func (p *Messages) Resize(w, h int) {
	p.w, p.h = w, h
	p.view.Resize(w, max(h-p.headRows()-p.heldRows()-p.readRows(), 0))
}

// headRows are those of the diagram's names.
func (p *Messages) headRows() int {
	if p.listing || p.listRows() < 3 {
		return 0
	}
	return 1
}

// heldRows are those above, which leave room for the others.
func (p *Messages) heldRows() int {
	if len(p.held) == 0 {
		return 0
	}
	return min(len(p.held), max(p.listRows()/2, 1))
}

func (p *Messages) readRows() int { return readRowsOf(p.reading, p.h) }

func (p *Messages) listRows() int { return max(p.h-p.readRows(), 0) }

func (p *Messages) FilterText() string { return p.filter }

func (p *Messages) SetFilter(text string) {
	p.filter = text
	p.arrange(p.nodes)
}

func (p *Messages) Status() string {
	var parts []string
	if n := len(p.held); n > 0 {
		text := "‖ " + engine.Count(n) + " held"
		if seen := p.heldRows(); seen < n {
			text = "‖ " + engine.Count(seen) + " of " + engine.Count(n) + " held"
		}
		parts = append(parts, text)
	}
	if p.filter != "" {
		parts = append(parts, "/"+p.filter)
	}
	if p.pings > 0 && p.filter != "" {
		parts = append(parts, engine.Plural(p.pings, "ping")+" hidden")
	}
	if text := p.view.Status(); text != "" && p.view.h > 0 {
		parts = append(parts, text)
	}
	if p.view.above > 0 {
		parts = append(parts, "End follows")
	}
	return strings.Join(parts, "  ")
}

func (p *Messages) Actions() []Action {
	return []Action{
		p.onHeld("d", engine.Deliver, "deliver", "deliver the chosen held message"),
		p.onHeld("D", engine.Drop, "drop", "drop it: it is lost"),
		p.onHeld("u", engine.Duplicate, "duplicate", "hold a copy of it too"),
		{
			Keys: []string{"R"}, Shown: "R", Name: "release", Help: "end all holds, let what is held go on",
			Works: func(at Place) (string, bool) {
				return "", at.Front == p.Name() && (len(at.Now.Held) > 0 || at.Now.anyHold())
			},
			Do: func(Place) Wish { return Apply(engine.Command{Kind: engine.ReleaseAll}) },
		}, {
			Keys: []string{"w"}, Shown: "w", Name: "cause", Help: "go to the message that caused the chosen one: of a reply the request, of a forward what the client asked",
			Works: func(at Place) (string, bool) { return "", at.Front == p.Name() && p.hasCause() },
			Do:    InPane(p.toCause), Looks: true,
		}, {
			Keys: []string{"W"}, Shown: "W", Name: "back", Help: "messages, after w: back to the one whose cause that is",
			Works: func(at Place) (string, bool) { return "", at.Front == p.Name() && len(p.trail) > 0 },
			Do:    InPane(p.back), Looks: true,
		}, {
			Keys: []string{"p"}, Shown: "p", Name: "pings", Help: "show pings one by one, or folded",
			Works: func(at Place) (string, bool) { return "", at.Front == p.Name() && (p.unfold || p.pings > 0) },
			Do:    InPane(p.foldPings), Looks: true,
		}, {
			Keys: []string{"v"}, Shown: "v", Help: "messages as a diagram, or as a list",
			Works: func(at Place) (string, bool) {
				if p.listing {
					return "diagram", at.Front == p.Name()
				}
				return "list", at.Front == p.Name()
			},
			Do: InPane(p.changeForm), Looks: true,
		},
	}
}

// onHeld runs a command on the chosen message while it is held.
func (p *Messages) onHeld(key string, kind engine.CommandKind, name, help string) Action {
	return Action{
		Keys: []string{key}, Shown: key, Name: name, Help: help,
		Works: func(at Place) (string, bool) { return "", at.Front == p.Name() && p.currentHeld() != nil },
		Do:    func(Place) Wish { return Apply(engine.Command{Kind: kind, Message: p.currentHeld().id}) },
	}
}

// ShowPings shows pings one by one while a lesson speaks of them, and folds them afterwards.
func (p *Messages) ShowPings(on bool) {
	if p.asked != on {
		p.asked, p.unfold = on, on
		p.arrange(p.nodes)
	}
}

// ShowOnly filters as a lesson wants it, and no more when it wants that no longer, unless somebody has chosen another filter.
func (p *Messages) ShowOnly(text string) {
	if p.only == text {
		return
	}
	was := p.only
	p.only = text
	if p.filter == was {
		p.SetFilter(text)
	}
}

// ShowFrom begins with what happened at a time or later, if it is to.
func (p *Messages) ShowFrom(at time.Duration, is bool) {
	if p.begins.is == is && (!is || p.begins.at == at) {
		return
	}
	p.begins = beginning{at: at, is: is}
	p.follow()
	p.begin()
}

// begin goes to the beginning once what came since does not fit any more. Until then the newest are followed.
func (p *Messages) begin() {
	if !p.begins.is || p.begins.done || p.reading || len(p.held) > 0 {
		return
	}
	first := slices.IndexFunc(p.lines, func(l line) bool { return l.at() >= p.begins.at })
	if first < 0 || len(p.lines)-first <= p.view.h {
		return
	}
	p.begins.done = true
	p.pick(p.lines[first].no)
	p.view.above = p.view.n - first - p.view.h
	p.view.clamp()
}

func (p *Messages) foldPings() {
	p.unfold = !p.unfold
	p.arrange(p.nodes)
}

func (p *Messages) changeForm() {
	p.listing = !p.listing
	p.arrange(p.nodes)
}

func (p *Messages) Readable() bool { return p.current() != nil || p.currentMark() != nil }

func (p *Messages) Reads() bool { return p.reading }

func (p *Messages) hasCause() bool {
	m := p.current()
	return m != nil && !p.onFold() && p.causeOf(m) != nil
}
