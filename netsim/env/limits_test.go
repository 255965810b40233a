package env

import (
	"bytes"
	"io"
	"log/slog"
	"net"
	"net/rpc"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sync/semaphore"
)

// Pile is a large message.
type Pile string

func (*Pile) MaxSize() int              { return 1 << 20 }
func (p *Pile) Pack(b []byte) []byte    { return PackString(b, string(*p)) }
func (p *Pile) Unpack(u *Unpacking)     { *p = Pile(u.String()) }
func (e *echo) Pile(*Pile, *Pile) error { e.calls.Add(1); return nil }

func (e *echo) HangPile(*Pile, *Pile) error { <-e.release; return nil }

// TestHalfSent: who sends a part of a large message, and no more of it, holds up other large ones for a short time, and small
// ones not at all.
func TestHalfSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStation(t)
		s.large = semaphore.NewWeighted(1 << 20)
		large := Pile(strings.Repeat("x", 600<<10))
		message := inFrames(t, "Echo.Pile", &large)
		halfSent := s.connect()
		if _, err := halfSent.Write(message[:len(message)/2]); err != nil {
			t.Fatal(err)
		}
		told := make(chan string)
		go func() { all, _ := io.ReadAll(halfSent); told <- string(all) }()
		began := time.Now()
		waits := callerOf(t, s.dial)
		done := make(chan error)
		go func() { done <- waits.Call(t.Context(), time.Minute, "Echo.Pile", &large, new(Pile)) }()
		synctest.Wait()
		wantsSaid(t, callerOf(t, s.dial))
		if err := <-done; err != nil || time.Since(began) != pieceTime {
			t.Errorf("after %v: %v", time.Since(began), err)
		}
		if words := <-told; !strings.Contains(words, "timeout") {
			t.Errorf("who sent half was told %q", words)
		}
		synctest.Wait()
		if !s.large.TryAcquire(1 << 20) {
			t.Error("what is no more under way still counts")
		}
	})
}

// TestUnderWayIsBounded: requests for which there is no room wait, and are refused in words.
func TestUnderWayIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStation(t)
		s.large = semaphore.NewWeighted(1 << 20)
		large := Pile(strings.Repeat("x", 600<<10))
		first, second := callerOf(t, s.dial), callerOf(t, s.dial)
		done := make(chan error)
		go func() { done <- first.Call(t.Context(), time.Hour, "Echo.HangPile", &large, new(Pile)) }()
		synctest.Wait()
		began := time.Now()
		err := second.Call(t.Context(), time.Minute, "Echo.Pile", &large, new(Pile))
		if err == nil || !strings.Contains(err.Error(), "are under way") || time.Since(began) != messageTime {
			t.Errorf("after %v: %v", time.Since(began), err)
		}
		s.releaseAll()
		if err := <-done; err != nil {
			t.Error(err)
		}
		synctest.Wait()
		again := callerOf(t, s.dial)
		if err := again.Call(t.Context(), time.Minute, "Echo.Pile", &large, new(Pile)); err != nil {
			t.Error(err)
		}
	})
}

func TestRequestsInFlightAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStation(t)
		codec, err := s.dial(t.Context(), "")
		if err != nil {
			t.Fatal(err)
		}
		c := rpc.NewClientWithCodec(codec)
		defer c.Close()
		done := make(chan *rpc.Call, 2*maxInFlight)
		for range maxInFlight {
			c.Go("Echo.Hang", "", new(string), done)
		}
		synctest.Wait()
		c.Go("Echo.Say", "one more", new(string), done)
		if call := <-done; call.Error == nil || !strings.Contains(call.Error.Error(), "at most 1024") {
			t.Errorf("one more: %v", call.Error)
		}
		s.releaseAll()
		for range maxInFlight {
			if call := <-done; call.Error != nil {
				t.Fatal(call.Error)
			}
		}
		if c.Call("Echo.Say", "again", new(string)) != nil {
			t.Error("refused for good")
		}
	})
}

// TestConnectionsAreBounded: one connection more than are allowed ends that of least use.
func TestConnectionsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		s, l := newStation(t), newPipes()
		s.SetLog(slog.New(slog.NewTextHandler(&log, nil)))
		s.maxConns = 5 // the listener and four connections
		go s.Serve(l)
		codec := func(conn net.Conn) *rpc.Client { return rpc.NewClientWithCodec(NewClientCodec(conn)) }
		busy, used, silent := codec(l.connect()), codec(l.connect()), l.connect()
		defer busy.Close()
		defer used.Close()
		if err := used.Call("Echo.Say", "", new(string)); err != nil {
			t.Fatal(err)
		}
		hangs := busy.Go("Echo.Hang", "", new(string), nil)
		time.Sleep(time.Second)
		fresh := l.connect()
		time.Sleep(time.Second)
		newer := codec(l.connect())
		defer newer.Close()
		wantsClosed(t, silent)
		time.Sleep(time.Second)
		newest := codec(l.connect())
		defer newest.Close()
		wantsClosed(t, fresh)
		for _, c := range []*rpc.Client{newest, newer, used} {
			if err := c.Call("Echo.Say", "", new(string)); err != nil {
				t.Error(err)
			}
		}
		s.releaseAll()
		if <-hangs.Done; hangs.Error != nil {
			t.Error(hangs.Error)
		}
		if got := strings.Count(log.String(), "the one of least use goes"); got != 2 {
			t.Errorf("logged %s", &log)
		}
	})
}

// TestGarbageIsNoted: what ends connections is said in one line a second, unless their other ends did.
func TestGarbageIsNoted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		s := newStation(t)
		s.SetLog(slog.New(slog.NewTextHandler(&log, nil)))
		wantsSaid(t, callerOf(t, s.dial))
		s.connect().Close()
		garbage := func() {
			conn := s.connect()
			go io.WriteString(conn, "\x00SB9")
			wantsClosed(t, conn)
			synctest.Wait()
		}
		for range 3 {
			garbage()
		}
		if strings.Count(log.String(), "\n") != 1 || !strings.Contains(log.String(), "neither splitbrain nor net/rpc") {
			t.Errorf("logged %q", &log)
		}
		time.Sleep(time.Second)
		garbage()
		if strings.Count(log.String(), "\n") != 2 || !strings.HasSuffix(log.String(), "connections=3\n") {
			t.Errorf("logged %q", &log)
		}
	})
}
