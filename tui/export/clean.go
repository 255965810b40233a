package export

import (
	"fmt"
	"time"
)

// cut shortens a text that was cleaned to n characters.
func cut(s string, n int) string {
	runes := []rune(s)
	if len(runes) <= n {
		return s
	}
	return string(runes[:n-1]) + "…"
}

// clock tells a time in seconds, to the microsecond.
func clock(at time.Duration) string { return fmt.Sprintf("%.6f", at.Seconds()) }
