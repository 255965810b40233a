package pane

import (
	"time"

	"cluster/splitbrain/netsim/engine/enginetest"
)

const second = time.Second

// What tests of several packages tell.
type (
	story = enginetest.Story
	shelf = enginetest.Shelf
)

var (
	says        = enginetest.Says
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
	transfer    = enginetest.Transfer
	faulty      = enginetest.Faulty
	travel      = enginetest.Travel
	aPast       = enginetest.Past
	newShelf    = enginetest.NewShelf
)
