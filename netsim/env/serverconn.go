package env

import (
	"cmp"
	"context"
	"fmt"
	"net/rpc"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"
)

const (
	// maxInFlight bounds the requests of one connection that wait for an answer.
	maxInFlight = 1024
	// maxUnderWay bounds all requests of a Server that are read or wait for an answer: their bytes, and requestCost more
	// for each. Those longer than MaxMessage are bounded apart, since few of them leave no room for others.
	maxUnderWay = 256 << 20
	requestCost = 8 << 10
)

// serverConn answers the requests of one connection, each at once, as net/rpc does, but with a WorkerPool instead of a new
// goroutine for each request. One worker at a time reads, and when it has read a request it lets another worker read the
// next one, and answers.
type serverConn struct {
	codec    rpc.ServerCodec
	server   *Server
	workers  *WorkerPool
	serve    func() // reads one request and answers it
	requests sync.Pool
	close    func() error
	writing  sync.Mutex // held while an answer is written

	inFlight atomic.Int64
	heard    atomic.Int64 // when the last request came, in Unix nanoseconds; 0: none has come
	opened   int64        // when the connection began
}

func newServerConn(server *Server, codec rpc.ServerCodec) *serverConn {
	d := &serverConn{codec: codec, server: server, workers: NewWorkerPool(), opened: time.Now().UnixNano()}
	d.close = sync.OnceValue(codec.Close)
	d.serve = d.serveOne
	d.requests.New = func() any { return &request{conn: d} }
	return d
}

// Close ends the connection, but not the handlers that run.
func (d *serverConn) Close() error { return d.close() }

// idler reports whether d is of less use than other: nobody waits for an answer, nothing was asked, or not for longer.
func (d *serverConn) idler(other *serverConn) bool {
	rank := func(c *serverConn) (busy bool, heard, opened int64) {
		return c.inFlight.Load() > 0, c.heard.Load(), c.opened
	}
	busy, heard, opened := rank(d)
	otherBusy, otherHeard, otherOpened := rank(other)
	if busy != otherBusy {
		return !busy
	}
	return cmp.Or(cmp.Compare(heard, otherHeard), cmp.Compare(opened, otherOpened)) < 0
}

// answerAll answers requests until the connection ends, and closes the codec once all are answered.
func (d *serverConn) answerAll() {
	d.workers.Go(d.serve)
	d.workers.Close()
	d.Close()
}

func (d *serverConn) serveOne() {
	r := d.requests.Get().(*request)
	d.server.rpc.ServeRequest(r) // what went wrong was answered, or ended the connection
	r.release()
	if r.broken != nil { // the caller was told
		d.server.note(r.broken)
		d.Close()
	}
	*r = request{conn: d}
	d.requests.Put(r)
}

// request is one request, from its header to its answer: the codec that net/rpc sees.
type request struct {
	conn   *serverConn
	read   bool  // its body was asked for
	held   int64 // of room
	room   *semaphore.Weighted
	broken error // why nothing more can be read from the connection
}

func (r *request) ReadRequestHeader(h *rpc.Request) error {
	err := r.conn.codec.ReadRequestHeader(h)
	switch {
	case err == nil:
		r.conn.heard.Store(time.Now().UnixNano())
	case !ended(err):
		r.conn.server.note(err)
	}
	return err
}

// ReadRequestBody reads the body of a request. net/rpc calls it once after each header, even if it does not want the body.
func (r *request) ReadRequestBody(body any) error {
	r.read = true
	refused := r.admit()
	if refused != nil {
		body = nil
	}
	r.broken = r.conn.codec.ReadRequestBody(body)
	switch {
	case r.broken == nil:
		r.conn.workers.Go(r.conn.serve)
	case refused != nil: // and its body is too long to be skipped
		r.broken = refused
	default:
		return r.broken
	}
	return refused
}

// admit counts the request among those that are under way, or says why it must not be.
func (r *request) admit() error {
	if n := r.conn.inFlight.Add(1); n > maxInFlight {
		return fmt.Errorf("%d requests of this connection wait for an answer: at most %d", n, maxInFlight)
	}
	size := 0
	if s, ok := r.conn.codec.(interface{ bodySize() int }); ok {
		size = min(s.bodySize(), maxFrame)
	}
	room := r.conn.server.small
	if size > MaxMessage {
		room = r.conn.server.large
	}
	held := int64(size + requestCost)
	if !room.TryAcquire(held) {
		ctx, cancel := context.WithTimeout(context.Background(), messageTime)
		defer cancel()
		if room.Acquire(ctx, held) != nil {
			return fmt.Errorf("requests of %d bytes are under way: no more are taken", maxUnderWay)
		}
	}
	r.held, r.room = held, room
	return nil
}

// release counts the request no more.
func (r *request) release() {
	if r.read {
		r.conn.inFlight.Add(-1)
	}
	if r.held > 0 {
		r.room.Release(r.held)
	}
}

func (r *request) WriteResponse(h *rpc.Response, body any) error {
	r.conn.writing.Lock() // net/rpc guards only the answers that it gives from one loop
	defer r.conn.writing.Unlock()
	return r.conn.codec.WriteResponse(h, body)
}

func (r *request) Close() error { return r.conn.Close() }
