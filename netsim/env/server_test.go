package env

import (
	"errors"
	"io"
	"net"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// pipes is a listener in memory.
type pipes struct {
	conns chan net.Conn
	over  chan struct{}
	once  sync.Once
}

func newPipes() *pipes { return &pipes{conns: make(chan net.Conn), over: make(chan struct{})} }

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-p.conns:
		return conn, nil
	case <-p.over:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.over) })
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.UnixAddr{} }

func (p *pipes) connect() net.Conn {
	here, there := net.Pipe()
	p.conns <- there
	return here
}

func TestDoorRefusesWhatIsNoService(t *testing.T) {
	if _, err := NewServer("Nothing", struct{}{}); err == nil {
		t.Error("a receiver without methods was taken")
	}
}

func TestDoorCloseEndsConnectionsAndListeners(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, l := newStation(t), newPipes()
		served := make(chan error, 1)
		go func() { served <- s.Serve(l) }()
		accepted, direct := l.connect(), s.connect()
		synctest.Wait()
		s.Close()
		if err := <-served; err != nil {
			t.Errorf("Serve returned %v", err)
		}
		wantsClosed(t, accepted)
		wantsClosed(t, direct)
	})
}

func wantsClosed(t *testing.T, conn net.Conn) {
	t.Helper()
	if sent, err := io.ReadAll(conn); len(sent) > 0 || err != nil {
		t.Errorf("read %q, %v; want the end", sent, err)
	}
}

func TestDoorCloseWaitsForHandlers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStation(t)
		c := callerOf(t, s.dial)
		go hang(t.Context(), c)
		synctest.Wait()
		time.AfterFunc(timeout/2, s.releaseAll)
		wantsAfter(t, timeout/2, nil, func() error { s.Close(); return nil })
	})
}

func TestDoorAfterClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, l := newStation(t), newPipes()
		s.Close()
		if err := s.Serve(l); err != nil {
			t.Errorf("Serve returned %v", err)
		}
		if _, err := l.Accept(); err == nil {
			t.Error("the listener was left open")
		}
		wantsClosed(t, s.connect())
	})
}

func TestServeReturnsWhatEndedTheListener(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, l := newStation(t), newPipes()
		l.Close()
		if err := s.Serve(l); !errors.Is(err, net.ErrClosed) {
			t.Errorf("Serve returned %v", err)
		}
	})
}
