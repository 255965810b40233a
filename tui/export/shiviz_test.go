package export

import (
	"bytes"
	"encoding/json"
	"regexp"
	"testing"
)

// TestShiviz: ShiViz's own expression matches all, each node's clock counts its events from 1, and who receives a message knows
// all that its sender knew.
func TestShiviz(t *testing.T) {
	var b bytes.Buffer
	if err := writeShiviz(&b, source()); err != nil {
		t.Fatal(err)
	}
	form := regexp.MustCompile(`(?P<event>.*)\n(?P<host>\S*) (?P<clock>{.*})`)
	all := form.FindAllStringSubmatch(b.String(), -1)
	if rest := form.ReplaceAllString(b.String(), ""); len(bytes.TrimSpace([]byte(rest))) > 0 {
		t.Errorf("not understood: %q", rest)
	}
	sent := regexp.MustCompile(`#(\d+) (to|from)`)
	last, knew := map[string]int{}, map[string]map[string]int{}
	received := 0
	for _, m := range all {
		var clock map[string]int
		if err := json.Unmarshal([]byte(m[3]), &clock); err != nil {
			t.Fatal(err)
		}
		host := m[2]
		if last[host]++; clock[host] != last[host] {
			t.Errorf("event %d of %s has the clock %v", last[host], host, clock)
		}
		message := sent.FindStringSubmatch(m[1])
		switch {
		case message == nil:
		case message[2] == "to":
			knew[message[1]] = clock
		default:
			received++
			for other, n := range knew[message[1]] {
				if clock[other] < n {
					t.Errorf("%s: it knows %v, and its sender knew %v", m[1], clock, knew[message[1]])
				}
			}
		}
	}
	if received < 4 {
		t.Errorf("%d messages have arrived", received)
	}
}
