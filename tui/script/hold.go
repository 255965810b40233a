package script

import (
	"context"
	"errors"
	"fmt"

	"cluster/splitbrain/netsim/engine"
)

// holds are what is done to single messages.
func holds() []Command {
	return []Command{{
		Name: "hold", Help: "makes messages from the first to the second node wait for you", Example: "hold s1 s2",
		params: []param{linkParam}, run: hold,
	}, {
		Name: "release", Help: "ends the hold of one link, or all, and delivers what waits", Example: "release",
		params: []param{someLink}, run: release,
	}, {
		Name: "deliver", Help: "delivers a held message: by its number, the first, or the last", Example: "deliver 17",
		params: []param{messageParam}, run: onMessage(engine.Engine.Deliver, "delivered"),
	}, {
		Name: "drop", Help: "loses a held message", Example: "drop 18",
		params: []param{messageParam}, run: onMessage(engine.Engine.Drop, "dropped: it is lost"),
	}, {
		Name: "duplicate", Help: "copies a held message; the copy is held too", Example: "duplicate 17",
		params: []param{messageParam}, run: duplicate,
	}}
}

func hold(_ context.Context, s *Session, inv Invocation) (Result, error) {
	a := inv.Args
	if err := s.Engine.Hold(a.From, a.To); err != nil {
		return Result{}, of(inv, err)
	}
	return Result{Text: fmt.Sprintf("%s > %s holds messages until you deliver or drop them", a.From, a.To)}, nil
}

func release(_ context.Context, s *Session, inv Invocation) (Result, error) {
	a := inv.Args
	if a.From == "" {
		if err := s.Engine.ReleaseAll(); err != nil {
			return Result{}, of(inv, err)
		}
		return Result{Text: "nothing is held any more"}, nil
	}
	if err := s.Engine.Release(a.From, a.To); err != nil {
		return Result{}, of(inv, err)
	}
	return Result{Text: fmt.Sprintf("%s > %s no longer holds messages", a.From, a.To)}, nil
}

func onMessage(verb func(engine.Engine, uint64) error, done string) func(context.Context, *Session, Invocation) (Result, error) {
	return func(ctx context.Context, s *Session, inv Invocation) (Result, error) {
		number, err := s.message(ctx, inv)
		if err == nil {
			err = verb(s.Engine, number)
		}
		if err != nil {
			return Result{}, of(inv, err)
		}
		return Result{Text: fmt.Sprintf("message %d %s", number, done)}, nil
	}
}

// message is the number of the held message that a line means.
func (s *Session) message(ctx context.Context, inv Invocation) (uint64, error) {
	if inv.Args.Pick == "" {
		return inv.Args.Message, nil
	}
	seen, err := s.look(ctx, engine.Window{})
	switch {
	case err != nil:
		return 0, err
	case len(seen.Held) == 0:
		return 0, errors.New("no message is held")
	case inv.Args.Pick == pickLast:
		return seen.Held[len(seen.Held)-1].Msg, nil
	}
	return seen.Held[0].Msg, nil
}

func duplicate(ctx context.Context, s *Session, inv Invocation) (Result, error) {
	original, err := s.message(ctx, inv)
	if err != nil {
		return Result{}, of(inv, err)
	}
	number, err := s.Engine.DuplicateHeld(original)
	if err != nil {
		return Result{}, of(inv, err)
	}
	return Result{Text: fmt.Sprintf("message %d duplicated: its copy %d is held too", original, number)}, nil
}
