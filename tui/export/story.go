package export

import (
	"strings"
	"time"
)

// Story is what a lesson or script has told, as far as it was played.
type Story struct {
	Title, About string
	Replay       []string // command lines of a shell that play it again
	Steps        []Step   // that were played
	Over         bool     // these are all
	Free         bool     // who played has left it for free play
	Score        string   // at the end: how the predictions fared; "" without any
	Tries        []string // at the end: what else can be done
}

// Step is one step of a story: what was told before it, what was done, and what was told after it.
type Step struct {
	Number   int // from 1; 0 is what came before the first text
	Text     string
	Question bool
	Choices  []Choice // none of a question without any
	Because  string   // why the answer is right; of a question without choices, the answer
	Then     string
	Commands []Command // without times
	From, To time.Duration
	Events   [2]uint64 // it has those of the trace behind the first number, up to the second one
	Picture  string    // the screen at its end: rows with ANSI styles; "" for none
}

// Choice is an answer that a question offers.
type Choice struct {
	Text        string
	Right, Said bool // it is right; the reader has said it
}

// Command is a line that was carried out.
type Command struct {
	At, End time.Duration // in the cluster's time; End is negative while it runs
	Line    string
	Text    string // what it came to
	Failed  bool
	Undone  bool // it switched a rule in another past than the cluster's
}

// Checks reports whether the line only demands that something is so.
func (c Command) Checks() bool { return strings.HasPrefix(c.Line, "expect ") }
