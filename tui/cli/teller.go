package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/history"
	"cluster/splitbrain/netsim/history/invariant"
	"cluster/splitbrain/tui/script"
	"cluster/splitbrain/viewservice"
)

// kind says what an event is. The words are those of the JSON output.
type kind string

const (
	begin      kind = "begin"
	command    kind = "command"
	expected   kind = "expected"
	unexpected kind = "unexpected"
	failure    kind = "failed"
	violation  kind = "violation"
	newView    kind = "view"
	note       kind = "note"
	question   kind = "question"
	answer     kind = "answer"
	story      kind = "story"
	ending     kind = "end"
)

// event is one line of the transcript.
type event struct {
	Script  string  `json:"script"`
	AtMS    float64 `json:"at_ms"`
	Step    int     `json:"step,omitempty"` // of a saved world
	Event   kind    `json:"event"`
	Line    int     `json:"line,omitempty"`
	Command string  `json:"command,omitempty"`
	Text    string  `json:"text"`
	View    uint    `json:"view,omitempty"`
	Primary string  `json:"primary,omitempty"`
	Backup  string  `json:"backup,omitempty"`
}

// summary is the last line of a script.
type summary struct {
	Passed  int    `json:"passed"`
	Failed  int    `json:"failed"`
	Verdict string `json:"verdict"`
	Script  string `json:"script"`
}

// teller tells what happens. Safe for concurrent use, but for now, which is set first.
type teller struct {
	out    io.Writer
	json   bool
	script string
	now    func() time.Duration

	mu     sync.Mutex // guards what follows
	err    error      // of out
	stuck  error      // what was waited for did not come
	view   viewservice.Number
	answer string // of the question that was asked
	going  []beside
	broken bool // a promise was broken, unexpectedly
	shown  bool // a promise was broken as expected
	summary
}

// sound reports whether all expectations held and no promise was broken unexpectedly.
func (t *teller) sound() bool { return t.Failed == 0 && !t.broken }

func (t *teller) begin(s *script.Script, cfg engine.Config) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.Script = t.script
	text := fmt.Sprintf("%s: %s, %s, pings every %v, dead after %d, seed %d",
		s.Heading(), count(cfg.Servers, "server"), count(cfg.Clients, "client"), cfg.PingInterval, cfg.DeadPings, cfg.Seed)
	if cfg.Disabled != 0 {
		text += ", without " + cfg.Disabled.String()
	}
	t.tell(event{Event: begin, Text: text})
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// line tells what is said before a line runs.
func (t *teller) line(l script.Line) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case l.Command.Name == "note" || l.Command.Name == "ask":
		t.reveal()
	case l.Args.Detached:
		client := l.Args.Client
		if client == "" {
			client = "c1"
		}
		t.going = append(t.going, beside{l, client, t.now()})
		t.tell(event{AtMS: t.ms(t.now()), Event: command, Line: l.Number, Command: l.String(), Text: "begun: " + strings.TrimSuffix(l.String(), " &")})
	}
}

// reveal tells the answer to the question that was asked, once its step has run.
func (t *teller) reveal() {
	if t.answer != "" {
		t.tell(event{AtMS: t.ms(t.now()), Event: answer, Text: t.answer})
		t.answer = ""
	}
}

// came tells what a line came to.
func (t *teller) came(l script.Line, r script.Result, err error) {
	if l.Args.Detached && err == nil {
		return // told before it began
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	e := event{AtMS: t.ms(t.now()), Event: kindOf(l, err), Line: l.Number, Command: l.String(), Text: r.Text}
	switch l.Command.Name {
	case "note":
		e.Event, e.Command = note, ""
	case "ask":
		e.Event, e.Command, t.answer = question, "", l.Args.Answer
	}
	if err != nil {
		e.Text = err.Error()
	}
	if err != nil && l.Waits() {
		t.stuck = fmt.Errorf("%s:%d: %w", t.script, l.Number, err)
	}
	t.count(e.Event, l.Command.Name)
	t.tell(e)
}

func (t *teller) count(k kind, name string) {
	switch k {
	case expected:
		t.Passed++
		t.shown = t.shown || name == "expect violation"
	case unexpected, failure:
		t.Failed++
	case violation:
		t.broken = true
	}
}

// beside is an operation whose end nobody waits for.
type beside struct {
	script.Line
	client string
	from   time.Duration
}

func (b beside) is(d engine.Done) bool {
	a := b.Args
	return d.At >= b.from && d.Op.Kind.String() == b.Command.Name && d.Op.Key == a.Key && d.Op.Value == a.Value
}

// ended tells of operations beside that have ended. The caller holds mu.
func (t *teller) ended(k engine.ClientState) {
	for _, d := range slices.Backward(k.Last) {
		i := slices.IndexFunc(t.going, func(b beside) bool { return b.client == k.Name && b.is(d) })
		if i < 0 {
			continue
		}
		b := t.going[i]
		t.going = slices.Delete(t.going, i, i+1)
		t.tell(event{AtMS: t.ms(d.At), Event: command, Line: b.Number, Command: b.String(), Text: b.Told(d)})
	}
}

// seen tells of the views that were formed and the operations beside that ended since the last snapshot.
func (t *teller) seen(s engine.Snapshot) { t.seenUntil(s, s.At+1) }

// seenUntil is seen, but that it leaves out views that were formed at a time or later.
func (t *teller) seenUntil(s engine.Snapshot, until time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, c := range s.Viewservice.Status.Changes {
		if at := s.At - s.Viewservice.Status.Up + c.At; c.View.Viewnum > t.view && at < until {
			t.formed(c, at)
		}
	}
	for _, k := range s.Clients {
		t.ended(k)
	}
}

// formed tells of a view. The caller holds mu.
func (t *teller) formed(c viewservice.Change, at time.Duration) { t.formedAt(c, at, 0) }

// formedAt is formed in a step of a saved world.
func (t *teller) formedAt(c viewservice.Change, at time.Duration, step int) {
	t.view = c.View.Viewnum
	var causes []string
	for _, cause := range c.Causes {
		causes = append(causes, cause.String())
	}
	t.tell(event{
		AtMS: t.ms(at), Step: step, Event: newView, Text: strings.Join(causes, "; "),
		View: uint(c.View.Viewnum), Primary: c.View.Primary, Backup: c.View.Backup,
	})
}

// stopped tells that somebody ended the script before line l.
func (t *teller) stopped(l script.Line) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.Failed++
	t.tell(event{AtMS: t.ms(t.now()), Event: failure, Line: l.Number, Command: l.String(), Text: "interrupted at: " + l.String()})
}

// end tells the verdict.
func (t *teller) end(v history.Verdict, broken []invariant.Broken) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.reveal()
	t.Verdict = v.Result.String()
	if v.Result == history.Violated && !t.shown {
		t.broken = true
		t.tell(event{AtMS: t.ms(t.now()), Event: violation, Text: verdict(v)})
	}
	for _, b := range broken {
		if !t.shown {
			t.broken = true
			t.tell(event{AtMS: t.ms(t.now()), Event: violation, Text: b.Text})
		}
	}
	line := aligned(string(ending), fmt.Sprintf("%s held, %d failed; what the clients saw was %s", count(t.Passed, "expectation"), t.Failed, t.Verdict))
	if t.json {
		t.write(t.summary)
		return
	}
	t.print(line)
}

func (t *teller) ms(d time.Duration) float64 {
	return float64(d.Round(time.Microsecond)) / float64(time.Millisecond)
}

// tell writes one event. The caller holds mu.
func (t *teller) tell(e event) {
	e.Script = t.script
	line := e.line()
	if t.json {
		t.write(e)
		return
	}
	t.print(line)
}

// line is the event as a line of the transcript.
func (e event) line() string {
	at, text := fmt.Sprintf("%.3f s", e.AtMS/1000), e.Text
	switch e.Event {
	case note, question, answer, begin, story:
		at = string(e.Event)
	case newView:
		text = fmt.Sprintf("view %d: primary %s, %s: %s", e.View, e.Primary, backup(e.Backup), e.Text)
	case expected:
		text = "as expected: " + strings.TrimPrefix(e.Text, "expect ")
	case unexpected:
		text = "NOT as expected: " + e.place() + strings.TrimPrefix(e.Text, "expect ")
	case failure:
		text = "failed: " + e.place() + e.Text
	case violation:
		text = "a promise was broken: " + e.place() + e.Text
	}
	if e.Step > 0 { // between two of them next to no time passes
		at, text = fmt.Sprintf("%.6f s", e.AtMS/1000), fmt.Sprintf("step %d: %s", e.Step, text)
	}
	return aligned(at, text)
}

// place is where the line stands that the event belongs to, as in "demo.sb:3: ".
func (e event) place() string {
	if e.Line == 0 {
		return ""
	}
	return fmt.Sprintf("%s:%d: ", e.Script, e.Line)
}

func aligned(at, text string) string { return fmt.Sprintf("%10s  %s\n", at, text) }

func backup(name string) string {
	if name == "" {
		return "no backup"
	}
	return "backup " + name
}

func (t *teller) print(line string) {
	_, err := io.WriteString(t.out, line)
	t.note(err)
}

func (t *teller) note(err error) {
	if err != nil && t.err == nil {
		t.err = err
	}
}

func (t *teller) write(object any) {
	e := json.NewEncoder(t.out)
	e.SetEscapeHTML(false)
	t.note(e.Encode(object))
}
