package tui

import (
	"strings"

	"cluster/splitbrain/tui/canvas"
	"cluster/splitbrain/tui/pane"

	tea "github.com/charmbracelet/bubbletea"
)

// violationAction puts the row away that tells of a violation, whose room a lesson's text may need, and brings it back.
func violationAction(m *Model) pane.Action {
	return pane.Action{
		Keys: []string{"V"}, Shown: "V", Name: "put away", Help: "put away the row that tells of a violation, and show it again",
		Works: func(pane.Place) (string, bool) {
			text, _ := m.violation()
			if text != "" && text == m.putAway {
				return "violation", true
			}
			return "put away", text != ""
		},
		Do: does(m.turnViolation), Looks: true,
		Urgent: func(pane.Place) bool { _, look := m.violationLine(); return look == canvas.Alarm },
	}
}

func (m *Model) turnViolation() tea.Cmd {
	if m.putAway == m.violated {
		m.putAway = ""
	} else {
		m.putAway = m.violated
	}
	return nil
}

// clickWhy puts a violation away that is clicked in row y of the why line.
func (m *Model) clickWhy(y int) tea.Cmd {
	if broken, _ := m.whyLines(m.styles, m.layout.why.w, m.layout.why.h); y < len(broken) {
		return m.turnViolation()
	}
	return nil
}

// violationTold is the violation that has a row above the result and below the panes, which need not tell it too; "" if none has.
func (m *Model) violationTold() string {
	if line, _ := m.violationLine(); line == "" || m.layout.why.h == 0 || m.layout.present.h > 0 {
		return ""
	}
	return m.violated
}

// toldAbove is a result without the violation that has a row above it.
func (m *Model) toldAbove(text string) string {
	if told := m.violationTold(); told != "" {
		return strings.ReplaceAll(text, told, "as told above")
	}
	return text
}
