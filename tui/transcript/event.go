package transcript

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/viewservice"
	"cluster/splitbrain/viewservice/rules"
)

// Kind says what an event is. The words are those of the JSON output.
type Kind string

// The kinds.
const (
	Begin      Kind = "begin"      // of a script
	Command    Kind = "command"    // a line was carried out, or an operation that nobody waited for has ended
	Expected   Kind = "expected"   // what was expected is so
	Unexpected Kind = "unexpected" // or is not
	Failed     Kind = "failed"     // a line could not be carried out
	Violation  Kind = "violation"  // a promise was broken, and no expectation had asked for it
	NewView    Kind = "view"
	Note       Kind = "note"
	Question   Kind = "question"
	Answer     Kind = "answer"
	Story      Kind = "story" // a line of the story that a saved world's file tells
	End        Kind = "end"

	// Only the line mode and the pane of events tell these.
	Network   Kind = "network" // something was done to nodes, to links or to time
	RuleOff   Kind = "rule off"
	RuleOn    Kind = "rule on"
	Alarm     Kind = "alarm"     // clients are seen to be told what breaks a promise
	Invariant Kind = "invariant" // servers are seen to be as they never may be together
	Why       Kind = "why"       // what the cluster waits for has changed
)

// What is broken, where there is room for no more.
const (
	AlarmWord     = "VIOLATION"
	InvariantWord = "INVARIANT BROKEN"
)

// Event is one thing that happened.
type Event struct {
	Kind    Kind
	At      time.Duration // in the cluster's time
	Step    int           // of a saved world; 0 elsewhere
	Script  string        // the file or lesson that Line is in
	Line    int           // that the event belongs to, from 1; 0 for none
	Command string        // of that line
	Text    string        // of a note, a result …

	View    viewservice.Change  // of NewView
	Network []netsim.TraceEvent // of Network: one kind of event, to several links if they happened at once
	Rule    rules.Rule          // of RuleOff and RuleOn
}

// Sentence tells the event in words, without its time.
func (e Event) Sentence() string {
	switch e.Kind {
	case NewView:
		v := e.View.View
		return fmt.Sprintf("view %d: primary %s, %s: %s", v.Viewnum, v.Primary, backup(v.Backup), e.View.Reasons("; "))
	case Expected:
		return "as expected: " + strings.TrimPrefix(e.Text, "expect ")
	case Unexpected:
		return "NOT as expected: " + e.place() + strings.TrimPrefix(e.Text, "expect ")
	case Failed:
		return "failed: " + e.place() + e.Text
	case Violation:
		return "a promise was broken: " + e.place() + e.Text
	case Alarm:
		return AlarmWord + ": " + e.Text
	case Invariant:
		return InvariantWord + ": " + e.Text
	case Why:
		return "now: " + e.Text
	case RuleOff:
		return fmt.Sprintf("RULE OFF %s %s: %s: %s", e.Rule, e.Rule.Refs(), e.Rule.Effect(), e.Rule.Damage())
	case RuleOn:
		return "rule " + e.Rule.String() + " is on again"
	case Network:
		return networkSentence(e.Network)
	}
	return e.Text
}

// place is where the line stands that the event belongs to, as in "demo.sb:3: ".
func (e Event) place() string {
	if e.Line == 0 {
		return ""
	}
	return fmt.Sprintf("%s:%d: ", e.Script, e.Line)
}

func backup(name string) string {
	if name == "" {
		return "no backup"
	}
	return "backup " + name
}

// column is how times stand in front of the lines of a transcript: with so many digits of a second, in at least so many cells.
type column struct{ digits, cells int }

// Of scripts, and of saved worlds, between two steps of which next to no time passes.
var (
	ofScripts = column{digits: 3, cells: 10}
	ofWorlds  = column{digits: 6, cells: 10}
)

// upTo is the column with room for a time.
func (c column) upTo(at time.Duration) column {
	c.cells = max(c.cells, len(c.text(at)))
	return c
}

func (c column) text(at time.Duration) string {
	return fmt.Sprintf("%.*f s", c.digits, at.Round(time.Microsecond).Seconds())
}

// line is the event as a line of a transcript.
func (e Event) line(c column) string {
	at := c.text(e.At)
	switch e.Kind {
	case Note, Question, Answer, Begin, Story, End:
		at = string(e.Kind)
	}
	text := e.Sentence()
	if e.Step > 0 {
		text = fmt.Sprintf("step %d: %s", e.Step, text)
	}
	return fmt.Sprintf("%*s  %s\n", c.cells, at, text)
}

// MarshalJSON is the event for programs: docs/json.md has its fields.
func (e Event) MarshalJSON() ([]byte, error) {
	if e.Kind == NewView {
		e.Text = e.View.Reasons("; ")
	}
	var b strings.Builder
	w := json.NewEncoder(&b)
	w.SetEscapeHTML(false)
	err := w.Encode(struct {
		Script  string  `json:"script"`
		AtMS    float64 `json:"at_ms"`
		Step    int     `json:"step,omitempty"`
		Event   Kind    `json:"event"`
		Line    int     `json:"line,omitempty"`
		Command string  `json:"command,omitempty"`
		Text    string  `json:"text"`
		View    uint    `json:"view,omitempty"`
		Primary string  `json:"primary,omitempty"`
		Backup  string  `json:"backup,omitempty"`
	}{
		e.Script, float64(e.At.Round(time.Microsecond)) / float64(time.Millisecond), e.Step, e.Kind, e.Line, e.Command, e.Text,
		uint(e.View.View.Viewnum), e.View.View.Primary, e.View.View.Backup,
	})
	return []byte(b.String()), err
}
