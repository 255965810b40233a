package world

import (
	"fmt"

	"cluster/splitbrain/netsim"
)

func (w *World) applyToLinks(e Action) error {
	if !w.has(e.Node) {
		return fmt.Errorf("there is no node %s", e.Node)
	}
	switch e.Kind {
	case SetFault, ClearFault:
		return w.applyToLink(e)
	case ReleaseAll:
		w.changeLinks(netsim.Released)
	case HealAll:
		w.changeLinks(netsim.Healed)
		for _, n := range w.Nodes() {
			if w.State(n) == netsim.Frozen {
				_ = w.thaw(n) // fails only on what is not frozen
			}
		}
	case Isolate:
		w.changeLinks(netsim.Isolated(e.Node.String()))
	case Unreliable:
		w.changeLinks(netsim.Unreliable(e.Node.String()))
	case Partition:
		return w.partition(e.Groups)
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

func (w *World) applyToLink(e Action) error {
	from, ok := ParseNode(e.Fault.From)
	to, known := ParseNode(e.Fault.To)
	switch {
	case !ok || !w.has(from):
		return fmt.Errorf("there is no node %q", e.Fault.From)
	case !known || !w.has(to):
		return fmt.Errorf("there is no node %q", e.Fault.To)
	case from == to:
		return fmt.Errorf("%s has no link to itself that could fail", from)
	case e.Kind == ClearFault:
		w.setFaults(from, to, w.faultsOf(from, to).Without(e.Fault.Kind))
	default:
		if err := e.Fault.Check(); err != nil {
			return err
		}
		w.setFaults(from, to, w.faultsOf(from, to).With(e.Fault))
	}
	return nil
}

func (w *World) partition(groups [][]Node) error {
	names := make([][]string, len(groups))
	for i, nodes := range groups {
		for _, n := range nodes {
			if !w.has(n) {
				return fmt.Errorf("there is no node %q", n)
			}
			names[i] = append(names[i], n.String())
		}
	}
	change, err := netsim.Partitioned(names)
	if err == nil {
		w.changeLinks(change)
	}
	return err
}
