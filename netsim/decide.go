package netsim

import (
	"cmp"
	"encoding/binary"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"time"
)

// Decision is what a link does with one message.
type Decision struct {
	Lost       string        // why the message never arrives; "" if it does
	Held       bool          // the message waits for a person
	Delay      time.Duration // how much longer the message takes than on a whole link
	Overtakes  bool          // the message doesn't wait for those that were sent earlier and take longer
	Duplicated bool          // a copy follows the message, likewise but for its delay
	CopyDelay  time.Duration
}

// ForCopy is the decision over the copy of a duplicated message.
func (d Decision) ForCopy() Decision {
	d.Duplicated, d.Delay, d.CopyDelay = false, d.CopyDelay, 0
	return d
}

// Faults are what is wrong with one link, at most one of each kind, in the order of their kinds. They are never changed in
// place: whoever has them may keep them.
type Faults []Fault

// Decide says what becomes of a request, of a reply, or (NoDirection) of the end of a connection that is sent now. It
// depends on nothing else than its arguments, and draws from random for the faults that are there and for nothing
// else, so that links with equal faults and equal generators decide equally, live and simulated.
//
// Without a generator there is neither chance nor time, and faults with a degree do nothing.
func (s Faults) Decide(random *rand.PCG, of Direction) Decision {
	var d Decision
	for i := range s {
		row := &faultRows[s[i].Kind]
		if row.decide == nil || random == nil && row.Degree != NoDegree {
			continue
		}
		if row.decide(&s[i], of, random, &d); d.Lost != "" {
			return Decision{Lost: d.Lost}
		}
	}
	if random == nil {
		return d
	}
	d.Delay = s.delay(random, of)
	if d.Duplicated {
		d.CopyDelay = s.delay(random, of)
	}
	return d
}

// delay draws how late one message is.
func (s Faults) delay(random *rand.PCG, of Direction) (sum time.Duration) {
	for i := range s {
		if late := faultRows[s[i].Kind].late; late != nil {
			sum += late(&s[i], of, random)
		}
	}
	return sum
}

// LinkGenerator is what a link between nodes of these names draws from, of a network with that seed.
func LinkGenerator(seed uint64, from, to string) *rand.PCG {
	name := fnv.New64a()
	name.Write(binary.BigEndian.AppendUint64(nil, uint64(len(from))))
	name.Write([]byte(from + to))
	return rand.NewPCG(seed, name.Sum64())
}

// happens draws whether the fault strikes.
func (f *Fault) happens(random *rand.PCG) bool {
	return rand.New(random).Float64() < f.Probability
}

// upTo draws a time from 0 to d, both included. It draws nothing if d is 0.
func upTo(random *rand.PCG, d time.Duration) time.Duration {
	if d == 0 {
		return 0
	}
	return time.Duration(rand.New(random).Int64N(int64(d) + 1))
}

// loses loses messages of one direction by chance.
func loses(what Direction, noun string) func(*Fault, Direction, *rand.PCG, *Decision) {
	return func(f *Fault, of Direction, random *rand.PCG, d *Decision) {
		if of == what && f.happens(random) {
			d.Lost = percent(f.Probability) + " loss of " + noun + " " + f.From + " > " + f.To
		}
	}
}

func (f *Fault) cutWhy() string { return f.From + " > " + f.To + " is cut" }

func (s Faults) index(k FaultKind) int {
	return slices.IndexFunc(s, func(f Fault) bool { return f.Kind == k })
}

// Has reports whether the link has a fault of that kind.
func (s Faults) Has(k FaultKind) bool { return s.index(k) >= 0 }

// Cut says why nothing arrives over the link, be it sent now or under way already; "" if messages arrive.
func (s Faults) Cut() (why string) {
	if i := s.index(FaultCut); i >= 0 {
		return s[i].cutWhy()
	}
	return ""
}

// With returns the faults with f in the place of the one of its kind. A fault with a degree of 0 is none.
func (s Faults) With(f Fault) Faults {
	rest := s.Without(f.Kind)
	if f.isNone() {
		return rest
	}
	i, _ := slices.BinarySearchFunc(rest, f, func(a, b Fault) int { return cmp.Compare(a.Kind, b.Kind) })
	return slices.Insert(slices.Clone(rest), i, f)
}

// Without returns the faults without that of kind k.
func (s Faults) Without(k FaultKind) Faults {
	i := s.index(k)
	if i < 0 {
		return s
	}
	return slices.Concat(s[:i], s[i+1:])
}

// Changes are the events that tell how the faults of one link became next.
func (s Faults) Changes(next Faults) []TraceEvent {
	var events []TraceEvent
	for _, k := range FaultKinds() {
		was, is := s.index(k), next.index(k)
		switch {
		case is >= 0 && (was < 0 || s[was] != next[is]):
			f := next[is]
			events = append(events, TraceEvent{Kind: k.Begins(), From: f.From, To: f.To, Why: f.degree()})
		case is < 0 && was >= 0:
			f := s[was]
			events = append(events, TraceEvent{Kind: LinkHealed, From: f.From, To: f.To, Why: "of the " + k.Row().noun})
		}
	}
	return events
}

// SortFaults sorts faults of several links by kind, from and to.
func SortFaults(all []Fault) {
	slices.SortFunc(all, func(a, b Fault) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To))
	})
}
