package netsim

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"time"
)

const (
	// MaxDelay bounds the delay, the jitter and the window of a fault.
	MaxDelay = 24 * time.Hour
	// DefaultWindow is the window of a fault whose text names none.
	DefaultWindow = 50 * time.Millisecond
)

// FaultKind says what is broken.
type FaultKind uint8

// The kinds, in the order in which faults are listed.
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

// DegreeForm says which fields of a Fault tell how bad it is.
type DegreeForm uint8

// The forms. A fault without a degree is there or not, and neither chance nor time has a part in what it does.
const (
	NoDegree      DegreeForm = iota
	DelayDegree              // Delay ± Jitter
	PercentDegree            // Probability
	WindowDegree             // Window
)

// FaultRow is all that networks, worlds, commands and screens know of one kind of fault.
type FaultRow struct {
	Name   string // in a few words
	OnNode bool   // a node has it, not a link
	Degree DegreeForm

	// What a person types. Fault.String is made of it.
	Command  string // sets the fault; Fault.String begins with it
	Option   string // ends Fault.String, where two kinds share a Command
	EndedBy  string // the command that ends the fault; "" where Command with a degree of 0 does
	BothWays bool   // Command and EndedBy mean both directions of a link, unless a > stands between its ends
	Help     string // of Command, in one line
	Example  string // of Command

	// What a person sees.
	Mark    string // of the fault, one cell wide
	Counted string // what so many links are
	Legend  string // beside Mark
	Ends    string // what a link does once the fault has ended
	begins  string // what a link does that has the fault, %s being its degree
	degree  string // the degree in words, %s being its number; "" if the fault has none
	noun    string // what was healed

	// What the fault does to messages.
	Loses   Direction // the messages that get lost by chance
	Hinders bool      // messages come late, or not at all, so that a peer may be given up

	decide func(f *Fault, of Direction, random *rand.PCG, d *Decision)  // nil if the fault only delays
	late   func(f *Fault, of Direction, random *rand.PCG) time.Duration // nil if the fault delays nothing
}

// faultRows is the only place that tells one kind of fault from another.
var faultRows = [...]FaultRow{
	FaultCut: {
		Name: "cut", Command: "cut", EndedBy: "heal", BothWays: true,
		Help: "swallows messages between two nodes, with > only one way", Example: "cut s1 > s2",
		Mark: "⊘", Counted: "cut", Legend: "cut", noun: "cut",
		begins: "cut: messages vanish", Ends: "no longer cut",
		decide: func(f *Fault, _ Direction, _ *rand.PCG, d *Decision) { d.Lost = f.cutWhy() },
	},
	FaultDelay: {
		Name: "delay", Command: "delay", Degree: DelayDegree,
		Help: "makes messages from the first node to the second slow; 0 ends it", Example: "delay s1 s2 200ms±50ms",
		Mark: "~", Counted: "delayed", Legend: "delay", noun: "delay", degree: "%s",
		begins: "delayed by %s", Ends: "no longer delayed",
		Hinders: true,
		late: func(f *Fault, _ Direction, random *rand.PCG) time.Duration {
			return max(0, f.Delay-f.Jitter+upTo(random, 2*f.Jitter))
		},
	},
	FaultLoss: {
		Name: "loss", Command: "loss", Degree: PercentDegree,
		Help: "loses requests from one node to another, or replies; 0% ends it", Example: "loss s1 c1 100% replies",
		Mark: "%", Counted: "lossy", Legend: "loss", noun: "loss of requests", degree: "%s of requests",
		begins: "loses %s", Ends: "no longer loses requests",
		Loses: Request, Hinders: true, decide: loses(Request, "requests"),
	},
	FaultReplyLoss: {
		Name: "reply loss", Command: "loss", Option: "replies", Degree: PercentDegree,
		Mark: "r", Counted: "losing replies", Legend: "replies lost", noun: "loss of replies", degree: "%s of replies",
		begins: "loses %s", Ends: "no longer loses replies",
		Loses: Reply, Hinders: true, decide: loses(Reply, "replies"),
	},
	FaultDuplicate: {
		Name: "dup", Command: "dup", Degree: PercentDegree,
		Help: "delivers messages from one node to another twice; 0% ends it", Example: "dup c1 s1 10%",
		Mark: "2", Counted: "doubled", Legend: "dup", noun: "duplication", degree: "%s",
		begins: "delivers %s of messages twice", Ends: "no longer duplicates",
		decide: func(f *Fault, of Direction, random *rand.PCG, d *Decision) {
			d.Duplicated = of != NoDirection && f.happens(random)
		},
	},
	FaultReorder: {
		Name: "reorder", Command: "reorder", Degree: WindowDegree,
		Help: "reorders messages from one node to another; 0 ends it", Example: "reorder s1 s2 200ms",
		Mark: "⇄", Counted: "reorder", Legend: "reorder", noun: "reordering", degree: "within %s",
		begins: "reorders messages %s", Ends: "keeps the order again",
		Hinders: true,
		decide:  func(_ *Fault, of Direction, _ *rand.PCG, d *Decision) { d.Overtakes = of != NoDirection },
		late: func(f *Fault, of Direction, random *rand.PCG) time.Duration {
			if of == NoDirection {
				return 0
			}
			return upTo(random, f.Window)
		},
	},
	FaultHold: {
		Name: "hold", Command: "hold", EndedBy: "release",
		Help: "makes messages from the first to the second node wait for you", Example: "hold s1 s2",
		Mark: "‖", Counted: "on hold", Legend: "n held", noun: "hold",
		begins: "holds messages until you deliver or drop them", Ends: "no longer holds messages",
		decide: func(_ *Fault, of Direction, _ *rand.PCG, d *Decision) { d.Held = of != NoDirection },
	},
	FaultFrozen: {
		Name: "frozen", Command: "frozen", EndedBy: "thaw", OnNode: true,
		Mark: "❄", Counted: "frozen", Legend: "frozen",
		begins: "frozen: it stands still", Ends: "thawed: it goes on where it stood",
	},
}

// FaultKinds are all kinds, in the order in which faults are listed.
func FaultKinds() []FaultKind {
	kinds := make([]FaultKind, 0, len(faultRows)-1)
	for k := range faultRows[1:] {
		kinds = append(kinds, FaultKind(k+1))
	}
	return kinds
}

// Row is what is known of the kind; the zero row of what is no kind.
func (k FaultKind) Row() FaultRow {
	if int(k) < len(faultRows) {
		return faultRows[k]
	}
	return FaultRow{}
}

func (k FaultKind) String() string {
	if name := k.Row().Name; name != "" {
		return name
	}
	return fmt.Sprintf("fault(%d)", uint8(k))
}

// Fault is one thing that is at present broken.
type Fault struct {
	Kind          FaultKind
	From          string
	To            string // empty for a fault of a node
	Delay, Jitter time.Duration
	Probability   float64 // 0 to 1
	Window        time.Duration
}

// Check says what is wrong with a fault that is to be set on a link, whatever its ends. Delay, Jitter and Window may be 0 to
// MaxDelay, Probability 0 to 1. A fault that has a degree in its row, and none here, is valid: setting it ends it.
func (f Fault) Check() error {
	if row := f.Kind.Row(); row.Name == "" || row.OnNode {
		return fmt.Errorf("%v is no fault of a link", f.Kind)
	}
	return cmp.Or(checkDelay(f.Delay), checkDelay(f.Jitter), checkDelay(f.Window), checkProbability(f.Probability))
}

// isNone reports whether the fault has a degree of 0, which is to say that the link is whole.
func (f *Fault) isNone() bool {
	switch f.Kind.Row().Degree {
	case DelayDegree:
		return f.Delay == 0 && f.Jitter == 0
	case PercentDegree:
		return f.Probability == 0
	case WindowDegree:
		return f.Window == 0
	}
	return false
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
