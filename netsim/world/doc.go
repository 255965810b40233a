// Package world is a whole cluster as a value: the cores of the viewservice, the servers and the clients, and the messages
// between them, without goroutines or clocks. One event after the other happens to a World, in virtual time, from a seed,
// or in whatever order its caller wants; it may be copied at any moment. The simulated engine (netsim/sim) drives worlds
// along a clock, the search (netsim/search) through all orders of events.
//
//	w := world.NewWorld(cfg)
//	for w.Now() < time.Minute {
//		w.Step() // what happens next by itself, at its time
//	}
//	err := w.Apply(a) // anything else, now: a command, or an event out of its turn
//
//	w = world.NewStable(cfg) // or without time
//	for _, a := range w.Events() {
//		next := w.Clone()
//		err := next.Apply(a)
//	}
//
//	memo := world.NewMemo(world.NewParts()) // for millions of worlds: what the cores did once is looked up from then on
//	w = memo.Adopt(w)
//	next := memo.Clone(w)
//
// The network is that of package netsim in what it does to whole messages. It differs in what it leaves out: there are
// no connections. A message takes Latency, or that of the configuration, where no fault says otherwise; a request reaches
// whatever boot runs at its receiver when it arrives, a reply only the boot that asked; who calls a node that has crashed,
// or waits for one that crashes, learns of it by a message that only cuts and delays concern.
package world
