package search

import (
	"math/rand/v2"

	"cluster/splitbrain/netsim/world"
	"cluster/splitbrain/pbservice"
)

// plan is what one walk is like. What is rare in a walk that may do everything is common in one that does little else:
// each walk draws which faults it uses at all, and how likely each event is (swarm testing).
type plan struct {
	actions            [world.Command + 1]int // how likely an event of that kind is
	messages           [world.Reset + 1]int   // how likely the arrival of a message of that kind is
	clocks             [MaxServers]int        // how fast a server's clock goes
	roads              [MaxServers]int        // how fast requests and forwards to a server are
	viewserviceCrashes bool
	length             int        // after so many events the walk ends, and
	until              int        // after so many it goes on by another plan, from a state that this one has come to; 0: never
	deaf               world.Node // a server that hears no answer of the viewservice, or of its backup, after deafFrom events; 0: none
	deafFrom           int
	late               bool               // by comeLate
	slow               world.Node         // by pingLate; 0: none
	order              int                // of 8 arrivals, how many are in the order of sending
	cancels            int                // operations that may be open when another is given up
	kinds              []pbservice.OpKind // of operations, in turn
	keys               int                // on how many keys
}

// drawPlan draws the plan of a walk.
func drawPlan(random *rand.Rand, s *scope) plan {
	among := func(weights ...int) int { return weights[random.IntN(len(weights))] }
	p := plan{order: among(0, 4, 7), cancels: among(0, 1, 2), keys: among(1, 1, 2, 3), viewserviceCrashes: random.IntN(4) == 0}
	p.keys, p.length = min(p.keys, len(s.keys)), among(40, 80, 160, longestWalk)
	if random.IntN(2) == 0 {
		p.deaf, p.deafFrom = world.Server(1+random.IntN(s.servers)), random.IntN(p.length/3)
	}
	for _, drawn := range []struct {
		kind    world.ActionKind
		weights []int
	}{
		{world.Tick, []int{2, 4, 8}}, {world.Timer, []int{1, 4}}, {world.Invoke, []int{2, 8}}, {world.Restart, []int{1, 4}},
		{world.Lose, []int{0, 0, 1}}, {world.Fail, []int{0, 0, 1}}, {world.Duplicate, []int{0, 0, 1, 2}},
		{world.DeclareDead, []int{0, 1, 2}}, {world.Quiet, []int{0, 0, 1}}, {world.Crash, []int{0, 1, 2}}, {world.Cancel, []int{0, 0, 1}},
	} {
		p.actions[drawn.kind] = among(drawn.weights...)
	}
	p.actions[world.Deliver] = among(1, 2, 4)
	for kind := range p.messages {
		p.messages[kind] = among(1, 2, 4)
	}
	for i := range s.servers {
		p.clocks[i], p.roads[i] = among(1, 1, 4), among(1, 4)
	}
	switch random.IntN(lateOf) {
	case 0:
		p.comeLate(random, s)
	case 1:
		p.pingLate(random, s)
	case 2:
		p.until = 1 + random.IntN(p.length)
	}
	for range 1 + random.IntN(4) {
		p.kinds = append(p.kinds, s.kinds[random.IntN(len(s.kinds))])
	}
	return p
}

// going is p for the rest of a walk that has so many events.
func (p plan) going(length int) plan {
	p.length, p.until = length, 0
	return p
}

// key is the index of the key of a client's operation.
func (p *plan) key(number, client int) int { return (number + client) % p.keys }
