package pane

import (
	"slices"
	"strings"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/tui/canvas"
	"cluster/splitbrain/tui/script"

	"github.com/charmbracelet/x/ansi"
)

// Help lists the keys that do something now, and the commands. Its filter searches all keys and all commands.
type Help struct {
	page
	w         int
	actions   []Action
	commands  []script.Command
	elsewhere []script.Command // which need a simulated cluster, while none is shown
	now       map[*Action]bool // those that do something in the pane that help was opened from
	ASCII     bool             // the screen has stand-ins for characters, which are explained
	filter    string
	rows      []helpRow
}

type helpRow struct {
	look       canvas.Style
	what, text string
}

// marks are what signs on the screen mean.
var marks = []helpRow{
	{},
	{canvas.Strong, "marks", "P primary   B backup   · idle   ✗ crashed   ❄ frozen   ⊘ cut"},
	{canvas.Plain, "", "‖ held, paused   ● pings come   ≠ backup differs from the primary"},
	{canvas.Plain, "", "+ has just changed; in a lesson: since its step began"},
	{canvas.Plain, "", "history: ✗ can't be explained   ≠ what it can't be squared with"},
	{canvas.Plain, "", "» what a lesson speaks of   3→4 a server in view 3 that knows of view 4"},
}

// standIns are what ASCII characters stand for that mean something else elsewhere.
var standIns = []helpRow{
	{},
	{canvas.Strong, "in ASCII", "v done, acknowledged   x failed, lost, crashed, or times (x1)"},
	{canvas.Plain, "", "> chosen, or leads to   < here, or comes from   ^ v above, below"},
	{canvas.Plain, "", ": left out, or more there   $ cut here   ... runs"},
	{canvas.Plain, "", "* a message   # full, and . empty in a bar"},
}

// helpCol is where texts begin, unless what they tell of is longer.
const helpCol = 12

// room is how many cells the text of a row has in a pane of w.
func (r *helpRow) room(w int) int { return w - 1 - max(helpCol, ansi.StringWidth(r.what)+1) }

func (p *Help) Resize(w, h int) {
	if p.w != w {
		p.w = w
		p.arrange()
	}
	p.page.Resize(w, h)
}

// NewHelp makes the pane, which lists these commands, and finds those that need a simulated cluster.
func NewHelp(commands, elsewhere []script.Command) *Help {
	return &Help{commands: commands, elsewhere: elsewhere}
}

// Explain tells what can be done at a place.
func (p *Help) Explain(actions []Action, at Place) {
	p.actions, p.now = actions, map[*Action]bool{}
	for i := range actions {
		_, p.now[&actions[i]] = actions[i].Available(at)
	}
	p.SetFilter("")
}

func (p *Help) Name() string { return "help" }

func (p *Help) Observe(Observation, *Index) {}

// arrange makes the rows anew.
func (p *Help) arrange() {
	keys, commands := p.keyRows(), p.commandRows()
	p.rows = slices.Concat(keys, []helpRow{{}}, commands)
	if len(keys)+len(commands) == 2 { // the headings
		p.rows = nil
	}
	for _, row := range marks {
		if hasWords(row.what+" "+row.text, p.filter) {
			p.rows = append(p.rows, row)
		}
	}
	if p.ASCII {
		for _, row := range standIns {
			if hasWords("in ascii "+row.text, p.filter) {
				p.rows = append(p.rows, row)
			}
		}
	}
	if len(p.rows) == 0 {
		p.rows = []helpRow{{canvas.Muted, "", "no key or command has “" + p.filter + "” in it: / changes the filter"}}
	}
	p.rows = p.broken(p.rows)
	p.n = len(p.rows)
	p.clamp()
}

// broken breaks the texts of rows to fit.
func (p *Help) broken(rows []helpRow) []helpRow {
	const most = 3
	out := make([]helpRow, 0, len(rows))
	for _, r := range rows {
		for _, r.text = range canvas.Wrap(r.text, r.room(p.w), most) {
			out = append(out, r)
			r.what = ""
		}
	}
	return out
}

func (p *Help) keyRows() []helpRow {
	rows := []helpRow{{canvas.Strong, "keys", "they act on the selected node ▸ and run commands as the prompt does"}}
	others := 0
	for i := range p.actions {
		a := &p.actions[i]
		switch {
		case a.Help == "" || !p.matches(a.Shown, a.Name, a.Help):
		case p.now[a]:
			rows = append(rows, helpRow{canvas.Keycap, a.Shown, a.Help})
		case p.filter != "":
			rows = append(rows, helpRow{canvas.Muted, a.Shown, a.Help + " (not now)"})
		default:
			others++
		}
	}
	if others > 0 {
		rows = append(rows, helpRow{canvas.Muted, "", engine.Plural(others, "key") + " more for other moments and panes: / finds them by a word"})
	}
	return rows
}

func (p *Help) commandRows() []helpRow {
	rows := []helpRow{{canvas.Strong, "commands", "press : and type; tab completes"}}
	for _, c := range p.commands {
		rows = append(rows, p.commandRow(c, canvas.Keycap, "")...)
	}
	if n := len(p.elsewhere); n > 0 && p.filter == "" {
		return append(rows, helpRow{canvas.Muted, "", engine.Plural(n, "command") + " more for a simulated world: / finds them by a word"})
	}
	for _, c := range p.elsewhere {
		rows = append(rows, p.commandRow(c, canvas.Muted, " (only with --sim)")...)
	}
	return rows
}

// commandRow are the rows of a command, if it matches the filter.
func (p *Help) commandRow(c script.Command, look canvas.Style, where string) []helpRow {
	if !p.matches(c.Usage, c.Help, c.Example) {
		return nil
	}
	rows := []helpRow{{look, c.Name, c.Help + where}}
	usage := helpRow{canvas.Muted, "", c.Usage + "      " + c.Example}
	if ansi.StringWidth(usage.text) > usage.room(p.w) {
		rows = append(rows, helpRow{canvas.Muted, "", c.Usage})
		usage.text = c.Example
	}
	return append(rows, usage)
}

// matches reports whether the filter's words all stand in one of the texts.
func (p *Help) matches(texts ...string) bool {
	text := strings.ToLower(strings.Join(texts, " "))
	for _, word := range strings.Fields(strings.ToLower(p.filter)) {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}

func (p *Help) FilterText() string { return p.filter }

func (p *Help) SetFilter(text string) {
	p.filter, p.top = text, 0
	p.arrange()
}

func (p *Help) Status() string {
	if p.filter == "" {
		return p.page.Status()
	}
	return strings.TrimSpace("/" + p.filter + "  " + p.page.Status())
}

func (p *Help) Draw(b *canvas.Canvas, _ *Index) {
	for i := p.top; i < len(p.rows) && !b.Full(); i++ {
		r := p.rows[i]
		b.Next().Space(1).Col(r.look, r.what, b.W-1-r.room(b.W))
		look := canvas.Plain
		if r.look == canvas.Muted {
			look = canvas.Muted
		}
		b.Put(look, r.text)
	}
}
