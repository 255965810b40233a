// Package envtest is what tests of several packages ask of their machine: whether the race detector looks, and for fuzz tests
// connections with bytes that come from a stranger, and conversations to begin from.
package envtest

import (
	"bytes"
	"context"
	"encoding/gob"
	"io"
	"math/rand/v2"
	"net"
	"net/rpc"
	"slices"
	"sync"

	"cluster/splitbrain/netsim/env"
)

// Stream is a connection on which In arrives, and then the end. What is written to it is forgotten.
type Stream struct{ In io.Reader }

// NewStream returns a connection on which in arrives, and then the end.
func NewStream(in []byte) *Stream { return &Stream{In: bytes.NewReader(in)} }

func (s *Stream) Read(p []byte) (int, error)  { return s.In.Read(p) }
func (s *Stream) Write(p []byte) (int, error) { return len(p), nil }

// Close does nothing.
func (s *Stream) Close() error { return nil }

// Serve has a server answer in as all that it hears on a connection, and returns when it has ended that connection.
func Serve(serve func(rpc.ServerCodec), in []byte) { serve(env.NewServerCodec(NewStream(in))) }

// Answers dials a peer whose only answer to anything is in.
func Answers(in []byte) env.Dialer {
	return func(context.Context, string) (rpc.ClientCodec, error) { return env.NewClientCodec(NewStream(in)), nil }
}

// InGob is the requests of a caller that speaks plain net/rpc, as the lab's do: of each method with its argument.
func InGob(calls ...Call) []byte {
	var out bytes.Buffer
	enc := gob.NewEncoder(&out)
	for i, c := range calls {
		for _, part := range []any{rpc.Request{ServiceMethod: c.Method, Seq: uint64(i)}, c.Args} {
			if err := enc.Encode(part); err != nil {
				panic(err) // a test's own mistake
			}
		}
	}
	return out.Bytes()
}

// Call is one request.
type Call struct {
	Method string
	Args   any
}

// Recording is what both sides of a conversation said.
type Recording struct {
	mu              sync.Mutex // guards what follows
	asked, answered bytes.Buffer
}

// Dial connects to a server, and records what is said from then on.
func (r *Recording) Dial(serve func(rpc.ServerCodec)) env.Dialer {
	return func(context.Context, string) (rpc.ClientCodec, error) {
		here, there := net.Pipe()
		go serve(env.NewServerCodec(there)) // ends with the connection
		return env.NewClientCodec(&recorded{Conn: here, r: r}), nil
	}
}

// Asked is what the callers said so far, and Answered what they heard.
func (r *Recording) Asked() []byte { return r.copy(&r.asked) }

// Answered is what the callers heard so far.
func (r *Recording) Answered() []byte { return r.copy(&r.answered) }

func (r *Recording) copy(of *bytes.Buffer) []byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	return bytes.Clone(of.Bytes())
}

func (r *Recording) note(to *bytes.Buffer, p []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	to.Write(p)
}

type recorded struct {
	net.Conn
	r *Recording
}

func (c *recorded) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	c.r.note(&c.r.asked, p[:n])
	return n, err
}

func (c *recorded) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.r.note(&c.r.answered, p[:n])
	return n, err
}

// Mutate returns a conversation with a few bytes changed, or a part of it left out, doubled, or put elsewhere.
func Mutate(random *rand.Rand, conversation []byte) []byte {
	b := bytes.Clone(conversation)
	for range 1 + random.IntN(4) {
		i, j := random.IntN(len(b)+1), random.IntN(len(b)+1)
		from, to := min(i, j), max(i, j)
		switch random.IntN(5) {
		case 0:
			b = append(b[:from:from], b[to:]...)
		case 1:
			b = slices.Insert(b, from, bytes.Clone(b[from:min(to, from+64)])...)
		case 2:
			b = b[:to]
		default:
			for k := from; k < min(to, from+1+random.IntN(4)); k++ {
				b[k] = [...]byte{0, 1, 0x7f, 0x80, 0xf8, 0xff, byte(random.Uint32())}[random.IntN(7)]
			}
		}
		if len(b) == 0 {
			return conversation[:1]
		}
	}
	return b
}

// InFrames is InGob for a caller of ours.
func InFrames(calls ...Call) []byte {
	out := &sink{}
	codec := env.NewClientCodec(out)
	for i, c := range calls {
		if err := codec.WriteRequest(&rpc.Request{ServiceMethod: c.Method, Seq: uint64(i)}, c.Args); err != nil {
			panic(err) // a test's own mistake
		}
	}
	return out.Bytes()
}

// sink is a connection on which nothing arrives.
type sink struct{ bytes.Buffer }

func (*sink) Read([]byte) (int, error) { return 0, io.EOF }
func (*sink) Close() error             { return nil }
