package env

import (
	"io"
	"net"
	"net/rpc"
	"sync"
)

// Server is the answering side of a net/rpc service: it serves connections, and Close ends them all. Safe for concurrent
// use.
type Server struct {
	server *rpc.Server
	wg     sync.WaitGroup // connections being served, and Serve loops

	mu     sync.Mutex // guards what follows
	open   map[io.Closer]struct{}
	closed bool
}

// NewServer returns a Server that offers receiver's methods under name. It fails if receiver has no methods that net/rpc
// can call. The caller ends the Server with Close.
func NewServer(name string, receiver any) (*Server, error) {
	if err := learnTypes(receiver); err != nil {
		return nil, err
	}
	d := &Server{server: rpc.NewServer(), open: map[io.Closer]struct{}{}}
	return d, d.server.RegisterName(name, receiver)
}

// ServeCodec answers requests from codec until its connection ends or the Server is closed.
func (d *Server) ServeCodec(codec rpc.ServerCodec) {
	if d.enter(codec) {
		d.answer(codec)
	}
}

func (d *Server) answer(codec rpc.ServerCodec) {
	defer d.leave(codec)
	newServerConn(d.server, codec).answerAll()
}

// Serve answers connections from l until l or the Server is closed. It returns the error that ended l; nil after Close.
func (d *Server) Serve(l net.Listener) error {
	if !d.enter(l) {
		return nil
	}
	defer d.leave(l)
	for {
		conn, err := l.Accept()
		if err != nil {
			l.Close()
			if d.isClosed() {
				return nil
			}
			return err
		}
		if codec := NewServerCodec(conn); d.enter(codec) {
			go d.answer(codec) // ends with its connection
		}
	}
}

// Close ends all connections and listeners. It waits until no handler runs any more: a service whose handlers wait for it
// must be closed before.
func (d *Server) Close() {
	d.mu.Lock()
	d.closed = true
	for c := range d.open {
		c.Close()
	}
	d.mu.Unlock()
	d.wg.Wait()
}

// enter notes c, so that Close closes it. After Close it closes c itself, and returns false.
func (d *Server) enter(c io.Closer) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		c.Close()
		return false
	}
	d.open[c] = struct{}{}
	d.wg.Add(1)
	return true
}

func (d *Server) leave(c io.Closer) {
	d.mu.Lock()
	delete(d.open, c)
	d.mu.Unlock()
	d.wg.Done()
}

func (d *Server) isClosed() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.closed
}
