package tui

import (
	"fmt"
	"strings"
	"time"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/tui/canvas"
)

// seconds is a time that goes on, in whole seconds.
func seconds(d time.Duration) string {
	if d = d.Truncate(time.Second); d < time.Minute {
		return fmt.Sprintf("%d s", int(d.Seconds()))
	}
	return engine.Elapsed(d)
}

// loadSpans is the mark of a load that runs.
func (o *overview) loadSpans(timed bool) []canvas.Span {
	switch {
	case o.load == nil:
		return nil
	case !timed:
		return []canvas.Span{canvas.Warning.Span("load")}
	}
	return []canvas.Span{canvas.Warning.Span("load " + o.loadTime())}
}

func (o *overview) loadTime() string {
	if o.load.For == 0 {
		return seconds(o.load.Ran) + " so far"
	}
	return seconds(min(o.load.Ran, o.load.For)) + " of " + seconds(o.load.For)
}

// loadWords says how far the load has come that runs, and how it ends, in as many words as fit into w cells; "" if none
// runs.
func (o *overview) loadWords(w int) string {
	l := o.load
	if l == nil {
		return ""
	}
	who := fmt.Sprintf("load %s %.6g/s", engine.Listing(l.Clients), l.Rate)
	far := []string{o.loadTime(), engine.Count(l.Done) + " done"}
	if l.Failed > 0 {
		far = append(far, engine.Count(l.Failed)+" failed")
	}
	ends := "load off ends it"
	for _, words := range [][]string{append(append([]string{who}, far...), ends), append([]string{who}, far...), append([]string{"load"}, far...), {"load " + far[0]}} {
		if text := strings.Join(words, " · "); len([]rune(text)) <= w {
			return text
		}
	}
	return ""
}
