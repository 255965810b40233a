package tui

import (
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/tui/pane"

	tea "github.com/charmbracelet/bubbletea"
)

// askOfLink asks what is to be done to a link: what is broken there can be mended, first of all.
func (m *Model) askOfLink(l engine.Link) {
	var all []choice
	offer := func(line, text string) {
		all = append(all, choice{name: line, text: text, do: func(m *Model) tea.Cmd { return m.commands.run(line) }})
	}
	a, b := l.From, l.To
	for _, ends := range [][2]string{{a, b}, {b, a}} {
		for _, f := range m.now.FaultsOn(ends[0], ends[1]) {
			offer(pane.EndOf(f), "ends: "+f.String())
		}
	}
	offer("cut "+a+" "+b, "nothing passes any more")
	for _, ends := range [][2]string{{a, b}, {b, a}} {
		way := ends[0] + " " + ends[1]
		offer("cut "+ends[0]+" > "+ends[1], "one way only")
		offer("hold "+way, "messages wait for you")
		offer("delay "+way+" 200ms", "messages come late")
		offer("loss "+way+" 30%", "requests get lost")
		offer("loss "+way+" 30% replies", "replies get lost")
		offer("dup "+way+" 30%", "messages arrive twice")
		offer("reorder "+way, "messages overtake each other")
	}
	m.dialog = newChooser("link "+a+" "+b+":", all)
}
