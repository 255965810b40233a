package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"time"

	"cluster/splitbrain/netsim/cluster"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/history"
	"cluster/splitbrain/netsim/sim"
	"cluster/splitbrain/tui"
	"cluster/splitbrain/tui/script"
	"cluster/splitbrain/tui/transcript"
	"cluster/splitbrain/tui/wholefile"
	"cluster/splitbrain/viewservice/rules"
)

// runOptions say how scripts are run.
type runOptions struct {
	Live    bool
	Seed    uint64
	Seeded  bool // Seed counts, not that of the script
	JSON    bool
	Off     rules.Disabled
	Keep    bool // rules that scripts switch off stay on
	Capture capture
	Files   *wholefile.Folder // where scripts may write; nil for nowhere
	Bounds  script.Bounds     // of scripts
	Worlds  sim.Limits        // of saved worlds
}

// longest is how long an operation may take that a script waits for, in the cluster's time.
const longest = 10 * time.Second

// input is something to run: a script, or a saved world.
type input struct {
	name   string
	script *script.Script
	world  *sim.Engine
}

// runAll carries scripts, lessons and saved worlds out and tells it to out. All are understood before the first one runs.
// The error is errBroken if an expectation failed or a promise was broken in one of them, or says what is wrong with one,
// or what the first that did not come to its end waited for. What ended ctx before the end is told by its cause.
func runAll(ctx context.Context, out io.Writer, o runOptions, names []string) error {
	if err := o.Capture.checkFiles(names); err != nil {
		return err
	}
	all, err := inputs(ctx, o, names)
	defer func() {
		for _, p := range all {
			if p.world != nil {
				p.world.Close()
			}
		}
	}()
	if err != nil {
		return err
	}
	if err := o.Capture.checkPage(names); err != nil {
		return err
	}
	recorder, err := newRecorder(o.Capture, names)
	if err != nil {
		return err
	}
	r := runner{runOptions: o, out: out, recorder: recorder}
	err = r.playAll(ctx, all)
	return cmp.Or(recorder.close(), err)
}

type runner struct {
	runOptions
	out      io.Writer
	recorder *recorder // nil without a recording
}

func (o runOptions) format() transcript.Format {
	if o.JSON {
		return transcript.JSON
	}
	return transcript.Lines
}

// inputs reads what is to be run. What it returns with an error has to be closed, too.
func inputs(ctx context.Context, o runOptions, names []string) (all []input, err error) {
	for _, name := range names {
		p := input{name: name}
		switch {
		case !script.IsWorld(name):
			p.script, err = script.Reading(ctx, name, func() (*script.Script, error) { return script.Find(name) })
		case o.Off != 0 || o.Keep || o.Live || o.Seeded:
			err = fmt.Errorf("%s is a saved world: it can only be run as it is", name)
		default:
			p.world, err = openWorld(ctx, name, o.Worlds, sim.ManualTime(), sim.KeepPast(math.MaxInt))
		}
		if err == nil && p.script != nil {
			err = p.script.CheckRunnable(script.Runner{Live: o.Live, Files: o.Files != nil, Bounds: o.Bounds})
		}
		if err != nil {
			return all, err
		}
		all = append(all, p)
	}
	return all, nil
}

// playAll runs one after another, until ctx ends.
func (r runner) playAll(ctx context.Context, all []input) error {
	var stuck, failed error
	for _, p := range all {
		to := transcript.New(r.out, p.name, r.format())
		var err error
		if p.world != nil {
			err = r.playWorld(ctx, to, p)
		} else {
			err = r.play(ctx, to, p.script)
		}
		if err := cmp.Or(err, to.Err()); err != nil {
			return err
		}
		stuck = cmp.Or(stuck, to.Stuck())
		if !to.Sound() {
			failed = errBroken
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
	}
	return cmp.Or(stuck, failed)
}

// play runs one script on a cluster of its own.
func (r runner) play(ctx context.Context, to *transcript.Transcript, s *script.Script) error {
	var session *script.Session
	defer func() {
		if session != nil {
			session.Close()
			session.Engine.Close()
		}
	}()
	p := script.NewPlayer(s, func(cfg engine.Config) (_ *script.Session, err error) {
		session, err = r.stage(ctx, to, s, cfg)
		return session, err
	})
	if p.Timing = script.AsItGoes; r.recorder != nil {
		p.Timing = script.Recorded
	}
	err := r.playThrough(ctx, to, p)
	if limit := (*engine.LimitError)(nil); err != nil && !errors.As(err, &limit) {
		return err
	}
	if session == nil { // ctx had ended
		return nil
	}
	session.Close()
	to.End(decided(ctx, session.Engine), session.Broken())
	return cmp.Or(r.Capture.keepPage(ctx, session, nil), err)
}

// decided is the verdict on what the clients of a script saw. Who has ended it waits a second for that at most.
func decided(ctx context.Context, e engine.Engine) history.Verdict {
	if ctx.Err() != nil {
		return e.History().Decide(context.WithoutCancel(ctx), time.Second)
	}
	return e.History().Decide(ctx, longest)
}

// stage makes the cluster of a script.
func (r runner) stage(ctx context.Context, to *transcript.Transcript, s *script.Script, cfg engine.Config) (*script.Session, error) {
	cfg.Disabled = r.Off
	if r.Seeded {
		cfg.Seed = r.Seed
	}
	eng, err := r.engine(cfg)
	if err != nil {
		return nil, err
	}
	session := r.session(ctx, to, eng)
	if s.Uses("export") || r.Capture.Page != "" {
		eng.Trace().Watch() // as long as the engine lives
		session.Picture = tui.Pictures(eng)
	}
	if err := r.recorder.begin(ctx, eng); err != nil { // nothing was done yet
		eng.Close()
		return nil, err
	}
	to.Begin(eng.Now, s, cfg)
	return session, nil
}

// session tells of all that is seen of a cluster, and of what ends in the background.
func (r runner) session(ctx context.Context, to *transcript.Transcript, eng engine.Engine) *script.Session {
	session := &script.Session{Engine: eng, Seen: r.seen(to), KeepRules: r.Keep, Timeout: longest, Files: r.Files, Bounds: r.Bounds}
	session.Ended = func(line string, result script.Result, err error) {
		if seen, err := eng.Observe(ctx, engine.Window{}); err == nil {
			to.Seen(seen) // views that were formed before
		}
		to.Ended(line, result, err)
	}
	return session
}

// playThrough plays a script to its end, until ctx ends, a line says so, or what one waits for does not come.
func (r runner) playThrough(ctx context.Context, to *transcript.Transcript, p *script.Player) error {
	playing, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	last := 0 // the line that was carried out last
	p.Do = func(_ context.Context, session *script.Session, l script.Line) (script.Result, error) {
		result, err := r.line(ctx, to, session, l)
		last = l.Number
		if !l.Tells() {
			if bad := r.recorder.ran(session.Engine.Now(), l.String(), result, err); bad != nil {
				stop(bad)
			}
		}
		if over := (*engine.LimitError)(nil); errors.As(err, &over) {
			stop(fmt.Errorf("%s:%d: %w", p.State().Script.Name, l.Number, err))
		}
		if result.Quit || to.Stuck() != nil {
			stop(nil)
		}
		return result, err
	}
	r.recorder.follow(p)
	for playing.Err() == nil && !p.State().Over {
		err := p.Move(playing, script.Next)
		if p.State().Session == nil && ctx.Err() == nil {
			return err // no cluster could be made
		}
		if err := r.recorder.shows(); err != nil {
			return err
		}
	}
	if s := p.State().Script; ctx.Err() != nil && s != nil && !to.WasStopped() { // between two lines
		if next := slices.IndexFunc(s.Lines, func(l script.Line) bool { return l.Number > last }); next >= 0 {
			to.Stopped(s.Lines[next])
		}
	}
	if cause := context.Cause(playing); ctx.Err() == nil && cause != nil && cause != context.Canceled {
		return cause
	}
	return nil
}

// line carries a line out and tells of it.
func (r runner) line(ctx context.Context, to *transcript.Transcript, session *script.Session, l script.Line) (script.Result, error) {
	to.Starts(l)
	began := session.Engine.Now()
	result, err := session.Do(ctx, l.Invocation)
	if ctx.Err() != nil {
		to.Stopped(l)
		return result, err
	}
	r.tell(ctx, to, session.Engine, began, outcome{l, result, err})
	return result, err
}

// outcome is what a line came to.
type outcome struct {
	script.Line
	script.Result
	err error
}

// tell tells what a line came to that began at that time, and of the views that were formed meanwhile. What takes no time
// comes before what it has caused.
func (r runner) tell(ctx context.Context, to *transcript.Transcript, eng engine.Engine, began time.Duration, o outcome) {
	seen, err := eng.Observe(ctx, engine.Window{})
	if err == nil {
		until := seen.At + 1
		if atOnce := eng.Now()-began < time.Millisecond; atOnce && !o.Expects() {
			until = began
		}
		to.SeenUntil(seen, until)
	}
	to.Result(o.Line, o.Result, o.err)
	if err == nil {
		to.Seen(seen)
	}
}

// seen tells of what was seen, and records it.
func (r runner) seen(to *transcript.Transcript) func(engine.Snapshot) {
	return func(s engine.Snapshot) {
		to.Seen(s)
		to.Fail(r.recorder.see(s.At))
	}
}

// engine makes the cluster: simulated, unless it is to be live.
func (o runOptions) engine(cfg engine.Config) (engine.Engine, error) {
	if o.Live {
		c, err := cluster.New(cfg)
		if err != nil {
			return nil, err
		}
		return c, nil
	}
	s, err := sim.New(cfg, sim.ManualTime())
	if err != nil {
		return nil, err
	}
	return s, nil
}
