package tui

import (
	"cluster/splitbrain/netsim/engine/enginetest"
)

// What tests of several packages tell.
type (
	shelf = enginetest.Shelf
	story = enginetest.Story
)

var (
	getOf       = enginetest.GetOf
	putOf       = enginetest.PutOf
	forwardOf   = enginetest.ForwardOf
	failover    = enginetest.Failover
	moved       = enginetest.Moved
	did         = enginetest.Did
	overlapping = enginetest.Overlapping
	nodesOf     = enginetest.NodesOf
	quiet       = enginetest.Quiet
	store       = enginetest.Store
	steady      = enginetest.Steady
	crash       = enginetest.Crash
	transfer    = enginetest.Transfer
	takeOver    = enginetest.TakeOver
	faulty      = enginetest.Faulty
	travel      = enginetest.Travel
	aPast       = enginetest.Past
	newShelf    = enginetest.NewShelf
)
