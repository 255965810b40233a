package script

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
)

// timing are what is done to the cluster's time.
func timing() []Command {
	return []Command{{
		Name: "pause", Help: "makes time stand: nothing ages, no message moves", Example: "pause",
		run: onTime(engine.Engine.Pause, "time is paused: nothing moves until resume or step"),
	}, {
		Name: "resume", Help: "lets paused time go on", Example: "resume",
		run: onTime(engine.Engine.Resume, "time goes on"),
	}, {
		Name: "step", Help: "lets paused time go on to the next event, message or ping", Example: "step ping",
		params: []param{stepParam}, run: step,
	}, {
		Name: "speed", Help: "sets how fast time goes, from 1/100 to 1000", Example: "speed 0.1",
		params: []param{speedParam}, run: speed,
	}}
}

func onTime(verb func(engine.Engine) error, done string) func(context.Context, *Session, Invocation) (Result, error) {
	return func(_ context.Context, s *Session, inv Invocation) (Result, error) {
		if err := verb(s.Engine); err != nil {
			return Result{}, of(inv, err)
		}
		return Result{Text: done}, nil
	}
}

func step(_ context.Context, s *Session, inv Invocation) (Result, error) {
	happened, err := s.Engine.Step(inv.Args.Step)
	if err != nil {
		return Result{}, of(inv, err)
	}
	return Result{Text: "step: " + happened}, nil
}

func speed(_ context.Context, s *Session, inv Invocation) (Result, error) {
	if err := s.Engine.SetSpeed(inv.Args.Speed); err != nil {
		return Result{}, of(inv, err)
	}
	return Result{Text: fmt.Sprintf("time goes at ×%.6g", inv.Args.Speed)}, nil
}

var (
	stepKinds = []netsim.StepKind{netsim.StepPing, netsim.StepMessage, netsim.StepEvent}

	stepParam = param{usage: "ping|message|event", takes: 1, optional: true, read: readStep, offers: stepNames}
	// speedParam offers those that keys and lessons use.
	speedParam = param{usage: "SPEED", takes: 1, read: readSpeed,
		offers: func(Names) []string { return []string{"0.01", "0.1", "1", "10", "100"} }}
)

func stepNames(Names) []string {
	var names []string
	for _, k := range stepKinds {
		names = append(names, k.String())
	}
	return names
}

func readStep(r *reader, a *Args) error {
	w, err := r.next("KIND")
	if err != nil {
		return err
	}
	i := slices.Index(stepNames(Names{}), w.Text)
	if i < 0 {
		return r.wrong(w, "is not ping, message or event")
	}
	a.Step = stepKinds[i]
	return nil
}

func readSpeed(r *reader, a *Args) error {
	w, err := r.next("SPEED")
	if err != nil {
		return err
	}
	if a.Speed, err = ratio(w.Text); err != nil {
		return r.wrong(w, err.Error())
	}
	if !(a.Speed >= netsim.MinSpeed && a.Speed <= netsim.MaxSpeed) {
		return r.wrong(w, fmt.Sprintf("is not one of %v to %v", netsim.MinSpeed, netsim.MaxSpeed))
	}
	return nil
}

// ratio reads 0.1, 1/10, x10 and ×10.
func ratio(text string) (float64, error) {
	text = strings.TrimPrefix(strings.TrimPrefix(text, "x"), "×")
	above, below, divided := strings.Cut(text, "/")
	if !divided {
		below = "1"
	}
	a, errA := strconv.ParseFloat(above, 64)
	b, errB := strconv.ParseFloat(below, 64)
	if errA != nil || errB != nil || b == 0 {
		return 0, errors.New("is not a speed like 0.1, 1/10 or x10")
	}
	return a / b, nil
}
