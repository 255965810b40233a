package tui

import (
	"fmt"
	"slices"

	"cluster/splitbrain/tui/pane"
	"cluster/splitbrain/tui/script"
	"cluster/splitbrain/viewservice/rules"

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
		all = append(all, m.lesson(fmt.Sprintf("%2d ", i), s.Heading(), s))
	}
	for _, s := range script.RuleScripts() {
		all = append(all, m.lesson("", "what "+s.Name+" is for", s))
	}
	c := newChooser("lessons", all)
	if now := m.notes.Now; now != nil {
		at := slices.IndexFunc(script.Lessons(), func(s *script.Script) bool { return s.Name == now.Script.Name })
		c.wheel(at + 1) // the next one
	}
	m.dialog = c
	return nil
}

// openList opens a list of which something can be chosen.
func (m *Model) openList(list script.List) tea.Cmd {
	if list == script.RuleList {
		return m.listRules()
	}
	return m.listLessons()
}

// listRules lists the rules that can be switched off, each with what it does, and leads to what is told of it.
func (m *Model) listRules() tea.Cmd {
	var all []choice
	for _, r := range rules.All() {
		state := "on   "
		if m.now.Disabled.Has(r) {
			state = "OFF  "
		}
		refs := r.Refs()
		all = append(all, choice{
			name: r.String(), text: state + refs.String() + " without it " + r.Effect(),
			do: func(m *Model) tea.Cmd { return m.openCard(refs[0]) },
		})
	}
	m.dialog = newChooser("rules", all)
	return nil
}

// lesson is one in the list, with a mark if it was played to its end, and how well.
func (m *Model) lesson(number, name string, s *script.Script) choice {
	mark, text := "  ", s.About
	if done, ok := m.host.progress.Of(s.Name); ok {
		mark = "✓ "
		if done.Of > 0 {
			text = script.Correctly(done.Right, done.Of) + " · " + text
		}
	}
	return choice{name: number + mark + name, text: text, do: openScript(s.Name)}
}

// lookWhere brings the pane to the front that a lesson speaks of, when it begins to, and that of a script without texts.
func (m *Model) lookWhere(was, is *script.PlayerState) {
	if is == nil {
		m.messages.ShowOnly("")
	}
	if is == nil || is.Free {
		return
	}
	m.messages.ShowOnly(is.Look.Only)
	begins := was == nil || was.Script != is.Script
	switch {
	case begins && is.Steps == 0:
		m.bring(m.notes.Name())
	case is.Look.Pane != "" && (begins || was.Step != is.Step || was.Look.Pane != is.Look.Pane):
		m.bring(is.Look.Pane)
		m.messages.ShowPings(slices.Contains(is.Look.Marks, "pings"))
	case begins:
		m.bring(m.maps.Name())
	}
	at, marked := m.session.MarkedAt()
	m.messages.ShowFrom(at, marked && is.Look.Pane == m.messages.Name() && slices.Contains(is.Look.Marks, "mark"))
}

// stripRows is how many rows the text of a lesson wants above the panes: none where it has a pane of its own.
func (m *Model) stripRows() int {
	if m.inFront(m.notes) || m.zoomed || m.still {
		return 0
	}
	return m.notes.StripRows(m.w)
}

// playFreely lets the lesson wait.
func (m *Model) playFreely() tea.Cmd {
	m.notes.Left = true
	return m.commands.run("lesson free")
}

func openScript(name string) func(*Model) tea.Cmd {
	return func(m *Model) tea.Cmd { return m.commands.run(openLine(name)) }
}

// openLine is the command that opens a script.
func openLine(name string) string { return "open " + script.Quote(name) }
