package env

import (
	"bytes"
	"encoding/gob"
	"errors"
	"io"
	"net"
	"net/rpc"
	"strings"
	"testing"
	"testing/synctest"
)

// requests encodes one request to Echo.Say per body.
func requests(t *testing.T, bodies ...any) []byte {
	t.Helper()
	var out bytes.Buffer
	enc := gob.NewEncoder(&out)
	for i, body := range bodies {
		header := rpc.Request{ServiceMethod: "Echo.Say", Seq: uint64(i)}
		for _, v := range []any{header, body} {
			if err := enc.Encode(v); err != nil {
				t.Fatal(err)
			}
		}
	}
	return out.Bytes()
}

func TestUndecodableBodyClosesConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStation(t)
		conn := s.connect()
		sound := callerOf(t, s.dial)
		wantsSaid(t, sound)
		if _, err := conn.Write(requests(t, 42, "after it")); err != nil {
			t.Fatal(err)
		}
		wantsClosed(t, conn)
		wantsSaid(t, sound)
		if got := s.echo.calls.Load(); got != 2 {
			t.Errorf("%d calls were carried out, want the 2 of the other connection", got)
		}
	})
}

func TestUndecodableHeaderClosesConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStation(t)
		conn := s.connect()
		if _, err := conn.Write([]byte("\x05hello, world")); err != nil {
			t.Fatal(err)
		}
		wantsClosed(t, conn)
	})
}

func TestUnencodableBodyClosesConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStation(t)
		c := callerOf(t, s.dial)
		if c.Call(t.Context(), timeout, "Echo.Say", make(chan int), new(string)) == nil {
			t.Error("a channel was sent")
		}
		wantsSaid(t, c)
		s.wantsDials(t, 2)
	})
}

func TestUnencodableReplyClosesConnection(t *testing.T) {
	here, there := net.Pipe()
	go NewServerCodec(there).WriteResponse(new(rpc.Response), make(chan int)) // ends when it has failed
	wantsClosed(t, here)
}

func TestMessageTooLong(t *testing.T) {
	endless := &endlessMessage{prefix: []byte{0xfc, 0x3f, 0xff, 0xff, 0xff}} // says that it is 1 GiB long
	err := NewServerCodec(endless).ReadRequestHeader(new(rpc.Request))
	if err == nil || !strings.Contains(err.Error(), "longer than") {
		t.Errorf("error %v", err)
	}
	if slack := 1 << 20; endless.read > MaxMessage+slack {
		t.Errorf("%d bytes were read, %d allowed", endless.read, MaxMessage)
	}
}

// endlessMessage is a connection on which zeros follow the prefix, far beyond the limit.
type endlessMessage struct {
	prefix []byte
	read   int
}

func (m *endlessMessage) Read(p []byte) (int, error) {
	n := copy(p, m.prefix)
	m.prefix = m.prefix[n:]
	if m.read > 2*MaxMessage {
		return 0, io.EOF
	}
	if n == 0 {
		clear(p)
		n = len(p)
	}
	m.read += n
	return n, nil
}

func (m *endlessMessage) Write(p []byte) (int, error) { return len(p), nil }
func (m *endlessMessage) Close() error                { return nil }

// The limit holds for one message, not for all of a connection.
func TestManyMessagesAreNotTooLong(t *testing.T) {
	c := newCodec(&endlessMessage{prefix: requests(t, "first", "second")})
	for _, want := range []string{"first", "second"} {
		var body string
		if err := errors.Join(c.ReadRequestHeader(new(rpc.Request)), c.ReadRequestBody(&body)); err != nil || body != want {
			t.Fatalf("read %q, %v; want %q", body, err, want)
		}
		c.in.left = 0 // as after a long one
	}
}
