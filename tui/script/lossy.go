package script

import (
	"context"
	"fmt"

	"cluster/splitbrain/netsim/engine"
)

// lossy are the faults of links that strike at random.
func lossy() []Command {
	return []Command{{
		Name: "loss", Help: "loses requests from one node to another, or replies; 0% ends it",
		Example: "loss s1 c1 100% replies", params: []param{linkParam, percentParam, repliesParam}, run: loss,
	}, {
		Name: "dup", Help: "delivers messages from one node to another twice; 0% ends it",
		Example: "dup c1 s1 10%", params: []param{linkParam, percentParam}, run: dup,
	}, {
		Name: "reorder", Help: "reorders messages from one node to another; 0 ends it",
		Example: "reorder s1 s2 200ms", params: []param{linkParam, windowParam}, run: reorder,
	}, {
		Name: "unreliable", Help: "makes a node lose 10% of the requests to it and 20% of its replies",
		Example: "unreliable s1", params: []param{nodeParam},
		run: onNode(engine.Engine.Unreliable, "unreliable: 10% of requests to it and 20% of its replies get lost"),
	}}
}

func loss(_ context.Context, s *Session, inv Invocation) (Result, error) {
	a := inv.Args
	verb, what := s.Engine.Loss, "requests"
	if a.Replies {
		verb, what = s.Engine.LossReplies, "replies"
	}
	if err := verb(a.From, a.To, a.Probability); err != nil {
		return Result{}, of(inv, err)
	}
	if a.Probability == 0 {
		return Result{Text: fmt.Sprintf("%s > %s no longer loses %s", a.From, a.To, what)}, nil
	}
	return Result{Text: fmt.Sprintf("%s > %s loses %s of %s", a.From, a.To, percent(a.Probability), what)}, nil
}

func dup(_ context.Context, s *Session, inv Invocation) (Result, error) {
	a := inv.Args
	if err := s.Engine.Duplicate(a.From, a.To, a.Probability); err != nil {
		return Result{}, of(inv, err)
	}
	if a.Probability == 0 {
		return Result{Text: fmt.Sprintf("%s > %s no longer duplicates", a.From, a.To)}, nil
	}
	return Result{Text: fmt.Sprintf("%s > %s delivers %s of messages twice", a.From, a.To, percent(a.Probability))}, nil
}

func reorder(_ context.Context, s *Session, inv Invocation) (Result, error) {
	a := inv.Args
	if err := s.Engine.Reorder(a.From, a.To, a.Window); err != nil {
		return Result{}, of(inv, err)
	}
	if a.Window == 0 {
		return Result{Text: fmt.Sprintf("%s > %s keeps the order again", a.From, a.To)}, nil
	}
	return Result{Text: fmt.Sprintf("%s > %s reorders messages within %v", a.From, a.To, a.Window)}, nil
}

func percent(p float64) string { return fmt.Sprintf("%.6g%%", 100*p) }
