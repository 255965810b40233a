package transcript

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"sync"
	"time"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/history"
	"cluster/splitbrain/netsim/history/invariant"
	"cluster/splitbrain/tui/script"
)

// Format says how a Transcript is written.
type Format uint8

// The formats.
const (
	Lines Format = iota // sentences, one per event
	JSON                // objects, one per line: docs/json.md
)

// Transcript writes what one script, or one saved world, comes to, and counts what held. Begin or World comes first. Safe
// for concurrent use.
type Transcript struct {
	out    io.Writer
	format Format
	times  column
	script string
	now    func() time.Duration

	mu         sync.Mutex // guards what follows
	err        error
	stuck      error
	views      ViewLog
	answer     string        // of the question that was asked
	background []script.Line // operations whose ends nobody waits for
	broken     bool          // a promise was broken, unexpectedly
	shown      bool          // a promise was broken as expected
	stopped    bool          // somebody ended the script before its end
	summary    summary
}

// summary is the last line of a transcript.
type summary struct {
	Passed  int    `json:"passed"`
	Failed  int    `json:"failed"`
	Verdict string `json:"verdict"`
	Script  string `json:"script"`
}

// New is a transcript of the script or saved world of that name.
func New(out io.Writer, name string, format Format) *Transcript {
	return &Transcript{out: out, format: format, times: ofScripts, script: name, summary: summary{Script: name}}
}

// Sound reports whether all expectations held and no promise was broken unexpectedly.
func (t *Transcript) Sound() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.summary.Failed == 0 && !t.broken
}

// Stuck says which line waited for what did not come; nil if none did.
func (t *Transcript) Stuck() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.stuck
}

// Err is the first error of the writer, or of what Fail was told.
func (t *Transcript) Err() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.err
}

// Fail notes what has gone wrong beside the script; nil is nothing.
func (t *Transcript) Fail(err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.fail(err)
}

// Begin tells which script runs on a cluster of which shape; now is the cluster's time.
func (t *Transcript) Begin(now func() time.Duration, s *script.Script, cfg engine.Config) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.now = now
	text := fmt.Sprintf("%s: %s, %s, pings every %v, dead after %d, seed %d",
		s.Heading(), count(cfg.Servers, "server"), count(cfg.Clients, "client"), cfg.PingInterval, cfg.DeadPings, cfg.Seed)
	if cfg.Disabled != 0 {
		text += ", without " + cfg.Disabled.String()
	}
	t.write(Event{Kind: Begin, Text: text})
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// Starts tells what is said before a line runs.
func (t *Transcript) Starts(l script.Line) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case l.Command.Name == "note" || l.Command.Name == "ask" || l.Command.Name == "then":
		t.reveal()
	case l.Args.Detached:
		t.background = append(t.background, l)
		t.write(t.of(l, Command, "begun: "+strings.TrimSuffix(l.String(), " &")))
	}
}

// of is the event that belongs to a line, now.
func (t *Transcript) of(l script.Line, kind Kind, text string) Event {
	return Event{Kind: kind, At: t.now(), Line: l.Number, Command: l.String(), Text: text}
}

// reveal tells the answer to the question that was asked, once its step has run.
func (t *Transcript) reveal() {
	if t.answer != "" {
		t.write(Event{Kind: Answer, At: t.now(), Text: t.answer})
		t.answer = ""
	}
}

// Result tells what a line came to.
func (t *Transcript) Result(l script.Line, r script.Result, err error) {
	if l.Args.Detached && err == nil {
		return // told before it began
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	e := t.of(l, kindOf(l, err), r.Text)
	switch l.Command.Name {
	case "note", "then":
		e.Kind, e.Command = Note, ""
	case "ask":
		e.Kind, e.Command, t.answer = Question, "", l.Args.Asks.Explained()
	case "look", "pace": // for who watches
		return
	}
	if err != nil {
		e.Text = err.Error()
	}
	if err != nil && l.Waits() {
		t.stuck = fmt.Errorf("%s:%d: %w", t.script, l.Number, err)
	}
	t.count(e.Kind, l.Command.Name)
	t.write(e)
}

// kindOf says what a line came to.
func kindOf(l script.Line, err error) Kind {
	_, unmet := errors.AsType[*script.ExpectError](err)
	_, broken := errors.AsType[*script.Violation](err)
	switch {
	case broken:
		return Violation
	case unmet && !l.Waits():
		return Unexpected
	case err != nil:
		return Failed
	case l.Expects():
		return Expected
	}
	return Command
}

func (t *Transcript) count(k Kind, name string) {
	switch k {
	case Expected:
		t.summary.Passed++
		t.shown = t.shown || name == "expect violation"
	case Unexpected, Failed:
		t.summary.Failed++
	case Violation:
		t.broken = true
	}
}

// Ended tells what a line came to whose end nobody waited for; lines of load are left out. Equal lines end in their order.
func (t *Transcript) Ended(line string, r script.Result, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	i := slices.IndexFunc(t.background, func(l script.Line) bool { return l.String() == line })
	if i < 0 {
		return
	}
	e := t.of(t.background[i], Command, r.Text)
	if err != nil {
		e.Text = err.Error()
	}
	t.background = slices.Delete(t.background, i, i+1)
	t.write(e)
}

// Seen tells of the views that were formed since the last snapshot.
func (t *Transcript) Seen(s engine.Snapshot) { t.SeenUntil(s, math.MaxInt64) }

// SeenUntil is Seen, but that it leaves out views that were formed at a time or later.
func (t *Transcript) SeenUntil(s engine.Snapshot, until time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, f := range t.views.FreshUntil(&s, until) {
		t.write(f.Event())
	}
}

// Stopped tells that somebody ended the script before line l.
func (t *Transcript) Stopped(l script.Line) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.stopped = true
	t.summary.Failed++
	t.write(t.of(l, Failed, "interrupted at: "+l.String()))
}

// WasStopped reports whether Stopped was told.
func (t *Transcript) WasStopped() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.stopped
}

// End tells the verdict, and which invariants were broken.
func (t *Transcript) End(v history.Verdict, broken []invariant.Violation) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.reveal()
	var texts []string
	if v.Result == history.Violated {
		texts = append(texts, verdict(v))
	}
	for _, b := range broken {
		texts = append(texts, b.Text)
	}
	for _, text := range texts {
		if !t.shown {
			t.broken = true
			t.write(Event{Kind: Violation, At: t.now(), Text: text})
		}
	}
	t.summary.Verdict = v.Result.String()
	if t.format == JSON {
		t.encode(t.summary)
		return
	}
	held := fmt.Sprintf("%s held, %d failed; what the clients saw was %s", count(t.summary.Passed, "expectation"), t.summary.Failed, t.summary.Verdict)
	t.write(Event{Kind: End, Text: held})
}

// verdict is a verdict in one line.
func verdict(v history.Verdict) string {
	text := v.String()
	if v.Blame != nil {
		text += ": " + v.Blame.Text
	}
	return text
}

// write writes one event. The caller holds mu.
func (t *Transcript) write(e Event) {
	e.Script = t.script
	if t.format == JSON {
		t.encode(e)
		return
	}
	_, err := io.WriteString(t.out, e.line(t.times))
	t.fail(err)
}

func (t *Transcript) encode(object any) {
	e := json.NewEncoder(t.out)
	e.SetEscapeHTML(false)
	t.fail(e.Encode(object))
}

func (t *Transcript) fail(err error) {
	if err != nil && t.err == nil {
		t.err = err
	}
}
