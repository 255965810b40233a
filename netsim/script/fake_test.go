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
	"cluster/splitbrain/pbservice"
)

// fake is an engine that writes down what it is told.
type fake struct {
	mu    sync.Mutex // guards what follows
	nodes []string
	calls []string
	data  map[string]string
	fails error // what every verb and operation returns
}

func newFake() *fake {
	return &fake{nodes: []string{"vs", "s1", "s2", "s3", "c1", "c2"}, data: map[string]string{"a": "1"}}
}

func (f *fake) told(format string, args ...any) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.fails == nil {
		f.calls = append(f.calls, fmt.Sprintf(format, args...))
	}
	return f.fails
}

// log is everything that was done, separated by semicolons.
func (f *fake) log() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return strings.Join(f.calls, "; ")
}

func (f *fake) Do(_ context.Context, client string, op pbservice.Op) (pbservice.Reply, error) {
	if err := f.told("%s %v %q %q", client, op.Kind, op.Key, op.Value); err != nil {
		return pbservice.Reply{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	value, ok := f.data[op.Key]
	switch {
	case op.Kind == pbservice.Get && !ok:
		return pbservice.Reply{Err: pbservice.NoKey}, nil
	case op.Kind == pbservice.Get:
		return pbservice.Reply{Err: pbservice.OK, Value: value}, nil
	case op.Kind == pbservice.Append:
		op.Value = value + op.Value
	}
	f.data[op.Key] = op.Value
	return pbservice.Reply{Err: pbservice.OK}, nil
}

func (f *fake) Kill(node string) error    { return f.told("kill %s", node) }
func (f *fake) Restart(node string) error { return f.told("restart %s", node) }
func (f *fake) Freeze(node string) error  { return f.told("freeze %s", node) }
func (f *fake) Thaw(node string) error    { return f.told("thaw %s", node) }

func (f *fake) Add() (string, error) {
	name := Names{Nodes: f.Nodes()}.next()[0]
	f.mu.Lock()
	f.nodes = append(f.nodes, name)
	f.mu.Unlock()
	return name, f.told("add")
}

func (f *fake) Cut(from, to string) error    { return f.told("cut %s %s", from, to) }
func (f *fake) Heal(from, to string) error   { return f.told("heal %s %s", from, to) }
func (f *fake) HealAll() error               { return f.told("heal all") }
func (f *fake) Isolate(node string) error    { return f.told("isolate %s", node) }
func (f *fake) Partition(g [][]string) error { return f.told("partition %v", g) }
func (f *fake) Delay(from, to string, base, jitter time.Duration) error {
	return f.told("delay %s %s %v %v", from, to, base, jitter)
}

func (f *fake) Nodes() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.nodes)
}

func (f *fake) Observe(context.Context, engine.Window) (engine.Snapshot, error) {
	return engine.Snapshot{}, f.told("observe")
}

func (f *fake) Trace() *netsim.Trace { return nil }
func (f *fake) Close()               {}

var _ engine.Engine = (*fake)(nil)

func (f *fake) Loss(from, to string, p float64) error { return f.told("loss %s %s %v", from, to, p) }
func (f *fake) LossReplies(from, to string, p float64) error {
	return f.told("loss %s %s %v replies", from, to, p)
}
func (f *fake) Duplicate(from, to string, p float64) error {
	return f.told("dup %s %s %v", from, to, p)
}
func (f *fake) Reorder(from, to string, w time.Duration) error {
	return f.told("reorder %s %s %v", from, to, w)
}
func (f *fake) Unreliable(node string) error { return f.told("unreliable %s", node) }
func (f *fake) Hold(from, to string) error   { return f.told("hold %s %s", from, to) }
func (f *fake) Release(from, to string) error {
	return f.told("release %s %s", from, to)
}
func (f *fake) ReleaseAll() error        { return f.told("release all") }
func (f *fake) Deliver(m uint64) error   { return f.told("deliver %d", m) }
func (f *fake) Drop(m uint64) error      { return f.told("drop %d", m) }
func (f *fake) Pause() error             { return f.told("pause") }
func (f *fake) Resume() error            { return f.told("resume") }
func (f *fake) SetSpeed(s float64) error { return f.told("speed %v", s) }
func (f *fake) Now() time.Duration       { return 0 }
func (f *fake) DuplicateHeld(m uint64) (uint64, error) {
	return m + 1, f.told("duplicate %d", m)
}
func (f *fake) Step(kind netsim.StepKind) (string, error) {
	return "a message was delivered", f.told("step %v", kind)
}
