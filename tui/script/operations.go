package script

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strconv"
	"time"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/env"
	"cluster/splitbrain/pbservice"
)

// operations are what clients do.
func operations() []Command {
	all := []Command{{
		Name: "put", Help: "sets a key to a value; @c2 lets client c2 do it, & does not wait for its end",
		Example: "put a 1", params: []param{keyParam, valueParam, clientParam}, run: operate(pbservice.Put),
	}, {
		Name: "get", Help: "reads a key",
		Example: "get a @c2", params: []param{keyParam, clientParam}, run: operate(pbservice.Get),
	}, {
		Name: "append", Help: "adds to the end of a key's value",
		Example: `append log "x y"`, params: []param{keyParam, valueParam, clientParam}, run: operate(pbservice.Append),
	}}
	for i := range all {
		all[i].detached = true
	}
	return all
}

func operate(kind pbservice.OpKind) func(context.Context, *Session, Invocation) (Result, error) {
	return func(ctx context.Context, s *Session, inv Invocation) (Result, error) {
		client, err := s.client(inv)
		if err != nil {
			return Result{}, err
		}
		op := pbservice.Op{Kind: kind, Key: inv.Args.Key, Value: inv.Args.Value}
		if inv.Args.Detached {
			return s.detached(inv, client, op)
		}
		begin, end := s.turn(client)
		defer end()
		return s.operation(ctx, job{inv, client, op, begin, s.Patience})
	}
}

// detached begins an operation and does not wait for its end. If the client does nothing else, it has begun before
// detached returns, so that what follows comes later.
func (s *Session) detached(inv Invocation, client string, op pbservice.Op) (Result, error) {
	begin, end := s.turn(client)
	before := s.begun()
	over := make(chan struct{})
	running := s.alone(func(ctx context.Context) {
		defer close(over)
		defer end()
		r, err := s.operation(engine.AtOnce(ctx), job{inv, client, op, begin, 0})
		if s.Ended != nil {
			s.Ended(inv.String(), r, clean(err))
		}
	})
	if !running {
		end()
		return Result{}, of(inv, errClosed)
	}
	select {
	case <-begin:
		s.awaitBegun(before+1, over)
	default:
	}
	return Result{Text: title(inv) + ": begun"}, nil
}

// begun is how many operations have begun so far.
func (s *Session) begun() int { return s.Engine.History().Verdict().Total }

// awaitBegun waits, not for long, until so many operations have begun, or until over is closed.
func (s *Session) awaitBegun(count int, over <-chan struct{}) {
	const tries = 100
	for range tries {
		select {
		case <-over:
			return
		default:
		}
		if s.begun() >= count {
			return
		}
		runtime.Gosched()
	}
	for range tries {
		select {
		case <-over:
			return
		case <-time.After(time.Millisecond):
		}
		if s.begun() >= count {
			return
		}
	}
}

var errClosed = errors.New("the session is closed")

// job is an operation that was given to a client.
type job struct {
	Invocation
	client string
	op     pbservice.Op
	begin  <-chan struct{} // closed when its turn has come
	limit  time.Duration   // of the cluster's time; 0 for none
}

func (s *Session) operation(ctx context.Context, j job) (Result, error) {
	head := title(j.Invocation) + ": "
	left, err := s.awaitTurn(ctx, j.begin, j.limit)
	if err != nil {
		return Result{}, &failure{text: head + "not sent: " + ended(err), err: err}
	}
	ctx, cancel := s.limited(ctx, left)
	defer cancel()
	reply, err := s.Engine.Do(ctx, j.client, j.op)
	if err != nil {
		return Result{}, &failure{text: head + outcome(err), err: err}
	}
	return Result{Text: head + answer(j.op.Kind, reply, s.took(j))}, nil
}

// title is the line as a result repeats it.
func title(inv Invocation) string {
	const most = 48 // bytes of a word
	title := inv.Command.Name
	words := inv.words[1:]
	if inv.Args.Detached {
		words = words[:len(words)-1]
	}
	for _, w := range words {
		if len(w.Text) > most {
			title += " " + brief(w.Text, most)
			continue
		}
		title += " " + w.String()
	}
	return title
}

func answer(kind pbservice.OpKind, r pbservice.Reply, took time.Duration) string {
	const most = 1000 // bytes of a value
	switch {
	case r.Err == pbservice.NoKey:
		return "no such key"
	case kind == pbservice.Get:
		shown, more := clip(r.Value, most)
		return strconv.Quote(shown) + more
	case took < 0:
		return "ok"
	}
	return "ok, " + engine.Elapsed(took)
}

// Told tells what the operation of the line came to, as a snapshot shows it.
func (inv Invocation) Told(d engine.Done) string {
	if failure := d.Outcome.Failure(); failure != "" {
		return title(inv) + ": " + printable(failure)
	}
	return title(inv) + ": " + answer(d.Op.Kind, d.Reply, d.Took)
}

// outcome tells what an operation that failed came to. Only results are promises (C2).
func outcome(err error) string {
	if refused, ok := errors.AsType[*pbservice.RefusedError](err); ok {
		return fmt.Sprintf("refused, nothing changed: %s", refused.Why)
	}
	if unknown, ok := errors.AsType[*pbservice.UnknownOutcomeError](err); ok {
		return fmt.Sprintf("outcome unknown: %s, and %s (C2)", unknown.Why, ended(unknown.Err))
	}
	return err.Error()
}

func ended(err error) string {
	switch {
	case errors.Is(err, context.Canceled):
		return "it was cancelled"
	case errors.Is(err, context.DeadlineExceeded):
		return "its time was over"
	case errors.Is(err, env.ErrClosed):
		return "the cluster was closed"
	}
	return err.Error()
}
