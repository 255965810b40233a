package tui

import (
	"fmt"
	"strings"

	"cluster/splitbrain/tui/script"

	tea "github.com/charmbracelet/bubbletea"
)

// lessonActions lead through a lesson. While one leads, space goes on in it; in free play it pauses time as ever.
func lessonActions() []action {
	leads := func(m *Model) bool { return m.notes.leads() }
	back := func(m *Model) (string, bool) { return "", leads(m) && m.paneShown(m.notes) && m.notes.now.Step > 1 }
	return []action{{
		keys: []string{" "}, shown: "space", name: "go on", help: "in a lesson: go on; elsewhere space pauses time",
		works: func(m *Model) (string, bool) {
			switch {
			case !leads(m):
				return "", false
			case m.notes.busy():
				return "resume", m.now.Paused
			case m.notes.now.Over:
				return "lessons", true
			}
			return "go on", true
		},
		do: (*Model).lessonOn, urgent: leads,
	}, {
		keys: []string{"backspace"}, shown: "backspace", name: "back", help: "in a lesson: to how it was one step before",
		works: back, do: func(m *Model) tea.Cmd { return m.run("lesson back") }, urgent: leads,
	}, {
		keys: []string{"left"}, works: func(m *Model) (string, bool) {
			_, ok := back(m)
			return "", ok && m.paneShownMain(m.notes)
		},
		do: func(m *Model) tea.Cmd { return m.run("lesson back") },
	}}
}

func lessonsAction() action {
	waits := func(m *Model) bool { return m.notes.now != nil && m.notes.away }
	return action{
		keys: []string{"L"}, shown: "L", name: "lessons", help: "list the lessons; after free play: return to the one that waits",
		works: func(m *Model) (string, bool) {
			if waits(m) {
				return "back to the lesson", true
			}
			return "lessons", true
		},
		do:     (*Model).lessons,
		urgent: func(m *Model) bool { return waits(m) || m.runs.text == welcome },
	}
}

// lessonOn runs the step that is shown. At the end it leads to the other lessons.
func (m *Model) lessonOn() tea.Cmd {
	switch {
	case m.notes.busy(): // and time stands
		return m.run("resume")
	case m.notes.now.Over:
		return m.listLessons()
	}
	return m.run("lesson next")
}

// lessons returns to the lesson that waits, or lists all.
func (m *Model) lessons() tea.Cmd {
	if m.notes.now == nil || !m.notes.away {
		return m.listLessons()
	}
	m.notes.away = false
	m.bring(m.notes)
	return m.run("lesson resume")
}

func (m *Model) listLessons() tea.Cmd {
	var all []choice
	for i, s := range script.Lessons() {
		all = append(all, choice{name: fmt.Sprintf("%2d  %s", i+1, s.Heading()), text: s.About, do: openScript(s.Name)})
	}
	for _, s := range script.RuleScripts() {
		all = append(all, choice{name: "without " + s.Name, text: s.About, do: openScript(s.Name)})
	}
	c := newChooser("lessons", all)
	if now := m.notes.now; now != nil {
		c.startAfter(func(one choice) bool { return strings.HasSuffix(one.name, "  "+now.Script.Heading()) })
	}
	m.dialog = c
	return nil
}

func openScript(name string) func(*Model) tea.Cmd {
	return func(m *Model) tea.Cmd { return m.run(openLine(name)) }
}

// openLine is the command that opens a script.
func openLine(name string) string { return "open " + script.Quote(name) }

// playFreely lets the lesson wait.
func (m *Model) playFreely() {
	m.notes.away = true
	m.note("free play: every key works as usual; L returns to the lesson")
}
