package script

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/viewservice/rules"
)

// Factory begins a fresh cluster of that shape and returns a session on it. The one that it returned before is not used
// any more: the stage closes it, and its cluster.
type Factory func(cfg engine.Config) (*Session, error)

// Player shows a script step by step: the text of a step is shown before its commands run. Between two steps anybody
// may do anything to the cluster; Resume puts it back. Safe for concurrent use; one move at a time is under way, the
// others wait.
type Player struct {
	script *Script
	stage  Factory
	move   chan struct{} // held by the move that is under way

	// Where steps began in the past of a world that can be rewound, as long as nobody left branch. Held by move.
	starts map[int]int
	branch string

	paused bool                     // the script itself has paused time. Held by move
	cut    struct{ step, line int } // where a step was cancelled, which goes on from there. Held by move

	mu    sync.Mutex // guards what follows
	state PlayerState
	ahead *ahead // looks for what is to come; nil while a move is under way
}

// PlayerState is what a Player shows at one moment. It must not be changed.
type PlayerState struct {
	Script  *Script
	Session *Session // nil before the first move
	Step    int      // that is shown and has not run, from 1; Steps + 1 when all have
	Steps   int
	// Text is the note or question of that step; "" when all have run.
	Text     string
	Question bool
	// Asked and Answer are those of the step that has just run, if it was a question.
	Asked, Answer string
	Running       string       // the line that runs; "" while no move is under way
	Ran           []LineResult // the lines of the step that runs, or ran last, so far
	Resumed       bool         // somebody had paused time, and going on let it go on
	// Unmet is what Text tells and will not come, because the cluster is not as the script left it; nil as long as all
	// can come.
	Unmet error
	Over  bool // all steps have run: Script.Tries are shown
}

// LineResult is a line of a step that ran.
type LineResult struct {
	Line string
	Text string // what it came to
	Err  error
}

// NewPlayer returns a Player that shows nothing yet: Again begins.
func NewPlayer(s *Script, stage Factory) *Player {
	return &Player{
		script: s, stage: stage, move: make(chan struct{}, 1),
		state: PlayerState{Script: s, Steps: len(s.Steps) - 1},
	}
}

// State is what is shown now. It never waits.
func (p *Player) State() PlayerState {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.state
}

// Move goes one way; to Leave is for whoever shows the Player. It returns when the commands of the step have run, or ctx ends, with the first error that one of
// them came to: the others have run nevertheless. A line of a step that failed is in State too.
func (p *Player) Move(ctx context.Context, m Move) error {
	select {
	case p.move <- struct{}{}:
		defer func() { <-p.move }()
	case <-ctx.Done():
		return ctx.Err()
	}
	p.lookAhead(nil)
	err := p.goOneWay(ctx, m)
	if now := p.State(); ctx.Err() == nil && !now.Over && now.Session != nil { // nil: no cluster could be made
		p.lookAhead(&ahead{player: p, session: now.Session, lines: p.script.Steps[now.Step].Lines})
	}
	return err
}

func (p *Player) goOneWay(ctx context.Context, m Move) error {
	now := p.State()
	p.show(func(s *PlayerState) { s.Resumed, s.Unmet = false, nil })
	switch {
	case now.Session == nil || m == Again:
		return p.replay(ctx, 1)
	case m == Resume:
		return p.goTo(ctx, now.Step)
	case m == Back:
		return p.goTo(ctx, max(now.Step-1, 1))
	case m == Next && !now.Over:
		if err := p.letTimeGo(ctx, now); err != nil {
			return err
		}
		return p.run(ctx, now.Step)
	}
	return errors.New("this was the last step")
}

// goTo shows how it was before a step: by going back in time where that can be done.
func (p *Player) goTo(ctx context.Context, step int) error {
	session := p.State().Session
	world, ok := session.Engine.(engine.Replayer)
	start, known := p.starts[step]
	if !ok || !known || world.Timeline().Branch != p.branch {
		return p.replay(ctx, step)
	}
	if err := p.rewind(ctx, world, start); err != nil {
		return p.replay(ctx, step)
	}
	session.forget(world.Now())
	p.paused, p.cut.line = false, 0
	p.show(func(s *PlayerState) {
		s.Ran = nil
		s.turn(step)
	})
	return nil
}

// letTimeGo ends a pause that is none of the script's: nothing of the step would come. Who has gone back beyond the
// step's beginning is brought there.
func (p *Player) letTimeGo(ctx context.Context, now PlayerState) error {
	seen, err := now.Session.look(ctx, engine.Window{})
	if err != nil || !seen.Paused || p.paused {
		return err
	}
	p.show(func(s *PlayerState) { s.Resumed = true })
	world, ok := now.Session.Engine.(engine.Replayer)
	if start, known := p.starts[now.Step]; ok && known {
		if t := world.Timeline(); t.Branch == p.branch && t.Step < start {
			return p.rewind(ctx, world, start)
		}
	}
	_, err = now.Session.Engine.Apply(engine.Command{Kind: engine.Resume})
	return err
}

// ahead watches beside whatever is done whether what the text of a step tells comes: the expectations that the step begins
// with need no command of it.
type ahead struct {
	player  *Player
	session *Session
	lines   []Line   // that have not come yet; only the first expectations are looked at
	now     *lookout // for the first of them; nil before its first look
}

// lookAhead exchanges what looks ahead; nil ends it.
func (p *Player) lookAhead(next *ahead) {
	p.mu.Lock()
	p.ahead = next
	p.mu.Unlock()
	if next != nil {
		next.session.Engine.After(0, next.look)
	}
}

// look looks once, and again as long as something is to come. While time is paused, it may come yet.
func (a *ahead) look(err error) {
	for err == nil && len(a.lines) > 0 && a.lines[0].Command.demands != nil && a.wanted() {
		l := a.lines[0]
		if a.now == nil {
			a.now = a.session.lookout(l.Invocation, l.Command.demands)
		}
		var next time.Duration
		if next, _, err = a.now.look(context.Background()); next > 0 {
			a.session.Engine.After(next, a.look)
			return
		}
		a.lines, a.now = a.lines[1:], nil
	}
	if _, unmet := errors.AsType[*ExpectError](err); unmet {
		a.player.show(func(s *PlayerState) {
			if a.player.ahead == a {
				s.Unmet = clean(err)
			}
		})
	}
}

// wanted reports whether nobody has made a move since.
func (a *ahead) wanted() bool {
	a.player.mu.Lock()
	defer a.player.mu.Unlock()
	return a.player.ahead == a
}

// rewind goes back and begins another future there, lest the world repeats by itself what was done before.
func (p *Player) rewind(ctx context.Context, world engine.Replayer, start int) error {
	if err := world.Rewind(start); err != nil {
		return err
	}
	seen, err := world.Observe(ctx, engine.Window{})
	if err != nil {
		return err
	}
	asItIs := engine.Command{Kind: engine.SetRule, Rule: rules.AckRule, On: !seen.Disabled.Has(rules.AckRule)}
	if _, err := world.Apply(asItIs); err != nil {
		return err
	}
	p.branch = world.Timeline().Branch
	_, err = world.Apply(engine.Command{Kind: engine.Resume})
	return err
}

// started remembers where a step began.
func (p *Player) started(step int, session *Session) {
	seen, err := session.look(context.Background(), engine.Window{})
	p.paused = err == nil && seen.Paused
	if world, ok := session.Engine.(engine.Replayer); ok {
		now := world.Timeline()
		p.starts[step], p.branch = now.Step, now.Branch
	}
}

// hurry is how fast time goes while steps are only repeated.
const hurry = 10

// replay begins anew and runs all before a step.
func (p *Player) replay(ctx context.Context, step int) error {
	session, err := p.stage(p.script.Shape)
	if err != nil {
		return err
	}
	p.starts, p.paused, p.cut.line = map[int]int{}, false, 0
	p.show(func(s *PlayerState) { *s = PlayerState{Script: s.Script, Steps: s.Steps, Session: session} })
	if step == 1 {
		return p.run(ctx, 0)
	}
	seen, err := session.look(ctx, engine.Window{})
	if err != nil {
		return err
	}
	if _, err := session.Engine.Apply(engine.Command{Kind: engine.SetSpeed, Speed: max(seen.Speed, hurry)}); err != nil {
		return err
	}
	for n := 0; n < step && ctx.Err() == nil; n++ {
		err = p.run(ctx, n)
	}
	if _, err := session.Engine.Apply(engine.Command{Kind: engine.SetSpeed, Speed: seen.Speed}); err != nil {
		return err
	}
	return cmp.Or(ctx.Err(), err)
}

// run carries out a step, 0 being what comes before the first text, and shows the next one.
func (p *Player) run(ctx context.Context, n int) error {
	session := p.State().Session
	step := p.script.Steps[n]
	var all []LineResult
	var first error
	lines := step.Lines
	if p.cut.step == n {
		lines = lines[p.cut.line:]
	}
	p.cut.line = 0
	for i, l := range lines {
		p.show(func(s *PlayerState) { s.Running, s.Ran = l.String(), all })
		r, err := session.Do(ctx, l.Invocation)
		if err != nil && first == nil {
			first = fmt.Errorf("%s:%d: %w", p.script.Name, l.Number, err)
		}
		all = append(all, LineResult{Line: l.String(), Text: r.Text, Err: err})
		if ctx.Err() != nil {
			p.cut.step, p.cut.line = n, len(step.Lines)-len(lines)+i
			break
		}
	}
	if ctx.Err() == nil {
		p.started(n+1, session)
	}
	p.show(func(s *PlayerState) {
		s.Running, s.Ran = "", all
		if ctx.Err() == nil {
			s.turn(n + 1)
		}
	})
	return first
}

// turn shows step n.
func (s *PlayerState) turn(n int) {
	s.Asked, s.Answer = "", ""
	if before := s.Script.Steps[n-1]; before.Question {
		s.Asked, s.Answer = before.Text, before.Answer
	}
	s.Step, s.Text, s.Question, s.Over = n, "", false, n > s.Steps
	if !s.Over {
		s.Text, s.Question = s.Script.Steps[n].Text, s.Script.Steps[n].Question
	}
}

func (p *Player) show(change func(s *PlayerState)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change(&p.state)
}
