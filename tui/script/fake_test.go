package script

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/engine/enginetest"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/tui/wholefile"
)

// fake is an engine that writes down what it is told.
type fake struct {
	enginetest.Notes

	mu    sync.Mutex // guards what follows
	nodes []string
	calls []string
	data  map[string]string
	fails error // what every verb and operation returns
	trace *netsim.Trace
	seen  engine.Snapshot
	now   time.Duration
	runs  time.Duration // an operation
	heals bool          // whatever is done ends all faults
}

func newFake() *fake {
	f := &fake{nodes: []string{"vs", "s1", "s2", "s3", "c1", "c2"}, data: map[string]string{"a": "1"},
		trace: netsim.New(netsim.Config{}).Trace()}
	f.Notes = f.told
	return f
}

func (f *fake) told(format string, args ...any) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.fails == nil {
		f.calls = append(f.calls, fmt.Sprintf(format, args...))
		f.seen.Faults = slices.DeleteFunc(f.seen.Faults, func(netsim.Fault) bool { return f.heals })
	}
	return f.fails
}

// log is everything that was done, separated by semicolons.
func (f *fake) log() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return strings.Join(f.calls, "; ")
}

func (f *fake) Invoke(client string, op pbservice.Op, _ engine.Start) (engine.Operation, error) {
	if err := f.told("%s %v %q %q", client, op.Kind, op.Key, op.Value); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	o := &enginetest.Operation{Ran: f.runs, Reply: pbservice.Reply{Err: pbservice.OK}}
	value, ok := f.data[op.Key]
	switch {
	case op.Kind == pbservice.Get && !ok:
		o.Reply.Err = pbservice.NoKey
		return o, nil
	case op.Kind == pbservice.Get:
		o.Reply.Value = value
		return o, nil
	case op.Kind == pbservice.Append:
		op.Value = value + op.Value
	}
	f.data[op.Key] = op.Value
	return o, nil
}

func (f *fake) Apply(c engine.Command) (string, error) {
	nodes := f.Nodes()
	done, err := f.Notes.Apply(c, nodes)
	if err == nil && c.Kind == engine.Add {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.nodes = append(f.nodes, engine.NextServer(nodes))
	}
	return done, err
}

func (f *fake) Nodes() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.nodes)
}

func (f *fake) Observe(context.Context, engine.Window) (engine.Snapshot, error) {
	return f.seen, f.fails
}

// Wait does not note the short waits of those who watch.
func (f *fake) Wait(ctx context.Context, d time.Duration) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	f.mu.Lock()
	f.now += d
	f.mu.Unlock()
	if d <= lookInterval {
		return nil
	}
	return f.told("wait %v", d)
}

func (f *fake) Now() time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.now
}

func (f *fake) Trace() *netsim.Trace { return f.trace }
func (f *fake) Close()               {}

var _ engine.Engine = (*fake)(nil)

// hosting is a program around a session that writes down what it is told.
type hosting struct {
	told func(format string, args ...any) error
}

func (h hosting) Open(_ context.Context, s *Script) error       { return h.told("open %s", s.Name) }
func (h hosting) Reset(context.Context) error                   { return h.told("reset") }
func (h hosting) Record(_ wholefile.Creator, file string) error { return h.told("record %s", file) }
func (h hosting) StopRecording() (string, error)                { return "recorded", h.told("record off") }
func (h hosting) Answer(_ context.Context, said string) error   { return h.told("answer %s", said) }
func (h hosting) Lesson(_ context.Context, move Move) error     { return h.told("lesson %v", move) }
func (h hosting) OpenWorld(_ context.Context, file string) error {
	return h.told("open world %s", file)
}
