package cli

import (
	"fmt"
	"io"
	"os"
	"time"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/search"
	"cluster/splitbrain/tui/terminal"
)

// progress tells how far a search is: on a terminal in one row, which each second is written anew, anywhere else in lines, of
// which there are the fewer the longer it takes. Whatever else is written while the row stands there goes through Write.
type progress struct {
	out    io.Writer
	width  func() int // of the terminal that has the row; nil: there are lines
	walks  bool       // of a random search
	begun  bool
	warned bool
	began  time.Duration // what the search had taken before, when it was interrupted
	last   time.Duration
	shown  bool // the row stands there
}

// newProgress tells on out. A terminal that has no rows to be written anew, or is to be plain, has lines.
func newProgress(out io.Writer, walks bool, getenv func(string) string) *progress {
	p := &progress{out: out, walks: walks}
	if f := terminalOf(out); f != nil && getenv("TERM") != "dumb" && getenv("NO_COLOR") == "" {
		p.width = func() int {
			w, _, _ := terminal.Size(f.Fd(), os.Getenv)
			return w
		}
	}
	return p
}

// every is how long after a line the next one comes, in a search that has taken so long.
func (p *progress) every(took time.Duration) time.Duration {
	switch {
	case p.width != nil || took < 10*time.Second:
		return time.Second
	case took < time.Minute:
		return 10 * time.Second
	}
	return time.Minute
}

func (p *progress) tell(r search.Result) {
	if !p.begun {
		p.begun, p.began, p.last = true, r.Elapsed, r.Elapsed
	}
	if r.Dear != "" && !p.warned {
		p.warned = true
		fmt.Fprintf(p, "fair futures of states are tried for %s, which is dear\n", r.Dear)
	}
	if r.Elapsed-p.last < p.every(p.last-p.began) {
		return
	}
	p.last = r.Elapsed
	if p.width == nil {
		fmt.Fprintln(p.out, p.words(r))
		return
	}
	text := p.words(r)
	if most := max(p.width()-1, 0); len(text) > most { // in the last column some terminals begin the next row
		text = text[:most]
	}
	fmt.Fprint(p.out, "\r"+text+eraseToEnd)
	p.shown = true
}

// eraseToEnd erases the rest of the row.
const eraseToEnd = "\x1b[K"

// clear takes the row away.
func (p *progress) clear() {
	if p.shown {
		p.shown = false
		fmt.Fprint(p.out, "\r"+eraseToEnd)
	}
}

// Write writes what is no progress.
func (p *progress) Write(b []byte) (int, error) {
	p.clear()
	return p.out.Write(b)
}

// words tell how far a search is, in one line: what changes comes first.
func (p *progress) words(r search.Result) string {
	if p.walks {
		return fmt.Sprintf("%s in %s of up to %d, %s/s, %d MiB",
			engine.Plural(r.States, "event"), engine.Plural(r.Walks, "walk"), r.Depth, engine.Count(int(r.Rate())), r.Heap>>20)
	}
	text := fmt.Sprintf("%s, %s distinct, %s/s, depth %d, frontier %s, %d MiB",
		engine.Plural(r.States, "state"), engine.Count(r.Distinct), engine.Count(int(r.Rate())), r.Depth, engine.Count(r.Frontier), r.Heap>>20)
	if r.Rounds > 1 {
		text = fmt.Sprintf("round %d of %d: %s, %s", r.Round, r.Rounds, text, r.RoundBegins())
	}
	return text
}
