package world

import (
	"math/rand/v2"
	"slices"
	"time"

	"cluster/splitbrain/netsim"
)

// link is a directed link that has or had faults. Worlds share links until one of them changes its own: epoch says whose a
// link is.
type link struct {
	epoch    uint64
	from, to Node
	faults   netsim.Faults
	random   rand.PCG      // what the faults draw from
	last     time.Duration // the latest due of all messages that were sent
}

// linkIndex is the index in w.links of the link, or the one where it would have to be inserted. A link that never had faults
// is not there: its messages need nothing remembered.
func (w *World) linkIndex(from, to Node) (int, bool) {
	return slices.BinarySearchFunc(w.links, int(from)<<8|int(to), func(l *link, key int) int {
		return int(l.from)<<8 + int(l.to) - key
	})
}

// link returns a link that has or had faults, nil for another. The link must not be changed.
func (w *World) link(from, to Node) *link {
	if len(w.links) == 0 {
		return nil
	}
	if i, ok := w.linkIndex(from, to); ok {
		return w.links[i]
	}
	return nil
}

// ownLink returns a link that may be changed, since no other world has it.
func (w *World) ownLink(from, to Node) *link {
	i, ok := w.linkIndex(from, to)
	switch {
	case !ok:
		l := &link{epoch: w.epoch, from: from, to: to, random: *netsim.LinkGenerator(w.cfg.Seed, from.String(), to.String())}
		w.links = slices.Insert(w.links, i, l)
	case w.links[i].epoch != w.epoch:
		n := *w.links[i]
		n.epoch = w.epoch
		w.links[i] = &n
	}
	return w.links[i]
}

// cut says why messages from > to vanish; "" if they arrive.
func (w *World) cut(from, to Node) (why string) { return w.faultsOf(from, to).Cut() }

// decide says what becomes of a message that is sent now. In an untimed world there is no chance: the search tries all
// that could happen.
func (w *World) decide(l *link, m *Message) netsim.Decision {
	if w.untimed {
		return l.faults.Decide(nil, m.direction())
	}
	return l.faults.Decide(&l.random, m.direction())
}

// setFaults makes next the faults of a link, and releases what is held there if nothing is to be any more.
func (w *World) setFaults(from, to Node, next netsim.Faults) {
	before := w.faultsOf(from, to)
	if slices.Equal(before, next) {
		return
	}
	w.ownLink(from, to).faults = next
	for _, e := range before.Changes(next) {
		w.tell(e)
	}
	if before.Has(netsim.FaultHold) && !next.Has(netsim.FaultHold) {
		w.releaseHeld()
	}
}

// releaseHeld sends the messages on their way whose links hold nothing any more: in their order and without a delay, behind
// those under way.
func (w *World) releaseHeld() {
	var going, staying []*Message
	for _, m := range w.held {
		if w.faultsOf(m.From, m.To).Has(netsim.FaultHold) {
			staying = append(staying, m)
		} else {
			going = append(going, m)
		}
	}
	w.held = staying
	for _, m := range going {
		if why := w.cut(m.From, m.To); why != "" {
			w.lose(m, why)
			continue
		}
		again := *m
		again.Held = false
		again.Due = max(w.now, w.ownLink(m.From, m.To).last)
		w.insert(&again)
	}
}

func (w *World) faultsOf(from, to Node) netsim.Faults {
	if l := w.link(from, to); l != nil {
		return l.faults
	}
	return nil
}

// Faults returns everything at present broken, sorted by kind, from and to.
func (w *World) Faults() []netsim.Fault {
	var all []netsim.Fault
	for _, l := range w.links {
		all = append(all, l.faults...)
	}
	for _, n := range w.Nodes() {
		if w.State(n) == netsim.Frozen {
			all = append(all, netsim.Fault{Kind: netsim.FaultFrozen, From: n.String()})
		}
	}
	netsim.SortFaults(all)
	return all
}
