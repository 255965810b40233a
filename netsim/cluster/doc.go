// Package cluster is the live engine: an engine.Engine that runs a viewservice, servers and clients in one process, each
// with goroutines of its own, over net/rpc on a netsim.Network, in real time or slower. The playground uses it unless
// --sim is given, and so do `splitbrain run --live` and the campaigns.
package cluster
