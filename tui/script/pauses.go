package script

import (
	"context"
	"fmt"
	"time"

	"cluster/splitbrain/netsim/engine"
)

// pauses are what lets time go by.
func pauses() []Command {
	wait := param{usage: "TIME", takes: 1, read: aTime(func(a *Args) *time.Duration { return &a.Within })}
	return []Command{{
		Name: "wait", Help: "lets so much of the cluster's time go by", Example: "wait 500ms",
		params: []param{wait}, run: waitFor,
	}, {
		Name: "wait view", Help: "waits for a view", Example: "wait view 3 within 5s",
		params: []param{viewParam}, timed: true, run: awaiting(viewIs),
	}, {
		Name: "mark", Help: "begins to count messages anew, for expect rpcs, and to show them, for look messages mark", Example: "mark", run: mark,
	}}
}

func waitFor(ctx context.Context, s *Session, inv Invocation) (Result, error) {
	if err := s.pass(ctx, inv.Args.Within); err != nil {
		return Result{}, of(inv, err)
	}
	return Result{Text: fmt.Sprintf("%v went by", inv.Args.Within)}, nil
}

// mark lets the trace record from now on, so that expect rpcs can count in it.
func mark(ctx context.Context, s *Session, inv Invocation) (Result, error) {
	if _, err := s.Engine.Observe(ctx, engine.Window{}); err != nil {
		return Result{}, of(inv, err)
	}
	trace := s.Engine.Trace()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return Result{}, of(inv, errClosed)
	}
	if s.stop == nil {
		s.stop = trace.Watch()
	}
	s.mark, s.markAt = trace.Last(), s.Engine.Now()
	return Result{Text: "messages are counted from now on"}, nil
}

// MarkedAt is when the newest mark was set, if one was.
func (s *Session) MarkedAt() (at time.Duration, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.markAt, s.stop != nil
}

// marked is where counting began.
func (s *Session) marked() (since uint64, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.mark, s.stop != nil
}
