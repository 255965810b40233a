package pane

import (
	"slices"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/env"
	"cluster/splitbrain/tui/canvas"
	"cluster/splitbrain/tui/transcript"
	"cluster/splitbrain/viewservice"
)

// happening is one row's worth of what is remembered: a message on its way, the arrival of one that took its time, or
// a mark. Its number counts up.
type happening struct {
	no uint64
	*message
	arrival bool
	joined  bool  // of a line: the late arrival stands in it too, since nothing is shown between
	mark    *mark // what is no message; nil for messages
	before  gap   // what was forgotten just before it
}

// mark is what happened between the messages: to a node, to links, to the view.
type mark struct {
	at    time.Duration
	look  canvas.Style
	text  string
	sign  rune   // for its lanes
	node  string // whose lane it stands in; "" if in none
	other string // the other end of a link
	state netsim.State
	view  *viewservice.Change
}

const (
	mostHappenings = 2000
	fewest         = 400 // that are kept, whatever they are
	mostStages     = 12  // of one message; the later ones replace the last
)

// traffic remembers the newest happenings, in the order in which they were seen first.
type traffic struct {
	all  []happening
	byID map[uint64]*message
	last uint64                  // number of the newest happening
	were map[string]netsim.State // of nodes, before the oldest happening
}

func newTraffic() traffic {
	return traffic{byID: map[uint64]*message{}, were: map[string]netsim.State{}}
}

func (t *traffic) add(h happening) uint64 {
	t.last++
	h.no = t.last
	t.all = append(t.all, h)
	return h.no
}

// take takes in what the trace tells, and the views formed meanwhile.
func (t *traffic) take(events []netsim.TraceEvent, views []transcript.Formed) {
	for i := 0; i < len(events); {
		e := events[i]
		for len(views) > 0 && formedBefore(views[0], &e) {
			t.formed(views[0])
			views = views[1:]
		}
		same := 1
		switch {
		case e.Direction != netsim.NoDirection && e.Msg != 0 && e.Kind <= netsim.MsgLost:
			t.note(e)
		case e.Kind == netsim.DialRefused:
			t.refuse(e)
		case e.Direction == netsim.NoDirection && e.Kind >= netsim.NodeStarted:
			same = transcript.AtOnce(events[i:])
			t.mark(events[i : i+same])
		}
		i += same
	}
	for _, v := range views {
		t.formed(v)
	}
}

// clockSkew is how far the viewservice's clock, by which views are formed, may seem to be from the network's: both are read one
// after the other.
const clockSkew = time.Millisecond

// formedBefore reports whether a view was formed before what the trace tells. So it was before the viewservice's replies of that
// time, of which one is the first to tell of it.
func formedBefore(f transcript.Formed, e *netsim.TraceEvent) bool {
	if e.From == engine.ViewAddr && e.Direction == netsim.Reply && e.Kind == netsim.MsgSent {
		return f.At <= e.At+clockSkew
	}
	return f.At < e.At
}

// note takes in one stage of a message's life.
func (t *traffic) note(e netsim.TraceEvent) {
	m := t.message(e.Msg)
	m.answers, m.copyOf, m.role, m.from, m.to = e.Answers, e.CopyOf, e.Direction, e.From, e.To
	m.method, m.op, m.size = Shorter(e.Method), e.Op, max(m.size, e.Size)
	if e.Summary != "" {
		m.summary, m.says = Shorter(e.Summary), e.Says
	}
	late := m.waited() && (e.Kind == netsim.MsgDelivered || e.Kind == netsim.MsgLost)
	if len(m.life) == mostStages {
		m.life = m.life[:mostStages-1]
	}
	m.life = append(m.life, lifeStage{e.At, e.Kind, Shorter(e.Why)})
	if late && m.arrived == 0 {
		m.arrived = t.add(happening{message: m, arrival: true})
	}
	if request := t.byID[e.Answers]; request != nil {
		request.reply = e.Msg
	}
}

// refuse takes in a call for which there was no connection, since nobody listens. None of its messages was sent, but somebody
// tried: it stands among them like one that was lost at once. What it would have said is not known.
func (t *traffic) refuse(e netsim.TraceEvent) {
	t.add(happening{message: &message{
		no: t.last + 1, role: netsim.Request, from: e.From, to: e.To, method: connecting, says: env.Says{Words: connecting},
		life: []lifeStage{{e.At, e.Kind, Shorter(e.Why)}},
	}})
}

// holdForgotten takes in held messages of which the trace no longer tells: they are older than the events, which follow.
func (t *traffic) holdForgotten(held []netsim.Held, events []netsim.TraceEvent) {
	unknown := func(h netsim.Held) bool { return t.byID[h.Msg] == nil }
	if !slices.ContainsFunc(held, unknown) {
		return
	}
	told := make(map[uint64]bool, len(events))
	for i := range events {
		told[events[i].Msg] = true
	}
	for _, h := range held {
		if unknown(h) && !told[h.Msg] {
			t.hold(h)
		}
	}
}

// hold takes in a message that is held, perhaps since before anybody watched.
func (t *traffic) hold(h netsim.Held) *message {
	m := t.message(h.Msg)
	if m.life == nil {
		m.life = []lifeStage{{h.Since, netsim.MsgHeld, ""}}
	}
	m.answers, m.copyOf, m.role, m.from, m.to = h.Answers, h.CopyOf, h.Direction, h.From, h.To
	m.method, m.summary, m.op = Shorter(h.Method), Shorter(h.Summary), h.Op
	m.says = h.Says
	return m
}

func (t *traffic) message(id uint64) *message {
	m := t.byID[id]
	if m == nil {
		m = &message{id: id}
		t.byID[id] = m
		m.no = t.add(happening{message: m})
	}
	return m
}

// mark takes in events of one kind that happened at once.
func (t *traffic) mark(same []netsim.TraceEvent) {
	e := same[0]
	k := &mark{at: e.At, look: lookOf(e.Kind), text: transcript.Event{Kind: transcript.Network, Network: same}.Marked()}
	switch e.Kind {
	case netsim.NodeStarted:
		if e.Boots == 1 { // the cluster's beginning, or a new server
			return
		}
		k.node, k.state, k.sign = e.From, netsim.Up, '↻'
	case netsim.NodeThawed:
		k.node, k.state, k.sign = e.From, netsim.Up, '↻'
	case netsim.NodeCrashed, netsim.NodeExited:
		k.node, k.state, k.sign = e.From, netsim.Crashed, '✗'
	case netsim.NodeFrozen:
		k.node, k.state, k.sign = e.From, netsim.Frozen, '❄'
	default:
		if links := transcript.Pairs(same); len(links) == 1 {
			k.node, k.other, k.sign = e.From, e.To, signOf(e.Kind)
		}
	}
	t.add(happening{mark: k})
}

// signOf is the sign of what is done to a link, as in the matrix of links.
func signOf(k netsim.EventKind) rune {
	if fault, ok := k.Fault(); ok {
		return []rune(fault.Row().Mark)[0]
	}
	return '✓'
}

func (t *traffic) formed(f transcript.Formed) {
	view := f.View
	text := "view " + view.String()
	t.add(happening{mark: &mark{at: f.At, look: canvas.Strong, text: text, view: &f.Change}})
}

// addNote puts a line between the messages.
func (t *traffic) addNote(at time.Duration, text string) {
	t.add(happening{mark: &mark{at: at, look: canvas.Muted, text: text}})
}

// trim forgets pings first, then other messages, and what is no message last: the oldest of each. What is held stays.
func (t *traffic) trim(held []*message) {
	over := len(t.all) - len(held) - mostHappenings
	if over <= 0 {
		return
	}
	over += mostHappenings / 8 // not at each look
	stays := make(map[*message]bool, len(held))
	for _, m := range held {
		stays[m] = true
	}
	for _, least := range []func(happening) bool{
		func(h happening) bool { return h.mark == nil && h.isPing() },
		func(h happening) bool { return h.mark == nil },
		func(happening) bool { return true },
	} {
		over = t.forgetSome(func(h happening) bool { return !stays[h.message] && least(h) }, over)
	}
}

// forgetSome forgets up to n of those that are worth least, but none of the newest, and returns how many of n are left.
func (t *traffic) forgetSome(least func(happening) bool, n int) int {
	kept, lost := t.all[:0], gap{}
	newest := len(t.all) - fewest
	for i, h := range t.all {
		if n > 0 && i < newest && least(h) {
			n--
			lost.add(h)
			t.release(h)
			continue
		}
		h.before.pings, h.before.others = h.before.pings+lost.pings, h.before.others+lost.others
		lost = gap{}
		kept = append(kept, h)
	}
	clear(t.all[len(kept):])
	t.all = kept
	return n
}

// release takes leave of what is forgotten.
func (t *traffic) release(h happening) {
	switch {
	case h.mark == nil && !h.arrival:
		delete(t.byID, h.id)
	case h.mark != nil && h.mark.state != 0:
		t.were[h.mark.node] = h.mark.state
	}
}

// gap is what was forgotten between two happenings.
type gap struct{ pings, others int }

// add counts h and what was forgotten before it. Of a ping's two messages the request counts.
func (g *gap) add(h happening) {
	g.pings, g.others = g.pings+h.before.pings, g.others+h.before.others
	switch {
	case h.mark != nil || !h.isPing():
		g.others++
	case h.role == netsim.Request && !h.arrival:
		g.pings++
	}
}

// row stands for the gap, where it can be seen.
func (g gap) row(next happening) line {
	text := engine.Plural(g.pings, "older ping") + " forgotten"
	if g.others > 0 {
		text = engine.Plural(g.pings+g.others, "older message") + " forgotten"
	}
	return line{happening: happening{no: next.no - 1, mark: &mark{at: next.at(), look: canvas.Muted, text: text}}}
}

func (h happening) at() time.Duration {
	switch {
	case h.mark != nil:
		return h.mark.at
	case h.arrival:
		return h.last().at
	}
	return h.first().at
}
