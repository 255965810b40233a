package tui

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/tui/canvas"
	"cluster/splitbrain/tui/pane"
	"cluster/splitbrain/tui/script"
	"cluster/splitbrain/tui/transcript"
	"cluster/splitbrain/viewservice/rules"
)

// BadCommandError is a line that was no command, where nobody can type a better one, or one that could not be read.
type BadCommandError struct {
	Line int // from 1
	Err  error
}

func (e *BadCommandError) Error() string { return fmt.Sprintf("line %d: %v", e.Line, e.Err) }
func (e *BadCommandError) Unwrap() error { return e.Err }

// ErrUnsound says that an expectation failed, that a promise was broken which nobody had expected to be, or, where nobody
// types, that a line could not be carried out. It has been told already.
var ErrUnsound = errors.New("not all lines came to what was demanded")

// Sizes of plain mode, in real time.
const (
	plainLook = 100 * time.Millisecond // between looks at the cluster
	plainWhy  = time.Second            // between two why lines
	plainWait = 3 * time.Second        // for a command, before the lines behind it go on
)

// plainLine is how long a line may be, in bytes.
const plainLine = 32 << 20

// Plain runs a cluster without a screen: what happens is told on out in sentences, one per line, and commands are
// read from in. It ends with in, with quit, or with ctx. The error is ctx's cause, or else a *BadCommandError if in could not be
// read to its end or, where it is no terminal, if a line was no command, which is told at once; or else ErrUnsound if
// something was not as was demanded. What went wrong with out is for out to know.
func Plain(ctx context.Context, opts Options, in io.Reader, interactive bool, out io.Writer) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	eng, err := opts.New(opts.Config)
	if err != nil {
		return err
	}
	p := &lineMode{
		ctx: ctx, host: newHost(ctx, eng, opts), ink: &canvas.Styles{ASCII: opts.ASCII}, out: out,
		interactive: interactive, ended: make(chan ran), written: map[string]bool{},
	}
	defer p.host.end()
	p.host.search.Opened(opts.Story)
	if !interactive {
		p.host.timing = script.Hurried
	}
	p.say("splitbrain without a screen: " + engine.Listing(eng.Nodes()) + ". help lists the commands, lessons the lessons, quit ends.")
	if opts.Open != "" {
		p.start(read(openLine(opts.Open)))
	}
	p.listen(linesOf(ctx, in))
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case p.bad != nil:
		return p.bad
	}
	return p.verdict()
}

// lines are what is read, one by one.
type lines struct {
	each <-chan string // closed at the end
	err  error         // why that was not the end of all. Once each is closed
}

// linesOf reads lines until in or ctx ends. The goroutine may stay in its last Read.
func linesOf(ctx context.Context, in io.Reader) *lines {
	each := make(chan string)
	all := &lines{each: each}
	go func() {
		defer close(each)
		s := bufio.NewScanner(in)
		s.Buffer(nil, plainLine)
		for s.Scan() {
			select {
			case each <- s.Text():
			case <-ctx.Done():
				return
			}
		}
		if all.err = s.Err(); errors.Is(all.err, bufio.ErrTooLong) {
			all.err = fmt.Errorf("is longer than %d MiB", plainLine>>20)
		}
	}()
	return all
}

// lineMode says what happens to a cluster.
type lineMode struct {
	ctx         context.Context
	host        *host
	ink         *canvas.Styles
	out         io.Writer
	interactive bool

	running    int             // commands under way
	background bool            // clients have operations under way, without a load
	line       string          // the newest
	ended      chan ran        // what they came to
	read       int             // lines so far
	written    map[string]bool // files that this session has written
	refused    string          // the line that would overwrite a file and was not carried out, if it was the newest

	session *script.Session // of the cluster that was told of
	showing *script.PlayerState
	pending []transcript.Event // that have happened and are not told yet
	lastNo  uint64             // the newest trace event that was taken in
	views   transcript.ViewLog
	off     rules.Disabled
	why     string
	whyTold time.Time
	broken  transcript.Kind  // what was told to be broken last; "" while all holds
	shown   bool             // it was expected
	failed  bool             // an expectation, a promise on a cluster that is gone or, where nobody types, any line
	bad     *BadCommandError // the first
}

// say writes one line that is safe to show.
func (p *lineMode) say(text string) {
	text, _ = p.ink.Clean(text)
	fmt.Fprintln(p.out, text)
}

func (p *lineMode) sayFailed(err error) {
	p.say(transcript.Event{Kind: transcript.Failed, Text: err.Error()}.Sentence())
}

// listen carries lines out and tells what happens, until there is nothing to wait for.
func (p *lineMode) listen(in *lines) {
	look := time.NewTicker(plainLook)
	defer look.Stop()
	next := in.each           // nil while a command keeps the lines behind it
	var late <-chan time.Time // when they go on all the same
	if p.running > 0 {
		next, late = nil, time.After(plainWait)
	}
	for {
		select {
		case line, more := <-next:
			if !more {
				p.finish(in.err)
				return
			}
			if p.take(line) {
				next, late = nil, time.After(plainWait)
			}
		case r := <-p.ended:
			if p.finished(r) {
				return
			}
			next, late = in.each, nil
		case <-late:
			p.say(p.line + " still runs; what comes now goes on beside it")
			next, late = in.each, nil
		case <-look.C:
			p.look()
		case <-p.ctx.Done():
			return
		}
	}
}

// take starts a command, and says whether there was one. In a lesson an empty line goes on, and so does the answer to a
// question.
func (p *lineMode) take(line string) bool {
	p.read++
	empty, lesson := strings.TrimSpace(line) == "", p.host.shown()
	if empty && lesson != nil && lesson.State().Over {
		p.say("That was the last step: lesson again begins anew.")
		return false
	}
	t := read(line)
	if !p.interactive {
		t = p.ofPipe(t)
	}
	switch {
	case empty && lesson != nil:
		t = read("lesson next")
	case p.answers(t):
		t = read("answer " + script.Quote(strings.TrimSpace(line)))
	}
	if t.bad == nil && t.inv.Empty() {
		return false
	}
	if t.bad != nil && !p.interactive {
		p.isBad(t.bad)
	}
	p.start(t)
	return true
}

// isBad says what is wrong with the line that was read last.
func (p *lineMode) isBad(err error) {
	if p.bad == nil {
		p.bad = &BadCommandError{p.read, err}
	}
}

// ofPipe is a task of which nobody knows who has written it.
func (p *lineMode) ofPipe(t task) task {
	t.inv = t.inv.OfOthers()
	if t.bad == nil && t.inv.Writes() != "" && p.host.files == nil {
		t.bad = fmt.Errorf("%s: %w", t.inv.Command.Name, script.ErrFiles)
	}
	return t
}

func (p *lineMode) start(t task) {
	p.running++
	p.line = pane.Shorter(t.line)
	file := ""
	if p.interactive && t.line != p.refused {
		file = overwrites(p.host, p.written, t.inv)
	}
	go func() { // ends with the command, which ends with ctx
		if err := unlessExists(file); err != nil {
			p.end(ran{task: t, err: err})
			return
		}
		result, err := p.host.run(p.ctx, t)
		p.end(ran{task: t, result: result, err: err})
	}()
}

// end hands over what a command came to.
func (p *lineMode) end(r ran) {
	select {
	case p.ended <- r:
	case <-p.ctx.Done():
	}
}

// finished tells what a command came to, after what it has caused, and whether it ends the program.
func (p *lineMode) finished(r ran) (quit bool) {
	p.running--
	if p.refused = ""; r.err == nil && r.inv.Writes() != "" {
		p.written[filepath.Clean(r.inv.Writes())] = true
	}
	if _, exists := errors.AsType[*existsError](r.err); exists {
		p.refused = r.line
	}
	p.look()
	p.failed = p.failed || r.err != nil && !p.interactive
	if r.err != nil || !movesLesson(r.inv) {
		p.tellResult(r)
	}
	return r.result.Quit
}

func (p *lineMode) tellResult(r ran) {
	switch {
	case r.err != nil:
		_, unmet := errors.AsType[*script.ExpectError](r.err)
		_, broken := errors.AsType[*script.Violation](r.err)
		p.failed = p.failed || unmet || broken
		p.sayFailed(r.err)
	case r.result.Text != "":
		p.shown = p.shown || showsViolation(r.task)
		for _, line := range strings.Split(r.result.Text, "\n") {
			p.say(line)
		}
	}
}

// showsViolation reports whether a task demands that a promise is broken.
func showsViolation(t task) bool { return t.inv.Command.Name == "expect violation" }

// verdict is ErrUnsound unless all was as was demanded.
func (p *lineMode) verdict() error {
	if p.failed || p.broken != "" && !p.shown {
		return ErrUnsound
	}
	return nil
}

// finish waits a while for what still runs, and tells all that has happened. The error is why nothing more could be read.
func (p *lineMode) finish(err error) {
	defer p.flush(forGood)
	if err != nil {
		p.read++
		p.isBad(err)
		p.sayFailed(fmt.Errorf("line %d: %w", p.read, err))
	}
	late := time.After(plainWait)
	for p.running > 0 {
		select {
		case r := <-p.ended:
			p.finished(r)
		case <-late:
			p.failed = p.failed || !p.interactive
			p.say("the input has ended; " + engine.Plural(p.running, "command") + " still running, outcome unknown (C2)")
			return
		case <-p.ctx.Done():
			return
		}
	}
	for p.look(); p.background; p.look() {
		select {
		case <-time.After(plainLook):
		case <-late:
			return
		case <-p.ctx.Done():
			return
		}
	}
}

// forGood is later than all that happens.
const forGood = time.Duration(math.MaxInt64)

// look tells what has happened since the last look.
func (p *lineMode) look() {
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	now, showing := p.host.look()
	if now.session != p.session {
		p.flush(forGood)
		p.failed = p.verdict() != nil
		p.session, p.lastNo, p.views, p.off, p.broken, p.shown = now.session, 0, transcript.ViewLog{}, 0, "", false
		for _, line := range p.host.search.News() {
			p.say(line)
		}
	}
	eng := now.session.Engine
	snap, err := eng.Observe(ctx, engine.Window{Limit: 1})
	if err != nil {
		return
	}
	p.background = !snap.Paused && now.load == nil && slices.ContainsFunc(snap.Clients, func(k engine.ClientState) bool { return k.Running })
	rewound := p.takeTrace(eng.Trace())
	for _, f := range p.views.Fresh(&snap) {
		p.add(f.Event())
	}
	p.add(transcript.RuleChanges(p.off, snap.Disabled, snap.At)...)
	p.off = snap.Disabled
	p.tellViolation(brokenPromise(eng.History().Judge(judgeFor), p.host.watch(now.session, snap, rewound)), snap.At)
	p.tellWhy(&snap)
	p.flush(snap.At)
	for _, r := range now.told {
		p.tellResult(r)
	}
	p.tellLesson(showing)
}

// takeTrace takes in what has happened, and reports whether time went elsewhere.
func (p *lineMode) takeTrace(trace *netsim.Trace) (rewound bool) {
	if trace == nil {
		return false
	}
	happened, _ := trace.Since(p.lastNo)
	if n := len(happened); n > 0 {
		p.lastNo = happened[n-1].Seq
	}
	if p.repeats() {
		happened = slices.DeleteFunc(happened, func(e netsim.TraceEvent) bool { return e.Kind == netsim.TimeSpeed })
	}
	for i, e := range happened {
		if e.Kind == netsim.TimeRewound { // what follows is told in a time of its own
			p.addTrace(happened[:i])
			p.flush(forGood)
			p.addTrace(happened[i : i+1])
			p.flush(forGood)
			happened, rewound = happened[i+1:], true
			break
		}
	}
	p.addTrace(happened)
	return rewound
}

func (p *lineMode) addTrace(happened []netsim.TraceEvent) {
	p.add(transcript.FromTrace(happened)...)
}

// repeats reports whether a lesson hurries to a step that was shown before.
func (p *lineMode) repeats() bool {
	move, moves := script.LessonMove(p.line)
	return moves && move != script.Next
}

// add takes in what is to be told in its turn.
func (p *lineMode) add(events ...transcript.Event) { p.pending = append(p.pending, events...) }

// flush tells what has happened up to a time, in its order. What has happened later waits for what may come before.
func (p *lineMode) flush(until time.Duration) {
	slices.SortStableFunc(p.pending, func(a, b transcript.Event) int { return cmp.Compare(a.At, b.At) })
	n := 0
	for n < len(p.pending) && p.pending[n].At <= until {
		p.say(pane.Clock(p.pending[n].At) + " " + p.pending[n].Sentence())
		n++
	}
	p.pending = slices.Delete(p.pending, 0, n)
}

// tellViolation tells what is broken, the first time, and of what clients saw also after what only servers say of themselves.
func (p *lineMode) tellViolation(found transcript.Event, at time.Duration) {
	if found.Kind != p.broken && found.Text != "" && p.broken != transcript.Alarm {
		p.broken, found.At = found.Kind, at
		p.add(found)
	}
}

func (p *lineMode) tellWhy(snap *engine.Snapshot) {
	if text := snap.Why.String(); text != p.why && time.Since(p.whyTold) >= plainWhy {
		p.why, p.whyTold = text, time.Now()
		p.add(transcript.Event{Kind: transcript.Why, At: snap.At, Text: text})
	}
}
