package script

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/engine/lex"
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
		o, err := s.Engine.Invoke(client, op, engine.AtOnce)
		if err != nil {
			return Result{}, inv.failed(err)
		}
		s.await(ctx, o, s.Timeout)
		return inv.ended(o)
	}
}

// detached begins an operation, behind others of its client, and does not wait for its end.
func (s *Session) detached(inv Invocation, client string, op pbservice.Op) (Result, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return Result{}, of(inv, errClosed)
	}
	o, err := s.Engine.Invoke(client, op, engine.AtOnce)
	if err != nil {
		return Result{}, inv.failed(err)
	}
	s.background = append(s.background, o)
	o.OnDone(func() {
		s.mu.Lock()
		s.background = slices.DeleteFunc(s.background, func(other engine.Operation) bool { return other == o })
		s.mu.Unlock()
		r, err := inv.ended(o)
		s.tell(inv.String(), r, clean(err))
	})
	return Result{Text: title(inv) + ": begun"}, nil
}

var errClosed = errors.New("the session is closed")

// await lets time go until an operation has ended, for at most limit of the cluster's time, and gives it up then; 0 is no
// limit. With a limit it is given up at once while time is paused: nothing would come.
func (s *Session) await(ctx context.Context, o engine.Operation, limit time.Duration) {
	if limit <= 0 || isClosed(o.Done()) {
		_, _ = o.Wait(ctx) // the operation keeps what it came to
		return
	}
	waiting, ended := context.WithCancel(ctx)
	defer ended()
	o.OnDone(ended)
	late := context.DeadlineExceeded
	if err := s.Engine.Wait(waiting, limit); err != nil {
		late = err
	}
	o.Cancel(late)
	<-o.Done()
}

func isClosed(ch <-chan struct{}) bool {
	select {
	case <-ch:
		return true
	default:
		return false
	}
}

// ended is what the operation of a line came to.
func (inv Invocation) ended(o engine.Operation) (Result, error) {
	reply, err := o.Result()
	if err != nil {
		return Result{}, inv.failed(err)
	}
	return Result{Text: title(inv) + ": " + answered(inv.Command.Name, reply, o.Took())}, nil
}

func (inv Invocation) failed(err error) error {
	return &failure{text: title(inv) + ": " + outcome(err), err: err}
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

func answered(verb string, r pbservice.Reply, took time.Duration) string {
	const most = 1000 // bytes of a value
	switch {
	case r.Err == pbservice.NoKey:
		return "no such key"
	case verb == pbservice.Get.String():
		shown, more := lex.Clip(r.Value, most)
		return strconv.Quote(shown) + more
	}
	return "ok, " + engine.Elapsed(took)
}

// outcome tells what an operation that failed came to. Only results are promises (C2).
func outcome(err error) string {
	if refused, ok := errors.AsType[*pbservice.RefusedError](err); ok {
		return fmt.Sprintf("refused, nothing changed: %s", refused.Why)
	}
	if errors.Is(err, engine.ErrRewound) { // what it comes to here, the world shows
		return "no answer yet where the world was: it belongs to the branch or step that was left"
	}
	if unknown, ok := errors.AsType[*pbservice.UnknownOutcomeError](err); ok {
		return fmt.Sprintf("outcome unknown: %s, and %s (C2)", unknown.Why, ended(unknown.Err))
	}
	if unsent, ok := errors.AsType[*engine.NotSentError](err); ok {
		return "not sent: " + ended(unsent.Err)
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
