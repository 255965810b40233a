package transcript

import (
	"slices"
	"strings"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
)

// FromTrace are the events that a trace tells of nodes, of links and of time, not those of messages. What was done to
// several links at once is one event.
func FromTrace(trace []netsim.TraceEvent) []Event {
	var all []Event
	for i := 0; i < len(trace); {
		e, same := trace[i], 1
		if e.Direction == netsim.NoDirection && e.Kind >= netsim.NodeStarted {
			same = AtOnce(trace[i:])
			all = append(all, Event{Kind: Network, At: e.At, Network: trace[i : i+same]})
		}
		i += same
	}
	return all
}

// MadeBy reports whether a command to the cluster has made the event.
func (e Event) MadeBy(c engine.Command) bool { return e.Kind == Network && c.Makes(e.Network[0]) }

// AtOnce is how many of the first events, of which there must be one, tell that the same was done to links at once.
func AtOnce(trace []netsim.TraceEvent) int {
	const within = 5 * time.Millisecond
	e, n := trace[0], 1
	for n < len(trace) && trace[n].Kind.String() == e.Kind.String() && trace[n].Why == e.Why && e.To != "" && trace[n].At-e.At < within {
		n++
	}
	return n
}

// Mark is the sign that the screen shows before the sentence; "" if the event has none.
func (e Event) Mark() string {
	switch {
	case e.Kind == Alarm, e.Kind == Invariant:
		return "✗"
	case e.Kind != Network:
		return ""
	}
	kind := e.Network[0].Kind
	switch kind {
	case netsim.NodeCrashed:
		return "✗"
	case netsim.NodeFrozen:
		return "❄"
	case netsim.LinkHealed:
		return "✓"
	}
	if fault, ok := kind.Fault(); ok {
		return fault.Row().Mark
	}
	return ""
}

// Marked is the sentence with its mark.
func (e Event) Marked() string { return strings.TrimSpace(e.Mark() + " " + e.Sentence()) }

// networkSentence tells of events of one kind that happened at once.
func networkSentence(same []netsim.TraceEvent) string {
	e := same[0]
	text := e.Kind.String()
	switch {
	case e.Kind == netsim.NodeCrashed, e.Kind == netsim.NodeFrozen:
		return e.From + " " + text
	case e.To == "":
		text = e.From + " " + text
	default:
		text += " " + strings.Join(Pairs(same), "  ")
	}
	switch {
	case e.Why == "":
	case e.Kind == netsim.LinkHealed: // of something
		text += " " + e.Why
	default:
		text += ": " + e.Why
	}
	return text
}

// Pairs writes links, the two directions of one pair as one.
func Pairs(links []netsim.TraceEvent) []string {
	var out []string
	for i, e := range links {
		there := func(o netsim.TraceEvent) bool { return o.From == e.To && o.To == e.From }
		switch {
		case slices.ContainsFunc(links[:i], there):
		case slices.ContainsFunc(links[i+1:], there):
			out = append(out, e.From+"–"+e.To)
		default:
			out = append(out, e.From+" > "+e.To)
		}
	}
	return out
}
