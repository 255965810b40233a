package record

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/cellbuf"
)

// Theme is how a picture looks.
type Theme string

// The themes.
const (
	Dark  Theme = "dark"
	Light Theme = "light"
)

type palette struct {
	paper, ink string
	colours    [16]string
}

var palettes = map[Theme]*palette{
	Dark: {"#0d1117", "#e6edf3", [16]string{
		"#484f58", "#ff7b72", "#3fb950", "#d29922", "#58a6ff", "#bc8cff", "#39c5cf", "#b1bac4",
		"#6e7681", "#ffa198", "#56d364", "#e3b341", "#79c0ff", "#d2a8ff", "#56d4dd", "#ffffff",
	}},
	Light: {"#ffffff", "#1f2328", [16]string{
		"#24292f", "#cf222e", "#116329", "#7d4e00", "#0969da", "#8250df", "#1b7c83", "#6e7781",
		"#57606a", "#a40e26", "#1a7f37", "#633c01", "#218bff", "#a475f9", "#3192aa", "#8c959f",
	}},
}

// Measures of a picture: of one cell, and around all.
const (
	cellW, cellH = 8.4, 18
	baseline     = 13.5
	border       = 12
)

// SVG draws one frame of width × height cells, lines of text with SGR sequences, as a picture that needs nothing else.
func SVG(w io.Writer, frame string, width, height int, theme Theme) error {
	p := palettes[theme]
	var b strings.Builder
	full, high := float64(width)*cellW+2*border, height*cellH+2*border
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.1f %d" width="%.1f" height="%d" role="img">`+"\n", full, high, full, high)
	b.WriteString("<style>text { font: 14px ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace; white-space: pre }</style>\n")
	fmt.Fprintf(&b, `<rect width="%.1f" height="%d" rx="8" fill="%s"/>`+"\n", full, high, p.paper)
	p.rows(&b, cells(frame, width, height))
	b.WriteString("</svg>\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// rows draws what a frame consists of.
func (p *palette) rows(b *strings.Builder, all [][]cell) {
	for y, row := range all {
		for x := 0; x < len(row); {
			n := run(row[x:])
			p.draw(b, row[x:x+n], x, y)
			x += n
		}
	}
}

// run is how many cells look alike from the first on. A wide character stands alone: it must not move its neighbours.
func run(row []cell) int {
	if row[0].wide {
		return min(2, len(row))
	}
	n := 1
	for n < len(row) && row[n].Style == row[0].Style && !row[n].wide {
		n++
	}
	return n
}

func (p *palette) draw(b *strings.Builder, row []cell, x, y int) {
	l := row[0].Style
	fg, bg := p.hex(l.Fg, p.ink), p.hex(l.Bg, p.paper)
	if l.Attrs.Contains(cellbuf.ReverseAttr) {
		fg, bg = bg, fg
	}
	left, top, width := border+float64(x)*cellW, border+y*cellH, float64(len(row))*cellW
	if bg != p.paper {
		fmt.Fprintf(b, `<rect x="%.1f" y="%d" width="%.1f" height="%d" fill="%s"/>`+"\n", left, top, width, cellH, bg)
	}
	text := ""
	for _, c := range row {
		if c.text == "" && !row[0].wide {
			text += " "
		}
		text += c.text
	}
	if decoration(l) == "" {
		blank := len(text) - len(strings.TrimRight(text, " "))
		text, width = text[:len(text)-blank], width-float64(blank)*cellW
	}
	if text == "" {
		return
	}
	fmt.Fprintf(b, `<text x="%.1f" y="%.1f" textLength="%.1f" xml:space="preserve" fill="%s"%s>`, left, float64(top)+baseline, width, fg, attributes(l))
	_ = xml.EscapeText(b, []byte(text))
	b.WriteString("</text>\n")
}

func attributes(l cellbuf.Style) string {
	text := ""
	if l.Attrs.Contains(cellbuf.BoldAttr) {
		text += ` font-weight="bold"`
	}
	if l.Attrs.Contains(cellbuf.ItalicAttr) {
		text += ` font-style="italic"`
	}
	if l.Attrs.Contains(cellbuf.FaintAttr) {
		text += ` opacity="0.6"`
	}
	if lines := decoration(l); lines != "" {
		text += ` text-decoration="` + lines + `"`
	}
	return text
}

// decoration names the lines that are drawn with a text; "" for none.
func decoration(l cellbuf.Style) string {
	var lines []string
	if l.UlStyle != cellbuf.NoUnderline {
		lines = append(lines, "underline")
	}
	if l.Attrs.Contains(cellbuf.StrikethroughAttr) {
		lines = append(lines, "line-through")
	}
	return strings.Join(lines, " ")
}

// inPage are colours that a page around a picture defines: --paper, --ink, and --c0 to --c15, the terminal's.
var inPage = func() *palette {
	p := &palette{paper: "var(--paper)", ink: "var(--ink)"}
	for i := range p.colours {
		p.colours[i] = fmt.Sprintf("var(--c%d)", i)
	}
	return p
}()

// Inline draws a frame as SVG draws it, for an HTML page that gives the class screen its font, and defines the colours.
func Inline(w io.Writer, frame, title string) error {
	lines := strings.Split(frame, "\n")
	width := 1
	for _, l := range lines {
		width = max(width, ansi.StringWidth(l))
	}
	var b strings.Builder
	full, high := float64(width)*cellW+2*border, len(lines)*cellH+2*border
	fmt.Fprintf(&b, `<svg class="screen" viewBox="0 0 %.1f %d" role="img">`+"\n<title>", full, high)
	_ = xml.EscapeText(&b, []byte(title))
	b.WriteString("</title>\n")
	inPage.rows(&b, cells(frame, width, len(lines)))
	b.WriteString("</svg>\n")
	_, err := io.WriteString(w, b.String())
	return err
}
