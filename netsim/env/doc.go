// Package env is all that a server or a Clerk sees of the machine it runs on: a clock, a way to dial, and calls
// that end. The simulated network hands out clocks that freeze and connections that lose messages; a real process
// gets System and sockets. Servers and Clerks can't tell the difference, and import nothing else of netsim.
package env
