package netsim_test

import (
	"bytes"
	"fmt"
	"io"
	"net/rpc"
	"sync"
	"testing"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/env"
)

// barePipe is the simplest buffered pipe there is: what BenchmarkEcho is measured against.
type barePipe struct {
	mu   sync.Mutex // guards what follows
	wake *sync.Cond
	buf  bytes.Buffer
	done bool
}

func newBarePipe() *barePipe {
	p := &barePipe{}
	p.wake = sync.NewCond(&p.mu)
	return p
}

func (p *barePipe) Read(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.buf.Len() == 0 {
		if p.done {
			return 0, io.EOF
		}
		p.wake.Wait()
	}
	return p.buf.Read(b)
}

func (p *barePipe) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.wake.Signal()
	return p.buf.Write(b)
}

func (p *barePipe) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done = true
	p.wake.Broadcast()
	return nil
}

type duplex struct {
	io.Reader
	io.WriteCloser
}

func echoServer(b *testing.B) *rpc.Server {
	server := rpc.NewServer()
	if err := server.RegisterName("Quick", Quick{}); err != nil {
		b.Fatal(err)
	}
	return server
}

// Quick answers and remembers nothing.
type Quick struct{}

// Echo answers with what it got.
func (Quick) Echo(in Text, out *Text) error {
	*out = in
	return nil
}

func bareClient(b *testing.B) *rpc.Client {
	requests, replies := newBarePipe(), newBarePipe()
	go echoServer(b).ServeCodec(env.NewServerCodec(duplex{requests, replies})) // ends when the client closes
	client := rpc.NewClientWithCodec(env.NewClientCodec(duplex{replies, requests}))
	b.Cleanup(func() { client.Close() })
	return client
}

func netClient(b *testing.B, n *netsim.Network) *rpc.Client {
	b.Cleanup(n.Close)
	var procs []*netsim.Process
	for _, name := range []string{"c1", "s1"} {
		node, err := n.Add(name)
		if err != nil {
			b.Fatal(err)
		}
		p, err := node.Start()
		if err != nil {
			b.Fatal(err)
		}
		procs = append(procs, p)
	}
	procs[1].Serve(echoServer(b).ServeCodec)
	codec, err := procs[0].Dial(b.Context(), "s1")
	if err != nil {
		b.Fatal(err)
	}
	return rpc.NewClientWithCodec(codec)
}

// echo makes b.N calls from that many goroutines.
func echo(b *testing.B, client *rpc.Client, callers int) {
	b.ReportAllocs()
	b.ResetTimer()
	var wg sync.WaitGroup
	for i := range callers {
		wg.Go(func() {
			for range (b.N + i) / callers {
				var out Text
				if err := client.Call("Quick.Echo", Text{"a value of some size"}, &out); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
}

// BenchmarkEcho measures round trips: over a bare pipe, over a network, and over one that is watched. The goal is
// that net/ makes at least 0.8 of the round trips of pipe/.
func BenchmarkEcho(b *testing.B) {
	for _, callers := range []int{1, 64} {
		b.Run(fmt.Sprintf("pipe/%d", callers), func(b *testing.B) { echo(b, bareClient(b), callers) })
		b.Run(fmt.Sprintf("net/%d", callers), func(b *testing.B) {
			echo(b, netClient(b, netsim.New(netsim.Config{})), callers)
		})
		b.Run(fmt.Sprintf("watched/%d", callers), func(b *testing.B) {
			n := netsim.New(netsim.Config{})
			defer n.Trace().Watch()()
			echo(b, netClient(b, n), callers)
		})
	}
}
