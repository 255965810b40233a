// Package netsim is a network that can fail, as a value: named nodes, directed links between them, and whole
// net/rpc messages that cross them.
//
// Package cluster runs its servers and clients on such a network. Package world, which simulates a cluster as a value,
// shares the table of faults, the decision over a message and the trace, but none of the goroutines.
//
// A node runs at most one process at a time. A process dials and serves like any program, through package env,
// and can't tell this network from sockets. Whoever holds the Network breaks it: SetFault and ClearFault change links,
// Crash, Freeze and Thaw change processes. What such a method has changed holds for every message that is sent after it
// returned.
//
// One message takes this way, all under the lock of its link, the ordered pair (from, to) of nodes:
//
//	write ─▶ is the sender frozen? ─▶ decide ─▶ held, or in transit if late ─▶ is the receiver frozen? ─▶ encode
//
// The network decides over requests and replies, never over bytes. A message is encoded when it is delivered, so
// that a lost one leaves the gob stream of its connection whole. Hence a body must not be changed once it was handed
// over, not even after its call timed out. Writing never blocks.
//
// All clocks, delays and ages stand on the network's time, which has a speed, can be paused and stepped, and never
// passes a timer. Messages that are sent while time is paused are decided over at once, and wait in transit.
//
// Each stage of a message's life is noted in one Trace, as long as somebody watches that.
package netsim
