package env

import (
	"context"
	"errors"
	"net"
	"net/rpc"
	"testing"
	"testing/synctest"
	"time"
)

const timeout = time.Second

// say makes one call that is answered at once if anybody is there.
func say(ctx context.Context, c *Client) error {
	var reply string
	err := c.Call(ctx, timeout, "Echo.Say", "hello", &reply)
	if err == nil && reply != "hello" {
		err = errors.New("wrong reply: " + reply)
	}
	return err
}

func hang(ctx context.Context, c *Client) error {
	return c.Call(ctx, timeout, "Echo.Hang", "", new(string))
}

func wantsSaid(t *testing.T, c *Client) {
	t.Helper()
	if err := say(t.Context(), c); err != nil {
		t.Errorf("a call failed: %v", err)
	}
}

// wantsAfter checks how a call ends, and when.
func wantsAfter(t *testing.T, d time.Duration, want error, call func() error) {
	t.Helper()
	began := time.Now()
	if err := call(); !errors.Is(err, want) || time.Since(began) != d {
		t.Errorf("%v after %v, want %v after %v", err, time.Since(began), want, d)
	}
}

func TestCallTimesOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStation(t)
		c := callerOf(t, s.dial)
		wantsAfter(t, timeout, ErrTimeout, func() error { return hang(t.Context(), c) })
		wantsSaid(t, c)
		s.wantsDials(t, 1)
	})
}

func TestCallEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStation(t)
		c := callerOf(t, s.dial)
		ctx, cancel := context.WithTimeout(t.Context(), timeout/2)
		defer cancel()
		wantsAfter(t, timeout/2, context.DeadlineExceeded, func() error { return hang(ctx, c) })
		wantsSaid(t, c)
		s.wantsDials(t, 1)
	})
}

func TestCallTimesOutOnItsClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStation(t)
		clock := slowClock{System, 10}
		c := NewClient(clock, s.dial, "echo")
		t.Cleanup(c.Close)
		wantsAfter(t, 10*timeout, ErrTimeout, func() error { return hang(t.Context(), c) })
	})
}

// slowClock runs slower than Clock.
type slowClock struct {
	Clock
	times time.Duration
}

func (c slowClock) AfterFunc(d time.Duration, f func()) Timer { return c.Clock.AfterFunc(c.times*d, f) }

// A peer that takes no bytes blocks the write itself.
func TestCallToPeerThatReadsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := callerOf(t, deaf(t))
		wantsAfter(t, timeout, ErrTimeout, func() error { return say(t.Context(), c) })
	})
}

func TestCloseEndsBlockedWrite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := callerOf(t, deaf(t))
		time.AfterFunc(timeout/2, c.Close)
		began := time.Now()
		if err := say(t.Context(), c); err == nil || time.Since(began) != timeout/2 {
			t.Errorf("%v after %v", err, time.Since(began))
		}
	})
}

// deaf dials peers that never read.
func deaf(t *testing.T) Dialer {
	return func(context.Context, string) (rpc.ClientCodec, error) {
		here, there := net.Pipe()
		t.Cleanup(func() { there.Close() })
		return NewClientCodec(here), nil
	}
}

func TestErrorOfTheOtherSideKeepsConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStation(t)
		c := callerOf(t, s.dial)
		err := c.Call(t.Context(), timeout, "Echo.Fail", "no", new(string))
		if err != rpc.ServerError("no") {
			t.Errorf("error %v", err)
		}
		wantsSaid(t, c)
		s.wantsDials(t, 1)
	})
}

func TestRedialAfterBreak(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStation(t)
		c := callerOf(t, s.dial)
		wantsSaid(t, c)
		s.breakAll()
		synctest.Wait() // c has learnt that
		wantsSaid(t, c)
		s.wantsDials(t, 2)
	})
}

func TestBreakEndsCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStation(t)
		c := callerOf(t, s.dial)
		time.AfterFunc(timeout/2, s.breakAll)
		began := time.Now()
		if err := hang(t.Context(), c); err == nil || errors.Is(err, ErrTimeout) || time.Since(began) != timeout/2 {
			t.Errorf("%v after %v", err, time.Since(began))
		}
		wantsSaid(t, c)
	})
}

func TestAbandonedCallsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStation(t)
		c := callerOf(t, s.dial)
		for range maxAbandoned {
			hang(t.Context(), c)
		}
		wantsSaid(t, c)
		s.wantsDials(t, 1)
		hang(t.Context(), c)
		wantsSaid(t, c)
		s.wantsDials(t, 2)
	})
}

func TestDialingIsShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStation(t)
		c := callerOf(t, func(ctx context.Context, addr string) (rpc.ClientCodec, error) {
			time.Sleep(timeout / 2)
			return s.dial(ctx, addr)
		})
		ended := make(chan error)
		for range 10 {
			go func() { ended <- say(t.Context(), c) }()
		}
		for range 10 {
			if err := <-ended; err != nil {
				t.Error(err)
			}
		}
		s.wantsDials(t, 1)
	})
}

func TestDialFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStation(t)
		refused := errors.New("refused")
		fails := true
		c := callerOf(t, func(ctx context.Context, addr string) (rpc.ClientCodec, error) {
			if fails {
				return nil, refused
			}
			return s.dial(ctx, addr)
		})
		wantsAfter(t, 0, refused, func() error { return say(t.Context(), c) })
		fails = false
		wantsSaid(t, c)
	})
}

func TestDialHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := callerOf(t, func(ctx context.Context, _ string) (rpc.ClientCodec, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		})
		wantsAfter(t, timeout, ErrTimeout, func() error { return say(t.Context(), c) })
		ctx, cancel := context.WithTimeout(t.Context(), timeout/2)
		defer cancel()
		wantsAfter(t, timeout/2, context.DeadlineExceeded, func() error { return say(ctx, c) })
		time.AfterFunc(timeout/2, c.Close)
		wantsAfter(t, timeout/2, ErrClosed, func() error { return say(t.Context(), c) })
	})
}

func TestCloseEndsWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := callerOf(t, newStation(t).dial)
		time.AfterFunc(timeout/2, c.Close)
		began := time.Now()
		if err := hang(t.Context(), c); err == nil || time.Since(began) != timeout/2 {
			t.Errorf("%v after %v", err, time.Since(began))
		}
		wantsAfter(t, 0, ErrClosed, func() error { return say(t.Context(), c) })
		c.Close()
	})
}

func TestConnectionAfterCloseIsClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		here, there := net.Pipe()
		c := NewClient(System, func(context.Context, string) (rpc.ClientCodec, error) {
			time.Sleep(timeout)
			return NewClientCodec(here), nil
		}, "echo")
		time.AfterFunc(timeout/2, c.Close)
		wantsAfter(t, timeout/2, ErrClosed, func() error { return say(t.Context(), c) })
		if _, err := there.Read(make([]byte, 1)); err == nil {
			t.Error("the connection was left open")
		}
	})
}

func TestGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStation(t)
		c := callerOf(t, s.dial)
		var reply string
		done := make(chan *rpc.Call, 1)
		if conn := c.Go("Echo.Say", "hello", &reply, done); conn != nil {
			t.Error("a call went out without a connection")
		}
		c.Ended(nil, rpc.ErrShutdown)
		c.Abandoned(nil)

		wantsSaid(t, c)
		conn := c.Go("Echo.Say", "hello", &reply, done)
		if call := <-done; conn == nil || call.Error != nil || reply != "hello" {
			t.Fatalf("sent %v, error %v, reply %q", conn != nil, call.Error, reply)
		}
		c.Ended(conn, nil)
		wantsSaid(t, c)
		s.wantsDials(t, 1)

		s.breakAll()
		synctest.Wait()
		if c.Go("Echo.Say", "hello", &reply, done) != nil {
			t.Error("a call went out on a connection that has ended")
		}
		wantsSaid(t, c)
		s.wantsDials(t, 2)
		for range maxAbandoned + 1 {
			c.Abandoned(conn) // of the connection before
		}
		wantsSaid(t, c)
		s.wantsDials(t, 2)
	})
}

// A call that comes when the connection for which it waited has ended hears what has ended it.
func TestWhyTheConnectionEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		here, there := net.Pipe()
		c := callerOf(t, func(context.Context, string) (rpc.ClientCodec, error) { return NewClientCodec(here), nil })
		conn, err := c.connected(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := there.Write([]byte(Challenge)); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		call := conn.rpc.Go("Echo.Say", "hello", new(string), make(chan *rpc.Call, 1))
		if err := c.wait(t.Context(), nil, conn, call); !errors.Is(err, ErrSecret) {
			t.Errorf("the call ended with %v", err)
		}
	})
}
