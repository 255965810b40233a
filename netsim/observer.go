package netsim

import (
	"context"
	"fmt"
	"io"
	"net/rpc"

	"cluster/splitbrain/netsim/env"
)

// Observer returns a dialer that belongs to no node. It reaches every process that listens, cut off or frozen, without
// delay, and leaves nothing in the trace. Where no process listens dialling fails with ErrRefused.
func (n *Network) Observer() env.Dialer {
	return func(_ context.Context, addr string) (rpc.ClientCodec, error) {
		codec, err := n.observe(addr)
		if err != nil {
			return nil, fmt.Errorf("observer dials %s: %w", addr, err)
		}
		return codec, nil
	}
}

func (n *Network) observe(addr string) (rpc.ClientCodec, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	to, err := n.node(addr)
	if err != nil {
		return nil, err
	}
	if why := to.refusal(); why != "" {
		return nil, fmt.Errorf("%w: %s", ErrRefused, why)
	}
	s := &observerConn{to: to.process, requests: newPipe(), replies: newPipe()}
	to.process.adopt(s)
	accept := to.process.serve
	n.wg.Go(func() { // ends when s is severed, at the latest by Network.Close
		codec := env.NewServerCodec(&observerStream{conn: s, in: s.requests, out: s.replies})
		accept(codec)
		codec.Close()
	})
	return env.NewClientCodec(&observerStream{conn: s, in: s.replies, out: s.requests}), nil
}

// observerConn is a connection of the observer: two pipes and no link.
type observerConn struct {
	to                *Process
	requests, replies *pipe
}

func (s *observerConn) freeze()   {}
func (s *observerConn) thaw()     {}
func (s *observerConn) announce() {}

func (s *observerConn) sever(why *closeReason) {
	s.requests.sever(why.err)
	// ErrGone is for the owner of the process: the observer sees that the other end is gone.
	if why.err == ErrGone {
		s.replies.end(ErrReset)
		return
	}
	s.replies.sever(why.err)
}

// observerStream is the byte stream of one side of an observerConn.
type observerStream struct {
	conn    *observerConn
	in, out *pipe
	spare   []byte // the writer's own: net/rpc writes one message at a time
}

func (e *observerStream) Read(b []byte) (int, error) { return e.in.Read(b) }

func (e *observerStream) Write(b []byte) (int, error) {
	e.spare = e.out.put(append(e.spare, b...))
	return len(b), nil
}

func (e *observerStream) Close() error {
	e.conn.to.forget(e.conn)
	e.in.sever(io.EOF)
	e.out.end(io.EOF)
	return nil
}
