package tui

import (
	"strings"
	"testing"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/tui/canvas"
	"cluster/splitbrain/tui/pane"

	"github.com/charmbracelet/x/ansi"

	tea "github.com/charmbracelet/bubbletea"
)

// presents is a model in presenter mode that has seen snap, with the maps in front.
func presents(t *testing.T, snap engine.Snapshot, w, h int) *Model {
	t.Helper()
	m, _ := begin(t, snap, w, h, Options{})
	press(m, "b")
	bringNamed(t, m, "maps")
	return m
}

// TestPresenterStage: presenter mode shows the stage, with the lamp and who is what in large letters wherever there is room,
// and the node that keys act on marked; it ends where it began.
func TestPresenterStage(t *testing.T) {
	for _, snap := range []engine.Snapshot{steady(), countdown(), blockedView()} {
		for _, size := range [][2]int{{80, 24}, {120, 40}, {200, 60}} {
			m, _ := begin(t, snap, size[0], size[1], Options{})
			press(m, "b", "2")
			if !m.inFront(m.stage) || m.layout.main.h < leastStage-1 {
				t.Fatalf("%v: no stage:\n%s", size, m.View())
			}
			largest := ""
			for scale := 2; scale >= canvas.Halved && largest == ""; scale-- {
				for row := range m.styles.LargeHeight(scale) {
					if rowWith(m, m.styles.LargeRow("P "+m.now.Primary, row, scale)) == "" {
						break
					}
					largest = "there"
				}
			}
			if largest == "" || rowWith(m, "▸s2 ") == "" {
				t.Errorf("%v: no large letters, or no mark of s2:\n%s", size, m.View())
			}
			if press(m, "b"); !m.inFront(m.maps) {
				t.Errorf("%v: %s is in front afterwards", size, m.front().Name())
			}
		}
	}
}

// TestPresenterMarksSelected: with any other pane, too, it can be seen which server a key would kill.
func TestPresenterMarksSelected(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {120, 40}} {
		m := presents(t, steady(), size[0], size[1])
		for _, key := range []string{"1", "2", "3"} {
			press(m, key)
			if n := strings.Count(m.View(), "▸"); n != 1 {
				t.Errorf("%v: s%s has %d marks:\n%s", size, key, n, m.View())
			}
		}
	}
}

// TestPresenterKeepsPrimary: who has a place in the view is named there however it fares, and is not called idle.
func TestPresenterKeepsPrimary(t *testing.T) {
	for _, size := range [][2]int{{40, 12}, {80, 24}, {120, 40}, {200, 60}} {
		m := presents(t, countdown(), size[0], size[1])
		if row := rowWith(m, "P primary"); !strings.Contains(row, "✗ crashed") {
			t.Errorf("%v: %q", size, row)
		}
		if row := rowWith(m, "· idle"); strings.Contains(row, "s1") || !strings.Contains(row, "s3") {
			t.Errorf("%v: %q", size, row)
		}
		if size[0] >= 80 && (rowWith(m, "379 ms") == "" || rowWith(m, "c1     put a 2") == "" || rowWith(m, "✗ crashed s1") == "") {
			t.Errorf("%v: no ping age, client or fault:\n%s", size, m.View())
		}
	}
}

// TestPresenterOthers: crashed servers outside the view are idle no more, and one that was replaced has its view's number.
func TestPresenterOthers(t *testing.T) {
	snap := partitioned()
	if row := rowWith(presents(t, snap, 80, 24), "P of view 2"); !strings.Contains(row, "s1") {
		t.Errorf("%q", row)
	}
	crash(&snap, 0)
	m := presents(t, snap, 80, 24)
	if rowWith(m, "· idle") != "" || rowWith(m, "P of view 2") != "" || rowWith(m, "✗ crashed s1") == "" {
		t.Errorf("%s", m.View())
	}
}

// TestPresenterFillsScreen: the why line is there to its end, and the active pane has the rows that are left.
func TestPresenterFillsScreen(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {120, 40}, {200, 60}} {
		m := presents(t, partitioned(), size[0], size[1])
		if rowWith(m, "(S7)") == "" || rowWith(m, "two words ") == "" {
			t.Errorf("%v:\n%s", size, m.View())
		}
		if l := m.layout; l.main.h < presentLeast-1 || l.present.h+l.tabs.h+l.main.h+2 != size[1] {
			t.Errorf("%v: %+v", size, l)
		}
		for range m.panes { // whatever pane it is
			press(m, "tab")
			if wrong := wrongFrame(m.View(), size[0], size[1], Options{}); wrong != "" {
				t.Errorf("%v: %s", size, wrong)
			}
		}
	}
}

// TestPresenterLesson: the text of a lesson is read in full, once, and loud; how the service fares, and who is primary, is large on
// all but tiny screens.
func TestPresenterLesson(t *testing.T) {
	for _, pane := range []string{"notes", "maps"} {
		for _, size := range [][2]int{{40, 12}, {80, 24}, {120, 40}} {
			m, _ := begin(t, starts, size[0], size[1], Options{})
			lessonAt(0)(m)
			press(m, "b")
			bringNamed(t, m, pane)
			frame := m.View()
			if n := strings.Count(unstyled(frame), "Three servers."); n != 1 {
				t.Errorf("%s, %v: told %d times:\n%s", pane, size, n, frame)
			}
			before, _, _ := strings.Cut(frame, "Three")
			if style := before[strings.LastIndexByte(before, 0x1b):]; strings.TrimRight(style, " ") != sequenceOf(m.styles, canvas.Strong) {
				t.Errorf("%s, %v: not loud:\n%q", pane, size, frame)
			}
			if size[0] < 80 || pane == "notes" && size[0] < 100 { // the text needs the room
				continue
			}
			primary := "P " + m.now.Primary
			scale := canvas.Halved
			if size[0] >= largeFromW {
				primary, scale = m.now.Primary, 1
			}
			for row := range m.styles.LargeHeight(canvas.Halved) {
				lamp := strings.TrimSpace(m.styles.LargeRow("SERVING", row, canvas.Halved))
				if rowWith(m, lamp) == "" || rowWith(m, strings.TrimSpace(m.styles.LargeRow(primary, row, scale))) == "" {
					t.Fatalf("%s, %v: no lamp, or no primary:\n%s", pane, size, frame)
				}
			}
		}
	}
}

// TestLargeLetters: all names of servers, numbers of views and words of the lamp can be written large, as wide as is told.
func TestLargeLetters(t *testing.T) {
	for _, text := range []string{"0123456789", "s1", "·", "P s1  B s2", pane.Starting, pane.Serving, pane.Waiting, pane.Stuck, pane.Unsound, pane.Unknown, "ABCDEFGHIJKLMNOPQRSTUVWXYZ .,:='’-?"} {
		for scale := canvas.Halved; scale <= 2; scale++ {
			for _, ascii := range []bool{false, true} {
				k := &canvas.Styles{ASCII: ascii}
				for row := range k.LargeHeight(scale) {
					if got := ansi.StringWidth(k.LargeRow(text, row, scale)); got != k.LargeWidth(text, scale) || got == 0 {
						t.Errorf("%q: row %d has %d cells, not %d", text, row, got, k.LargeWidth(text, scale))
					}
				}
			}
		}
	}
	if new(canvas.Styles).LargeWidth("vs", 1) != 0 {
		t.Error("there is a letter that can't be drawn")
	}
}

// TestPresenterQuestion: the sentence that asks can be read from the back of the room; where it can't be so large, it is
// there in usual letters.
func TestPresenterQuestion(t *testing.T) {
	for _, size := range [][2]int{{60, 12}, {80, 24}, {120, 40}, {200, 60}} {
		m, _ := begin(t, starts, size[0], size[1], Options{})
		lessonAt(1)(m)
		press(m, "b")
		large := rowWith(m, strings.TrimRight(m.styles.LargeRow("WHO IS PRIMARY THEN?", 0, canvas.Halved), " ")) != ""
		if want := size[0] >= 80; large != want || large == (rowWith(m, "Who is primary then?") != "") {
			t.Errorf("%v: large: %v, want %v:\n%s", size, large, want, m.View())
		}
		if size[0] >= 80 && rowWith(m, "s1 is cut from vs now.") == "" {
			t.Errorf("%v: what stands before the question is missing:\n%s", size, m.View())
		}
	}
}

// TestPresenterKeepsTheSubject: below a violation it is said who "it" is.
func TestPresenterKeepsTheSubject(t *testing.T) {
	m, _ := begin(t, steady(), 120, 40, Options{})
	bringNamed(t, m, "stage")
	press(m, "b")
	m.violated = "c1 was told two things"
	m.now.Why = engine.Why{Now: "s1 still takes itself for the primary", More: "it answers Gets alone"}
	m.stale = true
	m.relayout()
	if rowWith(m, "s1 still takes itself for the primary · it answers Gets alone") == "" {
		t.Errorf("%s", m.View())
	}
}

// TestPresenterRepeatsTheQuestion: who looks up after the answer reads of which lesson and of which question it is.
func TestPresenterRepeatsTheQuestion(t *testing.T) {
	m, _ := playing(t, asking)
	m.Update(tea.WindowSizeMsg{Width: 120, Height: 40})
	press(m, " ")
	lookAt(m)
	press(m, "1")
	lookAt(m)
	bringNamed(t, m, "stage")
	press(m, "b")
	for _, want := range []string{"   step 2 of ", "? Who is primary now?", "✗ You said: s1. Right is: s2"} {
		if rowWith(m, want) == "" {
			t.Errorf("no %q:\n%s", want, m.View())
		}
	}
}
