package engine

import "cluster/splitbrain/netsim"

// Makes reports whether the command lets such an event happen, to nodes, links or time. What happens to the links of a node is not
// told from what happens to others.
func (c Command) Makes(e netsim.TraceEvent) bool {
	switch c.Kind {
	case Kill:
		return e.Kind == netsim.NodeCrashed && e.From == c.Node
	case Restart:
		return e.Kind == netsim.NodeStarted && e.From == c.Node
	case Add:
		return e.Kind == netsim.NodeStarted && e.Boots == 1
	case Freeze:
		return e.Kind == netsim.NodeFrozen && e.From == c.Node
	case Thaw:
		return e.Kind == netsim.NodeThawed && e.From == c.Node
	case Isolate:
		return e.Kind == netsim.FaultCut.Begins()
	case Partition:
		return e.Kind == netsim.FaultCut.Begins() || e.Kind == netsim.LinkHealed
	case Unreliable:
		return e.Kind == netsim.FaultLoss.Begins() || e.Kind == netsim.FaultReplyLoss.Begins()
	case SetFault:
		return e.Kind == c.Fault.Kind.Begins()
	case ClearFault, ReleaseAll:
		return e.Kind == netsim.LinkHealed
	case HealAll, HealNode:
		return e.Kind == netsim.LinkHealed || e.Kind == netsim.NodeThawed
	case Pause:
		return e.Kind == netsim.TimePaused
	case Resume:
		return e.Kind == netsim.TimeResumed
	case SetSpeed:
		return e.Kind == netsim.TimeSpeed
	}
	return false
}
