// Package enginetest helps to test what drives an engine.
package enginetest

import (
	"context"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/history"
	"cluster/splitbrain/viewservice/rules"
)

// Verbs notes what an engine is told, and returns what noting it returned. An engine for tests embeds it and has
// the verbs that need no answer of its own.
type Verbs func(format string, args ...any) error

// Of nodes.
func (v Verbs) Kill(node string) error            { return v("kill %s", node) }
func (v Verbs) Restart(node string) error         { return v("restart %s", node) }
func (v Verbs) Freeze(node string) error          { return v("freeze %s", node) }
func (v Verbs) Thaw(node string) error            { return v("thaw %s", node) }
func (v Verbs) Isolate(node string) error         { return v("isolate %s", node) }
func (v Verbs) Unreliable(node string) error      { return v("unreliable %s", node) }
func (v Verbs) Partition(groups [][]string) error { return v("partition %v", groups) }

// Of links.
func (v Verbs) Hold(from, to string) error    { return v("hold %s %s", from, to) }
func (v Verbs) Release(from, to string) error { return v("release %s %s", from, to) }
func (v Verbs) ReleaseAll() error             { return v("release all") }

func (v Verbs) Loss(from, to string, probability float64) error {
	return v("loss %s %s %v", from, to, probability)
}

func (v Verbs) LossReplies(from, to string, probability float64) error {
	return v("loss %s %s %v replies", from, to, probability)
}

func (v Verbs) Duplicate(from, to string, probability float64) error {
	return v("dup %s %s %v", from, to, probability)
}

func (v Verbs) Reorder(from, to string, window time.Duration) error {
	return v("reorder %s %s %v", from, to, window)
}

// Of held messages.
func (v Verbs) Deliver(message uint64) error { return v("deliver %d", message) }
func (v Verbs) Drop(message uint64) error    { return v("drop %d", message) }

func (v Verbs) DuplicateHeld(message uint64) (uint64, error) {
	return message + 1, v("duplicate %d", message)
}

// Of rules and history, which is empty.
func (v Verbs) Switch(rule rules.Rule, on bool) error { return v("rule %v %v", rule, on) }
func (v Verbs) History() *history.Recorder            { return new(history.Recorder) }

// Of time, which stands at 0.
func (v Verbs) Pause() error                 { return v("pause") }
func (v Verbs) Resume() error                { return v("resume") }
func (v Verbs) SetSpeed(speed float64) error { return v("speed %v", speed) }
func (v Verbs) Now() time.Duration           { return 0 }

// Wait returns at once.
func (v Verbs) Wait(_ context.Context, d time.Duration) error { return v("wait %v", d) }

func (v Verbs) Step(kind netsim.StepKind) (string, error) {
	return "a message was delivered", v("step %v", kind)
}

// After calls f at once if d is 0, on a goroutine of its own, and otherwise never.
func (v Verbs) After(d time.Duration, f func(error)) (stop func() bool) {
	if d == 0 {
		go f(nil)
	}
	return func() bool { return d > 0 }
}
