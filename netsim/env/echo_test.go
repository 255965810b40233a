package env

import (
	"context"
	"errors"
	"net"
	"net/rpc"
	"sync"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// echo is the service of these tests.
type echo struct {
	calls   atomic.Int64
	release chan struct{} // closed: Hang returns
}

func (e *echo) Say(words string, reply *string) error {
	e.calls.Add(1)
	*reply = words
	return nil
}

func (e *echo) Fail(words string, _ *string) error { return errors.New(words) }

func (e *echo) Hang(_ string, _ *string) error {
	<-e.release
	return nil
}

// station is an echo behind a Door that is reached in memory, and counts how often.
type station struct {
	*Server
	echo  *echo
	dials atomic.Int64

	mu    sync.Mutex // guards what follows
	conns []net.Conn // the station's ends
}

func newStation(t *testing.T) *station {
	t.Helper()
	s := &station{echo: &echo{release: make(chan struct{})}}
	door, err := NewServer("Echo", s.echo)
	if err != nil {
		t.Fatal(err)
	}
	s.Server = door
	t.Cleanup(func() {
		s.releaseAll()
		s.Close()
	})
	return s
}

func (s *station) releaseAll() {
	select {
	case <-s.echo.release:
	default:
		close(s.echo.release)
	}
}

func (s *station) dial(context.Context, string) (rpc.ClientCodec, error) {
	s.dials.Add(1)
	return NewClientCodec(s.connect()), nil
}

func (s *station) connect() net.Conn {
	here, there := net.Pipe()
	s.mu.Lock()
	s.conns = append(s.conns, there)
	s.mu.Unlock()
	go s.ServeCodec(NewServerCodec(there)) // ends with the connection
	return here
}

// breakAll ends all connections from the station's side.
func (s *station) breakAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, conn := range s.conns {
		conn.Close()
	}
}

func (s *station) wantsDials(t *testing.T, want int64) {
	t.Helper()
	if got := s.dials.Load(); got != want {
		t.Errorf("%d dials, want %d", got, want)
	}
}

func callerOf(t *testing.T, dial Dialer) *Client {
	c := NewClient(System, dial, "echo")
	t.Cleanup(c.Close)
	return c
}
