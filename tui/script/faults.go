package script

import (
	"context"
	"fmt"
	"slices"

	"cluster/splitbrain/netsim/engine"
)

// processes are what is done to nodes.
func processes() []Command {
	return []Command{{
		Name: "kill", Help: "crashes a server or vs: connections reset, memory gone", Example: "kill s1",
		params: []param{processParam}, run: onNode(engine.Engine.Kill, "killed: its memory is gone"),
	}, {
		Name: "restart", Help: "starts a server or vs anew, empty, under its old name", Example: "restart s1",
		params: []param{processParam}, run: onNode(engine.Engine.Restart, "restarted: it knows nothing"),
	}, {
		Name: "freeze", Help: "makes any node stand still; it keeps its memory", Example: "freeze s2",
		params: []param{nodeParam}, run: onNode(engine.Engine.Freeze, "frozen: it stands still"),
	}, {
		Name: "thaw", Help: "lets a frozen node go on", Example: "thaw s2",
		params: []param{nodeParam}, run: onNode(engine.Engine.Thaw, "thawed: it goes on where it stood"),
	}, {
		Name: "add", Help: "adds one more server", Example: "add",
		params: []param{newParam}, run: add,
	}}
}

// links are what is done to the network.
func links() []Command {
	return []Command{{
		Name: "cut", Help: "swallows messages between two nodes, with > only one way",
		Example: "cut s1 > s2", params: []param{linkParam}, run: cut,
	}, {
		Name: "heal", Help: "undoes cuts: of one link, or everything, thawing what is frozen too", Example: "heal",
		params: []param{someLink}, run: heal,
	}, {
		Name: "isolate", Help: "cuts a node from all others", Example: "isolate s1",
		params: []param{nodeParam}, run: onNode(engine.Engine.Isolate, "isolated: no message comes or goes"),
	}, {
		Name: "partition", Help: "cuts groups from one another; nodes in no group form one more",
		Example: "partition s1 c1 | s2 s3 c2 vs", params: []param{groupsParam}, run: partition,
	}, {
		Name: "delay", Help: "makes messages from the first node to the second slow; 0 ends it",
		Example: "delay s1 s2 200ms±50ms", params: []param{linkParam, timeParam}, run: delay,
	}}
}

func onNode(verb func(engine.Engine, string) error, done string) func(context.Context, *Session, Invocation) (Result, error) {
	return func(_ context.Context, s *Session, inv Invocation) (Result, error) {
		if err := verb(s.Engine, inv.Args.Node); err != nil {
			return Result{}, of(inv, err)
		}
		return Result{Text: inv.Args.Node + " " + done}, nil
	}
}

// of names the verb that an error belongs to.
func of(inv Invocation, err error) error { return fmt.Errorf("%s: %w", inv.Command.Name, err) }

func add(_ context.Context, s *Session, inv Invocation) (Result, error) {
	next := Names{Nodes: s.Engine.Nodes()}.next()
	if name := inv.Args.Node; name != "" && len(next) > 0 && name != next[0] {
		return Result{}, notNext(inv, next[0])
	}
	name, err := s.Engine.Add()
	if err != nil {
		return Result{}, of(inv, err)
	}
	return Result{Text: name + " added: an empty server"}, nil
}

// notNext says that a server that is added can't have the name that was given.
func notNext(inv Invocation, next string) error {
	return fmt.Errorf("add: word 2 %s: the next server is %s (usage: %s)", show(inv.words[1]), next, inv.Command.Usage)
}

func cut(_ context.Context, s *Session, inv Invocation) (Result, error) {
	if err := bothWays(inv.Args, s.Engine.Cut); err != nil {
		return Result{}, of(inv, err)
	}
	return Result{Text: direction(inv.Args) + " cut: messages vanish"}, nil
}

func heal(_ context.Context, s *Session, inv Invocation) (Result, error) {
	if inv.Args.From == "" {
		if err := s.Engine.HealAll(); err != nil {
			return Result{}, of(inv, err)
		}
		return Result{Text: "all links are whole, nothing is held or frozen"}, nil
	}
	if err := bothWays(inv.Args, s.Engine.Heal); err != nil {
		return Result{}, of(inv, err)
	}
	return Result{Text: direction(inv.Args) + " no longer cut"}, nil
}

// bothWays applies verb to the link, and to its reverse unless one way is meant.
func bothWays(a Args, verb func(from, to string) error) error {
	if err := verb(a.From, a.To); err != nil || a.OneWay {
		return err
	}
	return verb(a.To, a.From)
}

func direction(a Args) string {
	if a.OneWay {
		return a.From + " > " + a.To
	}
	return a.From + " and " + a.To
}

func partition(_ context.Context, s *Session, inv Invocation) (Result, error) {
	groups := slices.Clone(inv.Args.Groups)
	if err := s.Engine.Partition(groups); err != nil {
		return Result{}, of(inv, err)
	}
	rest := slices.DeleteFunc(slices.Clone(s.Engine.Nodes()), func(name string) bool {
		return slices.ContainsFunc(groups, func(g []string) bool { return slices.Contains(g, name) })
	})
	if len(rest) > 0 {
		groups = append(groups, rest)
	}
	text := "partitioned:"
	for i, g := range groups {
		if i > 0 {
			text += " |"
		}
		for _, name := range g {
			text += " " + name
		}
	}
	return Result{Text: text}, nil
}

func delay(_ context.Context, s *Session, inv Invocation) (Result, error) {
	a := inv.Args
	if err := s.Engine.Delay(a.From, a.To, a.Delay, a.Jitter); err != nil {
		return Result{}, of(inv, err)
	}
	switch {
	case a.Delay == 0 && a.Jitter == 0:
		return Result{Text: fmt.Sprintf("%s > %s no longer delayed", a.From, a.To)}, nil
	case a.Jitter == 0:
		return Result{Text: fmt.Sprintf("%s > %s delayed by %v", a.From, a.To, a.Delay)}, nil
	}
	return Result{Text: fmt.Sprintf("%s > %s delayed by %v±%v", a.From, a.To, a.Delay, a.Jitter)}, nil
}
