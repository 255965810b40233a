package pane

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"cluster/splitbrain/netsim/history"
	"cluster/splitbrain/tui/canvas"
)

// History shows what clients did as bars, a lane for each client, time running downwards, and what it is judged
// to be. Once a promise is broken it shows the operations on that key around the one to blame, or all of them.
type History struct {
	chosenList
	bars    []history.Bar // in the order of calls
	verdict history.Verdict

	unjudged bool   // of a moment of which no verdict is known
	Told     string // what stands below the pane, and is not told again
	filter   string
	all      bool // show all, though some are to blame
	reading  bool

	w, full int
	rows    []barRow
	lanes   []string   // clients that take part
	stale   bool       // the rows have to be made anew
	wanted  [][]string // filters for the bars that a lesson points at
	pointed []int      // their IDs
	next    int        // the ID after the newest
}

// barRow is the beginning of a bar, its end, or both.
type barRow struct {
	*history.Bar
	at   time.Duration
	part barPart
}

type barPart uint8

const (
	called barPart = iota
	ended
	atOneTime // nothing else happened meanwhile
)

const (
	mostBars   = 1000
	MostOfLook = 4096 // operations that one look brings
)

func (p *History) Name() string { return "history" }

// Since is the first operation of which news are wanted: the oldest that has not ended.
func (p *History) Since() int {
	for i := range p.bars {
		if p.bars[i].Running {
			return p.bars[i].ID
		}
	}
	return p.next
}

func (p *History) Observe(o Observation, now *Index) {
	p.wanted = now.filtersOf()
	if len(o.Bars) > 0 || o.Verdict.Blame != p.verdict.Blame {
		p.stale = true
	}
	p.verdict = o.Verdict
	if _, rewound := o.Newest(); rewound { // what was asked for was the other past's
		p.bars, p.next, p.stale = nil, 0, true
		return
	}
	for _, bar := range o.Bars {
		i, known := slices.BinarySearchFunc(p.bars, bar.ID, func(b history.Bar, id int) int { return b.ID - id })
		switch {
		case known:
			p.bars[i] = bar
		case bar.ID >= p.next:
			p.bars = append(p.bars, bar)
			p.next = bar.ID + 1
		}
	}
	if over := len(p.bars) - mostBars; over > 0 {
		p.bars = slices.Delete(p.bars, 0, over)
	}
}

// blames reports whether only what is to blame is shown.
func (p *History) blames() bool { return p.verdict.Blame != nil && !p.all }

func (p *History) shown() []history.Bar {
	if p.blames() {
		return p.verdict.Blame.Window
	}
	return p.bars
}

// arrange makes the rows anew.
func (p *History) arrange() {
	p.stale = false
	words := strings.Fields(strings.ToLower(p.filter))
	p.rows = p.rows[:0]
	bars := p.shown()
	seen := map[string]bool{}
	for i := range bars {
		bar := &bars[i]
		if !matchesBar(bar, words) {
			continue
		}
		seen[bar.Client] = true
		p.rows = append(p.rows, barRow{bar, bar.Call, called})
		if !bar.Running {
			p.rows = append(p.rows, barRow{bar, endOf(bar), ended})
		}
	}
	slices.SortStableFunc(p.rows, func(a, b barRow) int {
		return cmp.Or(cmp.Compare(a.at, b.at), compareNumbers(a.number(), b.number()), cmp.Compare(a.part, b.part), cmp.Compare(a.ID, b.ID))
	})
	p.joinRows()
	p.lanes = sortedNodes(seen)
	keys := make([]uint64, len(p.rows))
	for i, r := range p.rows {
		keys[i] = uint64(r.ID)<<2 + uint64(r.part)
	}
	p.renew(keys)
}

// find finds the bars that a lesson points at: of each filter the newest that is shown and has all of its words.
func (p *History) find() {
	p.pointed = p.pointed[:0]
	bars := p.shown()
	for _, words := range p.wanted {
		for i := len(bars) - 1; i >= 0; i-- {
			if matchesBar(&bars[i], words) {
				p.pointed = append(p.pointed, bars[i].ID)
				break
			}
		}
	}
}

// points reports whether a lesson points at an operation.
func (p *History) points(id int) bool { return slices.Contains(p.pointed, id) }

// point scrolls as little as shows the bars that a lesson points at, their ends above all, unless somebody has chosen another
// or reads.
func (p *History) point() {
	if p.find(); len(p.pointed) == 0 || p.held || p.reading {
		return
	}
	for i, r := range p.rows {
		if p.points(r.ID) {
			p.show(i)
		}
	}
}

// number is that of the row's event among all of the history; 0 where it has none.
func (r *barRow) number() int {
	if r.part == ended {
		return r.Returned
	}
	return r.Called
}

// compareNumbers compares two numbers of events, of which each may be missing.
func compareNumbers(a, b int) int {
	if a == 0 || b == 0 {
		return 0
	}
	return cmp.Compare(a, b)
}

// endOf is when the client had its answer, or gave up.
func endOf(bar *history.Bar) time.Duration { return max(bar.Return, bar.Call) }

// joinRows makes one row of a bar in which nothing else begins or ends.
func (p *History) joinRows() {
	out := p.rows[:0]
	for i := 0; i < len(p.rows); i++ {
		r := p.rows[i]
		if i+1 < len(p.rows) && r.part == called && p.rows[i+1].ID == r.ID {
			r.part = atOneTime
			i++
		}
		out = append(out, r)
	}
	p.rows = out
}

// matchesBar reports whether all words of a filter are in an operation. The name of a client means its own alone.
func matchesBar(bar *history.Bar, words []string) bool {
	text := ""
	for _, w := range words {
		if w == bar.Client {
			continue
		}
		if text == "" {
			text = strings.ToLower(Shorter(bar.Key) + " " + bar.Kind.String() + " " + Shorter(bar.Value) + " " + Shorter(bar.Got))
		}
		if !strings.Contains(text, w) {
			return false
		}
	}
	return true
}

// sortedNodes are names in the order of their numbers.
func sortedNodes(seen map[string]bool) []string {
	var names []string
	for n := range seen {
		names = append(names, n)
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) })
	return names
}

func (p *History) Resize(w, h int) {
	p.w, p.full = w, h
	p.list.Resize(w, max(h-p.headRows()-p.readRows(), 0))
	if p.stale {
		p.arrange()
	}
	p.reveal()
	p.point()
}

// headRows are those of the verdict and, unless it is crowded, of the lanes' names.
func (p *History) headRows() int {
	if p.crowded() {
		return min(1, p.full)
	}
	return len(p.sentence(p.w)) + 1
}

// crowded reports whether there is room for little more than the verdict.
func (p *History) crowded() bool { return p.full-p.readRows() < 4 }

// sentence are the lines of the verdict, a single one where it is crowded.
func (p *History) sentence(w int) []string {
	most := min(max(p.full/3, 1), 3)
	if p.crowded() {
		most = 1
	}
	text, _ := p.judgement()
	return canvas.Wrap(text, w-2, most)
}

// isCulprit reports whether a bar is the operation that can't be explained.
func (p *History) isCulprit(bar *history.Bar) bool {
	blame := p.verdict.Blame
	return blame != nil && blame.IsCulprit(bar)
}

func (p *History) readRows() int { return readRowsOf(p.reading, p.full) }

func (p *History) Readable() bool { return p.at() >= 0 && p.at() < len(p.rows) }

func (p *History) Reads() bool { return p.reading }

func (p *History) Open() {
	p.reading = !p.reading
	if p.reading {
		p.pin()
	}
}

// toBlamed chooses the operation that can't be explained and, from there on, the next of those to blame.
func (p *History) toBlamed() {
	if p.onBlamed() {
		next := func(from int) int {
			return slices.IndexFunc(p.rows[from:], barRow.blamed) + from
		}
		i := next(p.at() + 1)
		if i == p.at() { // there is none after it
			i = next(0)
		}
		p.choose(i)
		p.pin()
		return
	}
	p.all, p.filter = false, ""
	p.arrange()
	i := slices.IndexFunc(p.rows, func(r barRow) bool { return r.part != called && p.isCulprit(r.Bar) })
	p.choose(max(i, 0))
	p.pin()
}

// blamed reports whether the row is where an operation to blame is told of.
func (r barRow) blamed() bool { return r.part != called && r.Blamed }

// onBlamed reports whether one of those to blame is chosen.
func (p *History) onBlamed() bool { return p.Readable() && p.rows[p.at()].blamed() }

func (p *History) FilterText() string { return p.filter }

func (p *History) SetFilter(text string) { p.filter, p.stale = text, true }

func (p *History) Status() string {
	var parts []string
	if p.filter != "" {
		parts = append(parts, "/"+p.filter)
	}
	switch {
	case p.blames():
		parts = append(parts, "v shows all")
	case p.verdict.Blame != nil:
		parts = append(parts, "v shows whom to blame")
	}
	if text := p.list.Status(); text != "" && p.h > 0 {
		parts = append(parts, text)
	}
	return strings.Join(parts, "  ")
}

func (p *History) Actions() []Action {
	violated := func(at Place) (string, bool) {
		return "", at.Front == p.Name() && at.shows(p.Name()) && p.verdict.Blame != nil
	}
	leads := func(at Place) (string, bool) {
		_, ok := violated(at)
		if ok && p.onBlamed() && p.isCulprit(p.rows[p.at()].Bar) {
			return "what contradicts it", len(p.verdict.Blame.Because) > 0
		}
		return "whom to blame", ok
	}
	return []Action{{
		Keys: []string{"w"}, Shown: "w", Name: "whom to blame", Help: "in the history: go to the operation that can't be explained, then to those that contradict it",
		Works: leads, Do: InPane(p.toBlamed), Looks: true,
		Urgent: func(Place) bool { return !p.reading },
	}, {
		Keys: []string{"v"}, Shown: "v", Help: "in the history: all operations, or those around a violation",
		Works: violated, Do: InPane(func() { p.all, p.stale = !p.all, true }), Looks: true,
	}}
}
