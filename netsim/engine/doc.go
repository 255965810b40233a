// Package engine says what a cluster can be told to do and what can be seen of it, whichever way it runs: live over
// net/rpc, or simulated in virtual time. Screens, scripts and checks use the Engine interface and its snapshots and
// know nothing else.
package engine
