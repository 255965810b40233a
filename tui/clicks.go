package tui

import (
	"slices"
	"unicode"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
)

// hintsIn are the hints that fit into w cells. The last ones, which lead on and out, always do, but help makes room for
// what is urgent.
func (m *Model) hintsIn(w int) []hint {
	urgent, first, last := m.hints()
	if len(urgent) > 0 && hintsWidth(urgent[:1])+hintsWidth(last) > w {
		without := slices.DeleteFunc(slices.Clone(last), func(h hint) bool { return h.key == "?" })
		if hintsWidth(urgent[:1])+hintsWidth(without) <= w {
			last = without
		}
	}
	var all []hint
	left := w - hintsWidth(last)
	for _, h := range append(urgent, first...) {
		if width := hintsWidth([]hint{h}); width <= left {
			all = append(all, h)
			left -= width
		}
	}
	return append(all, last...)
}

// clickHint does what the key of the hint at column x does.
func (m *Model) clickHint(x int) tea.Cmd {
	for _, h := range m.hintsIn(m.layout.hints.w) {
		width := hintsWidth([]hint{h})
		if x < width {
			k, ok := h.keyAt(x - 1)
			if !ok {
				return nil
			}
			return m.key(k)
		}
		x -= width
	}
	return nil
}

// namedKeys are the keys that hints write as words or signs of their own.
var namedKeys = map[string]tea.KeyType{
	"enter": tea.KeyEnter, "esc": tea.KeyEsc, "tab": tea.KeyTab, "shift+tab": tea.KeyShiftTab, "backspace": tea.KeyBackspace,
	"ctrl+p": tea.KeyCtrlP, "ctrl+u": tea.KeyCtrlU, "ctrl+c": tea.KeyCtrlC, "ctrl+z": tea.KeyCtrlZ,
	"PgUp": tea.KeyPgUp, "PgDn": tea.KeyPgDown, "Home": tea.KeyHome, "End": tea.KeyEnd,
	"↑": tea.KeyUp, "↓": tea.KeyDown, "←": tea.KeyLeft, "→": tea.KeyRight,
}

// keyAt is the key that is written x cells from the beginning of the hint's keys: of several that one, and the first where
// the hint's name is clicked.
func (h hint) keyAt(x int) (tea.KeyMsg, bool) {
	if h.key == "space" {
		return tea.KeyMsg{Type: tea.KeySpace, Runes: []rune{' '}}, true
	}
	if k, ok := namedKeys[h.key]; ok {
		return tea.KeyMsg{Type: k}, true
	}
	keys := slices.DeleteFunc([]rune(h.key), unicode.IsSpace)
	if len(keys) == 0 {
		return tea.KeyMsg{}, false
	}
	which, at := keys[0], 0
	for _, r := range h.key {
		if at == x && !unicode.IsSpace(r) {
			which = r
		}
		at += ansi.StringWidth(string(r))
	}
	if k, ok := namedKeys[string(which)]; ok {
		return tea.KeyMsg{Type: k}, true
	}
	return tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune{which}}, true
}
