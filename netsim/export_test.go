package netsim

import "net/rpc"

// OpenConns counts the connections that the process still holds.
func (p *Process) OpenConns() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.conns)
}

// Unanswered counts the requests of a connection whose numbers are kept for their replies.
func Unanswered(c rpc.ClientCodec) int {
	i := c.(*clientCodec).end.ids
	i.mu.Lock()
	defer i.mu.Unlock()
	return len(i.bySeq)
}
