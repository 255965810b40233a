// Package netsim is a network that can fail, as a value: named nodes, directed links between them, and whole
// net/rpc messages that cross them.
//
// A node runs at most one process at a time. A process dials and serves like any program, through package host,
// and can't tell this network from sockets. Whoever holds the Network breaks it: verbs cut, delay and heal links,
// and crash, freeze and thaw processes. When a verb returns, it holds for every message from then on.
//
// One message takes this way, all under the lock of its link, the ordered pair (from, to) of nodes:
//
//	write ─▶ is the sender frozen? ─▶ decide ─▶ held, or in transit if late ─▶ is the receiver frozen? ─▶ encode
//
// The network decides over requests and replies, never over bytes: a message is encoded when it is delivered, so
// that one which is lost leaves the gob stream of its connection whole. Hence a body must not be changed once it
// was handed over, not even after its call timed out. Writing never blocks.
//
// All clocks, delays and ages stand on the network's time, which has a speed, can be paused and stepped, and never
// passes a timer. What is sent while it is paused is decided at once and waits in transit.
//
// Every stage is noted in one Trace, as soon as somebody watches it.
package netsim
