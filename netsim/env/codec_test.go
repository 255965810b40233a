package env

import (
	"bytes"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"net"
	"net/rpc"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// inGob encodes one request to method per body, in net/rpc's own form.
func inGob(t *testing.T, method string, bodies ...any) []byte {
	t.Helper()
	var out bytes.Buffer
	enc := gob.NewEncoder(&out)
	for i, body := range bodies {
		header := rpc.Request{ServiceMethod: method, Seq: uint64(i)}
		for _, v := range []any{header, body} {
			if err := enc.Encode(v); err != nil {
				t.Fatal(err)
			}
		}
	}
	return out.Bytes()
}

// inFrames encodes one request to method per body, as a caller of ours does.
func inFrames(t *testing.T, method string, bodies ...any) []byte {
	t.Helper()
	out := &written{}
	c := NewClientCodec(out)
	for i, body := range bodies {
		if err := c.WriteRequest(&rpc.Request{ServiceMethod: method, Seq: uint64(i)}, body); err != nil {
			t.Fatal(err)
		}
	}
	return out.Bytes()
}

// written is a connection on which nothing ever arrives.
type written struct{ bytes.Buffer }

func (*written) Read([]byte) (int, error) { return 0, io.EOF }
func (*written) Close() error             { return nil }

// forms are both forms in which requests arrive.
var forms = map[string]func(*testing.T, string, ...any) []byte{"gob": inGob, "frames": inFrames}

// huge is a body that its type has too long.
type huge struct{ Bytes []byte }

func TestBadBodyEndsConnectionAndNothingElse(t *testing.T) {
	bad := map[string]struct {
		method string
		body   any
		told   string
	}{
		"of another type": {"Echo.Say", 42, "received remote type int"},
		"too long":        {"Echo.Say", strings.Repeat("x", MaxMessage+1), "at most 65536"},
		"unwanted, long":  {"Echo.Nothing", huge{make([]byte, 2*MaxMessage)}, "can't find method"},
	}
	for form, requests := range forms {
		for name, b := range bad {
			t.Run(form+"/"+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := newStation(t)
					conn := s.connect()
					sound := callerOf(t, s.dial)
					wantsSaid(t, sound)
					go conn.Write(append(requests(t, b.method, b.body), requests(t, "Echo.Say", "after it")...)) // ends with conn
					if told, err := io.ReadAll(conn); err != nil || !strings.Contains(string(told), b.told) {
						t.Errorf("the caller was told %q, %v; want %q", told, err, b.told)
					}
					wantsSaid(t, sound)
					if got := s.echo.calls.Load(); got != 2 {
						t.Errorf("%d calls were carried out, want the 2 of the other connection", got)
					}
				})
			})
		}
	}
}

func TestBadHeaderEndsConnection(t *testing.T) {
	for name, sent := range map[string]string{
		"garbage":              "\x05hello, world",
		"long header":          "\xfd\x0f\xff\xff" + strings.Repeat("x", 1<<20),
		"greeting of nobody":   "\x00SB9",
		"frame without header": greeting + "\x00\x00\x00\x00",
		"number without end":   greeting + "\x10\x00\x00\x00" + strings.Repeat("\xff", 16),
		"method without end":   greeting + "\x02\x00\x00\x00\x01\x10",
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newStation(t)
				conn := s.connect()
				go io.WriteString(conn, sent) // ends with conn
				wantsClosed(t, conn)
			})
		})
	}
}

// TestGobPanics: gob adds up the numbers of fields that nobody wants, and indexes with the sum. A hundred bytes ended any
// process by that, on either side.
func TestGobPanics(t *testing.T) {
	type unwanted struct{ A, B, C int }
	var body bytes.Buffer
	err := gob.NewEncoder(&body).Encode(struct {
		Wanted int
		Nested unwanted
	}{1, unwanted{1, 2, 3}})
	if err != nil {
		t.Fatal(err)
	}
	b := body.Bytes()
	const before = "\x01\x02\x01\x01\x02\x01\x04" // Wanted, Nested, and its A and B; the length and the type stand before them
	length := bytes.LastIndex(b, []byte(before)) - 3
	for int(b[length]) != len(b)-length-1 { // the more types gob knows, the longer the number of this one
		length--
	}
	b[length] += 9 - 4
	b = append(b[:len(b)-4], 0xf8, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff) // in place of C, the field 2^63-1 further

	s := newStation(t)
	header := inGob(t, "Echo.Nothing", "")
	header = header[:len(header)-4] // without the body
	s.ServeCodec(NewServerCodec(&heard{bytes.NewReader(append(header, b...))}))
	wantsSaid(t, callerOf(t, s.dial))

	frame := append([]byte{byte(2 + len(b)), 0, 0, 0, 1, 0}, b...)
	c := NewClientCodec(&heard{bytes.NewReader(frame)})
	if err := c.ReadResponseHeader(new(rpc.Response)); err != nil {
		t.Fatal(err)
	}
	if err := c.ReadResponseBody(&struct{ Wanted int }{}); err == nil || !strings.Contains(err.Error(), "index out of range") {
		t.Errorf("error %v", err)
	}
}

// TestEveryByteChanged: no byte of a conversation can be so wrong that more than its connection ends.
func TestEveryByteChanged(t *testing.T) {
	gob.Register(rpc.Request{})
	type unwanted struct{ Any any }
	s := newStation(t)
	for form, requests := range forms {
		said := requests(t, "Echo.Nothing", unwanted{rpc.Request{}}, unwanted{rpc.Request{Seq: 7}})
		for i := range said {
			for _, b := range []byte{0, 1, 0x7f, 0x80, 0xf7, 0xf8, 0xff, said[i] + 1, said[i] ^ 0x80} {
				changed := bytes.Clone(said)
				changed[i] = b
				s.ServeCodec(NewServerCodec(&heard{bytes.NewReader(changed)}))
				if form == "frames" {
					hear(changed[len(greeting):])
				}
			}
		}
	}
	wantsSaid(t, callerOf(t, s.dial))
}

// hear reads replies for as long as that goes.
func hear(said []byte) {
	c := NewClientCodec(&heard{bytes.NewReader(said)})
	for c.ReadResponseHeader(new(rpc.Response)) == nil && c.ReadResponseBody(&struct{ Any any }{}) == nil {
	}
}

// heard is a connection on which bytes arrive, and then the end.
type heard struct{ io.Reader }

func (*heard) Write(p []byte) (int, error) { return len(p), nil }
func (*heard) Close() error                { return nil }

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
	for form, requests := range forms {
		t.Run(form, func(t *testing.T) {
			here, there := net.Pipe()
			go here.Write(requests(t, "Echo.Say", "hello")) // ends with here
			c := NewServerCodec(there)
			if err := c.ReadRequestHeader(new(rpc.Request)); err != nil {
				t.Fatal(err)
			}
			go c.WriteResponse(new(rpc.Response), make(chan int)) // ends when it has failed
			io.Copy(io.Discard, here)
		})
	}
}

// The limits hold for one message, not for all of a connection.
func TestManyMessagesAreNotTooLong(t *testing.T) {
	long := strings.Repeat("x", MaxMessage-100)
	for form, requests := range forms {
		c := NewServerCodec(&heard{bytes.NewReader(requests(t, "Echo.Say", long, "second", long))})
		for _, want := range []string{long, "second", long} {
			var body string
			if err := errors.Join(c.ReadRequestHeader(new(rpc.Request)), c.ReadRequestBody(&body)); err != nil || body != want {
				t.Fatalf("%s: read %d bytes, %v; want %d", form, len(body), err, len(want))
			}
		}
	}
}

// What a peer tells of its types is remembered, and so bounded.
func TestTypesAreBounded(t *testing.T) {
	var bodies []any
	for i := range maxTypes / 1000 {
		field := reflect.StructField{Name: fmt.Sprintf("F%d%s", i, strings.Repeat("x", 1000)), Type: reflect.TypeFor[int]()}
		bodies = append(bodies, reflect.New(reflect.StructOf([]reflect.StructField{field})).Interface())
	}
	c := NewServerCodec(&heard{bytes.NewReader(inGob(t, "Echo.Nothing", bodies...))})
	read := 0
	for c.ReadRequestHeader(new(rpc.Request)) == nil && c.ReadRequestBody(nil) == nil {
		read++
	}
	if most := maxTypes/1000 - 1; read < most/2 || read > most {
		t.Errorf("%d types of 1,000 bytes were taken", read)
	}
}

// A message must come to its end, but the next may be long in coming.
func TestMessageTakesTooLong(t *testing.T) {
	for form, requests := range forms {
		t.Run(form, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newStation(t)
				conn := s.connect()
				whole := requests(t, "Echo.Say", "hello")
				go io.Copy(io.Discard, conn) // ends with conn
				time.Sleep(time.Hour)
				if _, err := conn.Write(whole); err != nil {
					t.Fatal("after an hour of silence:", err)
				}
				time.Sleep(time.Hour)
				began := time.Now()
				for {
					if _, err := conn.Write(whole[:1]); err != nil {
						break
					}
					time.Sleep(messageTime / 4)
				}
				if took := time.Since(began); took > 2*messageTime {
					t.Errorf("a message that never ended was heard for %v", took)
				}
			})
		})
	}
}
