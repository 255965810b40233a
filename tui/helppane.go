package tui

import "cluster/splitbrain/netsim/script"

// help lists the keys and the commands.
type help struct {
	page
	actions []action
	rows    []helpRow
}

type helpRow struct {
	look       role
	what, text string
}

const helpCol = 12

func (p *help) name() string { return "help" }

func (p *help) observe(observed, *scene) {}

func (p *help) resize(w, h int) {
	if p.rows == nil {
		p.rows = helpRows(p.actions)
	}
	p.n = len(p.rows)
	p.page.resize(w, h)
}

func helpRows(actions []action) []helpRow {
	rows := []helpRow{{strong, "keys", "they act on the selected node ▸ and run commands as the prompt does"}}
	for i := range actions {
		if a := &actions[i]; a.help != "" {
			rows = append(rows, helpRow{keycap, a.shown, a.help})
		}
	}
	rows = append(rows,
		helpRow{},
		helpRow{strong, "commands", "press : and type; tab completes"})
	for _, c := range script.Commands() {
		rows = append(rows, helpRow{keycap, c.Name, c.Help}, helpRow{muted, "", c.Usage + "      " + c.Example})
	}
	return append(rows, helpRow{},
		helpRow{strong, "marks", "P primary   B backup   · idle   ✗ crashed   ❄ frozen   ⊘ cut"},
		helpRow{plain, "", "‖ held, paused   ≠ backup differs   + just changed"})
}

func (p *help) draw(b *block, _ *scene) {
	for i := p.top; i < len(p.rows) && !b.full(); i++ {
		r := p.rows[i]
		b.next().space(1).col(r.look, r.what, helpCol)
		look := plain
		if r.look == muted {
			look = muted
		}
		b.put(look, r.text)
	}
}
