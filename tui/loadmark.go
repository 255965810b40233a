package tui

import (
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/tui/canvas"
	"fmt"
	"strings"
	"time"
)

// seconds is a time that goes on, in whole seconds.
func seconds(d time.Duration) string {
	if d = d.Truncate(time.Second); d < time.Minute {
		return fmt.Sprintf("%d s", int(d.Seconds()))
	}
	return elapsed(d)
}

// loadSpans is the mark of a load that runs.
func (m *Model) loadSpans(timed bool) []canvas.Span {
	switch {
	case m.load == nil:
		return nil
	case !timed:
		return []canvas.Span{canvas.Warning.Span("load")}
	}
	return []canvas.Span{canvas.Warning.Span("load " + m.loadTime())}
}

func (m *Model) loadTime() string {
	if m.load.For == 0 {
		return seconds(m.load.Ran)
	}
	return seconds(min(m.load.Ran, m.load.For)) + " of " + seconds(m.load.For)
}

// loadIsResult reports whether how far the load has come stands where results do: there is no newer one.
func (m *Model) loadIsResult() bool {
	verb, _, _ := strings.Cut(m.runs.line, " ")
	return m.load != nil && m.runs.active() == 0 && (verb == "load" && m.runs.look == canvas.Good || m.runs.line == "" && m.runs.text == "")
}

// loadWords says how far the load has come that runs, and how it ends, in as many words as fit into w cells; "" if none
// runs.
func (m *Model) loadWords(w int) string {
	l := m.load
	if l == nil {
		return ""
	}
	who := fmt.Sprintf("load %s %.6g/s", engine.Listing(l.Clients), l.Rate)
	far := []string{m.loadTime(), count(l.Done) + " done"}
	if l.Failed > 0 {
		far = append(far, count(l.Failed)+" failed")
	}
	ends := "load off ends it"
	for _, words := range [][]string{append(append([]string{who}, far...), ends), append([]string{who}, far...), append([]string{"load"}, far...), {"load " + far[0]}} {
		if text := strings.Join(words, " · "); len([]rune(text)) <= w {
			return text
		}
	}
	return ""
}
