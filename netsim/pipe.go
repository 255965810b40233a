package netsim

import (
	"sync"
	"sync/atomic"
)

const (
	maxSpares    = 64       // buffers that a pipe keeps for reuse
	maxSpareSize = 64 << 10 // bytes; a larger one is left to the garbage collector
)

// pipe carries encoded messages to one reader. It is unbounded: put never waits. A Read never spans two messages,
// so a buffered reader that is stopped finishes at most the message that it has begun.
type pipe struct {
	unread []byte   // of the message that is being read; the reader's own, as are taken and next
	taken  [][]byte // messages that the reader took over
	next   int      // index in taken of the one after unread

	stop atomic.Bool // frozen or severed: the reader has to look under mu before its next message

	mu     sync.Mutex // guards what follows
	wake   sync.Cond  // something below changed
	queue  [][]byte   // messages not taken over yet
	spares [][]byte   // empty buffers
	frozen bool
	ended  error // what the reader gets after the last message
	severe error // what the reader gets at once
}

func newPipe() *pipe {
	p := &pipe{}
	p.wake.L = &p.mu
	return p
}

// put hands over one encoded message, and returns an empty buffer in exchange.
func (p *pipe) put(message []byte) (spare []byte) {
	p.mu.Lock()
	p.queue = append(p.queue, message)
	if last := len(p.spares) - 1; last >= 0 {
		spare = p.spares[last]
		p.spares = p.spares[:last]
	}
	p.mu.Unlock()
	p.wake.Signal()
	return spare
}

func (p *pipe) Read(b []byte) (int, error) {
	for len(p.unread) == 0 {
		if err := p.advance(); err != nil {
			return 0, err
		}
	}
	n := copy(b, p.unread)
	p.unread = p.unread[n:]
	return n, nil
}

// advance goes on to the next message, and waits for it.
func (p *pipe) advance() error {
	if p.next == len(p.taken) || p.stop.Load() {
		if err := p.wait(); err != nil {
			return err
		}
	}
	p.unread = p.taken[p.next]
	p.next++
	return nil
}

// wait returns when the reader may go on and has a message taken over.
func (p *pipe) wait() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for {
		switch {
		case p.severe != nil:
			return p.severe
		case p.frozen:
		case p.next < len(p.taken):
			return nil
		case len(p.queue) > 0:
			p.takeOver()
			return nil
		case p.ended != nil:
			return p.ended
		}
		p.wake.Wait()
	}
}

func (p *pipe) takeOver() {
	for _, b := range p.taken {
		if len(p.spares) < maxSpares && cap(b) <= maxSpareSize {
			p.spares = append(p.spares, b[:0])
		}
	}
	clear(p.taken)
	p.taken, p.queue = p.queue, p.taken[:0]
	p.next = 0
}

// end lets the reader have what was put, and then err.
func (p *pipe) end(err error) {
	p.mu.Lock()
	if p.ended == nil {
		p.ended = err
	}
	p.mu.Unlock()
	p.wake.Broadcast()
}

// sever gives the reader err at once, whatever is unread.
func (p *pipe) sever(err error) {
	p.mu.Lock()
	if p.severe == nil {
		p.severe = err
	}
	p.stop.Store(true)
	p.mu.Unlock()
	p.wake.Broadcast()
}

// freeze makes the reader wait, until thaw or sever.
func (p *pipe) freeze() {
	p.mu.Lock()
	p.frozen = true
	p.stop.Store(true)
	p.mu.Unlock()
}

func (p *pipe) thaw() {
	p.mu.Lock()
	p.frozen = false
	p.stop.Store(p.severe != nil)
	p.mu.Unlock()
	p.wake.Broadcast()
}
