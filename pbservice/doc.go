// Package pbservice is a key/value service that survives the loss of one of its servers: a primary, its backup,
// and idle volunteers, as a viewservice appoints them.
//
// Core holds the rules S1 to S13 of docs/protocol.md as a plain value. The loop that drives it is
//
//	core.Tick()                      // once per PingInterval
//	core.Request(ticket, op, known)  // a client's operation
//	core.Forward(args)               // a message from the primary, answered at once
//	core.PingReply(sent, reply)      // what the viewservice answered
//	core.Forwarded(id, reply)        // what the backup answered
//	for ready := core.Ready(); ...   // after any number of events: what to answer and to send
//
// Server is the net/rpc server around it, Clerk the client's side with its retries.
package pbservice
