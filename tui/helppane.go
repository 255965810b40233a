package tui

import (
	"slices"
	"strings"

	"cluster/splitbrain/tui/canvas"
	"cluster/splitbrain/tui/script"

	"github.com/charmbracelet/x/ansi"
)

// help lists the keys that do something now, and the commands. Its filter searches all keys.
type help struct {
	page
	w        int
	actions  []action
	commands []script.Command
	now      map[*action]bool // those that do something in the pane that help was opened from
	filter   string
	rows     []helpRow
}

type helpRow struct {
	look       canvas.Style
	what, text string
}

// helpCol is where texts begin, unless what they tell of is longer.
const helpCol = 12

// room is how many cells the text of a row has in a pane of w.
func (r *helpRow) room(w int) int { return w - 1 - max(helpCol, ansi.StringWidth(r.what)+1) }

func (p *help) resize(w, h int) {
	if p.w != w {
		p.w = w
		p.arrange()
	}
	p.page.resize(w, h)
}

func newHelp(commands []script.Command) *help { return &help{commands: commands} }

// explain tells what can be done at a place.
func (p *help) explain(actions []action, at place) {
	p.actions, p.now = actions, map[*action]bool{}
	for i := range actions {
		_, p.now[&actions[i]] = actions[i].available(at)
	}
	p.setFilter("")
}

func (p *help) name() string { return "help" }

func (p *help) observe(observation, *scene) {}

// arrange makes the rows anew.
func (p *help) arrange() {
	keys, commands := p.keyRows(), p.commandRows()
	p.rows = slices.Concat(keys, []helpRow{{}}, commands)
	if len(keys)+len(commands) == 2 { // the headings
		p.rows = []helpRow{{canvas.Muted, "", "no key or command has “" + p.filter + "” in it: / changes the filter"}}
	}
	if p.filter == "" {
		p.rows = append(p.rows, helpRow{},
			helpRow{canvas.Strong, "marks", "P primary   B backup   · idle   ✗ crashed   ❄ frozen   ⊘ cut"},
			helpRow{canvas.Plain, "", "‖ held, paused   ≠ backup differs   + just changed"})
	}
	p.rows = p.broken(p.rows)
	p.n = len(p.rows)
	p.clamp()
}

// broken breaks the texts of rows to fit.
func (p *help) broken(rows []helpRow) []helpRow {
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

func (p *help) keyRows() []helpRow {
	rows := []helpRow{{canvas.Strong, "keys", "they act on the selected node ▸ and run commands as the prompt does"}}
	others := 0
	for i := range p.actions {
		a := &p.actions[i]
		switch {
		case a.help == "" || !p.matches(a.shown, a.name, a.help):
		case p.now[a]:
			rows = append(rows, helpRow{canvas.Keycap, a.shown, a.help})
		case p.filter != "":
			rows = append(rows, helpRow{canvas.Muted, a.shown, a.help + " (not now)"})
		default:
			others++
		}
	}
	if others > 0 {
		rows = append(rows, helpRow{canvas.Muted, "", plural(others, "key") + " more for other moments and panes: / finds them by a word"})
	}
	return rows
}

func (p *help) commandRows() []helpRow {
	rows := []helpRow{{canvas.Strong, "commands", "press : and type; tab completes"}}
	for _, c := range p.commands {
		if p.matches(c.Usage, c.Help, c.Example) {
			rows = append(rows, helpRow{canvas.Keycap, c.Name, c.Help})
			usage := helpRow{canvas.Muted, "", c.Usage + "      " + c.Example}
			if ansi.StringWidth(usage.text) > usage.room(p.w) {
				rows = append(rows, helpRow{canvas.Muted, "", c.Usage})
				usage.text = c.Example
			}
			rows = append(rows, usage)
		}
	}
	return rows
}

// matches reports whether the filter's words all stand in one of the texts.
func (p *help) matches(texts ...string) bool {
	text := strings.ToLower(strings.Join(texts, " "))
	for _, word := range strings.Fields(strings.ToLower(p.filter)) {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}

func (p *help) filterText() string { return p.filter }

func (p *help) setFilter(text string) {
	p.filter, p.top = text, 0
	p.arrange()
}

func (p *help) status() string {
	if p.filter == "" {
		return p.page.status()
	}
	return strings.TrimSpace("/" + p.filter + "  " + p.page.status())
}

func (p *help) draw(b *canvas.Canvas, _ *scene) {
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
