package tui

import (
	"strings"
	"testing"
	"unicode/utf8"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/history"
	"cluster/splitbrain/tui/canvas"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
	"pgregory.net/rapid"
)

// TestFramesFill: whatever is pressed, clicked, pasted or seen, at any size, a frame is exactly as wide and high as
// the screen, and nothing in it but our own styles is a control character.
func TestFramesFill(t *testing.T) {
	names, scenes := []string{}, []engine.Snapshot{}
	for name := range telling() {
		names = append(names, name)
	}
	for _, name := range sorted(names) { // in one order, so that what fails can be repeated
		scenes = append(scenes, telling()[name])
	}
	rapid.Check(t, func(rt *rapid.T) {
		opts := Options{
			Theme: string(rapid.SampledFrom(canvas.Themes).Draw(rt, "theme")),
			ASCII: rapid.Bool().Draw(rt, "ascii"), Plain: rapid.Bool().Draw(rt, "plain"),
		}
		m, _ := begin(t, engine.Snapshot{}, 80, 24, opts)
		for range rapid.IntRange(1, 30).Draw(rt, "steps") {
			step(rt, m, scenes)
			if key := oneMeaning(m); key != "" {
				rt.Fatalf("%s means two things", key)
			}
			if err := wrongFrame(m.View(), m.w, m.h, opts); err != "" {
				rt.Fatalf("%d×%d: %s\n%s", m.w, m.h, err, m.View())
			}
		}
	})
}

func step(rt *rapid.T, m *Model, scenes []engine.Snapshot) {
	switch rapid.IntRange(0, 4).Draw(rt, "what") {
	case 0:
		m.Update(tea.WindowSizeMsg{Width: rapid.IntRange(0, 220).Draw(rt, "w"), Height: rapid.IntRange(0, 70).Draw(rt, "h")})
	case 1:
		see(m, rapid.SampledFrom(scenes).Draw(rt, "scene"))
		switch rapid.IntRange(0, 4).Draw(rt, "news") {
		case 0:
			watchTravel(m)
		case 1:
			hears(m, m.now.Snapshot, rapid.SampledFrom([]*story{failover(), nastily(), crowd()}).Draw(rt, "story"))
		case 2:
			judged(m, m.now.Snapshot, append(overlapping(), nastyBars()...), history.Verdict{})
		case 3:
			violatedWorld(m)
		}
	case 2:
		_, cmd := m.Update(tea.MouseMsg{
			X: rapid.IntRange(0, 220).Draw(rt, "x"), Y: rapid.IntRange(0, 70).Draw(rt, "y"), Action: tea.MouseActionPress,
			Button: rapid.SampledFrom([]tea.MouseButton{tea.MouseButtonLeft, tea.MouseButtonWheelUp, tea.MouseButtonWheelDown}).Draw(rt, "b"),
		})
		settle(m, cmd) // the next command waits for what a click on a hint has begun
	case 3:
		press(m, rapid.SampledFrom(someKeys(m)).Draw(rt, "key"))
	case 4:
		_, cmd := m.Update(paste(rapid.String().Draw(rt, "paste")))
		settle(m, cmd)
	}
}

// someKeys are all keys but those that leave.
func someKeys(m *Model) []string {
	keys := []string{"enter", "left", "right", "backspace", "a", " ", ">", "<", "漢", "\u0301"}
	for k := range m.keys {
		if k != "q" && k != "ctrl+c" && k != "ctrl+z" {
			keys = append(keys, k)
		}
	}
	return sorted(keys)
}

func wrongFrame(frame string, w, h int, opts Options) string {
	if w == 0 || h == 0 {
		if frame != "" {
			return "a frame where there is no screen"
		}
		return ""
	}
	rows := strings.Split(frame, "\n")
	if len(rows) != h {
		return "not as high as the screen"
	}
	for _, row := range rows {
		text := unstyled(row)
		switch {
		case opts.Plain && text != row:
			return "styles though none are wanted: " + row
		case ansi.StringWidth(text) != w || ansi.StringWidthWc(text) != w:
			return "not as wide as the screen: " + row
		case !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r >= 0x7f && r < 0xa0 }):
			return "a control character: " + strings.ToValidUTF8(row, "?")
		case opts.ASCII && strings.ContainsFunc(text, func(r rune) bool { return r > 0x7e }):
			return "not ASCII: " + row
		}
	}
	return ""
}
