// Package viewservice decides which server of a replicated service is primary and which is its backup.
//
// Core holds the rules V1 to V11 of docs/protocol.md as a plain value: pings and the passing of time go in, views
// and their causes come out. Server is the net/rpc server around it, Clerk the caller's side. The driving loop of a
// replicated server is
//
//	reply, err := clerk.Ping(ctx, viewservice.PingArgs{Me: "s1", Viewnum: entered, Boot: boot})
//	// learn reply.View; enter it when its state is complete; ping its number from then on
//
// The service itself is a single point of failure by design: nothing here is replicated or stored.
package viewservice
