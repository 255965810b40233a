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
		w.changeHolds(func(all netsim.Faults) netsim.Faults { return all.Without(netsim.FaultHold) })
	case HealAll:
		w.changeHolds(func(netsim.Faults) netsim.Faults { return nil })
		for _, n := range w.Nodes() {
			if w.State(n) == netsim.Frozen {
				_ = w.thaw(n) // fails only on what is not frozen
			}
		}
	case Isolate:
		w.eachLink(func(from, to Node) {
			if from == e.Node || to == e.Node {
				w.setFaults(from, to, w.faultsOf(from, to).With(cutOf(from, to)))
			}
		})
	case Partition:
		return w.partition(e.Groups)
	case Unreliable:
		w.eachLink(func(from, to Node) {
			w.setFaults(from, to, w.faultsOf(from, to).Unreliable(e.Node.String(), from.String(), to.String()))
		})
	}
	return nil
}

// changeHolds changes all links, and then lets go what was held, in the order in which it was sent.
func (w *World) changeHolds(change func(netsim.Faults) netsim.Faults) {
	held := w.held
	w.held = nil
	w.eachLink(func(from, to Node) { w.setFaults(from, to, change(w.faultsOf(from, to))) })
	w.held = held
	w.letGo(func(*Message) bool { return true })
}

func cutOf(from, to Node) netsim.Fault {
	return netsim.Fault{Kind: netsim.FaultCut, From: from.String(), To: to.String()}
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

// partition cuts nodes of different groups from one another, and heals cuts within each. Nodes in no group form one
// more.
func (w *World) partition(groups [][]Node) error {
	var group [lastClient + 1]int
	for i, nodes := range groups {
		for _, n := range nodes {
			switch {
			case !w.has(n):
				return fmt.Errorf("there is no node %q", n)
			case group[n] != 0:
				return fmt.Errorf("%s is named twice in the partition", n)
			}
			group[n] = i + 1
		}
	}
	w.eachLink(func(from, to Node) {
		if group[from] != group[to] {
			w.setFaults(from, to, w.faultsOf(from, to).With(cutOf(from, to)))
		} else {
			w.setFaults(from, to, w.faultsOf(from, to).Without(netsim.FaultCut))
		}
	})
	return nil
}
