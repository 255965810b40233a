package tui

import tea "github.com/charmbracelet/bubbletea"

func historyActions() []action {
	violated := func(m *Model) (string, bool) {
		return "", m.paneShown(m.operations) && m.paneShownMain(m.operations) && m.operations.verdict.Blame != nil
	}
	return []action{{
		keys: []string{"w"}, shown: "w", name: "whom to blame", help: "in the history: go to the operation that can't be explained",
		works: violated, do: func(m *Model) tea.Cmd { m.operations.toCulprit(); return nil },
		urgent: func(m *Model) bool { return !m.operations.reading },
	}, {
		keys: []string{"v"}, shown: "v", help: "in the history: all operations, or those around a violation",
		works: violated,
		do: func(m *Model) tea.Cmd {
			m.operations.all, m.operations.stale = !m.operations.all, true
			return nil
		},
	}}
}
