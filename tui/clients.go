package tui

import (
	"strings"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/pbservice"
)

// drawClients gives each client a row, or half of one where rows are few: what it runs, for how long and what it
// waits for, else its newest result. Those for whom there is no room are counted.
func (m *Model) drawClients(b *block) {
	all := m.now.Clients
	across := 1
	if len(all) > b.h {
		across = max(1, min(b.w/40, (len(all)+b.h-1)/b.h))
	}
	shown := min(len(all), b.h*across)
	hidden := len(all) - shown
	if hidden > 0 && shown == 1 {
		m.drawBusiest(b.next())
		return
	}
	if hidden > 0 {
		shown = max(shown-1, 0)
	}
	for i := range shown {
		if i%across == 0 {
			b.next()
		}
		end := b.w * (i%across + 1) / across
		m.drawClient(b, &all[i], end)
		b.at(end)
	}
	if hidden > 0 {
		if shown%across == 0 {
			b.next()
		}
		b.put(muted, m.hiddenClients(all[shown:]))
	}
}

// drawBusiest has room for one client: the one that waits longest.
func (m *Model) drawBusiest(b *block) {
	all := m.now.Clients
	_, worst := longest(all)
	others := "+" + count(len(all)-1)
	m.drawClient(b, &all[max(worst, 0)], b.w-len(others)-2)
	b.at(b.w-len(others)-1).put(muted, others)
}

// longest is how many clients wait, and which of them longest; -1 if none does.
func longest(all []engine.ClientState) (waiting, worst int) {
	worst = -1
	for i := range all {
		if all[i].Running {
			waiting++
			if worst < 0 || all[i].Since > all[worst].Since {
				worst = i
			}
		}
	}
	return waiting, worst
}

func (m *Model) hiddenClients(rest []engine.ClientState) string {
	waiting, worst := longest(rest)
	text := "  and " + count(len(rest)) + " more"
	if worst >= 0 {
		text += ", " + count(waiting) + " at work: " + rest[worst].Name + " " + elapsed(rest[worst].Since)
	}
	return text
}

// drawClient writes one client up to column end.
func (m *Model) drawClient(b *block, c *engine.ClientState, end int) {
	rest := b.left - (b.w - end)
	whole := b.left
	b.left = rest
	look := m.mark(b, c.Name)
	b.col(look, c.Name, nameCol-2)
	if c.State == netsim.Frozen {
		b.put(frozen, "❄ frozen").space(2)
	}
	if cut := m.now.cutFrom(c.Name); len(cut) > 0 {
		b.put(broken, "⊘ cut "+m.cutNames(cut)).space(2)
	}
	switch {
	case c.Running:
		b.cell(plain, b.op(brief(c.Op)), max(b.left/3, 12), 0).put(plain, " … ")
		b.put(warning, elapsed(c.Since)).space(2).put(plain, c.Waits)
	case len(c.Last) > 0:
		d := c.Last[0]
		answer, look := b.answer(d)
		b.cell(plain, b.op(brief(d.Op)), max(b.left/3, 12), 0).space(1)
		b.put(look, answer).space(2).put(muted, elapsed(d.Took))
	default:
		b.put(muted, "has done nothing yet")
	}
	b.left += whole - rest
}

// cutNames shortens a list that names everybody.
func (m *Model) cutNames(cut []string) string {
	if len(cut) >= len(m.now.nodes)-1 {
		return "off"
	}
	return strings.Join(cut, " ")
}

// answer is the outcome of an operation in words.
func (k *ink) answer(d engine.Done) (string, role) {
	switch {
	case d.Err != "":
		return "✗ " + d.Err, warning
	case d.Reply.Err == pbservice.NoKey:
		return "→ no such key", plain
	case d.Reply.Err != pbservice.OK && d.Reply.Why.Code != pbservice.CodeNone:
		return "✗ " + d.Reply.Why.String(), warning
	case d.Reply.Err != pbservice.OK:
		return "✗ " + string(d.Reply.Err), warning
	case d.Op.Kind == pbservice.Get:
		return "→ " + k.quoted(shorter(d.Reply.Value)), good
	}
	return "✓ ok", good
}

// brief cuts what is too long to be shown anyhow.
func brief(o pbservice.Op) pbservice.Op {
	o.Key, o.Value = shorter(o.Key), shorter(o.Value)
	return o
}
