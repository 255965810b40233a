package netsim_test

import (
	"context"
	"net/rpc"
	"slices"
	"sync"
	"testing"
	"time"

	"cluster/splitbrain/netsim"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// Text is what the tests send.
type Text struct{ S string }

// MaxSize lets a Text be long.
func (*Text) MaxSize() int { return 4 << 20 }

// Summary is what the trace says of it.
func (t Text) Summary() string { return "text " + t.S }

// Echo answers with what it got, and remembers it.
type Echo struct {
	mu    sync.Mutex // guards heard
	heard []string

	gate chan struct{} // Wait waits for it
}

// Say answers at once.
func (e *Echo) Say(in Text, out *Text) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.heard = append(e.heard, in.S)
	*out = in
	return nil
}

// Ping is Say under another name.
func (e *Echo) Ping(in Text, out *Text) error { return e.Say(in, out) }

// Wait answers when the gate is open.
func (e *Echo) Wait(in Text, out *Text) error {
	<-e.gate
	return e.Say(in, out)
}

// Heard returns everything said so far, in the order in which it was executed.
func (e *Echo) Heard() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.heard)
}

func (e *Echo) count() int { return len(e.Heard()) }

// world is a watched network on which every node runs a process that serves an Echo.
type world struct {
	*testing.T
	*netsim.Network

	mu    sync.Mutex // guards what follows
	procs map[string]*netsim.Process
	echos map[string]*Echo
}

func newWorld(t *testing.T, c netsim.Config, names ...string) *world {
	n := netsim.New(c)
	t.Cleanup(n.Trace().Watch())
	return newWorldOn(t, n, names...)
}

// newWorldOn is newWorld on a network that nobody watches yet.
func newWorldOn(t *testing.T, n *netsim.Network, names ...string) *world {
	w := &world{T: t, Network: n, procs: map[string]*netsim.Process{}, echos: map[string]*Echo{}}
	t.Cleanup(n.Close)
	for _, name := range names {
		_, err := w.Add(name)
		w.must(err)
		w.boot(name)
	}
	return w
}

// boot starts a process on the node.
func (w *world) boot(name string) *netsim.Process {
	w.Helper()
	p, err := w.Node(name).Start()
	w.must(err)
	e := &Echo{gate: make(chan struct{})}
	server := rpc.NewServer()
	w.must(server.RegisterName("Echo", e))
	p.Serve(server.ServeCodec)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.procs[name], w.echos[name] = p, e
	return p
}

// proc returns the latest process on the node.
func (w *world) proc(name string) *netsim.Process {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.procs[name]
}

// echo returns what the latest process on the node serves.
func (w *world) echo(name string) *Echo {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.echos[name]
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) dial(from, to string) *rpc.Client {
	w.Helper()
	codec, err := w.proc(from).Dial(context.Background(), to)
	w.must(err)
	client := rpc.NewClientWithCodec(codec)
	w.Cleanup(func() { client.Close() })
	return client
}

func (w *world) say(c *rpc.Client, s string) {
	w.Helper()
	var out Text
	w.must(c.Call("Echo.Say", Text{s}, &out))
	if out.S != s {
		w.Fatalf("said %q, heard %q", s, out.S)
	}
}

// send begins a call, and doesn't wait for its answer.
func send(c *rpc.Client, s string) *rpc.Call {
	return c.Go("Echo.Say", Text{s}, new(Text), make(chan *rpc.Call, 1))
}

// answered says whether the call has ended. Everything else in the bubble must be blocked.
func answered(c *rpc.Call) bool {
	select {
	case <-c.Done:
		return true
	default:
		return false
	}
}

func (w *world) events() []netsim.TraceEvent {
	w.Helper()
	events, missed := w.Trace().Since(0)
	if missed > 0 {
		w.Fatalf("the trace misses %d events", missed)
	}
	return events
}

// count counts the events that look like one with the fields of want that are set.
func (w *world) count(want netsim.TraceEvent) int {
	w.Helper()
	n := 0
	for _, e := range w.events() {
		if like(e, want) {
			n++
		}
	}
	return n
}

func like(e, want netsim.TraceEvent) bool {
	same := func(got, want string) bool { return want == "" || got == want }
	return (want.Kind == 0 || e.Kind == want.Kind) && (want.Direction == 0 || e.Direction == want.Direction) &&
		same(e.From, want.From) && same(e.To, want.To) && same(e.Summary, want.Summary) && same(e.Why, want.Why)
}

// expect fails unless exactly n events look like want.
func (w *world) expect(n int, want netsim.TraceEvent) {
	w.Helper()
	if got := w.count(want); got != n {
		w.Errorf("%d events like %+v, want %d; the trace:", got, want, n)
		for _, e := range w.events() {
			w.Logf("%4d %8v %v", e.Seq, e.At, e)
		}
	}
}

// expectLost fails unless the trace says of exactly n messages that they were lost.
func (w *world) expectLost(n int) {
	w.Helper()
	w.expect(n, netsim.TraceEvent{Kind: netsim.MsgLost})
}

func (w *world) heard(name string, want ...string) {
	w.Helper()
	if got := w.echo(name).Heard(); !slices.Equal(got, want) {
		w.Errorf("%s heard %q, want %q", name, got, want)
	}
}

const ms = time.Millisecond

// Faults of one link, in few words.

func (w *world) Cut(from, to string) error {
	return w.SetFault(netsim.Fault{Kind: netsim.FaultCut, From: from, To: to})
}

func (w *world) Heal(from, to string) error { return w.ClearFault(netsim.FaultCut, from, to) }

func (w *world) Delay(from, to string, base, jitter time.Duration) error {
	return w.SetFault(netsim.Fault{Kind: netsim.FaultDelay, From: from, To: to, Delay: base, Jitter: jitter})
}

func (w *world) Loss(from, to string, probability float64) error {
	return w.SetFault(netsim.Fault{Kind: netsim.FaultLoss, From: from, To: to, Probability: probability})
}

func (w *world) LossReplies(from, to string, probability float64) error {
	return w.SetFault(netsim.Fault{Kind: netsim.FaultReplyLoss, From: from, To: to, Probability: probability})
}

func (w *world) Duplicate(from, to string, probability float64) error {
	return w.SetFault(netsim.Fault{Kind: netsim.FaultDuplicate, From: from, To: to, Probability: probability})
}

func (w *world) Reorder(from, to string, window time.Duration) error {
	return w.SetFault(netsim.Fault{Kind: netsim.FaultReorder, From: from, To: to, Window: window})
}

func (w *world) Hold(from, to string) error {
	return w.SetFault(netsim.Fault{Kind: netsim.FaultHold, From: from, To: to})
}

func (w *world) Release(from, to string) error { return w.ClearFault(netsim.FaultHold, from, to) }
