package pane

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/tui/canvas"
	"cluster/splitbrain/tui/transcript"
)

// Entry is one line of the log.
type Entry struct {
	At    time.Duration
	Style canvas.Style
	Text  string

	Did  engine.Command   // of a line that was carried out: what it was to the cluster, if it was that
	made transcript.Event // of what happened to nodes, to links or to time
	held bool             // a line waits for what it has made
}

// Events is the log: what was done, what broke, and each view with its causes.
type Events struct {
	list
	entries []Entry
	rows    []eventRow // those entries that match the filter, broken to fit
	filter  string
	w       int
	lines   []Entry // command lines that have ended since the last look
	views   transcript.ViewLog
	told    string // what stands below the pane, and is not told again
}

// eventRow is an entry, or one more row of it.
type eventRow struct {
	At    time.Duration
	Style canvas.Style
	Text  string
	more  bool
}

const (
	mostEntries   = 5000 // of the log; the oldest go first
	mostEntryRows = 6    // of one

	fewEntries  = 32 // in which a line looks for what it has made ...
	joinsWithin = time.Second

	timeCol = 10
)

func (p *Events) Name() string { return "events" }

func (p *Events) FilterText() string { return p.filter }

// SetFilter shows only entries with all words of text in them.
func (p *Events) SetFilter(text string) {
	p.filter = text
	p.rows = p.lay(p.entries)
	p.list = list{h: p.h, n: len(p.rows)}
}

// ToldBelow has a text left out that stands below the pane; "" for none.
func (p *Events) ToldBelow(text string) {
	if text != p.told {
		p.told = text
		p.rows = p.lay(p.entries)
		p.grow(len(p.rows) - p.n)
	}
}

// matches reports whether an entry is shown.
func (p *Events) matches(e Entry) bool { return hasWords(e.Text, p.filter) }

func (p *Events) Status() string { return p.filtered(p.filter) }

func (p *Events) Observe(o Observation, now *Index) {
	var batch []Entry
	events, rewound := o.Newest()
	if rewound {
		p.entries, p.rows, p.views = nil, nil, transcript.ViewLog{}
		p.list = list{h: p.h}
	}
	if o.Missed > 0 && !rewound {
		batch = append(batch, Entry{At: now.At, Style: canvas.Warning, Text: engine.Count(int(o.Missed)) + " events were not seen: too many at once"})
	}
	for _, e := range transcript.FromTrace(events) {
		batch = append(batch, Entry{At: e.At, Style: lookOf(e.Network[0].Kind), Text: e.Marked(), made: e})
	}
	batch = append(batch, p.fromViews(now)...)
	batch = append(batch, p.toldLines(now, batch)...)
	slices.SortStableFunc(batch, func(a, b Entry) int { return cmp.Compare(a.At, b.At) })
	p.add(batch...)
}

// toldLines are those that have ended since the last look, none of them before what the log tells already, nor after now. One that
// has made something is told beside that, of batch or earlier, or waits another look for it.
func (p *Events) toldLines(now *Index, batch []Entry) []Entry {
	lines := p.lines
	p.lines = nil
	var alone []Entry
	for _, l := range lines {
		switch {
		case l.joins(batch):
		case l.joins(p.entries[max(len(p.entries)-fewEntries, 0):]):
			p.rows = p.lay(p.entries)
			p.grow(len(p.rows) - p.n)
		case l.Did.Kind != 0 && !l.held:
			l.held = true
			p.lines = append(p.lines, l)
		default:
			l.At = min(l.At, now.At)
			if n := len(p.entries); n > 0 {
				l.At = max(l.At, p.entries[n-1].At)
			}
			alone = append(alone, l)
		}
	}
	return alone
}

// joins puts a line beside the newest event that it has made, of those that no line stands beside yet, and reports whether there is
// one.
func (e *Entry) joins(events []Entry) bool {
	for i := range slices.Backward(events) {
		if o := &events[i]; o.Did.Kind == 0 && o.made.MadeBy(e.Did) && (e.At-o.At).Abs() < joinsWithin {
			o.Did, o.Text = e.Did, o.Text+"   › "+e.Did.String()
			return true
		}
	}
	return false
}

// Tell adds what was done here, in its place among what the next look brings.
func (p *Events) Tell(e Entry) { p.lines = append(p.lines, e) }

func (p *Events) add(batch ...Entry) {
	p.entries = append(p.entries, batch...)
	rows := p.lay(batch)
	p.rows = append(p.rows, rows...)
	p.grow(len(rows))
	if over := len(p.entries) - mostEntries; over > 0 {
		shown := 0
		for _, e := range p.entries[:over] {
			if p.matches(e) {
				shown++
			}
		}
		p.entries = slices.Delete(p.entries, 0, over)
		p.forget(shown)
	}
}

// forget takes away the rows of the oldest entries that are shown.
func (p *Events) forget(entries int) {
	gone := 0
	for gone < len(p.rows) && (entries > 0 || p.rows[gone].more) {
		if !p.rows[gone].more {
			entries--
		}
		gone++
	}
	p.rows = slices.Delete(p.rows, 0, gone)
	p.n -= gone
	p.clamp()
}

func (p *Events) Resize(w, h int) {
	if p.w != w {
		p.w = w
		p.rows = p.lay(p.entries)
		p.grow(len(p.rows) - p.n)
	}
	p.list.Resize(w, h)
}

// lay breaks the entries that are shown into rows, the later ones of an entry further in than its first.
func (p *Events) lay(entries []Entry) []eventRow {
	rows := make([]eventRow, 0, len(entries))
	for _, e := range entries {
		if !p.matches(e) {
			continue
		}
		text := strings.TrimLeft(e.Text, " ")
		in := e.Text[:len(e.Text)-len(text)]
		if p.told != "" {
			text = strings.ReplaceAll(text, p.told, toldBelow)
		}
		room := p.w - 1 - timeCol - len(in)
		if _, width := (&canvas.Styles{}).Clean(text); width > room {
			room -= len("  ")
		}
		for i, part := range canvas.Wrap(text, room, mostEntryRows) {
			if i > 0 {
				part = "  " + part
			}
			rows = append(rows, eventRow{e.At, e.Style, in + part, i > 0})
		}
	}
	return rows
}

// fromViews tells of the views that have been formed since the last snapshot.
func (p *Events) fromViews(now *Index) []Entry {
	var batch []Entry
	for _, f := range p.views.Fresh(&now.Snapshot) {
		batch = append(batch, Entry{At: f.At, Style: canvas.Strong, Text: "view " + f.View.String()})
		for _, cause := range f.Causes {
			batch = append(batch, Entry{At: f.At, Style: canvas.Plain, Text: "  " + cause.String()})
		}
	}
	return batch
}

// lookOf is the style of what was done to nodes, to links or to time.
func lookOf(k netsim.EventKind) canvas.Style {
	if _, ok := k.Fault(); ok {
		return canvas.Broken
	}
	switch k {
	case netsim.NodeCrashed:
		return canvas.Dead
	case netsim.NodeFrozen:
		return canvas.Frozen
	case netsim.TimePaused, netsim.TimeSpeed:
		return canvas.Broken
	case netsim.LinkHealed, netsim.NodeThawed, netsim.NodeStarted, netsim.TimeResumed:
		return canvas.Good
	}
	return canvas.Plain
}

func (p *Events) Draw(b *canvas.Canvas, _ *Index) {
	from, to := p.window()
	if from == to {
		b.Next().Space(1).Put(canvas.Muted, emptyWords(len(p.entries), "nothing has happened yet", p.filter))
	}
	for i, r := range p.rows[from:to] {
		at := Clock(r.At)
		if i > 0 && r.At == p.rows[from+i-1].At {
			at = ""
		}
		b.Next().Space(1).Col(canvas.Muted, at, timeCol).Put(r.Style, r.Text)
	}
}
