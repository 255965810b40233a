//go:build unix

package program

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestAgesAreSeenToMove: between two pings the age of a ping grows on the screen, and then it falls; where pings come too
// fast for that, they are a pulse.
func TestAgesAreSeenToMove(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		interval, keys string // keys set the speed
		pulse          bool
	}{
		{"100ms", "", true}, {"500ms", "", false}, {"1s", "", false}, {"100ms", ":speed 0.1\r", false}, {"1s", ":speed 10\r", true},
	} {
		t.Run(fmt.Sprint(c.interval, c.keys), func(t *testing.T) {
			t.Parallel()
			x := open(t, nil, "--ping-interval", c.interval)
			x.see("P primary")
			x.send(c.keys)
			if c.pulse {
				x.until("a pulse", func(screen string) bool { return strings.Contains(screen, "ms●") })
				x.until("its pause", func(screen string) bool { return !strings.Contains(screen, "ms●") })
			} else {
				x.growsAndFalls()
			}
			x.send("q")
			x.gone(0)
		})
	}
}

var ageOfS1 = regexp.MustCompile(`s1 +P primary .* (\d+) ms`)

// growsAndFalls waits until the age of s1's last ping has been seen to grow some times without a fall, and then to fall.
func (x *term) growsAndFalls() {
	x.t.Helper()
	const enough = 4
	before, grown := -1, 0
	x.until("an age that grows and falls", func(screen string) bool {
		found := ageOfS1.FindStringSubmatch(screen)
		if found == nil {
			return false
		}
		age, _ := strconv.Atoi(found[1])
		fell := age < before
		switch {
		case age > before:
			grown++
		case fell && grown >= enough:
			return true
		case fell:
			grown = 1
		}
		before = age
		return false
	})
}
