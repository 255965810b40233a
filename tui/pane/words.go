package pane

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/tui/canvas"
)

// Clock is a moment since the cluster began.
func Clock(d time.Duration) string {
	if d < time.Hour {
		return fmt.Sprintf("%d:%02d.%03d", int(d.Minutes()), int(d.Seconds())%60, d.Milliseconds()%1000)
	}
	return fmt.Sprintf("%d:%02d:%02d.%01d", int(d.Hours()), int(d.Minutes())%60, int(d.Seconds())%60, d.Milliseconds()%1000/100)
}

// StateWords are a node's state with its mark, and how they look.
func StateWords(s netsim.State) (string, canvas.Style) {
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

// toldBelow stands for what is told below a pane.
const toldBelow = "as told below"

// RoleSign is the mark of a server's role.
func RoleSign(r pbservice.Role) (string, canvas.Style) {
	switch r {
	case pbservice.Primary:
		return "P", canvas.Primary
	case pbservice.Backup:
		return "B", canvas.Backup
	}
	return "·", canvas.Plain
}

// RoleWords are a server's role with its mark.
func RoleWords(r pbservice.Role) (string, canvas.Style) {
	sign, look := RoleSign(r)
	if r == "" { // it does not run
		r = pbservice.Idle
	}
	return sign + " " + string(r), look
}

// Shorter cuts a long text before it is cleaned, so that a value of megabytes costs nothing.
func Shorter(s string) string {
	const most = pbservice.ShownValue
	if len(s) <= most {
		return s
	}
	return s[:most] + "…"
}

// OrNobody is a server's name, or a dot where there is none.
func OrNobody(name string) string {
	if name == "" {
		return "·"
	}
	return name
}

// RoleOf is how a why line looks.
func RoleOf(l engine.Level) canvas.Style {
	switch l {
	case engine.Busy, engine.AtRisk, engine.Stuck:
		return canvas.Warning
	case engine.Lost:
		return canvas.Dead
	}
	return canvas.Plain
}

// AgeWords has no fractions below a second: they would only flicker.
func AgeWords(d time.Duration) string {
	if d < time.Second {
		return strconv.FormatInt(d.Milliseconds(), 10) + " ms"
	}
	return engine.Elapsed(d)
}

// Brief cuts what is too long to be shown anyhow.
func Brief(o pbservice.Op) pbservice.Op {
	o.Key, o.Value = Shorter(o.Key), Shorter(o.Value)
	return o
}

// Repeats reports whether a result begins with its line, or with what the line does in the background.
func Repeats(text, line string) bool {
	return strings.HasPrefix(text, strings.TrimRight(line, "& "))
}

// Told joins a line and its result. Results of operations repeat the line.
func Told(line, text string) string {
	if line == "" || Repeats(text, line) {
		return text
	}
	return line + "   " + text
}
