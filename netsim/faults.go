package netsim

import (
	"cmp"
	"fmt"
	"time"
)

const (
	// MaxDelay bounds the delay, the jitter and the reordering window of a link.
	MaxDelay = 24 * time.Hour
	// DefaultReorder is the window of a reordering that names none.
	DefaultReorder = 50 * time.Millisecond

	// What an unreliable server is in the lab.
	unreliableLoss, unreliableReplyLoss = 0.1, 0.2
)

// Cut makes the link from > to swallow every message, also those in transit when they come due, until healed. The
// other direction stays as it is. Cutting what is cut changes nothing.
func (n *Network) Cut(from, to string) error {
	return n.onLink(from, to, func(f *faults) { f.cut = true })
}

// Heal undoes a cut of the link from > to. A delay stays.
func (n *Network) Heal(from, to string) error {
	return n.onLink(from, to, func(f *faults) { f.cut = false })
}

// Delay makes every message from > to that is sent from now on arrive after base ± jitter, drawn uniformly and
// never negative, but not before those sent earlier. With 0, 0 the delay ends. Neither may be negative or more than
// MaxDelay.
func (n *Network) Delay(from, to string, base, jitter time.Duration) error {
	if err := cmp.Or(checkDelay(base), checkDelay(jitter)); err != nil {
		return err
	}
	return n.onLink(from, to, func(f *faults) { f.delay, f.jitter = base, jitter })
}

// Loss makes requests from > to that are sent from now on get lost with that probability, 0 to 1: none are with 0,
// all with 1.
func (n *Network) Loss(from, to string, probability float64) error {
	if err := checkProbability(probability); err != nil {
		return err
	}
	return n.onLink(from, to, func(f *faults) { f.loss = probability })
}

// LossReplies is Loss of replies that travel from > to: what they answer was executed, and to hears nothing of it.
func (n *Network) LossReplies(from, to string, probability float64) error {
	if err := checkProbability(probability); err != nil {
		return err
	}
	return n.onLink(from, to, func(f *faults) { f.replyLoss = probability })
}

// Duplicate makes messages from > to that are sent from now on arrive twice with that probability, 0 to 1. A request
// is executed twice, and each execution is answered. Of two replies the caller discards the one that comes second.
// The copy is a message of its own, behind the original; delay and reordering draw for it anew.
func (n *Network) Duplicate(from, to string, probability float64) error {
	if err := checkProbability(probability); err != nil {
		return err
	}
	return n.onLink(from, to, func(f *faults) { f.duplicate = probability })
}

// Reorder makes every message from > to that is sent from now on take up to window longer than the link's delay,
// drawn uniformly, and lets it overtake those whose delays are longer. With 0 messages keep their order again. The
// end of a connection overtakes nothing. The window may not be negative or more than MaxDelay.
func (n *Network) Reorder(from, to string, window time.Duration) error {
	if err := checkDelay(window); err != nil {
		return err
	}
	return n.onLink(from, to, func(f *faults) { f.window = window })
}

// Unreliable makes the node unreliable: of the requests to it 10 % are lost, and 20 % of its replies to the rest. That
// holds for the links that there are now, in place of the losses that they had.
func (n *Network) Unreliable(name string) error {
	return n.onLinksOf(name, func(l *link, f *faults, node *Node) {
		if l.to == node {
			f.loss = unreliableLoss
		}
		if l.from == node {
			f.replyLoss = unreliableReplyLoss
		}
	})
}

// HealAll makes all links whole, and delivers what was held, in order. It thaws and restarts nothing.
func (n *Network) HealAll() error {
	return n.onLinks(func(_ *link, f *faults) { *f = faults{} })
}

// Isolate cuts the node from all others, both ways.
func (n *Network) Isolate(name string) error {
	return n.onLinksOf(name, func(_ *link, f *faults, _ *Node) { f.cut = true })
}

// Partition cuts nodes of different groups from one another, both ways, and heals cuts within each group. The nodes
// that are in no group form one of their own. A node may be in one group only.
func (n *Network) Partition(groups [][]string) error {
	group, err := n.grouped(groups)
	if err != nil {
		return err
	}
	return n.onLinks(func(l *link, f *faults) { f.cut = group[l.from] != group[l.to] })
}

func checkDelay(d time.Duration) error {
	if d < 0 {
		return fmt.Errorf("a delay of %v is negative", d)
	}
	if d > MaxDelay {
		return fmt.Errorf("a delay of %v is longer than %v", d, MaxDelay)
	}
	return nil
}

func checkProbability(p float64) error {
	if p >= 0 && p <= 1 {
		return nil
	}
	return fmt.Errorf("a probability of %s is not one of 0%% to 100%%", percent(p)) // NaN too
}

// grouped numbers the groups from 1.
func (n *Network) grouped(groups [][]string) (map[*Node]int, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	group := make(map[*Node]int)
	for i, names := range groups {
		for _, name := range names {
			node, err := n.node(name)
			if err != nil {
				return nil, err
			}
			if group[node] != 0 {
				return nil, fmt.Errorf("%s is named twice in the partition", name)
			}
			group[node] = i + 1
		}
	}
	return group, nil
}

// onLink changes one link.
func (n *Network) onLink(from, to string, change func(*faults)) error {
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
	next := l.faults
	change(&next)
	l.apply(next)
	n.notify()
	return nil
}

// onLinksOf changes all links that begin or end at the named node.
func (n *Network) onLinksOf(name string, change func(l *link, f *faults, node *Node)) error {
	n.mu.Lock()
	node, err := n.node(name)
	n.mu.Unlock()
	if err != nil {
		return err
	}
	return n.onLinks(func(l *link, f *faults) {
		if l.from == node || l.to == node {
			change(l, f, node)
		}
	})
}

// onLinks changes all links that can fail: what a node sends to itself is never lost.
func (n *Network) onLinks(change func(*link, *faults)) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		return ErrClosed
	}
	var released []*link
	n.eachLink(func(l *link) {
		if l.from == l.to {
			return
		}
		next := l.faults
		change(l, &next)
		if l.faults.hold && !next.hold {
			released = append(released, l)
			next.hold = true // until everything else is healed
		}
		l.apply(next)
	})
	n.release(released)
	n.notify()
	return nil
}
