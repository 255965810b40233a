package netsim

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"time"
)

// FaultKind says what is broken.
type FaultKind uint8

const (
	FaultCut       FaultKind = iota + 1 // the link From > To swallows every message
	FaultDelay                          // messages From > To take Delay ± Jitter
	FaultLoss                           // requests From > To are lost with Probability
	FaultReplyLoss                      // replies From > To are lost with Probability
	FaultDuplicate                      // messages From > To are delivered twice with Probability
	FaultReorder                        // messages From > To take up to Window longer, and overtake
	FaultHold                           // messages From > To wait for a person
	FaultFrozen                         // the process on From stands still
)

// faultWords are of each kind: its name, the event that it begins with, and what is healed when it ends.
var faultWords = [...]struct {
	name   string
	begins EventKind
	noun   string
}{
	FaultCut:       {"cut", LinkCut, "cut"},
	FaultDelay:     {"delay", LinkDelayed, "delay"},
	FaultLoss:      {"loss", LinkLossy, "loss of requests"},
	FaultReplyLoss: {"reply loss", LinkLossy, "loss of replies"},
	FaultDuplicate: {"dup", LinkDuplicates, "duplication"},
	FaultReorder:   {"reorder", LinkReorders, "reordering"},
	FaultHold:      {"hold", LinkHolds, "hold"},
	FaultFrozen:    {name: "frozen"},
}

func (k FaultKind) String() string {
	if int(k) < len(faultWords) && k > 0 {
		return faultWords[k].name
	}
	return fmt.Sprintf("fault(%d)", uint8(k))
}

// Fault is one thing that is at present broken.
type Fault struct {
	Kind          FaultKind
	From          string
	To            string // empty for FaultFrozen
	Delay, Jitter time.Duration
	Probability   float64 // more than 0, at most 1
	Window        time.Duration
}

// String says it in the words of the command language.
func (f Fault) String() string {
	if f.Kind == FaultFrozen {
		return "frozen " + f.From
	}
	link := f.From + " " + f.To
	switch f.Kind {
	case FaultCut:
		return "cut " + f.From + " > " + f.To
	case FaultDelay:
		return "delay " + link + " " + spread(f.Delay, f.Jitter)
	case FaultReplyLoss:
		return "loss " + link + " " + percent(f.Probability) + " replies"
	case FaultLoss, FaultDuplicate:
		return f.Kind.String() + " " + link + " " + percent(f.Probability)
	case FaultReorder:
		if f.Window != DefaultReorder {
			return "reorder " + link + " " + f.Window.String()
		}
	}
	return f.Kind.String() + " " + link
}

// degree says how bad it is, if that is to be said.
func (f Fault) degree() string {
	switch f.Kind {
	case FaultDelay:
		return spread(f.Delay, f.Jitter)
	case FaultLoss:
		return percent(f.Probability) + " of requests"
	case FaultReplyLoss:
		return percent(f.Probability) + " of replies"
	case FaultDuplicate:
		return percent(f.Probability)
	case FaultReorder:
		return "within " + f.Window.String()
	}
	return ""
}

func spread(base, jitter time.Duration) string {
	if jitter == 0 {
		return base.String()
	}
	return base.String() + "±" + jitter.String()
}

func percent(p float64) string { return strconv.FormatFloat(100*p, 'g', 6, 64) + "%" }

// faults is what is wrong with one link. The zero value is a whole link.
type faults struct {
	cut       bool
	hold      bool
	delay     time.Duration
	jitter    time.Duration
	window    time.Duration // of reordering; 0 keeps the order
	loss      float64       // of requests
	replyLoss float64
	duplicate float64
}

// list returns the faults of the link from > to by their kinds.
func (f *faults) list(from, to string) []Fault {
	if *f == (faults{}) {
		return nil
	}
	var all []Fault
	add := func(is bool, fault Fault) {
		if is {
			fault.From, fault.To = from, to
			all = append(all, fault)
		}
	}
	add(f.cut, Fault{Kind: FaultCut})
	add(f.delay > 0 || f.jitter > 0, Fault{Kind: FaultDelay, Delay: f.delay, Jitter: f.jitter})
	add(f.loss > 0, Fault{Kind: FaultLoss, Probability: f.loss})
	add(f.replyLoss > 0, Fault{Kind: FaultReplyLoss, Probability: f.replyLoss})
	add(f.duplicate > 0, Fault{Kind: FaultDuplicate, Probability: f.duplicate})
	add(f.window > 0, Fault{Kind: FaultReorder, Window: f.window})
	add(f.hold, Fault{Kind: FaultHold})
	return all
}

// changes are the events that tell of a change from before to after.
func changes(before, after []Fault) []TraceEvent {
	var events []TraceEvent
	for k := FaultCut; k < FaultFrozen; k++ {
		is := func(f Fault) bool { return f.Kind == k }
		was, now := slices.IndexFunc(before, is), slices.IndexFunc(after, is)
		switch {
		case now >= 0 && (was < 0 || before[was] != after[now]):
			f := after[now]
			events = append(events, TraceEvent{Kind: faultWords[k].begins, From: f.From, To: f.To, Why: f.degree()})
		case now < 0 && was >= 0:
			f := before[was]
			events = append(events, TraceEvent{Kind: LinkHealed, From: f.From, To: f.To, Why: "of the " + faultWords[k].noun})
		}
	}
	return events
}

// Faults returns everything at present broken, sorted by kind, from and to. A crashed process is no fault of the
// network: ask Node.State.
func (n *Network) Faults() []Fault {
	n.mu.Lock()
	defer n.mu.Unlock()
	var all []Fault
	n.eachLink(func(l *link) { all = append(all, l.faults.list(l.from.name, l.to.name)...) })
	for _, node := range n.nodes {
		if node.state == Frozen {
			all = append(all, Fault{Kind: FaultFrozen, From: node.name})
		}
	}
	slices.SortFunc(all, func(a, b Fault) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To))
	})
	return all
}
