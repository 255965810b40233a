package netsim

import (
	"fmt"
	"slices"
)

// SetFault makes the fault hold for every message that is sent from now on over the link From > To, in the place of a
// fault of the same kind. A degree of 0 ends that. It fails if the fault is not valid, see Fault.Check.
//
//   - A cut also loses messages that are under way, when they come due. The other direction stays as it is.
//   - A delay is drawn uniformly. Messages don't arrive before those that were sent earlier.
//   - A lost reply answers what was executed: To hears nothing of it.
//   - A duplicated request is executed twice, and each execution is answered. Of two replies the caller discards the
//     one that comes second. The copy is a message of its own, behind the original; its delay is drawn anew.
//   - A window makes messages take up to that much longer, drawn uniformly, and lets them overtake those that take longer.
//     The end of a connection overtakes nothing.
//   - Held messages wait in the network, until Deliver, Drop, ClearFault, ReleaseAll, HealNode or HealAll. While they wait they
//     meet no other fault. The end of a connection waits behind its messages.
func (n *Network) SetFault(f Fault) error {
	if err := f.Check(); err != nil {
		return err
	}
	return n.onLink(f.From, f.To, func(_, _ string, now Faults) Faults { return now.With(f) })
}

// ClearFault ends the fault of that kind of the link from > to, and leaves others. What was held goes on, in order and
// without a delay. It does nothing if the link has no such fault.
func (n *Network) ClearFault(kind FaultKind, from, to string) error {
	return n.onLink(from, to, func(_, _ string, now Faults) Faults { return now.Without(kind) })
}

// Unreliable makes the node unreliable: of the requests to it 10 % are lost, and 20 % of its replies to the rest. That
// holds for the links that there are now, in place of the losses that they had.
func (n *Network) Unreliable(name string) error { return n.onLinks(Unreliable(name), name) }

// Isolate cuts the node from all others, both ways.
func (n *Network) Isolate(name string) error { return n.onLinks(Isolated(name), name) }

// Partition cuts nodes of different groups from one another, both ways, and heals cuts within each group. The nodes
// that are in no group form one of their own. A node may be in one group only.
func (n *Network) Partition(groups [][]string) error {
	change, err := Partitioned(groups)
	if err != nil {
		return err
	}
	return n.onLinks(change, slices.Concat(groups...)...)
}

// HealAll makes all links whole, and delivers what was held, in order. It thaws and restarts nothing.
func (n *Network) HealAll() error { return n.onLinks(Healed) }

// HealNode is HealAll for the links of one node.
func (n *Network) HealNode(name string) error { return n.onLinks(NodeHealed(name), name) }

// ReleaseAll ends all holds, and lets go on what is held, in order, without a delay.
func (n *Network) ReleaseAll() error { return n.onLinks(Released) }

// onLink changes one link.
func (n *Network) onLink(from, to string, change LinkChange) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	a, err := n.node(from)
	if err != nil {
		return err
	}
	b, err := n.node(to)
	if err != nil {
		return err
	}
	if a == b {
		return fmt.Errorf("%s has no link to itself that could fail", from)
	}
	l := n.link(a, b)
	l.apply(change(from, to, l.faults))
	n.notify()
	return nil
}

// onLinks changes all links that can fail if all names are those of nodes. What a node sends to itself is never lost.
func (n *Network) onLinks(change LinkChange, names ...string) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		return ErrClosed
	}
	for _, name := range names {
		if _, err := n.node(name); err != nil {
			return err
		}
	}
	var released []*link
	n.eachLink(func(l *link) {
		if l.from == l.to {
			return
		}
		next := change(l.from.name, l.to.name, l.faults)
		if i := l.faults.index(FaultHold); i >= 0 && !next.Has(FaultHold) {
			released = append(released, l)
			next = next.With(l.faults[i]) // until everything else is healed
		}
		l.apply(next)
	})
	n.release(released)
	n.notify()
	return nil
}

// Faults returns everything at present broken, sorted by kind, from and to. A crashed process is no fault of the
// network: ask Node.State.
func (n *Network) Faults() []Fault {
	n.mu.Lock()
	defer n.mu.Unlock()
	var all []Fault
	n.eachLink(func(l *link) { all = append(all, l.faults...) })
	for _, node := range n.nodes {
		if node.state == Frozen {
			all = append(all, Fault{Kind: FaultFrozen, From: node.name})
		}
	}
	SortFaults(all)
	return all
}
