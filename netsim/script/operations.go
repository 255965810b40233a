package script

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"cluster/splitbrain/netsim/host"
	"cluster/splitbrain/pbservice"
)

// operations are what clients do.
func operations() []Command {
	return []Command{{
		Name: "put", Help: "sets a key to a value; @c2 lets client c2 do it",
		Example: "put a 1", params: []param{keyParam, valueParam, clientParam}, run: operate(pbservice.Put),
	}, {
		Name: "get", Help: "reads a key",
		Example: "get a @c2", params: []param{keyParam, clientParam}, run: operate(pbservice.Get),
	}, {
		Name: "append", Help: "adds to the end of a key's value",
		Example: `append log "x y"`, params: []param{keyParam, valueParam, clientParam}, run: operate(pbservice.Append),
	}}
}

func operate(kind pbservice.OpKind) func(context.Context, *Session, Invocation) (Result, error) {
	return func(ctx context.Context, s *Session, inv Invocation) (Result, error) {
		client, err := s.client(inv)
		if err != nil {
			return Result{}, err
		}
		began := s.Engine.Now()
		reply, err := s.Engine.Do(ctx, client, pbservice.Op{Kind: kind, Key: inv.Args.Key, Value: inv.Args.Value})
		if err != nil {
			return Result{}, &failure{text: title(inv) + ": " + outcome(err), err: err}
		}
		return Result{Text: title(inv) + ": " + answer(kind, reply, s.Engine.Now()-began)}, nil
	}
}

// title is the line as a result repeats it.
func title(inv Invocation) string {
	const most = 48 // bytes of a word
	title := inv.Command.Name
	for _, w := range inv.words[1:] {
		if len(w.text) > most {
			title += " " + brief(w.text, most)
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
	}
	return "ok, " + inWords(took)
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
	case errors.Is(err, host.ErrClosed):
		return "the cluster was closed"
	}
	return err.Error()
}

func inWords(d time.Duration) string {
	switch {
	case d < 10*time.Millisecond:
		return fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond))
	case d < 10*time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}
