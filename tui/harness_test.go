package tui

import (
	"context"
	"io"
	"slices"
	"testing"
	"time"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/tui/pane"

	tea "github.com/charmbracelet/bubbletea"
)

// begin returns a model that has seen snap on a screen of w × h, with the maps in front.
func begin(t testing.TB, snap engine.Snapshot, w, h int, opts Options) (*Model, *fake) {
	t.Helper()
	m, f := beginAsIs(t, snap, w, h, opts)
	m.bring("maps")
	m.relayout()
	return m, f
}

// beginAsIs returns a model that has seen snap, with the pane in front that the program begins with.
func beginAsIs(t testing.TB, snap engine.Snapshot, w, h int, opts Options) (*Model, *fake) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	opts.Width, opts.Height, opts.Out = w, h, io.Discard
	opts.Getenv = func(string) string { return "xterm" }
	if opts.Theme == "" {
		opts.Theme = "mono"
	}
	f := &fake{snap: snap}
	f.Notes = f.note
	m, err := New(ctx, f, opts)
	if err != nil {
		t.Fatal(err)
	}
	m.poll.timer = func(time.Duration, func(time.Time) tea.Msg) tea.Cmd { return nil }
	see(m, snap)
	return m, f
}

// see hands a snapshot to the model, as if it had looked.
func see(m *Model, snap engine.Snapshot) {
	m.Update(pollResult{Observation: pane.Observation{Snap: snap, Nodes: nodesOf(snap), Asked: m.maps.Window()}})
}

// press types keys, by the names Bubble Tea gives them, and runs what they begin to its end.
func press(m *Model, keys ...string) {
	for _, k := range keys {
		_, cmd := m.Update(keyMsg(k))
		settle(m, cmd)
	}
}

// settle runs a command and those that follow from it. Looks at the cluster are left out: tests hand snapshots over.
func settle(m *Model, cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	switch msg := cmd().(type) {
	case nil, due, pollResult:
	case tea.BatchMsg:
		for _, c := range msg {
			settle(m, c)
		}
	default:
		_, next := m.Update(msg)
		settle(m, next)
	}
}

func keyMsg(name string) tea.KeyMsg {
	for t := tea.KeyType(-200); t < 200; t++ {
		if t != tea.KeyRunes && t.String() == name && name != "" {
			k := tea.Key{Type: t}
			if t == tea.KeySpace {
				k.Runes = []rune{' '}
			}
			return tea.KeyMsg(k)
		}
	}
	return tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(name)}
}

func paste(text string) tea.KeyMsg {
	return tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(text), Paste: true}
}

func sorted(s []string) []string {
	slices.Sort(s)
	return s
}
