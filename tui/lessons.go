package tui

import (
	"fmt"
	"slices"

	"cluster/splitbrain/tui/pane"
	"cluster/splitbrain/tui/script"

	tea "github.com/charmbracelet/bubbletea"
)

func lessonsAction(m *Model) pane.Action {
	return pane.Action{
		Keys: []string{"L"}, Shown: "L", Name: "lessons", Help: "list the lessons; after free play: return to the one that waits",
		Works: func(pane.Place) (string, bool) {
			if m.notes.Waits() {
				return "back to the lesson", true
			}
			return "lessons", true
		},
		Do:     func(pane.Place) pane.Wish { return m.notes.Resume() },
		Urgent: func(pane.Place) bool { return m.notes.Waits() || m.commands.text == welcome },
	}
}

func (m *Model) listLessons() tea.Cmd {
	var all []choice
	for i, s := range script.Lessons() {
		all = append(all, m.lesson(fmt.Sprintf("%2d ", i+1), s.Heading(), s))
	}
	for _, s := range script.RuleScripts() {
		all = append(all, m.lesson("", "without "+s.Name, s))
	}
	c := newChooser("lessons", all)
	if now := m.notes.Now; now != nil {
		at := slices.IndexFunc(script.Lessons(), func(s *script.Script) bool { return s.Name == now.Script.Name })
		c.wheel(at + 1) // the next one
	}
	m.dialog = c
	return nil
}

// lesson is one in the list, with a mark if it was played to its end, and how well.
func (m *Model) lesson(number, name string, s *script.Script) choice {
	mark, text := "  ", s.About
	if done, ok := m.host.progress.Of(s.Name); ok {
		mark = "✓ "
		if done.Of > 0 {
			text = fmt.Sprintf("%d of %d right · %s", done.Right, done.Of, text)
		}
	}
	return choice{name: number + mark + name, text: text, do: openScript(s.Name)}
}

func openScript(name string) func(*Model) tea.Cmd {
	return func(m *Model) tea.Cmd { return m.commands.run(openLine(name)) }
}

// openLine is the command that opens a script.
func openLine(name string) string { return "open " + script.Quote(name) }
