package env

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/rpc"
	"sync"
	"sync/atomic"
	"time"
)

// Dialer opens a connection to addr. It gives up when ctx ends.
type Dialer func(ctx context.Context, addr string) (rpc.ClientCodec, error)

var (
	// ErrTimeout says that no answer came in time. The call may have been carried out, or still be.
	ErrTimeout = errors.New("no answer in time")
	// ErrClosed says that the Client was closed.
	ErrClosed = errors.New("caller is closed")
)

// maxAbandoned bounds the abandoned calls on one connection, since net/rpc remembers each until it is answered. Beyond
// that number the connection is replaced.
const maxAbandoned = 256

// Client makes calls to one address over one long-lived connection: dialled at the first call, again after it
// broke. Every call ends, answered or not. Safe for concurrent use.
type Client struct {
	addr   string
	dial   Dialer
	clock  Clock
	life   context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup // dialling goroutines; Close waits for them

	mu        sync.Mutex // guards what follows
	conn      *Conn
	dialing   *dialing // under way, shared by all who wait for it
	abandoned int      // calls on conn that ended unanswered
}

type dialing struct {
	done chan struct{} // closed when conn and err are set
	conn *Conn
	err  error
}

// Conn is one connection of a Client.
type Conn struct {
	rpc   *rpc.Client
	codec *reporting
}

// reporting keeps what ended the connection, since net/rpc tells it only to the calls that wait at that moment: one that
// comes a moment later hears rpc.ErrShutdown, and one that is being written that it can't be, whatever the other side has said.
type reporting struct {
	rpc.ClientCodec
	ended atomic.Pointer[error]
}

func (c *reporting) ReadResponseHeader(r *rpc.Response) error {
	err := c.ClientCodec.ReadResponseHeader(r)
	if err != nil {
		c.ended.Store(&err)
	}
	return err
}

// why returns what ended the connection if err, of a call, says no more than that it has ended.
func (c *Conn) why(err error) error {
	_, sent := errors.AsType[rpc.ServerError](err)
	ended := c.codec.ended.Load()
	if err == nil || sent || ended == nil || errors.Is(*ended, io.EOF) || errors.Is(*ended, io.ErrUnexpectedEOF) {
		return err
	}
	return *ended
}

// NewClient returns a Client for addr. It dials nothing yet. The caller ends it with Close.
func NewClient(clock Clock, dial Dialer, addr string) *Client {
	life, end := context.WithCancel(context.Background())
	return &Client{addr: addr, dial: dial, clock: clock, life: life, cancel: end}
}

// Call calls method and waits for its reply, for at most timeout on the Client's clock. It returns ErrTimeout,
// ErrClosed, ctx's error, an rpc.ServerError that the other side sent, or what broke the connection. reply must
// not be read after an error: a late answer may still be written to it.
func (c *Client) Call(ctx context.Context, timeout time.Duration, method string, args, reply any) error {
	var writing atomic.Pointer[Conn]
	late := make(chan struct{})
	timer := c.clock.AfterFunc(timeout, func() {
		close(late)
		if conn := writing.Load(); conn != nil {
			c.drop(conn) // the peer takes no bytes: nothing else ends the write
		}
	})
	defer timer.Stop()
	conn, err := c.connected(ctx, late)
	if err != nil {
		return err
	}
	writing.Store(conn) // before late is asked, so that either the timer sees the connection or this goroutine sees late
	if isClosed(late) {
		return c.named(ErrTimeout)
	}
	call := conn.rpc.Go(method, args, reply, make(chan *rpc.Call, 1))
	writing.Store(nil)
	return c.wait(ctx, late, conn, call)
}

func (c *Client) wait(ctx context.Context, late <-chan struct{}, conn *Conn, call *rpc.Call) error {
	var err error
	select {
	case <-call.Done:
		c.Ended(conn, call.Error)
		if call.Error != nil && isClosed(late) {
			return c.named(ErrTimeout) // the timer has ended the write
		}
		return conn.why(call.Error)
	case <-late:
		err = ErrTimeout
	case <-ctx.Done():
		err = ctx.Err()
	case <-c.life.Done():
		return ErrClosed
	}
	c.Abandoned(conn)
	return c.named(err)
}

func (c *Client) named(err error) error { return fmt.Errorf("%s: %w", c.addr, err) }

func isClosed(ch <-chan struct{}) bool {
	select {
	case <-ch:
		return true
	default:
		return false
	}
}

// Ask is Call for a method that replies with a Reply; after an error, with none.
func Ask[Reply any](ctx context.Context, c *Client, timeout time.Duration, method string, args any) (Reply, error) {
	reply := new(Reply)
	if err := c.Call(ctx, timeout, method, args, reply); err != nil {
		return *new(Reply), err
	}
	return *reply, nil
}

// Go starts a call on the present connection, which it returns, and does not wait. It returns nil, and has done nothing, if
// there is no connection. The call is sent to done, which must have room, when it has ended. The caller then calls Ended, or
// Abandoned if it gives the call up before. Nobody may touch args or reply until the call has ended.
func (c *Client) Go(method string, args, reply any, done chan *rpc.Call) (conn *Conn) {
	if conn = c.present(); conn != nil {
		conn.rpc.Go(method, args, reply, done)
	}
	return conn
}

// connected returns the present connection, or waits for one that it lets a goroutine dial.
func (c *Client) connected(ctx context.Context, late <-chan struct{}) (*Conn, error) {
	if conn := c.present(); conn != nil {
		return conn, nil
	}
	c.mu.Lock()
	if c.life.Err() != nil {
		c.mu.Unlock()
		return nil, ErrClosed
	}
	if c.conn != nil {
		defer c.mu.Unlock()
		return c.conn, nil
	}
	d := c.dialing
	if d == nil {
		d = &dialing{done: make(chan struct{})}
		c.dialing = d
		c.wg.Add(1)
		go c.connect(d) // ends when dial does: Close cancels life
	}
	c.mu.Unlock()
	select {
	case <-d.done:
		return d.conn, d.err
	case <-late:
		return nil, c.named(ErrTimeout)
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-c.life.Done():
		return nil, ErrClosed
	}
}

// present returns the connection that there is; nil if there is none. One that the other side has ended, maybe long ago, is none:
// a call on it would fail without asking anybody, though somebody may listen there again.
func (c *Client) present() *Conn {
	c.mu.Lock()
	conn := c.conn
	c.mu.Unlock()
	if conn != nil && conn.codec.ended.Load() != nil {
		c.drop(conn)
		return nil
	}
	return conn
}

func (c *Client) connect(d *dialing) {
	defer c.wg.Done()
	codec, err := c.dial(c.life, c.addr)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.dialing = nil
	switch {
	case err != nil:
		d.err = err
	case c.life.Err() != nil:
		codec.Close()
		d.err = ErrClosed
	default:
		told := &reporting{ClientCodec: codec}
		d.conn = &Conn{rpc: rpc.NewClientWithCodec(told), codec: told}
		c.conn, c.abandoned = d.conn, 0
	}
	close(d.done)
}

// Ended notes that a call on conn, if that is not nil, ended with err. If err says that the connection broke, the next call
// dials anew.
func (c *Client) Ended(conn *Conn, err error) {
	if conn == nil || err == nil {
		return
	}
	if _, sent := errors.AsType[rpc.ServerError](err); sent {
		return
	}
	c.drop(conn)
}

// Abandoned notes that nobody waits for a call on conn, if that is not nil, any more.
func (c *Client) Abandoned(conn *Conn) {
	c.mu.Lock()
	full := false
	if conn != nil && c.conn == conn {
		c.abandoned++
		full = c.abandoned > maxAbandoned
	}
	c.mu.Unlock()
	if full {
		c.drop(conn)
	}
}

func (c *Client) drop(conn *Conn) {
	c.mu.Lock()
	if c.conn == conn {
		c.conn = nil
	}
	c.mu.Unlock()
	conn.rpc.Close()
}

// Close ends every call that waits, with ErrClosed, and the connection. When it returns, no goroutine of the Client runs
// any more but net/rpc's reader, which ends with the connection.
func (c *Client) Close() {
	c.mu.Lock() // no dialling begins from here on
	c.cancel()
	c.mu.Unlock()
	c.wg.Wait()
	c.mu.Lock()
	conn := c.conn
	c.conn = nil
	c.mu.Unlock()
	if conn != nil {
		conn.rpc.Close()
	}
}
