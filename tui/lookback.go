package tui

import (
	"slices"
	"sort"
	"strconv"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/tui/canvas"
	"cluster/splitbrain/tui/pane"

	tea "github.com/charmbracelet/bubbletea"
)

// lookBack shows what was seen earlier. Meanwhile the cluster goes on, and so do the panes that show what is so now.
type lookBack struct {
	sights []sight             // the newest of which is now
	events []netsim.TraceEvent // all that the trace remembered when the look back began, and what came since
	at     int                 // the sight that is shown
	replay *replay             // what is played; nil while a sight stands
	past   bool                // the past is on the screen, not what is so now
	shown  pane.Moment         // the one that is
	other  display             // the other of the two
}

// display is what the screen shows of a cluster, and what keys do there.
type display struct {
	overview
	paneSet
	actions []pane.Action
	keys    map[string][]*pane.Action
}

// swap exchanges what is shown for the other display. What the viewer has chosen stays: the pane in front, the node, how
// panes show things.
func (b *lookBack) swap(m *Model) {
	shown := display{m.overview, m.paneSet, m.actions, m.keys}
	m.overview, m.paneSet, m.actions, m.keys = b.other.overview, b.other.paneSet, b.other.actions, b.other.keys
	b.other, b.past = shown, !b.past
	m.active, m.beforeH, m.selected = shown.active, shown.beforeH, shown.selected
	m.slow.on, m.putAway = shown.slow.on, shown.putAway
	m.suit(&shown.paneSet)
}

// updateNow hands a message to what is so now, while a look back is on the screen.
func (m *Model) updateNow(msg tea.Msg) (tea.Model, tea.Cmd) {
	m.back.swap(m)
	_, cmd := m.update(msg)
	if m.back != nil {
		m.back.swap(m)
		m.relayout()
	}
	return m, cmd
}

// ofScreen reports whether a message is for what is on the screen, whatever is so now.
func ofScreen(msg tea.Msg) bool {
	switch msg.(type) {
	case pollResult, due, ran:
		return false
	}
	return true
}

// live are the panes that show what is so now.
func (m *Model) live() *paneSet {
	if m.back != nil && m.back.past {
		return &m.back.other.paneSet
	}
	return &m.paneSet
}

// replays reports whether the cluster itself can go back.
func (m *Model) replays() bool {
	_, ok := m.session.Engine.(engine.Replayer)
	return ok
}

// beginLookBack takes what is remembered, and shows nothing of it yet; false if nothing is remembered.
func (m *Model) beginLookBack() bool {
	if len(m.memory) < 2 {
		return false
	}
	m.back = &lookBack{}
	m.goOn()
	m.back.at = len(m.back.sights) - 1
	return true
}

// goOn takes in what has been seen since the look back began.
func (m *Model) goOn() {
	b, from := m.back, 0
	if n := len(b.sights); n > 0 {
		last := &b.sights[n-1]
		from = sort.Search(len(m.memory), func(i int) bool { return m.memory[i].came.After(last.came) })
		taken := from == 0 || m.memory[from-1].came.Before(last.came) // memory has the last one no more
		if taken && from < len(m.memory) && m.memory[from].now.At == last.now.At {
			b.sights = b.sights[:n-1]
		}
	}
	b.sights = append(b.sights, m.memory[from:]...)
	b.takeEvents(m.session.Engine.Trace())
}

// takeEvents takes in what a trace has told since; nil for none.
func (b *lookBack) takeEvents(trace *netsim.Trace) {
	if trace == nil {
		return
	}
	seq := uint64(0)
	if n := len(b.events); n > 0 {
		seq = b.events[n-1].Seq
	}
	news, _ := trace.Since(seq)
	newest, rewound := (&pane.Observation{Events: news}).Newest()
	if rewound {
		b.events = nil
	}
	b.events = append(b.events, newest...)
}

// looksBack begins a look back, or goes on with it, and reports whether there is something to be seen.
func (m *Model) looksBack() bool {
	switch {
	case m.back != nil:
		m.goOn()
	case !m.beginLookBack():
		m.note("nothing is remembered yet")
		return false
	}
	return true
}

// stepBack goes some sights back, or forward where by is positive.
func (m *Model) stepBack(by int) tea.Cmd {
	if m.looksBack() {
		m.lookBackTo(m.back.at + by)
		m.landed = m.back == nil
	}
	return nil
}

// stepToMark goes to the nearest sight before or after, at which something had happened that stands in the log.
func (m *Model) stepToMark(by int) tea.Cmd {
	if !m.looksBack() {
		return nil
	}
	b := m.back
	i := b.at + by
	for i > 0 && i < len(b.sights) && b.happened(i) == "" {
		i += by
	}
	m.lookBackTo(i)
	if m.back != nil && i > 0 {
		m.note(b.happened(i))
	}
	return nil
}

// lookBackTo shows one of the sights, or what is so now.
func (m *Model) lookBackTo(i int) {
	b := m.back
	if i >= len(b.sights)-1 {
		m.toNow(backToNow)
		return
	}
	b.replay = nil
	m.note("")
	if i < 0 {
		m.note("nothing older is remembered")
	}
	b.at = max(i, 0)
	m.recall(b.sights[b.at], b.at)
}

// recall shows a sight, perhaps one that lies between two that were seen, the first of which is at i.
func (m *Model) recall(s sight, i int) {
	b := m.back
	var shown paneSet
	if b.past {
		b.swap(m)
		shown = b.other.paneSet
	}
	now := m.now
	at := pane.Moment{
		Now: s.now.Under(now), Events: pane.Until(b.events, s.now.At), Formed: m.views.Until(s.now.At),
		Asked: s.asked, Verdict: s.verdict, Unjudged: s.unjudged,
	}
	if i > 0 {
		at.Before = b.sights[i-1].now
	}
	s.overview.now, s.overview.selected = at.Now, m.selected
	s.overview.ago, s.overview.load, s.overview.recording = agoWords(now.At-at.Now.At), nil, m.recording
	news, ok := at.Since(&b.shown)
	if !ok || b.replay == nil {
		shown = paneSet{}
	}
	b.shown = at
	b.other = display{overview: s.overview, paneSet: m.paneSet.recall(at, shown, news)}
	b.swap(m)
	m.actions = allActions(m)
	m.keys = keymap(m.actions)
}

// recall are the panes as they were. Those that tell nothing of the cluster's past stay. Those of shown, which were so a little
// earlier, go on where they can; the zero set has none.
func (s *paneSet) recall(at pane.Moment, shown paneSet, news pane.Moment) paneSet {
	was := *s
	was.panes, was.aside = slices.Clone(s.panes), slices.Clone(s.aside)
	r := recalling{&was, at, news}
	was.stage, was.maps = recalled(r, s.stage, shown.stage), recalled(r, s.maps, shown.maps)
	was.messages, was.network = recalled(r, s.messages, shown.messages), recalled(r, s.network, shown.network)
	was.events, was.views = recalled(r, s.events, shown.events), recalled(r, s.views, shown.views)
	was.operations, was.charts = recalled(r, s.operations, shown.operations), recalled(r, s.charts, shown.charts)
	was.chronicle = s.chronicle.Recall(at)
	return was
}

// recalling is what panes are recalled to, and the set in which they take the places of the others.
type recalling struct {
	in       *paneSet
	at, news pane.Moment
}

// recalled is a pane as it was: shown, which was so earlier, if it can go on, or else the pane itself, recalled.
func recalled[P interface {
	comparable
	pane.Pane
	Recall(pane.Moment) P
}](r recalling, p, shown P) P {
	var none P
	was := shown
	if goes, ok := pane.Pane(shown).(interface{ GoOn(pane.Moment) }); ok && shown != none {
		goes.GoOn(r.news)
	} else {
		was = p.Recall(r.at)
	}
	for _, all := range [][]pane.Pane{r.in.panes, r.in.aside} {
		if i := slices.Index(all, pane.Pane(p)); i >= 0 {
			all[i] = was
		}
	}
	return was
}

// suit has panes show things as others of their kind do.
func (s *paneSet) suit(shown *paneSet) {
	for i, p := range s.panes {
		pane.Suit(p, shown.panes[i])
	}
}

// backToNow tells that what is shown is so now. It may stay on the screen for long.
const backToNow = "the look back has ended"

// toNow shows what is so now again, and says why.
func (m *Model) toNow(text string) {
	if m.back == nil {
		return
	}
	if m.back.past {
		m.back.swap(m)
	}
	m.back = nil
	m.note(text)
}

// agoWords say how long ago something was, of the cluster's time.
func agoWords(d time.Duration) string {
	if d < time.Minute {
		return strconv.FormatFloat(d.Seconds(), 'f', 1, 64) + " s ago"
	}
	return engine.Elapsed(d) + " ago"
}

// nearest is the newest sight at a moment, or before.
func (b *lookBack) nearest(at time.Duration) int {
	return max(sort.Search(len(b.sights), func(i int) bool { return b.sights[i].now.At > at })-1, 0)
}

// lookBackSpans are the banner of a look back.
func (m *Model) lookBackSpans() []canvas.Span {
	b := m.back
	if b == nil {
		return nil
	}
	if b.replay != nil {
		return []canvas.Span{canvas.Alarm.Span("◄ ONCE MORE, SLOWLY"), canvas.Plain.Span(" " + m.ago + "   ")}
	}
	return []canvas.Span{canvas.Alarm.Span("◄ LOOKING BACK " + m.ago), canvas.Plain.Span(" " + pane.Clock(m.now.At) + "   ")}
}

// forwardKey goes forward in a look back, and lets time that is paused make a step.
const forwardKey = "."

// lookBackActions go back to what was seen, where the cluster itself can't, and play the last view change once more.
func lookBackActions(m *Model) []pane.Action {
	back := func(pane.Place) (string, bool) {
		switch {
		case m.replays():
			return "", false
		case m.back != nil:
			return "further back", true
		}
		return "look back", len(m.memory) > 1
	}
	forward := func(pane.Place) (string, bool) { return "forward", m.back != nil && !m.replays() }
	looks := func(key, shown, name, help string, works func(pane.Place) (string, bool), do func() tea.Cmd) pane.Action {
		return pane.Action{
			Keys: []string{key}, Shown: shown, Name: name, Help: help, Works: works, Do: does(do), Looks: true,
			Urgent: func(pane.Place) bool { return m.back != nil }, Late: func(pane.Place) bool { return m.back == nil },
		}
	}
	return []pane.Action{
		looks(",", ",", "look back", "live: look back at what was seen, a look at a time, while the cluster goes on", back, func() tea.Cmd { return m.stepBack(-1) }),
		looks(forwardKey, forwardKey, "forward", "looking back: forward again, up to now", forward, func() tea.Cmd { return m.stepBack(+1) }),
		looks("<", "< >", "", "live: back, or forward again, to where something happened", back, func() tea.Cmd { return m.stepToMark(-1) }),
		looks(">", ">", "", "", forward, func() tea.Cmd { return m.stepToMark(+1) }),
		onceMoreAction(m),
	}
}
