package tui

import (
	"bufio"
	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/tui/canvas"
	"cluster/splitbrain/tui/script"
	"cluster/splitbrain/viewservice/rules"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"
	"unicode"
)

// BadCommandError is a line that was no command, where nobody can type a better one.
type BadCommandError struct {
	Line int // from 1
	Err  error
}

func (e *BadCommandError) Error() string { return fmt.Sprintf("line %d: %v", e.Line, e.Err) }
func (e *BadCommandError) Unwrap() error { return e.Err }

// ErrUnsound says that an expectation failed, or that a promise was broken which nobody had expected to be. It has been
// told already.
var ErrUnsound = errors.New("not all expectations held")

// Sizes of plain mode, in real time.
const (
	plainLook = 100 * time.Millisecond // between looks at the cluster
	plainWhy  = time.Second            // between two why lines
	plainWait = 3 * time.Second        // for a command, before the lines behind it go on
)

// Plain runs a cluster without a screen: what happens is told on out in sentences, one per line, and commands are
// read from in. It ends with in, with quit, or with ctx. Where in is no terminal, a line that is no command ends it
// too, with a *BadCommandError, once those before it have been told. The error is ErrUnsound if something was not as was
// demanded.
func Plain(ctx context.Context, opts Options, in io.Reader, interactive bool, out io.Writer) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	eng, err := opts.New(opts.Config)
	if err != nil {
		return err
	}
	t := &teller{
		ctx: ctx, host: newHost(eng, opts), ink: &canvas.Styles{ASCII: opts.ASCII}, out: out,
		interactive: interactive, ended: make(chan ran),
	}
	defer t.host.end()
	t.say("splitbrain without a screen: " + engine.Listing(eng.Nodes()) + ". help lists the commands, lessons the lessons, quit ends.")
	if opts.Open != "" {
		t.carry(openLine(opts.Open))
	}
	if err := t.listen(linesOf(ctx, in)); err != nil {
		return err
	}
	return t.verdict()
}

// linesOf reads lines until in or ctx ends. The goroutine may stay in its last Read.
func linesOf(ctx context.Context, in io.Reader) <-chan string {
	lines := make(chan string)
	go func() {
		defer close(lines)
		s := bufio.NewScanner(in)
		s.Buffer(nil, 32<<20)
		for s.Scan() {
			select {
			case lines <- s.Text():
			case <-ctx.Done():
				return
			}
		}
	}()
	return lines
}

// teller says what happens to a cluster.
type teller struct {
	ctx         context.Context
	host        *host
	ink         *canvas.Styles
	out         io.Writer
	interactive bool

	running int      // commands under way
	beside  bool     // clients have operations under way, without a load
	line    string   // the newest
	ended   chan ran // what they came to
	read    int      // lines so far

	session *script.Session // of the cluster that was told of
	showing *script.Showing
	right   bool    // the question that is shown was answered so
	pending []entry // that have happened and are not told yet
	lastNo  uint64  // the newest trace event that was taken in
	views   viewLog
	off     rules.Disabled
	why     string
	whyTold time.Time
	broken  bool // a violation was told
	shown   bool // it was expected
	failed  bool // an expectation, or a promise on a cluster that is gone
}

// say writes one line that is safe to show.
func (t *teller) say(text string) {
	text, _ = t.ink.Clean(text)
	fmt.Fprintln(t.out, text)
}

// listen carries lines out and tells what happens, until there is nothing to wait for.
func (t *teller) listen(lines <-chan string) error {
	look := time.NewTicker(plainLook)
	defer look.Stop()
	next := lines             // nil while a command keeps the lines behind it
	var late <-chan time.Time // when they go on all the same
	if t.running > 0 {
		next, late = nil, time.After(plainWait)
	}
	for {
		select {
		case line, more := <-next:
			if !more {
				t.finish()
				return nil
			}
			began, err := t.begin(line)
			if err != nil {
				t.finish()
				return err
			}
			if began {
				next, late = nil, time.After(plainWait)
			}
		case r := <-t.ended:
			if t.came(r) {
				return nil
			}
			next, late = lines, nil
		case <-late:
			t.say(t.line + " still runs; what comes now goes on beside it")
			next, late = lines, nil
		case <-look.C:
			t.look()
		case <-t.ctx.Done():
			return nil
		}
	}
}

// begin starts a command, and says whether there was one. In a lesson an empty line goes on, and so does the answer to a
// question.
func (t *teller) begin(line string) (bool, error) {
	t.read++
	empty, lesson := strings.TrimSpace(line) == "", t.host.shown()
	if empty && lesson != nil && lesson.State().Over {
		t.say("That was the last step: lesson again begins anew.")
		return false, nil
	}
	if empty && lesson != nil || t.answers(line) {
		line = "lesson next"
	}
	inv, err := script.Parse(line)
	if err != nil && !t.interactive {
		return false, &BadCommandError{t.read, err}
	}
	if err == nil && inv.Empty() {
		return false, nil
	}
	t.carry(line)
	return true, nil
}

func (t *teller) carry(line string) {
	t.running++
	t.line = shorter(line)
	go func() { // ends with the command, which ends with ctx
		result, err := t.host.now().Run(t.ctx, line)
		select {
		case t.ended <- ran{line: line, result: result, err: err}:
		case <-t.ctx.Done():
		}
	}()
}

// answers takes a line that is no command for the answer to the question that was told last, if one was.
func (t *teller) answers(line string) bool {
	now := t.showing
	if now == nil || t.host.shown() == nil || now.Over || !now.Question || script.Usage(line) != "" {
		return false
	}
	if _, err := script.Parse(line); err == nil {
		return false
	}
	t.right = isAnswer(line, now.Script.Steps[now.Step].Answer)
	return true
}

// isAnswer reports whether what was typed is the answer, or the first words of it.
func isAnswer(typed, answer string) bool {
	words := func(s string) []string {
		return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	}
	some, all := words(typed), words(answer)
	return len(some) > 0 && len(some) <= len(all) && slices.Equal(some, all[:len(some)])
}

// came tells what a command came to, after what it has caused, and whether it ends the program.
func (t *teller) came(r ran) (quit bool) {
	t.running--
	t.look()
	if r.err != nil || !strings.HasPrefix(r.line, "lesson ") {
		t.tellResult(r)
	}
	return r.result.Quit
}

func (t *teller) tellResult(r ran) {
	switch {
	case r.err != nil:
		_, unmet := errors.AsType[*script.Unmet](r.err)
		_, broken := errors.AsType[*script.Violation](r.err)
		t.failed = t.failed || unmet || broken
		t.say("failed: " + r.err.Error())
	case r.result.Text != "":
		t.shown = t.shown || showsViolation(r.line)
		for _, line := range strings.Split(r.result.Text, "\n") {
			t.say(line)
		}
	}
}

// showsViolation reports whether a line demands that a promise is broken.
func showsViolation(line string) bool {
	inv, err := script.Parse(line)
	return err == nil && inv.Command.Name == "expect violation"
}

// verdict is ErrUnsound unless all was as was demanded.
func (t *teller) verdict() error {
	if t.failed || t.broken && !t.shown {
		return ErrUnsound
	}
	return nil
}

// finish waits a while for what still runs, and tells all that has happened.
func (t *teller) finish() {
	defer t.tellUntil(forGood)
	late := time.After(plainWait)
	for t.running > 0 {
		select {
		case r := <-t.ended:
			t.came(r)
		case <-late:
			t.say("the input has ended; " + plural(t.running, "command") + " still running, outcome unknown (C2)")
			return
		case <-t.ctx.Done():
			return
		}
	}
	for t.look(); t.beside; t.look() {
		select {
		case <-time.After(plainLook):
		case <-late:
			return
		case <-t.ctx.Done():
			return
		}
	}
}

// forGood is later than all that happens.
const forGood = time.Duration(math.MaxInt64)

// look tells what has happened since the last look.
func (t *teller) look() {
	ctx, cancel := context.WithTimeout(t.ctx, patience)
	defer cancel()
	now, showing := t.host.look()
	if now.session != t.session {
		t.tellUntil(forGood)
		t.failed = t.verdict() != nil
		t.session, t.lastNo, t.views, t.off, t.broken, t.shown = now.session, 0, viewLog{}, 0, false, false
	}
	eng := now.session.Engine
	snap, err := eng.Observe(ctx, engine.Window{Limit: 1})
	if err != nil {
		return
	}
	t.beside = !snap.Paused && now.load == nil && slices.ContainsFunc(snap.Clients, func(k engine.ClientState) bool { return k.Running })
	rewound := t.tellTrace(eng.Trace())
	t.tellViews(newScene(snap, nil))
	t.tellRules(&snap)
	t.tellViolation(brokenPromise(eng.History().Judge(judgeFor), t.host.watch(now.session, snap, rewound)), snap.At)
	t.tellWhy(&snap)
	t.tellUntil(snap.At)
	for _, r := range now.told {
		t.tellResult(r)
	}
	t.tellLesson(showing)
}

// tellTrace tells what has happened, and reports whether time went elsewhere.
func (t *teller) tellTrace(trace *netsim.Trace) (rewound bool) {
	if trace == nil {
		return false
	}
	happened, _ := trace.Since(t.lastNo)
	if n := len(happened); n > 0 {
		t.lastNo = happened[n-1].Seq
	}
	if t.repeats() {
		happened = slices.DeleteFunc(happened, func(e netsim.TraceEvent) bool { return e.Kind == netsim.TimeSpeed })
	}
	for i, e := range happened {
		if e.Kind == netsim.TimeRewound { // what follows is told in a time of its own
			t.tellAll(happened[:i])
			t.tellUntil(forGood)
			t.tellAll(happened[i : i+1])
			t.tellUntil(forGood)
			happened, rewound = happened[i+1:], true
			break
		}
	}
	t.tellAll(happened)
	return rewound
}

func (t *teller) tellAll(happened []netsim.TraceEvent) {
	for _, e := range fromTrace(happened) {
		t.tellAt(e.at, strings.TrimLeftFunc(e.text, func(r rune) bool { return !unicode.IsLetter(r) }))
	}
}

// repeats reports whether a lesson hurries to a step that was shown before.
func (t *teller) repeats() bool {
	return strings.HasPrefix(t.line, "lesson ") && t.line != "lesson "+script.Next.String()
}

// tellAt takes in what is to be told in its turn.
func (t *teller) tellAt(at time.Duration, text string) {
	t.pending = append(t.pending, entry{at: at, text: text})
}

// tellUntil tells what has happened up to a time, in its order. What has happened later waits for what may come before.
func (t *teller) tellUntil(until time.Duration) {
	slices.SortStableFunc(t.pending, func(a, b entry) int { return cmp.Compare(a.at, b.at) })
	n := 0
	for n < len(t.pending) && t.pending[n].at <= until {
		t.say(clock(t.pending[n].at) + " " + t.pending[n].text)
		n++
	}
	t.pending = slices.Delete(t.pending, 0, n)
}

// tellViews tells of views that were formed, with their causes.
func (t *teller) tellViews(now *scene) {
	for _, f := range t.views.fresh(now) {
		words := make([]string, len(f.Causes))
		for i, cause := range f.Causes {
			words[i] = cause.String()
		}
		t.tellAt(f.at, fmt.Sprintf("view %d: primary %s, backup %s: %s",
			f.View.Viewnum, orNone(f.View.Primary), orNone(f.View.Backup), strings.Join(words, "; ")))
	}
}

func orNone(name string) string {
	if name == "" {
		return "nobody"
	}
	return name
}

func (t *teller) tellRules(snap *engine.Snapshot) {
	for _, r := range rules.All() {
		switch was, is := t.off.Has(r), snap.Disabled.Has(r); {
		case is && !was:
			t.tellAt(snap.At, "RULE OFF "+r.String()+" "+r.Refs().String()+": "+r.Effect()+": "+r.Damage())
		case was && !is:
			t.tellAt(snap.At, "rule "+r.String()+" is on again")
		}
	}
	t.off = snap.Disabled
}

func (t *teller) tellViolation(text string, at time.Duration) {
	if text != "" && !t.broken {
		t.broken = true
		t.tellAt(at, "VIOLATION: "+text)
	}
}

// tellLesson tells what a lesson shows, when it shows something else.
func (t *teller) tellLesson(now *script.Showing) {
	was := t.showing
	if now == nil || now.Running != "" || !turned(was, now) {
		return
	}
	t.showing = now
	for _, r := range now.Ran {
		t.shown = t.shown || r.Err == nil && showsViolation(r.Line)
	}
	if was == nil || was.Script != now.Script || was.Step != now.Step || was.Unmet != nil || now.Unmet == nil {
		t.tellStep(now)
	}
	if now.Unmet != nil {
		t.say("Not as told: " + now.Unmet.Error() + ". " + offTrack + ": lesson back goes back a step, lesson again begins anew.")
	}
}

func (t *teller) tellStep(now *script.Showing) {
	if now.Resumed {
		t.say(timeResumed)
	}
	switch {
	case now.Asked != "" && t.right:
		t.say("You are right: " + now.Answer)
	case now.Asked != "":
		t.say("Answer: " + now.Answer)
	}
	t.right = false
	goesOn := "An empty line goes on"
	switch {
	case now.Over:
		t.say("The end of " + now.Script.Heading() + ".")
		for _, text := range now.Script.Tries {
			t.say("Now try: " + text)
		}
		return
	case now.Question:
		goesOn = "Type an answer, or an empty line to see it"
		t.say("Question: " + now.Text)
	default:
		t.say("Note: " + now.Text)
	}
	t.say(fmt.Sprintf("Step %d of %d. %s; lesson back and lesson again go back.", now.Step, now.Steps, goesOn))
}

func (t *teller) tellWhy(snap *engine.Snapshot) {
	if text := snap.Why.Text; text != t.why && time.Since(t.whyTold) >= plainWhy {
		t.why, t.whyTold = text, time.Now()
		t.tellAt(snap.At, "why: "+text)
	}
}
