// Package engine says what a cluster can be told to do and what can be seen of it, whichever way it runs: live over
// net/rpc (package cluster), or simulated in virtual time (package sim). Screens, scripts and checks use the Engine
// interface and its snapshots and know nothing else.
//
// What a person does to a cluster is a Command, a value:
//
//	c, err := engine.ParseCommand("cut s1 > s2")
//	done, err := cluster.Apply(c) // "s1 > s2 cut: messages vanish"
//
// Forms is the table of all of them. Package script makes the cluster's part of its registry from it, keys make Commands
// themselves, and saved worlds hold their lines.
package engine
