package sim

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/world"
)

// stepOnce lets paused time go on by one step of a kind, and says what happened last and how much later that was.
func (e *Engine) stepOnce(kind netsim.StepKind) (happened string, err error) {
	if !e.paused {
		return "", netsim.ErrNotPaused
	}
	began := e.world.Now()
	for range netsim.MaxStepEvents {
		told := e.foretold()
		ev, moved, ok := e.seen(began + netsim.MaxStep)
		if !ok {
			return "", fmt.Errorf("no %v: %w", kind, netsim.ErrIdle)
		}
		silent := ev.Kind == world.Deliver && moved.Kind == 0 // the end of a connection that nobody waits for
		if !silent && kind.Reached(moved) {
			return told.of(moved) + netsim.Later(e.world.Now()-began), nil
		}
	}
	return "", fmt.Errorf("no %v among the next %d events", kind, netsim.MaxStepEvents)
}

// seen lets the next step happen, and tells what became of the message that it moved, if it moved one.
func (e *Engine) seen(limit time.Duration) (ev world.Action, moved netsim.TraceEvent, ok bool) {
	e.hook = func(m netsim.TraceEvent) {
		if moved.Kind == 0 {
			moved = m
		}
	}
	ev, ok = e.nextStep(limit)
	e.hook = nil
	if ok {
		e.stepMade(ev)
	}
	if ev.Kind != world.Deliver && ev.Kind != world.Lose {
		moved = netsim.TraceEvent{}
	}
	return ev, moved, ok
}

// foretold is the next step in words: as it happens, and if the message that it is about gets lost instead.
type foretold struct{ happens, lost string }

func (e *Engine) foretold() (t foretold) {
	ev, _, ok := e.cursor().coming()
	if !ok {
		return t
	}
	t.happens = e.world.Tell(ev)
	if ev.Kind == world.Deliver {
		t.lost = e.world.Tell(world.Action{Kind: world.Lose, Msg: ev.Msg})
	}
	return t
}

// of says what happened, if moved is what became of the message.
func (t foretold) of(moved netsim.TraceEvent) string {
	switch {
	case t.lost != "" && moved.Kind == netsim.MsgQueued:
		return t.happens + ", as soon as it thaws"
	case t.lost != "" && moved.Kind != netsim.MsgDelivered:
		return t.lost
	}
	return t.happens
}

// Choices are the events that are possible now: ticks, what can become of messages, timers, and the viewservice counting
// a server as dead.
func (e *Engine) Choices() []engine.Choice {
	e.mu.Lock()
	defer e.mu.Unlock()
	var all []engine.Choice
	for _, ev := range e.world.Events() {
		if ev.Kind <= world.DeclareDead {
			all = append(all, e.world.Choice(ev))
		}
	}
	slices.SortStableFunc(all, func(a, b engine.Choice) int {
		if a.Due < 0 || b.Due < 0 {
			return cmp.Compare(b.Due, a.Due)
		}
		return cmp.Compare(a.Due, b.Due)
	})
	return all
}

// Choose lets one of the Choices happen, out of its time, and says what happened. It pauses the world.
func (e *Engine) Choose(name string) (happened string, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if err := e.ready(); err != nil {
		return "", err
	}
	for _, ev := range e.world.Events() {
		if ev.Kind > world.DeclareDead || ev.String() != name {
			continue
		}
		text := e.world.Choice(ev).Text
		e.pause()
		return text, e.command(ev)
	}
	return "", fmt.Errorf("%q is not possible now", name)
}
