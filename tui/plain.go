package tui

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/script"
	"cluster/splitbrain/viewservice"
)

// BadCommandError is a line that was no command, where nobody can type a better one.
type BadCommandError struct {
	Line int // from 1
	Err  error
}

func (e *BadCommandError) Error() string { return fmt.Sprintf("line %d: %v", e.Line, e.Err) }
func (e *BadCommandError) Unwrap() error { return e.Err }

// Sizes of plain mode, in real time.
const (
	plainLook = 100 * time.Millisecond // between looks at the cluster
	plainWhy  = time.Second            // between two why lines
	plainWait = 3 * time.Second        // for a command, before the lines behind it go on
)

// Plain runs a cluster without a screen: what happens is told on out in sentences, one per line, and commands are
// read from in. It ends with in, with quit, or with ctx. Where in is no terminal, a line that is no command ends it
// too, with a *BadCommandError.
func Plain(ctx context.Context, opts Options, in io.Reader, interactive bool, out io.Writer) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	eng, err := opts.New(opts.Config)
	if err != nil {
		return err
	}
	t := &teller{
		ctx: ctx, stage: newStage(eng, opts), ink: &ink{ascii: opts.ASCII}, out: out,
		interactive: interactive, ended: make(chan ran),
	}
	defer t.stage.end()
	t.say("splitbrain without a screen: " + engine.Listing(eng.Nodes()) + ". help lists the commands, lessons the lessons, quit ends.")
	if opts.Open != "" {
		t.carry(openLine(opts.Open))
	}
	return t.listen(linesOf(ctx, in))
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
	stage       *stage
	ink         *ink
	out         io.Writer
	interactive bool

	running int      // commands under way
	line    string   // the newest
	ended   chan ran // what they came to
	read    int      // lines so far

	session *script.Session // of the cluster that was told of
	showing *script.Showing
	lastNo  uint64 // the newest trace event that was told
	views   viewLog
	off     viewservice.Off
	why     string
	whyTold time.Time
	broken  bool // a violation was told
}

// say writes one line that is safe to show.
func (t *teller) say(text string) {
	text, _ = t.ink.clean(text)
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
				return t.finish()
			}
			began, err := t.begin(line)
			if err != nil {
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

// begin starts a command, and says whether there was one. In a lesson an empty line goes on.
func (t *teller) begin(line string) (bool, error) {
	t.read++
	if strings.TrimSpace(line) == "" && t.stage.shown() != nil {
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
		result, err := t.stage.now().Run(t.ctx, line)
		select {
		case t.ended <- ran{line: line, result: result, err: err}:
		case <-t.ctx.Done():
		}
	}()
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
		t.say("failed: " + r.err.Error())
	case r.result.Text != "":
		for _, line := range strings.Split(r.result.Text, "\n") {
			t.say(line)
		}
	}
}

// finish waits a while for what still runs.
func (t *teller) finish() error {
	late := time.After(plainWait)
	for t.running > 0 {
		select {
		case r := <-t.ended:
			t.came(r)
		case <-late:
			t.say("the input has ended; " + plural(t.running, "command") + " still running, outcome unknown (C2)")
			return nil
		case <-t.ctx.Done():
			return nil
		}
	}
	t.look()
	return nil
}

// look tells what has happened since the last look.
func (t *teller) look() {
	ctx, cancel := context.WithTimeout(t.ctx, patience)
	defer cancel()
	now := t.stage.look()
	if now.session != t.session {
		t.session, t.lastNo, t.views, t.off, t.broken = now.session, 0, viewLog{}, 0, false
	}
	eng := now.session.Engine
	snap, err := eng.Observe(ctx, engine.Window{Limit: 1})
	if err != nil {
		return
	}
	t.tellTrace(eng.Trace())
	t.tellViews(newScene(snap, nil))
	t.tellRules(&snap)
	t.tellViolation(brokenPromise(eng.History().Judge(judgeFor), t.stage.watch(now.session, snap)), snap.At)
	t.tellWhy(&snap)
	for _, r := range now.told {
		t.tellResult(r)
	}
	t.tellLesson(now.showing)
}

func (t *teller) tellTrace(trace *netsim.Trace) {
	if trace == nil {
		return
	}
	happened, _ := trace.Since(t.lastNo)
	for _, e := range fromTrace(happened) {
		t.tellAt(e.at, strings.TrimLeftFunc(e.text, func(r rune) bool { return !unicode.IsLetter(r) }))
	}
	if n := len(happened); n > 0 {
		t.lastNo = happened[n-1].Seq
	}
}

func (t *teller) tellAt(at time.Duration, text string) { t.say(clock(at) + " " + text) }

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
	for _, r := range viewservice.AllRules() {
		switch was, is := t.off.Has(r), snap.Off.Has(r); {
		case is && !was:
			t.tellAt(snap.At, "RULE OFF "+r.String()+" ("+r.Cites()+"): "+r.WhileOff()+": "+r.Damage())
		case was && !is:
			t.tellAt(snap.At, "rule "+r.String()+" is on again")
		}
	}
	t.off = snap.Off
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
	if now.Asked != "" {
		t.say("Answer: " + now.Answer)
	}
	switch {
	case now.Over:
		t.say("The end of " + now.Script.Heading() + ".")
		for _, text := range now.Script.Tries {
			t.say("Now try: " + text)
		}
		return
	case now.Question:
		t.say("Question: " + now.Text)
	default:
		t.say("Note: " + now.Text)
	}
	t.say(fmt.Sprintf("Step %d of %d. An empty line goes on; lesson back and lesson again go back.", now.Step, now.Steps))
}

func (t *teller) tellWhy(snap *engine.Snapshot) {
	if text := snap.Why.Text; text != t.why && time.Since(t.whyTold) >= plainWhy {
		t.why, t.whyTold = text, time.Now()
		t.tellAt(snap.At, "why: "+text)
	}
}
