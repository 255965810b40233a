package export

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/engine/lex"
	"cluster/splitbrain/viewservice"
)

// mostMessages is how many messages a diagram shows: the newest.
const mostMessages = 400

// Change is a new view.
type Change struct {
	At   time.Duration // on the trace's clock
	Text string
}

// Changes are the views that the viewservice remembers, with their causes, on the trace's clock: events tell when the
// viewservice was started. Where they don't, two calls may differ by what it took to ask.
func Changes(s engine.Snapshot, events []netsim.TraceEvent) []Change {
	var all []Change
	status := s.Viewservice.Status
	began := s.At - status.Up
	for _, e := range events {
		if e.Kind == netsim.NodeStarted && e.From == engine.ViewAddr && e.Boots == s.Viewservice.Boots {
			began = e.At
		}
	}
	for _, c := range status.Changes {
		text := "view " + c.View.String()
		if len(c.Causes) > 0 {
			text += ": " + c.Reasons(", ")
		}
		all = append(all, Change{At: began + c.At, Text: text})
	}
	return all
}

// drawn writes the messages of a source as draw does it, with what happened to nodes and links, and the views across.
// What was lost, held or doubled says so; calls to the viewservice, pings and questions for the view, are left out.
func drawn(draw func(*diagram) string) func(io.Writer, Source) error {
	return func(w io.Writer, s Source) error {
		_, err := io.WriteString(w, draw(newDiagram(s, mostMessages)))
		return err
	}
}

// fate is what has become of a message.
type fate uint8

const (
	underWay fate = iota
	delivered
	held
	lost
)

// message is one message, from its first stage in the trace to its last.
type message struct {
	id       uint64
	role     netsim.Direction
	from, to string
	copyOf   uint64
	answers  uint64
	sent     time.Duration
	known    bool // sent is
	ended    time.Duration
	fate     fate
	text     string // what it says
	why      string // of the last stage
}

// row is one line of a diagram: one stage of a message, something that happened to a node or link, or a view.
type row struct {
	at      time.Duration
	message *message // nil for what is not about one
	start   bool     // it leaves; otherwise it ends
	whole   bool     // it leaves and ends with nothing in between
	from    int      // lane
	to      int      // lane, of a message
	sort    sort     // of what is about none
	nodes   []int    // lanes that are concerned then; none: it stands across all
	text    string
}

// across reports whether the row is about all lanes.
func (r *row) across() bool { return r.message == nil && len(r.nodes) == 0 }

type diagram struct {
	lanes   []string
	rows    []row
	omitted int // messages
	measures
}

func newDiagram(s Source, most int) *diagram {
	d := &diagram{lanes: slices.Clone(s.Lanes), measures: wide}
	shown, omitted, since := choose(gather(s.Events), most)
	d.omitted = omitted
	for _, m := range shown {
		d.addMessage(m)
	}
	for _, h := range happenings(&s) {
		if h.at >= since {
			d.add(h)
		}
	}
	slices.SortStableFunc(d.rows, func(a, b row) int { return cmp.Compare(a.at, b.at) })
	d.join()
	return d
}

// gather follows each message but calls to the viewservice and their replies through the trace, in the order in which they appear.
func gather(events []netsim.TraceEvent) []*message {
	var all []*message
	byID := map[uint64]*message{}
	for _, e := range events {
		if e.Direction == netsim.NoDirection || strings.HasPrefix(e.Method, viewservice.ServiceName+".") {
			continue
		}
		m := byID[e.Msg]
		if m == nil {
			m = &message{
				id: e.Msg, role: e.Direction, from: e.From, to: e.To, copyOf: e.CopyOf, answers: e.Answers, sent: e.At,
				known: e.Kind == netsim.MsgSent || e.Kind == netsim.MsgDuplicated, text: words(e),
			}
			byID[e.Msg] = m
			all = append(all, m)
		}
		m.stage(e)
	}
	return all
}

func (m *message) stage(e netsim.TraceEvent) {
	m.ended, m.why = e.At, e.Why
	switch e.Kind {
	case netsim.MsgDelivered:
		m.fate, m.why = delivered, ""
	case netsim.MsgLost:
		m.fate = lost
	case netsim.MsgHeld:
		m.fate = held
	default:
		m.fate = underWay
	}
}

// words is what a message says.
func words(e netsim.TraceEvent) string {
	if e.Direction == netsim.Reply {
		return lex.Safe(e.Summary)
	}
	verb := strings.ToLower(e.Method[strings.LastIndex(e.Method, ".")+1:])
	if e.Summary == "" || verb == "get" || verb == "putappend" || verb == "ping" {
		return lex.Safe(cmp.Or(e.Summary, verb))
	}
	return lex.Safe(verb + ": " + e.Summary)
}

// choose keeps the newest messages, and tells since when they are shown.
func choose(all []*message, most int) (shown []*message, omitted int, since time.Duration) {
	if len(all) <= most {
		return all, 0, 0
	}
	shown = all[len(all)-most:]
	return shown, len(all) - most, shown[0].sent
}

func (d *diagram) lane(name string) int {
	if i := slices.Index(d.lanes, name); i >= 0 {
		return i
	}
	d.lanes = append(d.lanes, name)
	return len(d.lanes) - 1
}

func (d *diagram) addMessage(m *message) {
	from, to := d.lane(m.from), d.lane(m.to)
	if m.known {
		d.rows = append(d.rows, row{at: m.sent, message: m, start: true, from: from, to: to, text: m.label()})
	}
	if m.fate != underWay || !m.known {
		d.rows = append(d.rows, row{at: m.ended, message: m, from: from, to: to, text: m.label() + m.end()})
	}
}

// label is the message's number and words.
func (m *message) label() string {
	text := fmt.Sprintf("#%d %s", m.id, m.text)
	switch {
	case m.copyOf != 0:
		text = fmt.Sprintf("#%d copy of #%d: %s", m.id, m.copyOf, m.text)
	case m.answers != 0:
		text = fmt.Sprintf("#%d to #%d: %s", m.id, m.answers, m.text)
	}
	return text
}

// end says how a message ended, if not well.
func (m *message) end() string {
	text := ""
	switch m.fate {
	case lost:
		text = " ✗ lost"
	case held:
		text = " ‖ held"
	}
	if text != "" && m.why != "" {
		text += ": " + lex.Safe(m.why)
	}
	return text
}

// add adds what befell nodes, links or the whole cluster.
func (d *diagram) add(h happening) {
	r := row{at: h.at, sort: h.sort, text: h.text}
	for _, n := range h.nodes {
		r.nodes = append(r.nodes, d.lane(n))
	}
	d.rows = append(d.rows, r)
}

// join puts the two stages of a message that follow each other into one row.
func (d *diagram) join() {
	var rows []row
	for i := 0; i < len(d.rows); i++ {
		r := d.rows[i]
		if i+1 < len(d.rows) && r.message != nil && r.start && d.rows[i+1].message == r.message {
			i++
			r = d.rows[i]
			r.whole = true
		}
		rows = append(rows, r)
	}
	d.rows = rows
}

// note tells what is missing; "" if nothing is.
func (d *diagram) note() string {
	if d.omitted == 0 {
		return ""
	}
	return fmt.Sprintf("%d earlier messages are left out", d.omitted)
}
