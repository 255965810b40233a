package sim

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/world"
	"cluster/splitbrain/viewservice/rules"
)

// The file: a line for the version, one for the configuration, and for each branch its name, parent and step, its
// commands with their steps and times, and its end with a hash of the world there. The last line says where the world
// was. Lines after the first one that begin with # are for those who read the file.
//
//	splitbrain world 2
//	# s1 crashes
//	config servers=3 clients=2 seed=1 ping-interval=100ms dead-pings=5 off=
//	branch main - 0
//	37 422000000 crash s1
//	end 9000 4000000000 8a5f3b2c00112233
//	branch b1 main 30
//	…
//	at b1 31
const (
	fileVersion = "splitbrain world 2"
	fileKind    = "splitbrain world "

	mostSteps = 100_000_000 // of a branch in a file; going through so many takes minutes
	longLine  = 64 << 20    // bytes
)

// Save writes configuration, commands and branches as text. It fails if the beginning of a branch is forgotten.
func (e *Engine) Save(w io.Writer) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if err := cmp.Or(e.ready(), e.whole()); err != nil {
		return err
	}
	b := bufio.NewWriter(w)
	writeHeader(b, e.cfg, nil)
	for _, br := range e.branches {
		fmt.Fprintf(b, "branch %s %s %d\n", br.name, cmp.Or(br.parent, "-"), br.from)
		for cmd := range br.commands.from(br.commandsUntil(br.from)) {
			fmt.Fprintln(b, cmd)
		}
		fmt.Fprintf(b, "end %d %d %016x\n", br.length, int64(br.end), e.end(br).HashAt(br.end))
	}
	fmt.Fprintf(b, "at %s %d\n", e.branch.name, e.step)
	return b.Flush()
}

// writeHeader writes the version, a story for those who read the file, and the configuration.
func writeHeader(b io.Writer, c engine.Config, story []string) {
	fmt.Fprintln(b, fileVersion)
	for _, line := range story {
		fmt.Fprintln(b, "#", line)
	}
	fmt.Fprintf(b, "config %s off=%s\n", c.Words(), strings.ReplaceAll(c.Disabled.String(), " ", ""))
}

// Past is all that was done to a world up to one step: it is made again by its configuration and these commands.
type Past struct {
	Config   engine.Config
	Commands []Entry // by their steps
	Steps    int     // commands, and what happened by itself
}

// Past returns what was done up to the present step, of a world of which nothing is forgotten.
func (e *Engine) Past() Past {
	e.mu.Lock()
	defer e.mu.Unlock()
	p := Past{Config: e.cfg, Steps: e.step}
	for i := range e.branch.commandsUntil(e.step) {
		p.Commands = append(p.Commands, *e.branch.commands.at(i))
	}
	return p
}

// Write writes a world of one branch as Open reads it, with the lines of a story on top. end is the world in which the past
// ends.
func (p Past) Write(w io.Writer, end *world.World, story []string) error {
	b := bufio.NewWriter(w)
	writeHeader(b, p.Config, story)
	fmt.Fprintln(b, "branch main - 0")
	for _, c := range p.Commands {
		fmt.Fprintln(b, c)
	}
	fmt.Fprintf(b, "end %d %d %016x\nat main %d\n", p.Steps, int64(end.Now()), end.Hash(), p.Steps)
	return b.Flush()
}

// OpenFile is Open for the file of that name.
func OpenFile(ctx context.Context, name string, options ...Option) (*Engine, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	e, err := Open(ctx, f, options...)
	return e, InFile(name, err)
}

// BadLine says what is wrong with a saved world, and in which line.
type BadLine struct {
	Line int // from 1
	Err  error
}

func (b *BadLine) Error() string { return fmt.Sprintf("line %d: %v", b.Line, b.Err) }
func (b *BadLine) Unwrap() error { return b.Err }

// InFile names the file that an error of Open is about, and the line as in "found.sb:4: ".
func InFile(name string, err error) error {
	if err == nil {
		return nil
	}
	if bad, ok := errors.AsType[*BadLine](err); ok {
		return fmt.Errorf("%s:%d: %w", name, bad.Line, bad.Err)
	}
	return fmt.Errorf("%s: %w", name, err)
}

// Open reads what Save wrote, and goes through all of it again, unless ctx ends before. The world is paused. The error is
// ctx's cause, or one line that says what is wrong with the file, and where.
func Open(ctx context.Context, r io.Reader, options ...Option) (*Engine, error) {
	f := &file{in: bufio.NewReader(r), ctx: ctx}
	e, err := f.read(options)
	switch {
	case ctx.Err() != nil && err != nil:
		return nil, context.Cause(ctx)
	case err != nil:
		return nil, &BadLine{f.line, err}
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.provenance = "the world was opened with its past"
	e.reading, e.limits = false, Limits{} // what is done from now on is the owner's
	e.start()
	return e, nil
}

// file is one that is being read.
type file struct {
	ctx  context.Context // of the whole reading
	in   *bufio.Reader
	line int
	now  []string // the words of the present line
	text string   // the present line
	size int      // bytes so far
	most int      // that there may be; 0: no limit
}

var errTruncated = errors.New("the file ends too early")

// next reads a line that is no comment.
func (f *file) next() error {
	for {
		if err := f.any(); err != nil || f.now[0][0] != '#' || f.line == 1 {
			return err
		}
	}
}

// any reads a line.
func (f *file) any() error {
	f.line++
	var line []byte
	for {
		part, more, err := f.in.ReadLine()
		if err == io.EOF || err == nil && len(part) == 0 && !more {
			return errTruncated
		}
		if err != nil {
			return err
		}
		f.size += len(part) + 1
		if f.most > 0 && f.size > f.most {
			return &engine.LimitError{Of: "file size", Most: fmt.Sprintf("%d bytes", f.most)}
		}
		if line = append(line, part...); len(line) > longLine {
			return fmt.Errorf("longer than %d bytes", longLine)
		}
		if !more {
			break
		}
	}
	f.text = string(line)
	f.now = strings.Fields(f.text)
	if len(f.now) == 0 {
		return errors.New("empty")
	}
	return nil
}

func (f *file) bad(want string) error {
	const most = 40
	return fmt.Errorf("%.*q is not %s", most, f.text, want)
}

func (f *file) read(options []Option) (*Engine, error) {
	cfg, err := f.header()
	if err != nil {
		return nil, err
	}
	e := newEngine(cfg, options)
	f.most = e.limits.Bytes
	e.paused, e.reading = true, true
	e.branches = nil
	for {
		if err := f.next(); err != nil {
			return nil, err
		}
		switch f.now[0] {
		case "branch":
			if err := f.branch(e); err != nil {
				return nil, err
			}
		case "at":
			return e, f.at(e)
		default:
			return nil, f.bad("a branch or a place")
		}
	}
}

func (f *file) header() (engine.Config, error) {
	err := f.next()
	switch {
	case errors.Is(err, errTruncated):
		return engine.Config{}, errors.New("the file is empty")
	case err != nil:
		return engine.Config{}, err
	case f.text == fileVersion:
	case strings.HasPrefix(f.text, fileKind):
		return engine.Config{}, fmt.Errorf("version %.40q is not known, only %q", strings.TrimPrefix(f.text, fileKind), strings.TrimPrefix(fileVersion, fileKind))
	default:
		return engine.Config{}, errors.New("not a world of splitbrain, as `save world` and `search --out` write it")
	}
	if err := f.next(); err != nil {
		return engine.Config{}, err
	}
	if f.now[0] != "config" {
		return engine.Config{}, f.bad("a configuration")
	}
	var cfg engine.Config
	for _, word := range f.now[1:] {
		if err := configure(&cfg, word); err != nil {
			return cfg, fmt.Errorf("configuration: %.40q %w", word, err)
		}
	}
	return cfg, cfg.Validate()
}

// configure sets what a word of the configuration says.
func configure(cfg *engine.Config, word string) error {
	names, off := strings.CutPrefix(word, "off=")
	if !off {
		return cfg.SetWord(word)
	}
	for name := range strings.SplitSeq(names, ",") {
		r, ok := rules.Named(name)
		if !ok && name != "" {
			return errors.New("is no rule")
		}
		if ok {
			cfg.Disabled = cfg.Disabled.Set(r, true)
		}
	}
	return nil
}

// branch reads one branch and goes through it.
func (f *file) branch(e *Engine) error {
	if len(f.now) != 4 || e.checkNew(f.now[1]) != nil {
		return f.bad("a branch")
	}
	if l := e.limits.Branches; l > 0 && len(e.branches) >= l {
		return &engine.LimitError{Of: "branches", Most: strconv.Itoa(l)}
	}
	from, err := strconv.Atoi(f.now[3])
	parent := e.find(f.now[2])
	switch {
	case err != nil || from < 0:
		return f.bad("a branch")
	case len(e.branches) == 0 && (f.now[2] != "-" || from != 0):
		return errors.New("the first branch has no parent and begins at 0")
	case len(e.branches) == 0:
		e.branch.name = f.now[1]
	case parent == nil || from > parent.length:
		return f.bad("a branch of one before it")
	default:
		e.seek(parent, from)
		e.branch = parent.fork(f.now[1], from, e.world.Now())
	}
	e.branches = append(e.branches, e.branch)
	end, err := f.steps(e.step, func(c Entry) error { return e.repeat(f.ctx, c) })
	if err != nil {
		return err
	}
	return e.finish(f.ctx, end)
}

// steps reads the commands of a branch that follow on a step, each for do, up to the branch's end.
func (f *file) steps(step int, do func(Entry) error) (end branchEnd, err error) {
	for {
		if err := f.next(); err != nil {
			return branchEnd{}, err
		}
		if f.now[0] == "end" {
			return f.ending(step)
		}
		c, err := f.command(step)
		if err != nil {
			return branchEnd{}, err
		}
		if err := do(c); err != nil {
			return branchEnd{}, err
		}
		step = c.Step
	}
}

// command reads a command, which comes after a step.
func (f *file) command(after int) (c Entry, err error) {
	words := strings.SplitN(f.text, " ", 3)
	if len(words) != 3 {
		return c, f.bad("a command")
	}
	step, bad := strconv.Atoi(words[0])
	at, worse := strconv.ParseInt(words[1], 10, 64)
	if bad != nil || worse != nil || step <= after {
		return c, f.bad("a command")
	}
	if step > mostSteps {
		return c, tooLong(step)
	}
	ev, err := world.ParseEvent(words[2])
	return Entry{step, time.Duration(at), ev}, err
}

func tooLong(step int) error { return fmt.Errorf("step %d: a branch has at most %d", step, mostSteps) }

// ending reads the end of a branch, which is not before a step.
func (f *file) ending(least int) (branchEnd, error) {
	if len(f.now) != 4 {
		return branchEnd{}, f.bad("an end")
	}
	length, bad := strconv.Atoi(f.now[1])
	at, worse := strconv.ParseInt(f.now[2], 10, 64)
	hash, worst := strconv.ParseUint(f.now[3], 16, 64)
	if bad != nil || worse != nil || worst != nil || length < least {
		return branchEnd{}, f.bad("an end")
	}
	if length > mostSteps {
		return branchEnd{}, tooLong(length)
	}
	return branchEnd{length, time.Duration(at), hash}, nil
}

// at reads where the world was, which must be the end of the file.
func (f *file) at(e *Engine) error {
	if len(f.now) != 3 || len(e.branches) == 0 {
		return f.bad("a place")
	}
	step, err := strconv.Atoi(f.now[2])
	b := e.find(f.now[1])
	if err != nil || b == nil || step < 0 || step > b.length {
		return f.bad("a place")
	}
	if _, err := f.in.ReadByte(); err != io.EOF {
		return errors.New("something follows the end")
	}
	defer e.trace.Watch()() // whoever opens it wants to see the messages of its past
	e.seek(b, step)
	return nil
}
