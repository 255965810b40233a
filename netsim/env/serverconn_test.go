package env

import (
	"errors"
	"io"
	"net/rpc"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
)

// counter hands out as many requests as are put into next, and counts how many answers are written at a time.
type counter struct {
	next    chan string // methods; closed: the connection ends
	seq     uint64
	bodies  int
	writing atomic.Int32
	crossed atomic.Bool // two answers were written at a time

	mu     sync.Mutex // guards what follows
	wrote  []rpc.Response
	closed bool
}

func (c *counter) ReadRequestHeader(r *rpc.Request) error {
	method, ok := <-c.next
	if !ok {
		return io.EOF
	}
	c.seq++
	r.ServiceMethod, r.Seq = method, c.seq
	return nil
}

func (c *counter) ReadRequestBody(any) error {
	c.bodies++ // a race if two goroutines have the turn
	return nil
}

func (c *counter) WriteResponse(r *rpc.Response, _ any) error {
	if c.writing.Add(1) > 1 {
		c.crossed.Store(true)
	}
	c.mu.Lock()
	c.wrote = append(c.wrote, *r)
	c.mu.Unlock()
	c.writing.Add(-1)
	return nil
}

func (c *counter) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return errors.New("closed twice")
	}
	c.closed = true
	return nil
}

// serves answers a counter's requests with an echo, and returns what waits for the end.
func serves(t *testing.T) (c *counter, d *serverConn, e *echo, end func()) {
	e = &echo{release: make(chan struct{})}
	server, err := NewServer("Echo", e)
	if err != nil {
		t.Fatal(err)
	}
	c = &counter{next: make(chan string)}
	d = newServerConn(server, c)
	over := make(chan struct{})
	go func() { d.answerAll(); close(over) }()
	return c, d, e, func() { close(c.next); <-over }
}

// TestDeskAnswersAtOnce: a request waits for no other, unknown methods are answered, and few goroutines stay.
func TestDeskAnswersAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		before := runtime.NumGoroutine()
		c, d, e, end := serves(t)
		const many = 3 * maxIdle
		for range many {
			c.next <- "Echo.Hang"
		}
		c.next <- "Echo.Nothing"
		c.next <- "Echo.Say"
		synctest.Wait()
		if len(c.wrote) != 2 || c.wrote[0].Error+c.wrote[1].Error != "rpc: can't find method Echo.Nothing" {
			t.Errorf("while others hang, the answers are %+v", c.wrote)
		}
		close(e.release)
		synctest.Wait()
		if len(c.wrote) != many+2 || c.bodies != many+2 || d.workers.idle != maxIdle {
			t.Errorf("%d answers, %d bodies, %d goroutines stay; want %d, as many, %d", len(c.wrote), c.bodies, d.workers.idle, many+2, maxIdle)
		}
		if more := runtime.NumGoroutine() - before; more > maxIdle+3 { // answerAll, what waits for it, and the reader
			t.Errorf("%d more goroutines than before", more)
		}
		end()
		if c.crossed.Load() || !c.closed {
			t.Errorf("two answers at a time: %v, closed: %v", c.crossed.Load(), c.closed)
		}
	})
}

// TestDeskTakesAnother: who has answered answers the next, so that two are enough for one request after the other.
func TestDeskTakesAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, d, _, end := serves(t)
		for range 100 {
			c.next <- "Echo.Say"
			synctest.Wait()
		}
		if d.workers.idle != 1 || len(c.wrote) != 100 {
			t.Errorf("%d goroutines wait besides the one that reads, after %d answers", d.workers.idle, len(c.wrote))
		}
		end()
	})
}

// TestDeskEndsLast: what came is answered before the connection is closed.
func TestDeskEndsLast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, _, e, end := serves(t)
		for i := range 5 {
			c.next <- "Echo." + map[bool]string{true: "Hang", false: "Say"}[i%2 == 0]
		}
		go end()
		synctest.Wait()
		if c.closed || len(c.wrote) != 2 {
			t.Errorf("closed: %v, with %d of 5 answers", c.closed, len(c.wrote))
		}
		close(e.release)
		synctest.Wait()
		if !c.closed || len(c.wrote) != 5 {
			t.Errorf("closed: %v, with %d of 5 answers", c.closed, len(c.wrote))
		}
	})
}
