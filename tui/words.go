package tui

import (
	"fmt"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/tui/canvas"
	"cluster/splitbrain/tui/script"
)

// elapsed is a duration in few characters: 40 µs, 3.2 ms, 320 ms, 4.2 s, 2m05s.
func elapsed(d time.Duration) string { return engine.Elapsed(d) }

// clock is a moment since the cluster began.
func clock(d time.Duration) string {
	if d < time.Hour {
		return fmt.Sprintf("%d:%02d.%03d", int(d.Minutes()), int(d.Seconds())%60, d.Milliseconds()%1000)
	}
	return fmt.Sprintf("%d:%02d:%02d.%01d", int(d.Hours()), int(d.Minutes())%60, int(d.Seconds())%60, d.Milliseconds()%1000/100)
}

// count writes 100000 as 100,000.
func count(n int) string { return engine.Count(n) }

// plural is "1 key", "2 keys".
func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return count(n) + " " + what + "s"
}

// stateWords are a node's state with its mark, and how they look.
func stateWords(s netsim.State) (string, canvas.Style) {
	switch s {
	case netsim.Up:
		return "up", canvas.Plain
	case netsim.Frozen:
		return "❄ frozen", canvas.Frozen
	case netsim.Crashed:
		return "✗ crashed", canvas.Dead
	}
	return "off", canvas.Muted
}

// roleWords are a server's role with its mark.
func roleWords(r pbservice.Role) (string, canvas.Style) {
	switch r {
	case pbservice.Primary:
		return "P primary", canvas.Primary
	case pbservice.Backup:
		return "B backup", canvas.Backup
	}
	return "· idle", canvas.Plain
}

// op is an operation as it would be typed.
func opText(o pbservice.Op) string {
	s := o.Kind.String() + " " + script.Quote(o.Key)
	if o.Kind != pbservice.Get {
		s += " " + script.Quote(o.Value)
	}
	return s
}

// shorter cuts a long text before it is cleaned, so that a value of megabytes costs nothing.
func shorter(s string) string {
	const most = pbservice.ShownValue
	if len(s) <= most {
		return s
	}
	return s[:most] + "…"
}

func orNobody(name string) string {
	if name == "" {
		return "·"
	}
	return name
}

// roleOf is how a why line looks.
func roleOf(l engine.Level) canvas.Style {
	switch l {
	case engine.Busy, engine.Stuck:
		return canvas.Warning
	case engine.Lost:
		return canvas.Dead
	}
	return canvas.Plain
}
