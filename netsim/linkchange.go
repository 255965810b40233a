package netsim

import "fmt"

// LinkChange says what the faults of the link from > to become.
type LinkChange func(from, to string, now Faults) Faults

// What an unreliable server is in the lab: the probabilities with which requests to it and its replies get lost.
const (
	UnreliableLoss      = 0.1
	UnreliableReplyLoss = 0.2
)

// Unreliable gives the links of a node the losses of the lab's unreliable server, in the place of those that they have.
func Unreliable(node string) LinkChange {
	return func(from, to string, now Faults) Faults {
		switch node {
		case to:
			return now.With(Fault{Kind: FaultLoss, From: from, To: to, Probability: UnreliableLoss})
		case from:
			return now.With(Fault{Kind: FaultReplyLoss, From: from, To: to, Probability: UnreliableReplyLoss})
		}
		return now
	}
}

// Isolated cuts a node from all others, both ways.
func Isolated(node string) LinkChange {
	return func(from, to string, now Faults) Faults {
		if node != from && node != to {
			return now
		}
		return now.With(Fault{Kind: FaultCut, From: from, To: to})
	}
}

// Partitioned cuts nodes of different groups from one another, both ways, and heals cuts within each group. The nodes
// that are in no group form one of their own. It fails if a node is named twice.
func Partitioned(groups [][]string) (LinkChange, error) {
	group := make(map[string]int) // numbered from 1
	for i, names := range groups {
		for _, name := range names {
			if group[name] != 0 {
				return nil, fmt.Errorf("%s is named twice in the partition", name)
			}
			group[name] = i + 1
		}
	}
	return func(from, to string, now Faults) Faults {
		if group[from] == group[to] {
			return now.Without(FaultCut)
		}
		return now.With(Fault{Kind: FaultCut, From: from, To: to})
	}, nil
}

// Healed makes a link whole.
func Healed(_, _ string, _ Faults) Faults { return nil }

// NodeHealed makes all links of a node whole.
func NodeHealed(node string) LinkChange {
	return func(from, to string, now Faults) Faults {
		if node == from || node == to {
			return nil
		}
		return now
	}
}

// Released ends a hold.
func Released(_, _ string, now Faults) Faults { return now.Without(FaultHold) }
