package tui

import (
	"cmp"
	"slices"
	"strings"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/tui/canvas"
	"cluster/splitbrain/tui/pane"
	"cluster/splitbrain/tui/script"

	"github.com/charmbracelet/x/ansi"
)

// paneSet are the panes, of which one is in front.
type paneSet struct {
	panes   []pane.Pane // in the order of their tabs
	aside   []pane.Pane // those that may stand beside the one in front, the first first
	active  int
	beforeH int // the pane to return to from help

	stage      *pane.Stage
	maps       *pane.Maps
	messages   *pane.Messages
	network    *pane.Network
	events     *pane.Events
	views      *pane.Views
	operations *pane.History
	charts     *pane.Charts
	help       *pane.Help
	timeline   *pane.Timeline
	notes      *pane.Notes
	search     *pane.Search
	chronicle  *pane.Chronicle // of what happened to each node; no pane shows all of it
}

// open makes all panes for a cluster, empty as at the beginning. Only the notes stay: a lesson goes on in the
// cluster that it asks for.
func (s *paneSet) open(eng engine.Engine, host *host, searcher pane.Searcher) {
	notes := s.notes
	if notes == nil {
		notes = pane.NewNotes()
	}
	*s = paneSet{
		stage: &pane.Stage{}, maps: pane.NewMaps(), messages: pane.NewMessages(), network: &pane.Network{}, events: &pane.Events{}, views: &pane.Views{},
		operations: &pane.History{}, charts: pane.NewCharts(), help: pane.NewHelp(script.CommandsFor(eng), script.CommandsElsewhere(eng)), timeline: &pane.Timeline{}, notes: notes, chronicle: &pane.Chronicle{},
	}
	world, replays := eng.(engine.Replayer)
	s.search = &pane.Search{Progress: host.search, Searcher: searcher, World: world, Plays: host.playFreely}
	s.panes = []pane.Pane{s.stage, s.maps, s.messages, s.network, s.events, s.views, s.operations, s.charts}
	if replays {
		s.panes = append(s.panes, s.timeline)
	}
	if replays && searcher != nil {
		s.panes = append(s.panes, s.search)
	}
	s.panes = append(s.panes, s.notes, s.help)
	s.aside = []pane.Pane{s.maps, s.events, s.messages, s.charts, s.network, s.operations, s.views, s.stage}
}

func (s *paneSet) front() pane.Pane { return s.panes[s.active] }

func (s *paneSet) inFront(p pane.Pane) bool { return s.front() == p }

func (s *paneSet) toFront(i int) {
	if s.panes[i] == pane.Pane(s.help) && !s.inFront(s.help) {
		s.beforeH = s.active
	}
	s.active = i
}

// bring brings a pane to the front, and reports whether there is one of that name.
func (s *paneSet) bring(name string) bool {
	i := slices.IndexFunc(s.panes, func(p pane.Pane) bool { return p.Name() == name })
	if i >= 0 {
		s.toFront(i)
	}
	return i >= 0
}

// keysIn tells the keys of a pane's own; "" if it has none.
func (s *paneSet) keysIn(name string) string {
	i := slices.IndexFunc(s.panes, func(p pane.Pane) bool { return p.Name() == name })
	if i < 0 {
		return ""
	}
	var keys []string
	if _, ok := s.panes[i].(pane.Reader); ok {
		keys = append(keys, "K J choose", "enter read")
	}
	if _, ok := s.panes[i].(pane.Filtered); ok {
		keys = append(keys, "/ filter")
	}
	if own, ok := s.panes[i].(pane.Actor); ok {
		for _, a := range own.Actions() {
			if does := cmp.Or(a.Name, strings.TrimPrefix(a.Help, "in the "+name+": ")); does != "" && a.Help != "" {
				keys = append(keys, a.Shown+" "+does)
			}
		}
	}
	if len(keys) == 0 {
		return ""
	}
	return ". Keys: " + strings.Join(keys, ", ")
}

// namesPane reports whether a line is the name of a pane, and no command.
func namesPane(line string) bool { return read(line).bad != nil && read("show "+line).bad == nil }

// beside are n panes that stand beside the one in front: the first others of those that may.
func (s *paneSet) beside(n int) []pane.Pane {
	others := make([]pane.Pane, 0, n)
	for _, p := range s.aside {
		if p != s.front() && len(others) < n {
			others = append(others, p)
		}
	}
	return others
}

// sidePanes are those beside the one in front. Messages stand below it, where there is such a place: it is the widest.
func (m *Model) sidePanes() []pane.Pane {
	all := m.beside(len(m.layout.sides))
	if at := slices.Index(all, pane.Pane(m.messages)); at >= 0 && len(all) > belowMain {
		all = slices.Insert(slices.Delete(all, at, at+1), belowMain, pane.Pane(m.messages))
	}
	return all
}

// wantedBy are the rows that panes want of a screen of h rows, with their headings.
func wantedBy(panes []pane.Pane, h int) []int {
	rows := make([]int, len(panes))
	for i, p := range panes {
		rows[i] = h
		if sized, ok := p.(pane.Sized); ok {
			rows[i] = min(sized.Wants(h)+1, h)
		}
	}
	return rows
}

// drawTabs names the panes in the rule above them, the one in front in brackets, with its status at the right. Where
// they don't all fit, those around the one in front are named.
func (s *paneSet) drawTabs(b *canvas.Canvas) {
	from, to := s.tabsIn(b.W)
	b.Repeat(canvas.Faint, moreTabs(from > 0), 1)
	for i := from; i < to; i++ {
		if name := s.panes[i].Name(); i == s.active {
			b.Put(canvas.Selected, "["+name+"]")
		} else {
			b.Put(canvas.Muted, " "+name+" ")
		}
	}
	b.Repeat(canvas.Faint, moreTabs(to < len(s.panes)), 1)
	endHeading(b, s.front().Status())
}

// moreTabs ends the row of tabs where there are more.
func moreTabs(more bool) rune {
	if more {
		return '…'
	}
	return '─'
}

func (s *paneSet) tabWidth(i int) int { return ansi.StringWidth(s.panes[i].Name()) + 2 }

// tabsIn are the panes that are named beside the status in w cells, as a half-open range.
func (s *paneSet) tabsIn(w int) (from, to int) {
	status := ansi.StringWidth(s.front().Status())
	room := w - 2 - min(status+6, w/2)
	from, to = s.active, s.active+1
	room -= s.tabWidth(s.active)
	for from > 0 && s.tabWidth(from-1) <= room {
		from--
		room -= s.tabWidth(from)
	}
	for to < len(s.panes) && s.tabWidth(to) <= room {
		room -= s.tabWidth(to)
		to++
	}
	return from, to
}

// tabAt is the pane whose tab is at column x of w; -1 if there is none.
func (s *paneSet) tabAt(x, w int) int {
	at := 1
	from, to := s.tabsIn(w)
	for i := from; i < to; i++ {
		if at += s.tabWidth(i); x < at {
			return i
		}
	}
	return -1
}

// drawHeading is that of a pane beside the one in front.
func drawHeading(b *canvas.Canvas, p pane.Pane) {
	b.Repeat(canvas.Faint, '─', 1).Put(canvas.Muted, " "+p.Name()+" ")
	endHeading(b, p.Status())
}

func endHeading(b *canvas.Canvas, status string) {
	if status == "" {
		b.Repeat(canvas.Faint, '─', b.Left)
		return
	}
	text, width := b.Clean(" " + status + " ")
	b.Repeat(canvas.Faint, '─', max(b.Left-width-2, 1))
	b.Put(canvas.Plain, text)
	b.Repeat(canvas.Faint, '─', b.Left)
}
