package terminal

import (
	"strings"
	"sync"
	"time"

	"cluster/splitbrain/tui/terminal/background"

	"github.com/charmbracelet/x/ansi"
)

// Learned is what a terminal has said of itself.
type Learned struct {
	Background background.Shade
	Width      int // of a character of which terminals don't agree, in cells; 0: unknown
	synced     bool
}

// questions are asked before the first frame, which covers whatever a terminal shows instead of understanding them: which
// colour its background has, how far a character moves the cursor, whether it knows synchronized output. The last one,
// what it is, is answered by every terminal: who has not answered the others by then, never will.
var questions = ansi.RequestBackgroundColor + ansi.CursorHomePosition + "─" + ansi.RequestCursorPositionReport +
	ansi.RequestModeSynchronizedOutput + ansi.RequestPrimaryDeviceAttributes

// asking is what was asked and answered. The zero value asks nothing.
type asking struct {
	mu       sync.Mutex // guards what follows
	wanted   bool
	since    time.Time     // it was asked; zero before
	answered chan struct{} // closed when all is answered
	learned  Learned
}

// patience is how long answers are on their way at most, and how long a terminal may take to read.
const patience = time.Second

func (a *asking) ask() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.wanted {
		return ""
	}
	a.wanted, a.since, a.answered = false, time.Now(), make(chan struct{})
	return questions
}

// wait waits until no answers are on their way any more. It reports whether all have come.
func (a *asking) wait() bool {
	a.mu.Lock()
	answered, left := a.answered, patience-time.Since(a.since)
	a.mu.Unlock()
	if answered == nil {
		return true
	}
	select {
	case <-answered:
		return true
	case <-time.After(left):
		return false
	}
}

// Ask has the terminal asked what it is like, once, when it is taken. Nobody waits for its answers: give them to Hear.
func (s *Screen) Ask() {
	s.asking.mu.Lock()
	defer s.asking.mu.Unlock()
	s.asking.wanted = true
}

// Hear takes what a terminal has sent, and says what is known of it once it has answered all questions.
func (s *Screen) Hear(answer string) (learned Learned, ready bool) {
	if learned, ready = s.asking.hear(answer); learned.synced {
		s.mu.Lock()
		s.synced = true
		s.mu.Unlock()
	}
	return learned, ready
}

func (a *asking) hear(answer string) (learned Learned, ready bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.answered == nil {
		return Learned{}, false
	}
	csi, isCSI := strings.CutPrefix(answer, "\x1b[")
	switch color, isColor := strings.CutPrefix(answer, "\x1b]11;"); {
	case isColor:
		a.learned.Background = background.OfAnswer(color)
	case isCSI && strings.HasSuffix(csi, "R"):
		a.learned.Width = map[string]int{"1;2R": 1, "1;3R": 2}[csi]
	case csi == "?2026;1$y", csi == "?2026;2$y":
		a.learned.synced = true
	case isCSI && strings.HasPrefix(csi, "?") && strings.HasSuffix(csi, "c"):
		select {
		case <-a.answered: // to the question of somebody else
		default:
			close(a.answered)
			return a.learned, true
		}
	}
	return Learned{}, false
}
