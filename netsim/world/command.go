package world

import (
	"fmt"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
)

// Do is the action that carries a command out. Of a held message the command must have the number. Time is its engine's,
// not the world's: to pause, to go on and to step are no actions.
func Do(c engine.Command) (Action, error) {
	n, ok := ParseNode(c.Node)
	a := Action{Kind: Command, Node: n, Msg: c.Message, Details: &Details{Command: c}}
	switch c.Kind {
	case engine.Kill, engine.Restart:
		if !ok {
			return Action{}, fmt.Errorf("there is no node %.40q", c.Node)
		}
		a.Kind, a.Details = Crash, nil
		if c.Kind == engine.Restart {
			a.Kind = Restart
		}
	case engine.Deliver, engine.Drop, engine.Duplicate:
		a.Kind, a.Details = map[engine.CommandKind]ActionKind{engine.Deliver: Deliver, engine.Drop: Lose, engine.Duplicate: Duplicate}[c.Kind], nil
	case engine.Pause, engine.Resume, engine.SetSpeed, engine.Step:
		return Action{}, fmt.Errorf("%v is done to time, not to a world", c)
	}
	return a, nil
}

// command carries a command out.
func (w *World) command(c engine.Command) error {
	c, err := c.Within(w.Names(), nil)
	if err != nil {
		return err
	}
	n, _ := ParseNode(c.Node)
	switch c.Kind {
	case engine.Freeze:
		return w.freeze(n)
	case engine.Thaw:
		return w.thaw(n)
	case engine.Add:
		w.addServer(0)
		w.Started(Server(len(w.servers)))
	case engine.SetRule:
		w.switchRules(w.off.Set(c.Rule, !c.On))
	case engine.SetFault, engine.ClearFault:
		for _, f := range c.Faults() {
			w.changeLink(c.Kind, f)
		}
	default:
		return w.commandToLinks(c)
	}
	return nil
}

// Names are those of all nodes: the viewservice, the servers, the clients, in this order.
func (w *World) Names() []string {
	var names []string
	for _, n := range w.Nodes() {
		names = append(names, n.String())
	}
	return names
}

func (w *World) commandToLinks(c engine.Command) error {
	switch c.Kind {
	case engine.ReleaseAll:
		w.changeLinks(netsim.Released)
	case engine.HealAll:
		w.changeLinks(netsim.Healed)
		for _, n := range w.Nodes() {
			if w.State(n) == netsim.Frozen {
				_ = w.thaw(n) // fails only on what is not frozen
			}
		}
	case engine.HealNode:
		w.changeLinks(netsim.NodeHealed(c.Node))
		if n, ok := ParseNode(c.Node); ok && w.State(n) == netsim.Frozen {
			return w.thaw(n)
		}
	case engine.Isolate:
		w.changeLinks(netsim.Isolated(c.Node))
	case engine.Unreliable:
		w.changeLinks(netsim.Unreliable(c.Node))
	case engine.Partition:
		change, err := netsim.Partitioned(c.Groups)
		if err != nil {
			return err
		}
		w.changeLinks(change)
	default:
		return fmt.Errorf("no such command: %v", c)
	}
	return nil
}

// changeLinks changes the faults of all links, and then releases what was held where no hold is left: in the order in
// which it was sent, whatever the order of the links.
func (w *World) changeLinks(change netsim.LinkChange) {
	held := w.held
	w.held = nil
	nodes := w.Nodes()
	for _, from := range nodes {
		for _, to := range nodes {
			if from != to {
				w.setFaults(from, to, change(from.String(), to.String(), w.faultsOf(from, to)))
			}
		}
	}
	w.held = held
	w.releaseHeld()
}

// changeLink lets a fault of one link begin, or end.
func (w *World) changeLink(kind engine.CommandKind, f netsim.Fault) {
	from, _ := ParseNode(f.From)
	to, _ := ParseNode(f.To)
	next := w.faultsOf(from, to).Without(f.Kind)
	if kind == engine.SetFault {
		next = w.faultsOf(from, to).With(f)
	}
	w.setFaults(from, to, next)
}
