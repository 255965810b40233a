package enginetest

import (
	"time"

	"cluster/splitbrain/netsim"
)

// Fault is a fault of a kind, on the link s1 > s2 or on s1, whose degree is far from being 0 or all.
func Fault(k netsim.FaultKind) netsim.Fault {
	f := netsim.Fault{Kind: k, From: "s1", To: "s2"}
	switch k.Row().Degree {
	case netsim.DelayDegree:
		f.Delay, f.Jitter = 30*time.Millisecond, 20*time.Millisecond
	case netsim.PercentDegree:
		f.Probability = 0.3
	case netsim.WindowDegree:
		f.Window = 40 * time.Millisecond
	}
	if k.Row().OnNode {
		f.To = ""
	}
	return f
}
