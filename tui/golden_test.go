package tui

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"cluster/splitbrain/tui/canvas"
	"cluster/splitbrain/tui/terminal/locale"

	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"
)

// A golden file holds a show: for each of its states, and each size, what is drawn of it, as a title, the text, and below
// a rule the same cells again, each with the sign of its role, whose looks in the three themes are in looks.golden. What
// is drawn of a pane is the pane alone, so that no other file changes with it; whole frames are a show of their own.

var update = flag.Bool("update", false, "rewrite testdata")

var sizes = [][2]int{{20, 5}, {80, 24}, {120, 40}, {200, 60}}

// looksFile is the only golden file that is no show's.
const looksFile = "looks.golden"

// TestPictures draws every show in all its states, at all its sizes, in all themes. The themes have the same text, which
// is that without any colour too. In ASCII the text has a stand-in for each character; where that is not all that is
// different, it is in the file too.
func TestPictures(t *testing.T) {
	for _, s := range allShows() {
		var all []string
		for _, st := range s.states {
			for _, size := range s.sizes {
				m := s.enter(t, st, size)
				all = append(all, s.title(st, m, size))
				parts := inAllThemes(t, &s, m, size)
				all = append(all, parts...)
				if ascii := unstyled(s.drawn(t, m, size, Options{Theme: "mono", Plain: true, ASCII: true})); !standIn(parts[0], ascii) {
					all = append(all, "─── in ASCII", ascii)
				}
			}
		}
		golden(t, s.name+".golden", strings.Join(all, "\n"))
	}
}

// standIn reports whether each character of text has its stand-in in ascii, or the mark of what is cut.
func standIn(text, ascii string) bool {
	if strings.ContainsRune(ascii, '\\') { // escapes
		return false
	}
	there := []rune(ascii)
	for i, r := range []rune(text) {
		stand, own := locale.InASCII[r]
		switch {
		case i >= len(there), own && there[i] != rune(stand) && (r != '…' || there[i] != '$'), !own && there[i] != r:
			return false
		}
	}
	return true
}

// inAllThemes returns a frame's text, a rule, and the roles of its cells.
func inAllThemes(t *testing.T, s *show, m *Model, size [2]int) []string {
	text := s.drawn(t, m, size, Options{Theme: "mono", Plain: true})
	styles := make([][][]string, 0, len(canvas.Themes))
	for _, th := range canvas.Themes {
		frame := s.drawn(t, m, size, Options{Theme: string(th)})
		if unstyled(frame) != text {
			t.Errorf("%s, %s: the text differs from that without colour:\n%s", s.name, th, cmp.Diff(text, unstyled(frame)))
		}
		styles = append(styles, stylesOf(frame))
	}
	return []string{text, "───", signsOf(t, styles)}
}

// signsOf writes the sign of its role for each cell of a frame, by how it looks in each theme.
func signsOf(t *testing.T, styles [][][]string) string {
	t.Helper()
	signs := signsOfLooks()
	var out strings.Builder
	for y := range styles[0] {
		for x := range styles[0][y] {
			look := [3]string{styles[0][y][x], styles[1][y][x], styles[2][y][x]}
			sign, ok := signs[look]
			if !ok {
				t.Fatalf("row %d, cell %d looks like no role: %q", y, x, look)
			}
			out.WriteByte(sign)
		}
		out.WriteByte('\n')
	}
	return strings.TrimSuffix(out.String(), "\n")
}

// unstyled is a frame without the sequences that this program writes for its styles.
func unstyled(frame string) string {
	var out strings.Builder
	for {
		before, after, found := strings.Cut(frame, "\x1b[")
		out.WriteString(before)
		end := strings.IndexByte(after, 'm')
		if !found || strings.Trim(after[:max(end, 0)], "0123456789;") != "" || end < 0 {
			out.WriteString(frame[len(before):])
			return out.String()
		}
		frame = after[end+1:]
	}
}

// stylesOf returns the style of each cell of each row, "" for none. Blanks have none, since nothing is seen there.
func stylesOf(frame string) [][]string {
	var all [][]string
	for _, row := range strings.Split(frame, "\n") {
		var cells []string
		style := ""
		for len(row) > 0 {
			if begun, is := strings.CutPrefix(row, "\x1b["); is {
				style, row, _ = strings.Cut(begun, "m")
				style = strings.TrimPrefix(style, "0")
				continue
			}
			r, size := utf8.DecodeRuneInString(row)
			row = row[size:]
			if r == ' ' {
				cells = append(cells, "")
				continue
			}
			width := 1
			if _, own := locale.InASCII[r]; !own && r >= utf8.RuneSelf {
				width = ansi.StringWidth(string(r))
			}
			cells = append(cells, slices.Repeat([]string{style}, width)...)
		}
		all = append(all, cells)
	}
	return all
}

// roleNames are the roles with their signs; those that look alike in every theme share the first one's.
var roleNames = [canvas.Count]string{
	canvas.Plain: "  plain", canvas.Muted: "m muted", canvas.Faint: "- faint", canvas.Strong: "* strong", canvas.Selected: "* selected", canvas.Primary: "P primary", canvas.Backup: "B backup",
	canvas.Alarm: "! alarm", canvas.Dead: "! dead", canvas.Frozen: "F frozen", canvas.Broken: "x broken", canvas.Warning: "w warning", canvas.Good: "g good", canvas.Fresh: "n fresh",
	canvas.Differs: "! differs", canvas.Keycap: "* keycap",
}

// looksOf is how a role looks in each theme.
func looksOf(r canvas.Style) (look [3]string) {
	for i, th := range canvas.Themes {
		look[i] = strings.Trim(sequenceOf(canvas.NewStyles(th, false, false), r), "\x1b[m")
	}
	return look
}

var signsOfLooks = sync.OnceValue(func() map[[3]string]byte {
	signs := map[[3]string]byte{}
	for r := range canvas.Count {
		if look := looksOf(r); signs[look] == 0 {
			signs[look] = roleNames[r][0]
		}
	}
	return signs
})

// TestLooks: what each sign stands for in golden files.
func TestLooks(t *testing.T) {
	rows := []string{fmt.Sprintf("%-12s %-8s %-8s %s", "", canvas.Themes[0], canvas.Themes[1], canvas.Themes[2])}
	for r := range canvas.Count {
		look := looksOf(r)
		rows = append(rows, fmt.Sprintf("%-12s %-8s %-8s %s", roleNames[r], look[0], look[1], look[2]))
		if sign := signsOfLooks()[look]; sign != roleNames[r][0] {
			t.Errorf("%s looks like %c", roleNames[r], sign)
		}
	}
	golden(t, looksFile, strings.Join(rows, "\n"))
}

// golden compares text with that in testdata. Blanks at the ends of rows are left out there.
func golden(t *testing.T, name, text string) {
	t.Helper()
	rows := strings.Split(text, "\n")
	for i := range rows {
		rows[i] = strings.TrimRight(rows[i], " ")
	}
	got := strings.Join(rows, "\n") + "\n"
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Error(err)
	} else if string(want) != got {
		t.Errorf("%s (rewrite with -update):\n%s", name, cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")))
	}
}

// TestNoOtherPictures: testdata has the file of each show, and nothing else.
func TestNoOtherPictures(t *testing.T) {
	wanted := []string{looksFile}
	for _, s := range allShows() {
		wanted = append(wanted, s.name+".golden")
	}
	files, err := os.ReadDir("testdata")
	if err != nil {
		t.Fatal(err)
	}
	var there []string
	for _, f := range files {
		if !f.IsDir() {
			there = append(there, f.Name())
		}
	}
	if diff := cmp.Diff(sorted(wanted), sorted(there)); diff != "" {
		t.Errorf("testdata has other files than the shows write:\n%s", diff)
	}
}

// TestEveryPaneIsShown: a pane has a show, and a show enough states.
func TestEveryPaneIsShown(t *testing.T) {
	shown := map[string]bool{}
	for _, s := range allShows() {
		shown[s.pane] = true
		if len(s.states) < 4 {
			t.Errorf("%s has %d states", s.name, len(s.states))
		}
	}
	m, _ := begin(t, steady(), 80, 24, Options{})
	simulatedWorld(m)
	for _, p := range m.panes {
		if !shown[p.Name()] {
			t.Errorf("no show has the pane %s", p.Name())
		}
	}
}

// TestStatesDiffer: without any colour every state of a show looks different from every other.
func TestStatesDiffer(t *testing.T) {
	for _, s := range allShows() {
		seen := map[string]string{}
		for _, st := range s.states {
			size := s.sizes[min(1, len(s.sizes)-1)]
			m := s.enter(t, st, size)
			frame := s.status(m) + "\n" + s.drawn(t, m, size, Options{Theme: "mono", Plain: true})
			if s.pane == "" { // what differs may be in another part
				frame = m.View()
			}
			if other := seen[frame]; other != "" {
				t.Errorf("%s: %s looks like %s:\n%s", s.name, st.name, other, frame)
			}
			seen[frame] = st.name
		}
	}
}

// sequenceOf is what begins a style.
func sequenceOf(k *canvas.Styles, r canvas.Style) string {
	begin, _, _ := strings.Cut(k.Canvas(1, 1).Next().Put(r, "x").Lines()[0], "x")
	return begin
}
