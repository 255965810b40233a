package cli

import (
	"testing"
	"time"
)

// TestSeenLatency: pings are late by no more than a twentieth of their interval, and no put takes longer than a person waits.
func TestSeenLatency(t *testing.T) {
	for interval, want := range map[time.Duration]time.Duration{
		time.Millisecond: 50 * time.Microsecond, 100 * time.Millisecond: 5 * time.Millisecond,
		time.Second: 50 * time.Millisecond, time.Minute: 50 * time.Millisecond, -time.Second: 0,
	} {
		if got := seenLatency(interval); got != want {
			t.Errorf("with pings every %v a message takes %v, want %v", interval, got, want)
		}
	}
}

// TestLatencyFlag: on the screen messages take their time unless somebody wants otherwise; on a pipe they take none.
func TestLatencyFlag(t *testing.T) {
	for _, c := range []struct {
		args []string
		want time.Duration
	}{
		{nil, 5 * time.Millisecond}, {[]string{"--latency", "0"}, 0}, {[]string{"--latency", "2ms"}, 2 * time.Millisecond},
		{[]string{"--ping-interval", "1s"}, 50 * time.Millisecond}, {[]string{"--plain"}, 0}, {[]string{"--plain", "--latency", "1ms"}, time.Millisecond},
	} {
		p := freshPlayground()
		command := p.command()
		if err := command.ParseFlags(c.args); err != nil {
			t.Fatal(err)
		}
		p.chooseLatency(command.Flags())
		if p.config.Latency != c.want {
			t.Errorf("%v: a message takes %v, want %v", c.args, p.config.Latency, c.want)
		}
	}
}
