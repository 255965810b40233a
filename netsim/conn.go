package netsim

import (
	"io"
	"net/rpc"
	"sync/atomic"

	"cluster/splitbrain/netsim/env"
)

// endpoint is one side of a connection between two processes.
type endpoint struct {
	owner *Process
	peer  *endpoint
	out   *link // from here to the peer
	in    *pipe // what has arrived here
	ids   *ids  // shared with the peer

	// One of the two codecs is set. It decodes for the owner's reader, and encodes under the lock of out.
	client rpc.ClientCodec
	server rpc.ServerCodec
	staged []byte // encoded and not yet handed to the peer; guarded by the lock of out

	closed atomic.Pointer[closeReason] // set once, when the owner can use this endpoint no more
}

// closeReason says why an endpoint was closed.
type closeReason struct {
	err error  // what the owner gets who uses the endpoint
	why string // what the trace says of messages that come too late
}

// connect makes a connection, and serves it. The caller holds n.mu; both processes run, and to listens.
func (n *Network) connect(from, to *Process) *clientCodec {
	a := &endpoint{owner: from, in: newPipe(), out: n.link(from.node, to.node), ids: &ids{}}
	b := &endpoint{owner: to, in: newPipe(), out: n.link(to.node, from.node), ids: a.ids}
	a.peer, b.peer = b, a
	a.client = env.NewClientCodec(endpointStream{a})
	b.server = env.NewServerCodec(endpointStream{b})
	from.adopt(a)
	to.adopt(b)
	accept := to.serve
	n.wg.Go(func() { // ends when b is closed, at the latest by Network.Close
		accept(&serverCodec{b})
		b.close()
	})
	return &clientCodec{a}
}

// write sends a message of the owner.
func (e *endpoint) write(m *message) error {
	l := e.out
	l.mu.Lock()
	defer l.unlock()
	if o := e.closed.Load(); o != nil {
		if o.err != ErrGone { // a process that is gone has sent nothing
			l.lose(m, o.why)
		}
		return o.err
	}
	return l.post(m)
}

// close ends the connection because its owner wants that. The owner's reader stops at once, the peer's after all that was
// sent before.
func (e *endpoint) close() {
	e.owner.forget(e)
	why := e.owner.node.name + " closed the connection"
	open := e.finish(&closeReason{err: rpc.ErrShutdown, why: why})
	e.in.sever(io.EOF) // of a connection that was reset, too: a frozen reader has not learnt that
	if open {
		e.notifyPeer(closing)
	}
}

// finish closes the endpoint, and reports whether it was open.
func (e *endpoint) finish(why *closeReason) bool { return e.closed.CompareAndSwap(nil, why) }

func (e *endpoint) notifyPeer(f messageKind) {
	e.out.mu.Lock()
	defer e.out.unlock()
	e.out.post(&message{end: e, kind: f})
}

func (e *endpoint) freeze() { e.in.freeze() }
func (e *endpoint) thaw()   { e.in.thaw() }

func (e *endpoint) sever(why *closeReason) {
	e.finish(why)
	e.in.sever(why.err)
}

func (e *endpoint) announce() { e.notifyPeer(reset) }

// endpointStream is the byte stream under the codec of an endpoint.
type endpointStream struct{ end *endpoint }

func (w endpointStream) Read(b []byte) (int, error) { return w.end.in.Read(b) }

func (w endpointStream) Write(b []byte) (int, error) {
	w.end.staged = append(w.end.staged, b...)
	return len(b), nil
}

// Close does nothing: clientCodec and serverCodec close the endpoint.
func (w endpointStream) Close() error { return nil }

type clientCodec struct{ end *endpoint }

func (c *clientCodec) WriteRequest(r *rpc.Request, body any) error {
	return c.end.write(&message{end: c.end, kind: request, request: r, body: body})
}

func (c *clientCodec) ReadResponseHeader(r *rpc.Response) error {
	return c.end.client.ReadResponseHeader(r)
}

func (c *clientCodec) ReadResponseBody(body any) error { return c.end.client.ReadResponseBody(body) }

func (c *clientCodec) Close() error {
	c.end.close()
	return nil
}

type serverCodec struct{ end *endpoint }

func (c *serverCodec) ReadRequestHeader(r *rpc.Request) error {
	return c.end.server.ReadRequestHeader(r)
}

func (c *serverCodec) ReadRequestBody(body any) error {
	err := c.end.server.ReadRequestBody(body)
	if err != nil {
		c.end.close()
	}
	return err
}

func (c *serverCodec) WriteResponse(r *rpc.Response, body any) error {
	answers := c.end.ids.answered(r.Seq)
	return c.end.write(&message{end: c.end, kind: reply, response: r, body: body, answers: answers})
}

func (c *serverCodec) Close() error {
	c.end.close()
	return nil
}
