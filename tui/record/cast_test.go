package record

import (
	"bufio"
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"cluster/splitbrain/tui/wholefile"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/cellbuf"
	"github.com/hinshun/vt10x"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// head is the first line of a cast.
type head struct {
	Version, Width, Height int
	Title                  string
	Env                    map[string]string
}

type castEvent struct {
	at         float64
	kind, data string
}

// read takes a cast apart, strictly.
func read(t *testing.T, cast []byte) (h head, events []castEvent) {
	t.Helper()
	if !utf8.Valid(cast) || !bytes.HasSuffix(cast, []byte("\n")) {
		t.Fatalf("no lines of UTF-8: %q", cast)
	}
	lines := bufio.NewScanner(bytes.NewReader(cast))
	lines.Buffer(nil, 1<<24)
	lines.Scan()
	if err := json.Unmarshal(lines.Bytes(), &h); err != nil || h.Version != 2 || h.Width < 1 || h.Height < 1 {
		t.Fatalf("header %s: %v", lines.Bytes(), err)
	}
	last := 0.0
	for lines.Scan() {
		var raw []any
		if err := json.Unmarshal(lines.Bytes(), &raw); err != nil || len(raw) != 3 {
			t.Fatalf("%s: %v", lines.Bytes(), err)
		}
		e := castEvent{raw[0].(float64), raw[1].(string), raw[2].(string)}
		if e.at < last || e.kind != "o" && e.kind != "r" {
			t.Fatalf("%v after %v", e, last)
		}
		last = e.at
		events = append(events, e)
	}
	return h, events
}

// play shows a cast on a terminal.
func play(t *testing.T, cast []byte) vt10x.Terminal {
	t.Helper()
	h, events := read(t, cast)
	vt := vt10x.New(vt10x.WithSize(h.Width, h.Height))
	for _, e := range events {
		if e.kind == "r" {
			var w, h int
			if _, err := fmt.Sscanf(e.data, "%dx%d", &w, &h); err != nil {
				t.Fatal(err)
			}
			vt.Resize(w, h)
			continue
		}
		if _, err := vt.Write([]byte(e.data)); err != nil {
			t.Fatal(err)
		}
	}
	return vt
}

func screen(vt vt10x.Terminal) string {
	var lines []string
	for line := range strings.SplitSeq(vt.String(), "\n") {
		lines = append(lines, strings.TrimRight(line, " "))
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n")
}

func TestWriter(t *testing.T) {
	var b bytes.Buffer
	w, err := NewWriter(&b, Header{Width: 80, Height: 24, Title: "a\xffb"})
	if err != nil {
		t.Fatal(err)
	}
	steps := []error{
		w.Output(time.Second, []byte("a\xe2\x94")), w.Output(2*time.Second, []byte("\x82b")), w.Output(time.Second, []byte("\xffc<")),
		w.Resize(3*time.Second, 100, 30), w.Output(4*time.Second, []byte("\xe2")), w.Close(),
	}
	if err := errors.Join(steps...); err != nil {
		t.Fatal(err)
	}
	h, events := read(t, b.Bytes())
	if h.Width != 80 || h.Title != "a\ufffdb" || h.Env["TERM"] != "xterm-256color" {
		t.Errorf("%+v", h)
	}
	want := []castEvent{{1, "o", "a"}, {2, "o", "│b"}, {2, "o", "\ufffdc<"}, {3, "r", "100x30"}, {4, "o", "\ufffd"}}
	if fmt.Sprint(events) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", events, want)
	}
}

func TestWriterKeepsItsError(t *testing.T) {
	r, w := io.Pipe()
	r.CloseWithError(io.ErrNoProgress)
	c, err := NewWriter(w, Header{Width: 1, Height: 1})
	if !errors.Is(err, io.ErrNoProgress) || !errors.Is(c.Output(0, []byte("x")), io.ErrNoProgress) || !errors.Is(c.Close(), io.ErrNoProgress) {
		t.Error("an error was forgotten")
	}
}

func FuzzOutput(f *testing.F) {
	f.Add([]byte("a\xe2\x94\x82"), uint8(2))
	f.Fuzz(func(t *testing.T, data []byte, at uint8) {
		var b bytes.Buffer
		w, _ := NewWriter(&b, Header{Width: 1, Height: 1})
		cut := min(int(at), len(data))
		_ = w.Output(0, data[:cut])
		_ = w.Output(0, data[cut:])
		_ = w.Close()
		_, events := read(t, b.Bytes())
		got := ""
		for _, e := range events {
			got += e.data
		}
		if utf8.Valid(data) && got != string(data) {
			t.Errorf("%q became %q", data, got)
		}
	})
}

func TestFrames(t *testing.T) {
	var b bytes.Buffer
	w, _ := NewWriter(&b, Header{Width: 10, Height: 3})
	f := NewFrames(w)
	for i, frame := range []string{"first\n\nlonger one", "\x1b[1;31mfull line \x1b[0m\nb\nc│日本", "\x1b[1;31mfull line \x1b[0m\nb\nc│日本"} {
		if err := f.Show(time.Duration(i)*time.Second, frame); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if _, events := read(t, b.Bytes()); len(events) != 2 {
		t.Errorf("%d events: a frame that did not change was noted", len(events))
	}
	vt := play(t, b.Bytes())
	if got := screen(vt); !strings.HasPrefix(got, "full line\nb\nc│") {
		t.Errorf("%q", got)
	}
	if g := vt.Cell(0, 0); g.FG != vt10x.LightRed && g.FG != vt10x.Red || vt.CursorVisible() {
		t.Errorf("%+v, cursor %v", g, vt.CursorVisible())
	}
}

func TestFileAppearsAsAWhole(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.cast")
	f, err := Create(path, Header{Width: 2, Height: 1})
	if err != nil {
		t.Fatal(err)
	}
	_ = f.Output(0, []byte("hi"))
	if _, err := os.Stat(path); err == nil {
		t.Error("half a recording has its name")
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if err != nil || screen(play(t, got)) != "hi" {
		t.Errorf("%v: %s", err, got)
	}
	g, err := Create(filepath.Join(dir, "b.cast"), Header{})
	if err != nil {
		t.Fatal(err)
	}
	g.Discard()
	if _, err := Create(dir, Header{}); err == nil || strings.Contains(err.Error(), "\n") {
		t.Errorf("a directory: %v", err)
	}
	if all, _ := os.ReadDir(dir); len(all) != 1 {
		t.Errorf("left behind: %v", all)
	}
}

// TestRecorder: a recording has what was drawn between its beginning and its end, from the first whole frame on.
func TestRecorder(t *testing.T) {
	path := filepath.Join(t.TempDir(), "demo.cast")
	r := NewRecorder()
	r.Resize(20, 4)
	r.Drawn("\x1b[1Hbefore", true)
	if err := r.Start(wholefile.Create, path, Header{}); err != nil {
		t.Fatal(err)
	}
	r.Drawn("\x1b[2Hwhat has changed", false)
	r.Drawn("\x1b[1Hall\x1b[2Hof it", true)
	r.Drawn("\x1b[2Hsome more", false)
	r.Drawn("\x1b[3Hthe end", true)
	if _, err := r.Stop(); err != nil {
		t.Fatal(err)
	}
	r.Drawn("\x1b[1Hafter", true)
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if s := screen(play(t, got)); s != "all\nsome more\nthe end" {
		t.Errorf("the recording ends with %q", s)
	}
	if bytes.Contains(got, []byte("changed")) || !bytes.Contains(got, []byte(`"width":20,"height":4`)) {
		t.Errorf("recorded: %s", got)
	}
}

func TestRecorderRefuses(t *testing.T) {
	r := NewRecorder()
	if _, err := r.Stop(); err == nil {
		t.Error("nothing to stop, and no error")
	}
	path := filepath.Join(t.TempDir(), "a.cast")
	r.Resize(3, 1)
	if err := r.Start(wholefile.Create, path, Header{}); err != nil || r.Recording() != path {
		t.Fatal(err)
	}
	if err := r.Start(wholefile.Create, path, Header{}); err == nil {
		t.Error("recorded twice at once")
	}
	r.Resize(5, 2)
	r.Drawn("hello", true)
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Stop(); err == nil || r.Recording() != "" {
		t.Error("it can be stopped again")
	}
	got, _ := os.ReadFile(path)
	if screen(play(t, got)) != "hello" {
		t.Errorf("%s", got)
	}
}

const styledFrame = "plain \x1b[1mbold\x1b[22m \x1b[2mfaint\x1b[0m \x1b[4;31munder\x1b[0m\n" +
	"\x1b[7mreverse\x1b[27m \x1b[92;44mboth\x1b[39;49m \x1b[38;5;208m256\x1b[38;2;1;2;3mrgb\x1b[m\n" +
	"日本│<&\"\x07 é\x1b]0;title\x07 \x1b[3mit\x1b[9mst\x1b[0m this does not fit any more\n\nfifth\nsixth is cut"

func TestSVG(t *testing.T) {
	for _, theme := range []Theme{Dark, Light} {
		var b bytes.Buffer
		if err := SVG(&b, styledFrame, 30, 5, theme); err != nil {
			t.Fatal(err)
		}
		checkXML(t, b.Bytes())
		if text := b.String(); strings.Contains(text, "title<") || strings.Contains(text, "sixth") || strings.ContainsAny(text, "\x1b\x07") {
			t.Errorf("%s: what must not be seen is:\n%s", theme, text)
		}
		file := filepath.Join("testdata", "frame-"+string(theme)+".svg")
		if *update {
			if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if want, err := os.ReadFile(file); err != nil || !bytes.Equal(b.Bytes(), want) {
			t.Errorf("%s differs (%v); got\n%s", file, err, b.Bytes())
		}
	}
}

func checkXML(t *testing.T, text []byte) {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(text))
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

// TestCellsAgreeWithATerminal compares the layout with a terminal's.
func TestCellsAgreeWithATerminal(t *testing.T) {
	frame := "plain \x1b[1mbold\x1b[22m \x1b[4;31munder\x1b[0m\n\x1b[7mreverse\x1b[27m \x1b[92;44mboth\x1b[39;49m \x1b[38;5;208m256\x1b[m x"
	vt := vt10x.New(vt10x.WithSize(30, 2))
	_, _ = vt.Write([]byte(strings.ReplaceAll(frame, "\n", "\r\n")))
	for y, row := range cells(frame, 30, 2) {
		for x, c := range row {
			g := vt.Cell(x, y)
			text := c.text
			if text == "" {
				text = " "
			}
			if string(g.Char) != text {
				t.Errorf("%d %d: %q, a terminal shows %q", x, y, text, g.Char)
			}
			fg := colourOf(g.FG)
			if g.Mode&1 != 0 { // vt10x swaps the colours of what is reversed
				fg = colourOf(g.BG)
			}
			if !c.Attrs.Contains(cellbuf.BoldAttr) && palettes[Dark].hex(c.Fg, "") != fg && !c.Attrs.Contains(cellbuf.ReverseAttr) {
				t.Errorf("%d %d: colour %v, a terminal has %v", x, y, c.Fg, fg)
			}
		}
	}
}

// colourOf is a terminal's colour in the dark theme; "" for the default one.
func colourOf(c vt10x.Color) string {
	if c >= 256 {
		return ""
	}
	return palettes[Dark].hex(ansi.IndexedColor(c), "")
}

// TestKilled: of a recording whose program is killed, what was drawn is there to be found.
func TestKilled(t *testing.T) {
	dir := t.TempDir()
	r := NewRecorder()
	r.Resize(80, 24)
	if err := r.Start(wholefile.Create, filepath.Join(dir, "demo.cast"), Header{}); err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	r.Drawn("a frame", true)
	parts, err := filepath.Glob(filepath.Join(dir, "demo.cast.*.part"))
	if err != nil || len(parts) != 1 {
		t.Fatalf("%q: %v", parts, err)
	}
	if text, err := os.ReadFile(parts[0]); err != nil || !strings.HasSuffix(string(text), "a frame\"]\n") {
		t.Errorf("%q: %v", text, err)
	}
}
