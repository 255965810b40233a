package env

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/rpc"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sync/semaphore"
)

// maxConns bounds the connections of one Server. It is beyond what clients of one machine may be told to open.
const maxConns = 10_240

// Server is the answering side of a net/rpc service: it serves connections, and Close ends them all. Safe for concurrent
// use.
type Server struct {
	rpc      *rpc.Server
	wg       sync.WaitGroup // connections being served, and Serve loops
	maxConns int
	small    *semaphore.Weighted // room for requests that are under way
	large    *semaphore.Weighted // the same for those longer than MaxMessage

	noting  sync.Mutex // guards what follows
	log     *slog.Logger
	noted   time.Time // when something was logged last
	unnoted int       // connections ended since

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
	d := &Server{
		rpc: rpc.NewServer(), open: map[io.Closer]struct{}{}, maxConns: maxConns,
		small: semaphore.NewWeighted(maxUnderWay), large: semaphore.NewWeighted(maxUnderWay),
	}
	return d, d.rpc.RegisterName(name, receiver)
}

// SetLog lets l hear why connections are ended whose other end did nothing to end them. Without it nobody does.
func (d *Server) SetLog(l *slog.Logger) {
	d.noting.Lock()
	defer d.noting.Unlock()
	d.log = l
}

// note says why a connection is ended, once a second at most: strangers must not fill a log.
func (d *Server) note(why error) {
	d.noting.Lock()
	defer d.noting.Unlock()
	d.unnoted++
	if now := time.Now(); d.log != nil && now.Sub(d.noted) >= time.Second {
		d.log.Warn("connection ended", "why", why, "connections", d.unnoted)
		d.noted, d.unnoted = now, 0
	}
}

// ended reports whether err says no more than that a connection is over.
func ended(err error) bool {
	for _, over := range []error{io.EOF, io.ErrUnexpectedEOF, io.ErrClosedPipe, net.ErrClosed, syscall.ECONNRESET} {
		if errors.Is(err, over) {
			return true
		}
	}
	return false
}

// ServeCodec answers requests from codec until its connection ends or the Server is closed.
func (d *Server) ServeCodec(codec rpc.ServerCodec) {
	if conn := newServerConn(d, codec); d.enter(conn) {
		d.answer(conn)
	}
}

func (d *Server) answer(conn *serverConn) {
	defer d.leave(conn)
	conn.answerAll()
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
		if conn := newServerConn(d, NewServerCodec(conn)); d.enter(conn) {
			go d.answer(conn) // ends with its connection
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
	if len(d.open) >= d.maxConns {
		d.makeRoom()
	}
	d.open[c] = struct{}{}
	d.wg.Add(1)
	return true
}

// makeRoom ends the connection that was of no use for longest: first of those that have never asked anything, then of
// those that have nothing to be answered. The caller holds d.mu.
func (d *Server) makeRoom() {
	var idle *serverConn
	for c := range d.open {
		if c, ok := c.(*serverConn); ok && (idle == nil || c.idler(idle)) {
			idle = c
		}
	}
	if idle != nil {
		delete(d.open, idle)
		idle.Close()
		d.note(errTooManyConns)
	}
}

var errTooManyConns = fmt.Errorf("more than %d connections: the one of least use goes", maxConns)

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
