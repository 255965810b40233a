package canvas

import (
	"math"
	"strconv"
	"testing"

	"cluster/splitbrain/tui/terminal/background"
)

// xterm are the 16 colours as xterm has them by default.
var xterm = [16]uint32{
	0x000000, 0xcd0000, 0x00cd00, 0xcdcd00, 0x0000ee, 0xcd00cd, 0x00cdcd, 0xe5e5e5,
	0x7f7f7f, 0xff0000, 0x00ff00, 0xffff00, 0x5c5cff, 0xff00ff, 0x00ffff, 0xffffff,
}

// luminance is that of WCAG 2.
func luminance(rgb uint32) float64 {
	part := func(shift int) float64 {
		c := float64(rgb>>shift&0xff) / 255
		if c <= 0.03928 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	return 0.2126*part(16) + 0.7152*part(8) + 0.0722*part(0)
}

func contrast(a, b uint32) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// TestContrast: whatever must be read stands out from its background, as WCAG AA wants it. Rules and empty bars need
// not. On a background that may be either, no colour can do that much; it is as good as can be.
func TestContrast(t *testing.T) {
	for _, c := range []struct {
		theme  Theme
		behind uint32
		least  float64
	}{{Dark, xterm[0], 4.5}, {Light, xterm[15], 4.5}, {Auto, xterm[0], 4}, {Auto, xterm[15], 3.99}} {
		th, behind := c.theme, c.behind
		for r, l := range appearances[th] {
			if Style(r) == Faint || l.color == "" {
				continue
			}
			n, err := strconv.Atoi(l.color)
			if err != nil || n > 15 {
				t.Fatalf("%s: role %d has the colour %q, none of the 16", th, r, l.color)
			}
			if got := contrast(xterm[n], behind); got < c.least {
				t.Errorf("%s: role %d in colour %d has a contrast of %.2f on %06x", th, r, n, got, behind)
			}
		}
	}
}

// TestPlainTextIsTheTerminals: where nothing is known of the background, nothing but accents has a colour.
func TestPlainTextIsTheTerminals(t *testing.T) {
	k := NewStyles(Auto, false, false)
	for _, r := range []Style{Plain, Muted} {
		if k.begin[r] != "" {
			t.Errorf("style %d begins with %q", r, k.begin[r])
		}
	}
}

func TestThemeOn(t *testing.T) {
	for _, c := range []struct {
		theme Theme
		shade background.Shade
		want  Theme
	}{
		{Auto, background.Unknown, Auto}, {"", background.Dark, Dark}, {Auto, background.Light, Light}, {Dark, background.Light, Dark}, {Mono, background.Dark, Mono},
	} {
		if got := c.theme.On(c.shade); got != c.want {
			t.Errorf("%q on %v is %q, want %q", c.theme, c.shade, got, c.want)
		}
	}
}
