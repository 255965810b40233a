// Package sim runs the cores of the viewservice, the servers and the clients without goroutines or clocks, one event at
// a time: in virtual time, from a seed, or in whatever order a search wants.
//
// A World is the whole cluster as a value. Whoever drives it lets one event after the other happen, and may copy it at
// any moment:
//
//	w := sim.NewWorld(cfg)
//	for w.Now() < time.Minute {
//		w.Step() // what happens next by itself, at its time
//	}
//	err := w.Apply(e) // anything else, now: a command, or an event out of its turn
//
//	w = sim.Steady(cfg) // or without time
//	for _, e := range w.Events() {
//		next := w.Clone()
//		err := next.Apply(e)
//	}
//
// An Engine is an engine.Replayer around worlds: it keeps what was done to them, so that any step can be returned to: some 600
// bytes for each operation.
//
// The network is that of package netsim in what it does to whole messages. It differs in what it leaves out: there are
// no connections. A message takes Latency where no fault says otherwise; a request reaches whatever boot runs at its
// receiver when it arrives, a reply only the boot that asked; who calls a node that has crashed, or waits for one that
// crashes, learns of it by a message that only cuts and delays concern.
package sim
