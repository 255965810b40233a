package cluster

import (
	"context"
	"fmt"
	"net/rpc"
	"sync"
	"testing"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/env"
)

// The limit that the service is measured against: a two-hop echo over the same transport, by plain net/rpc. What a front is told it
// tells a back, all that came meanwhile in one call (group commit), and answers then. The back confirms a batch with one number,
// as a backup does: an echo that sent the payload back would flatter.

// Echo is one payload there and back.
type Echo struct{ Key, Value string }

// Echoes is what the front sends the back in one call.
type Echoes struct{ All []Echo }

type back struct{}

func (back) Echo(in *Echoes, out *int) error {
	*out = len(in.All)
	return nil
}

// front gathers what comes while a call to the back is under way.
type front struct {
	next  func(*Echoes) (confirmed int, err error)
	queue chan waiting
}

type waiting struct {
	echo Echo
	done chan Echo
}

func (f *front) Echo(in *Echo, out *Echo) error {
	w := waiting{*in, make(chan Echo, 1)}
	f.queue <- w
	*out = <-w.done
	return nil
}

// commit runs until the queue is closed.
func (f *front) commit() {
	for w := range f.queue {
		batch := []waiting{w}
		for more := true; more && len(batch) < 4096; {
			select {
			case w := <-f.queue:
				batch = append(batch, w)
			default:
				more = false
			}
		}
		args := &Echoes{}
		for _, w := range batch {
			args.All = append(args.All, w.echo)
		}
		if n, err := f.next(args); err != nil || n != len(batch) {
			panic(fmt.Sprintf("the back confirmed %d of %d: %v", n, len(batch), err))
		}
		for _, w := range batch {
			w.done <- w.echo
		}
	}
}

// newFront returns a front that reaches its back by next, and what ends it.
func newFront(next func(*Echoes) (int, error)) (f *front, end func()) {
	f = &front{next: next, queue: make(chan waiting, 256)}
	var committing sync.WaitGroup
	committing.Go(f.commit)
	return f, func() { close(f.queue); committing.Wait() }
}

// call is one operation of one caller.
type call func(key, value string) error

// newLimit returns a call of the echo in memory for each of n callers, who have a connection of their own.
func newLimit(tb testing.TB, n int) []call {
	net := netsim.New(netsim.Config{})
	tb.Cleanup(net.Close)
	start := func(name string) *netsim.Process {
		node, err := net.Add(name)
		if err != nil {
			tb.Fatal(err)
		}
		process, err := node.Start()
		if err != nil {
			tb.Fatal(err)
		}
		return process
	}
	serve := func(p *netsim.Process, name string, receiver any) {
		server := rpc.NewServer()
		if err := server.RegisterName(name, receiver); err != nil {
			tb.Fatal(err)
		}
		p.Serve(server.ServeCodec)
	}
	serve(start("back"), "Back", back{})
	p := start("front")
	backs := env.NewClient(p.Clock(), p.Dial, "back")
	tb.Cleanup(backs.Close)
	f, end := newFront(func(all *Echoes) (n int, err error) {
		err = backs.Call(context.Background(), time.Minute, "Back.Echo", all, &n)
		return n, err
	})
	serve(p, "Front", f)
	tb.Cleanup(end)
	calls := make([]call, n)
	for i := range calls {
		p := start(fmt.Sprintf("caller%d", i))
		caller := env.NewClient(p.Clock(), p.Dial, "front")
		tb.Cleanup(caller.Close)
		calls[i] = func(key, value string) error {
			return caller.Call(context.Background(), time.Minute, "Front.Echo", &Echo{key, value}, &Echo{})
		}
	}
	return calls
}
