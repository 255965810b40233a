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
)

// fake is an engine that writes down what it is told.
type fake struct {
	enginetest.Verbs

	mu    sync.Mutex // guards what follows
	nodes []string
	calls []string
	data  map[string]string
	fails error // what every verb and operation returns
}

func newFake() *fake {
	f := &fake{nodes: []string{"vs", "s1", "s2", "s3", "c1", "c2"}, data: map[string]string{"a": "1"}}
	f.Verbs = f.told
	return f
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

func (f *fake) Add() (string, error) {
	name := Names{Nodes: f.Nodes()}.next()[0]
	f.mu.Lock()
	f.nodes = append(f.nodes, name)
	f.mu.Unlock()
	return name, f.told("add")
}

func (f *fake) Cut(from, to string) error  { return f.told("cut %s %s", from, to) }
func (f *fake) Heal(from, to string) error { return f.told("heal %s %s", from, to) }
func (f *fake) HealAll() error             { return f.told("heal all") }
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
