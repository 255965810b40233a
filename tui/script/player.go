package script

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"cluster/splitbrain/netsim/engine"
)

// Factory begins a fresh cluster of that shape and returns a session on it. The one that it returned before is not used
// any more: the stage closes it, and its cluster.
type Factory func(cfg engine.Config) (*Session, error)

// Player shows a script step by step: the text of a step, then its commands, so slowly that they can be watched, and then
// what is told after them. Where the engine can be led, the cluster's time goes only while a step is played: who reads may
// take hours. Free lets it go by itself, so that anybody may do anything; Resume brings the moment back. Safe for concurrent
// use: one move at a time is under way, the others wait, but Next hurries a step that is being played to its end.
type Player struct {
	script *Script
	stage  Factory
	move   chan struct{}            // held by the move that is under way
	cut    struct{ step, line int } // where a step was cancelled, which goes on from there. Held by move
	paces  []float64                // of the steps, once they were rehearsed. Held by move

	// Timing is Watched unless it is set, and Do, which carries a line out, Session.Do. Neither may be changed after the
	// first move.
	Timing Timing
	Do     func(ctx context.Context, s *Session, l Line) (Result, error)

	mu      sync.Mutex // guards what follows
	state   PlayerState
	hurried bool // the step that is played goes as fast as it can
}

// Timing is how a Player deals with the cluster's time.
type Timing uint8

const (
	Watched  Timing = iota // it goes while a step is played, so slowly that the step can be watched
	Hurried                // it goes while a step is played, as fast as it can
	Recorded               // it goes as the engine lets it, and the State knows how slowly that is to be shown
	AsItGoes               // it goes as the engine lets it
)

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

func (p *Player) show(change func(s *PlayerState)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change(&p.state)
}

// Move goes one way; to Leave is for whoever shows the Player. It returns when the commands of the step have run, or ctx
// ends, with the first error that one of them came to: the others have run nevertheless. A line of a step that failed is in
// State too.
func (p *Player) Move(ctx context.Context, m Move) error {
	if m == Next && p.hurry() {
		return nil
	}
	return p.alone(ctx, func() error { return p.goOneWay(ctx, m) })
}

// alone does one move after the other.
func (p *Player) alone(ctx context.Context, do func() error) error {
	select {
	case p.move <- struct{}{}:
		defer func() { <-p.move }()
		return do()
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (p *Player) goOneWay(ctx context.Context, m Move) error {
	now := p.State()
	switch {
	case m == Again:
		p.show(func(s *PlayerState) { s.Predictions = nil })
		return p.replay(ctx, 1, false)
	case now.Session == nil:
		return p.replay(ctx, 1, false)
	case m == Free:
		return p.letGo(now)
	case m == Resume || now.Free && m == Next:
		return p.replay(ctx, now.Step, now.Played)
	case m == Back && now.Played:
		return p.replay(ctx, now.Step, false)
	case m == Back:
		return p.replay(ctx, max(now.Step-1, 1), false)
	case now.Over:
		return errors.New("this was the last step")
	case now.Played:
		p.show(func(s *PlayerState) {
			s.Ran = nil
			s.turn(now.Step + 1)
		})
		return nil
	}
	return p.play(ctx, now.Step)
}

// Answer predicts what a question that is open asks for, and plays its step. The error says that it is none of the choices.
func (p *Player) Answer(ctx context.Context, said string) error {
	return p.alone(ctx, func() error {
		now := p.State()
		if !now.Open || len(now.Asks().Choices) == 0 {
			return errors.New("no question is open that has choices")
		}
		n, err := now.Asks().Chosen(said)
		if err != nil {
			return err
		}
		made := now.predict(n)
		p.show(func(s *PlayerState) { s.Predictions = made.among(s.Predictions) })
		now.Session.remark(made.String())
		return p.play(ctx, now.Step)
	})
}

// hurry lets the step that is being played go as fast as it can, and reports whether one is.
func (p *Player) hurry() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.state.Running == "" || p.state.Repeats {
		return false
	}
	p.hurried = true
	p.lead(p.state.Session, 0)
	return true
}

// letGo lets the cluster's time go by itself.
func (p *Player) letGo(now PlayerState) error {
	if now.Free { // the cluster may have been exchanged since
		return nil
	}
	if led, ok := now.Session.Engine.(engine.Led); ok {
		led.LetGo()
	}
	p.show(func(s *PlayerState) { s.Free = true })
	return nil
}

// lead sets the pace of a session's time, if that can be led and is to be.
func (p *Player) lead(s *Session, pace float64) {
	if led, ok := s.Engine.(engine.Led); ok && p.Timing <= Hurried {
		led.Lead(pace)
	}
}

// replay begins anew, runs all before a step, and that step too if it is to be played already.
func (p *Player) replay(ctx context.Context, step int, played bool) error {
	shape := p.script.Shape
	shape.Standing = p.Timing <= Hurried
	session, err := p.stage(shape)
	if err != nil {
		return err
	}
	session.follow(p)
	p.cut.line = 0
	p.show(func(s *PlayerState) {
		*s = PlayerState{Script: s.Script, Steps: s.Steps, Session: session, Predictions: s.Predictions, Repeats: step > 1 || played}
	})
	last := step - 1
	if played {
		last = step
	}
	p.lead(session, p.pace(ctx, 0))
	for n := 0; n <= last && ctx.Err() == nil; n++ {
		err = p.run(ctx, n)
	}
	p.show(func(s *PlayerState) {
		s.Repeats = false
		if !played && ctx.Err() == nil {
			s.turn(step)
		}
	})
	return cmp.Or(ctx.Err(), err)
}

// play runs the step that is shown, at its pace.
func (p *Player) play(ctx context.Context, n int) error {
	pace := p.pace(ctx, n)
	p.mu.Lock()
	p.hurried, p.state.Pace = false, pace
	p.lead(p.state.Session, pace)
	p.mu.Unlock()
	return p.run(ctx, n)
}

// setPace is what a line demands of the rest of its step.
func (p *Player) setPace(pace float64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.hurried && !p.state.Repeats && p.Timing != Hurried {
		p.state.Pace = pace
		p.lead(p.state.Session, pace)
	}
}

// run carries out a step, 0 being what comes before the first text, and shows what follows.
func (p *Player) run(ctx context.Context, n int) error {
	session, step := p.State().Session, &p.script.Steps[n]
	lines, all, first := step.Lines, []LineResult(nil), error(nil)
	from, since := session.Engine.Now(), lastEvent(session.Engine)
	if p.cut.step == n {
		lines = lines[p.cut.line:]
	}
	p.cut.line = 0
	for i, l := range lines {
		p.show(func(s *PlayerState) { s.Running, s.Ran, s.Open = l.String(), all, false })
		r, err := p.carryOut(ctx, session, l)
		if err != nil && first == nil {
			first = fmt.Errorf("%s:%d: %w", p.script.Name, l.Number, err)
		}
		if !l.Tells() {
			all = append(all, LineResult{Line: l.String(), Text: r.Text, Err: err})
		}
		if ctx.Err() != nil {
			p.cut.step, p.cut.line = n, len(step.Lines)-len(lines)+i
			break
		}
	}
	if ctx.Err() == nil {
		p.passed(ctx, session, Passage{Step: n, From: from, Events: [2]uint64{since}, Ran: all})
	}
	p.show(func(s *PlayerState) {
		s.Running, s.Ran = "", all
		switch {
		case ctx.Err() != nil:
		case n > 0 && step.After() != "":
			s.Step, s.Played = n, true
		default:
			s.turn(n + 1)
		}
	})
	return first
}

// Tells reports whether the line only speaks to who watches.
func (inv Invocation) Tells() bool {
	return slices.Contains(tellers, inv.Command.Name)
}

// tellers are the commands that only speak to who watches.
var tellers = []string{"note", "ask", "then", "look", "pace"}

func (p *Player) carryOut(ctx context.Context, s *Session, l Line) (Result, error) {
	switch l.Command.Name {
	case "look":
		p.show(func(s *PlayerState) { s.Look = l.Args.Look })
	case "pace":
		p.setPace(l.Args.Pace)
	}
	if p.Do != nil {
		return p.Do(ctx, s, l)
	}
	return s.Do(ctx, l.Invocation)
}
