package world

import (
	"cmp"
	"encoding/binary"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strconv"
	"time"

	"cluster/splitbrain/netsim"
)

// link is a directed link that has or had faults. All others are whole, and know nothing.
type link struct {
	epoch    uint64
	from, to Node
	faults   []netsim.Fault // by their kinds; never changed in place
	random   rand.PCG       // what its faults draw from
	last     time.Duration  // the latest due of what was sent
}

// fate is what a link does with one message.
type fate struct {
	lost      string // why it never arrives; "" if it does
	twice     bool   // a copy follows it
	held      bool
	extra     time.Duration // how much longer than Latency it takes
	overtakes bool          // what was sent earlier and takes longer
}

// place finds where the link is, or would be.
func (w *World) place(from, to Node) (int, bool) {
	return slices.BinarySearchFunc(w.links, int(from)<<8|int(to), func(l *link, key int) int {
		return int(l.from)<<8 + int(l.to) - key
	})
}

// link returns a link that has or had faults, nil for another. It must not be changed.
func (w *World) link(from, to Node) *link {
	if len(w.links) == 0 {
		return nil
	}
	if i, ok := w.place(from, to); ok {
		return w.links[i]
	}
	return nil
}

// ownLink returns a link to be changed.
func (w *World) ownLink(from, to Node) *link {
	i, ok := w.place(from, to)
	switch {
	case !ok:
		l := &link{epoch: w.epoch, from: from, to: to, random: *rand.NewPCG(w.cfg.Seed, linkSeed(from, to))}
		w.links = slices.Insert(w.links, i, l)
	case w.links[i].epoch != w.epoch:
		n := *w.links[i]
		n.epoch = w.epoch
		w.links[i] = &n
	}
	return w.links[i]
}

// linkSeed is that of netsim's links of the same names.
func linkSeed(from, to Node) uint64 {
	name := fnv.New64a()
	name.Write(binary.BigEndian.AppendUint64(nil, uint64(len(from.String()))))
	name.Write([]byte(from.String() + to.String()))
	return name.Sum64()
}

func (l *link) fault(k netsim.FaultKind) (netsim.Fault, bool) {
	if l != nil {
		for _, f := range l.faults {
			if f.Kind == k {
				return f, true
			}
		}
	}
	return netsim.Fault{}, false
}

// cut reports whether messages from > to vanish.
func (w *World) cut(from, to Node) bool {
	_, is := w.link(from, to).fault(netsim.FaultCut)
	return is
}

func (l *link) cutWhy() string { return l.from.String() + " > " + l.to.String() + " is cut" }

// decide says what happens to a message that is sent now. It draws for the link's faults and for nothing else, and in
// the same order as netsim.
func (w *World) decide(l *link, m *Message) fate {
	var f fate
	role := m.role()
	for _, fault := range l.faults {
		switch fault.Kind {
		case netsim.FaultCut:
			return fate{lost: l.cutWhy()}
		case netsim.FaultHold:
			f.held = role != netsim.NoDirection
		}
	}
	if w.untimed {
		return f
	}
	for _, fault := range l.faults {
		switch fault.Kind {
		case netsim.FaultLoss:
			if role == netsim.Request && l.happens(fault.Probability) {
				return fate{lost: l.lossWhy(fault, "requests")}
			}
		case netsim.FaultReplyLoss:
			if role == netsim.Reply && l.happens(fault.Probability) {
				return fate{lost: l.lossWhy(fault, "replies")}
			}
		case netsim.FaultDuplicate:
			f.twice = role != netsim.NoDirection && l.happens(fault.Probability)
		case netsim.FaultReorder:
			f.overtakes = role != netsim.NoDirection
		}
	}
	return l.drawDelay(f)
}

func (l *link) happens(probability float64) bool {
	return rand.New(&l.random).Float64() < probability
}

func (l *link) lossWhy(f netsim.Fault, of string) string {
	return percent(f.Probability) + " loss of " + of + " " + l.from.String() + " > " + l.to.String()
}

func percent(p float64) string { return strconv.FormatFloat(100*p, 'g', 6, 64) + "%" }

// drawDelay returns f with a delay of its own.
func (l *link) drawDelay(f fate) fate {
	f.extra = 0
	if slow, is := l.fault(netsim.FaultDelay); is {
		f.extra = slow.Delay
		if j := int64(slow.Jitter); j > 0 {
			f.extra = max(0, f.extra+time.Duration(rand.New(&l.random).Int64N(2*j+1)-j))
		}
	}
	if reorder, is := l.fault(netsim.FaultReorder); is && f.overtakes {
		f.extra += time.Duration(rand.New(&l.random).Int64N(int64(reorder.Window) + 1))
	}
	return f
}

// setFaults changes what is wrong with a link.
func (w *World) setFaults(from, to Node, next []netsim.Fault) {
	before := w.faultsOf(from, to)
	if slices.Equal(before, next) {
		return
	}
	w.ownLink(from, to).faults = next
	for _, e := range netsim.FaultChanges(before, next) {
		w.tell(e)
	}
	if has(before, netsim.FaultHold) && !has(next, netsim.FaultHold) {
		w.letGo(func(m *Message) bool { return m.From == from && m.To == to })
	}
}

func has(all []netsim.Fault, k netsim.FaultKind) bool {
	return slices.ContainsFunc(all, func(f netsim.Fault) bool { return f.Kind == k })
}

// with is the list of faults with f in the place of that of its kind, and without is the list without that kind.
func with(all []netsim.Fault, f netsim.Fault) []netsim.Fault {
	all = append(without(all, f.Kind), f)
	slices.SortFunc(all, func(a, b netsim.Fault) int { return cmp.Compare(a.Kind, b.Kind) })
	return all
}

func without(all []netsim.Fault, k netsim.FaultKind) []netsim.Fault {
	return slices.DeleteFunc(slices.Clone(all), func(f netsim.Fault) bool { return f.Kind == k })
}

// letGo lets held messages go on, in their order and without a delay, behind what is under way.
func (w *World) letGo(which func(*Message) bool) {
	var going, staying []*Message
	for _, m := range w.held {
		if which(m) {
			going = append(going, m)
		} else {
			staying = append(staying, m)
		}
	}
	w.held = staying
	for _, m := range going {
		if w.cut(m.From, m.To) {
			w.lose(m, w.link(m.From, m.To).cutWhy())
			continue
		}
		again := *m
		again.Held = false
		again.Due = max(w.now, w.ownLink(m.From, m.To).last)
		w.insert(&again)
	}
}

// eachLink calls f for every link that can fail, in a fixed order.
func (w *World) eachLink(f func(from, to Node)) {
	nodes := w.Nodes()
	for _, from := range nodes {
		for _, to := range nodes {
			if from != to {
				f(from, to)
			}
		}
	}
}

func (w *World) faultsOf(from, to Node) []netsim.Fault {
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
	slices.SortFunc(all, func(a, b netsim.Fault) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To))
	})
	return all
}
