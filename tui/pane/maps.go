package pane

import (
	"math"
	"slices"
	"time"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/pbservice"
)

// freshFor is how long a change stays marked, in real time. In a lesson it does until the next step.
const freshFor = 1500 * time.Millisecond

const untilNextStep = time.Duration(math.MaxInt64)

// lastKey lies behind nearly all keys. A window around it shows the end of the maps.
const lastKey = "\xff\xff\xff\xff\xff\xff\xff\xff"

// Maps shows the servers' maps side by side. It asks only for a window around what is seen, large enough that
// scrolling by a page shows keys at once, while the next window is on its way.
type Maps struct {
	w, h   int
	full   int    // rows, those of the heading and of what is read included
	top    string // the first key seen, or one before it
	toEnd  bool   // the last page was asked for and has not come yet
	filter string

	chosen  string // a key, or one near it, once picked
	picked  bool
	reading bool // the chosen key is shown in full

	marks   []string // what a lesson points at
	pointed bool     // the first key among them is kept in sight, until somebody scrolls

	seen  engine.Map    // as it came last
	had   bool          // there were keys once
	since time.Duration // when they were seen first, if there were
	asked engine.Window
	fresh map[cell]time.Duration // until when a row is marked
	step  int                    // of the lesson that is shown
	led   bool                   // by a lesson
}

// cell is one key on one server.
type cell struct{ server, key string }

// NewMaps makes the pane, empty.
func NewMaps() *Maps { return &Maps{fresh: map[cell]time.Duration{}} }

func (p *Maps) Name() string { return "maps" }

func (p *Maps) Resize(w, h int) {
	p.w, p.full, p.h = w, h, max(h-1-readRowsOf(p.reading, h), 0)
	p.point()
}

// wantedKeys are steps in which the pane grows with the number of keys, so that not every new key moves the others.
const wantedKeys = 4

// Wants is a row for each key, and room for some more.
func (p *Maps) Wants(h int) int {
	if p.reading {
		return h
	}
	return 1 + (p.seen.Total/wantedKeys+1)*wantedKeys
}

// point scrolls as little as shows the first key that a lesson points at.
func (p *Maps) point() {
	if !p.pointed || p.h == 0 {
		return
	}
	at := slices.IndexFunc(p.seen.Keys, func(key string) bool { return slices.Contains(p.marks, key) })
	switch from, to := p.shown(); {
	case at < 0:
	case at < from:
		p.goTo(at)
	case at >= to:
		p.goTo(at - p.h + 1)
	}
}

// Window is the part of the maps to ask for.
func (p *Maps) Window() engine.Window {
	page := max(p.h, 10)
	w := engine.Window{From: p.top, Limit: min(3*page, pbservice.MaxRows), Back: min(2*page, pbservice.MaxRows), Contains: p.filter}
	if p.toEnd {
		w.From = lastKey
	}
	return w
}

func (p *Maps) FilterText() string { return p.filter }

func (p *Maps) SetFilter(text string) {
	if p.filter != text {
		p.filter, p.top, p.toEnd, p.picked = text, "", false, false
	}
}

// shown is the part of the keys seen, as a half-open range.
func (p *Maps) shown() (from, to int) {
	keys := p.seen.Keys
	from, _ = slices.BinarySearchFunc(keys, p.top, pbservice.CompareKeys)
	if last := len(keys) - p.h; p.atEnd() && from > last {
		from = max(last, 0)
	}
	return from, min(from+p.h, len(keys))
}

// atEnd reports whether the window reaches the last key.
func (p *Maps) atEnd() bool { return p.seen.Before+len(p.seen.Keys) >= p.seen.Total }

func (p *Maps) Scroll(by Motion) {
	p.pointed = false
	p.toEnd = by.To == ToEnd
	switch by.To {
	case ToStart:
		p.top, p.chosen = "", ""
	case ToEnd:
		p.chosen = lastKey
	}
	from, _ := p.shown()
	switch {
	case by.Seen:
		p.goTo(from + by.Rows)
	case by.Rows != 0:
		p.choose(by.Rows)
	case by.Pages != 0:
		p.goTo(from + by.Pages*max(1, p.h-1))
	}
}

// goTo makes a key of the window the first that is seen.
func (p *Maps) goTo(from int) {
	if len(p.seen.Keys) == 0 {
		return
	}
	from = min(max(from, 0), len(p.seen.Keys)-1)
	p.top = p.seen.Keys[from]
	if from == 0 && p.seen.Before == 0 {
		p.top = "" // so that keys which come before the first one are seen
	}
}

// at is the chosen row, one of those that are seen; -1 if there is none.
func (p *Maps) at() int {
	if !p.picked || len(p.seen.Keys) == 0 {
		return -1
	}
	at, _ := slices.BinarySearchFunc(p.seen.Keys, p.chosen, pbservice.CompareKeys)
	from, to := p.shown()
	if from == to { // what is read takes all the room
		return min(at, len(p.seen.Keys)-1)
	}
	return min(max(at, from), to-1)
}

// choose goes some rows on, at first to the first one that is seen.
func (p *Maps) choose(rows int) {
	from, to := p.shown()
	at := p.at()
	switch {
	case from == to && len(p.seen.Keys) == 0:
		return
	case at < 0:
		at = min(from, len(p.seen.Keys)-1) // keys before the first one that was asked for may have gone
	default:
		at = min(max(at+rows, 0), len(p.seen.Keys)-1)
	}
	p.picked, p.chosen = true, p.seen.Keys[at]
	switch {
	case at < from:
		p.goTo(at)
	case at >= to:
		p.goTo(at - max(p.h, 1) + 1)
	}
}

func (p *Maps) Readable() bool { return len(p.seen.Keys) > 0 }

func (p *Maps) Reads() bool { return p.reading }

// Open shows the chosen key in full, the first one that is seen if none is chosen, or closes it.
func (p *Maps) Open() {
	if !p.picked {
		p.choose(0)
	}
	p.reading = !p.reading
}

func (p *Maps) Observe(o Observation, now *Index) {
	if marks := now.Look.Marks; !slices.Equal(p.marks, marks) {
		p.marks, p.pointed = marks, len(marks) > 0
	}
	p.led = o.Showing != nil && !o.Showing.Free
	until := p.markedUntil(now)
	_, rewound := o.Newest()
	switch {
	case rewound:
		p.had = false
		clear(p.fresh)
	case o.Showing != nil && o.Showing.Step != p.step: // what has changed until now belongs to the step before
		p.step = o.Showing.Step
		clear(p.fresh)
	case o.Asked.Contains == p.asked.Contains:
		p.markFresh(p.seen, now, until)
	}
	p.seen, p.asked = now.Map, o.Asked
	if !p.had && p.filter == "" && now.Map.Total > 0 {
		p.had, p.since = true, now.At
	}
	if p.toEnd && o.Asked.From == lastKey {
		p.toEnd = false
		p.top = lastKey
		if from, _ := p.shown(); from < len(p.seen.Keys) {
			p.top = p.seen.Keys[from]
		}
	}
	p.point()
}

// markedUntil is until when a change of now is marked, after it has ended the marks that last no longer.
func (p *Maps) markedUntil(now *Index) time.Duration {
	if p.led {
		return untilNextStep
	}
	soon := now.At + now.inTime(freshFor)
	for at, until := range p.fresh {
		switch {
		case until <= now.At:
			delete(p.fresh, at)
		case until == untilNextStep: // the lesson was left
			p.fresh[at] = soon
		}
	}
	return soon
}

// markFresh compares the rows that both windows have. A key that only the new one has is new if the old one would
// have shown it.
func (p *Maps) markFresh(old engine.Map, now *Index, until time.Duration) {
	i := 0
	for j, key := range now.Map.Keys {
		for i < len(old.Keys) && pbservice.CompareKeys(old.Keys[i], key) < 0 {
			i++
		}
		had := i < len(old.Keys) && old.Keys[i] == key
		if !had && !covers(old, i) {
			continue
		}
		for server, rows := range now.Map.Rows {
			before := pbservice.Row{Size: -1}
			if r := old.Rows[server]; had && i < len(r) {
				before = r[i]
			}
			if j < len(rows) && rows[j].Size >= 0 && (rows[j].Size != before.Size || rows[j].Sum != before.Sum) {
				p.fresh[cell{server, key}] = until
			}
		}
	}
}

// covers reports whether a key between those at i-1 and at i would have been in m.
func covers(m engine.Map, i int) bool {
	switch i {
	case 0:
		return m.Before == 0 && m.Rows != nil
	case len(m.Keys):
		return m.Before+len(m.Keys) >= m.Total
	}
	return true
}

func (p *Maps) Status() string {
	text := ""
	if p.filter != "" {
		text = "/" + p.filter + "  "
	}
	from, to := p.shown()
	switch total := p.seen.Total; {
	case total > 0 && to-from >= total:
		return text + engine.Plural(total, "key")
	case total > 0 && to > from:
		return text + engine.Count(p.seen.Before+from+1) + "–" + engine.Count(p.seen.Before+to) + " of " + engine.Plural(total, "key")
	case total > 0:
		return text + engine.Plural(total, "key")
	}
	return text + "no keys"
}
