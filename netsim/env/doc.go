// Package env is all that a server or a Clerk sees of the machine it runs on: a clock, a way to dial, and net/rpc calls
// that end. viewservice and pbservice are built on it, and import nothing else of netsim. Whoever runs them fills it in:
// netsim gives clocks that freeze and connections that lose messages, pbservice/process gives System and sockets. Servers
// and Clerks can't tell the difference.
package env
