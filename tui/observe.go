package tui

import (
	"context"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"

	tea "github.com/charmbracelet/bubbletea"
)

// How often the cluster is looked at.
const (
	calmly     = 250 * time.Millisecond
	closely    = 50 * time.Millisecond // while something moves
	soonest    = time.Second / 30      // after a key
	closelyFor = 2 * time.Second       // after a command
	patience   = 3 * time.Second       // with an engine that doesn't answer
)

// observed is what one look has brought.
type observed struct {
	snap   engine.Snapshot
	nodes  []string
	events []netsim.Event
	missed uint64
	asked  engine.Window
	err    error
}

// watch looks at the cluster again and again, one look at a time.
type watch struct {
	under  bool // a look is under way
	again  bool // another is wanted at once
	turn   int  // counts looks; a timer of an earlier turn is void
	began  time.Time
	came   time.Time // when the newest snapshot did
	until  time.Time // look closely until then
	lastNo uint64    // the newest trace event that was read

	timer func(time.Duration, func(time.Time) tea.Msg) tea.Cmd // tea.Tick, but for tests
}

// due says that it is time for the look of a turn.
type due struct{ turn int }

// now looks as soon as it may.
func (w *watch) now(m *Model) tea.Cmd {
	if w.under {
		w.again = true
		return nil
	}
	w.turn++
	if wait := soonest - time.Since(w.began); wait > 0 {
		return w.after(wait)
	}
	return w.look(m)
}

// closely looks now and often for a while.
func (w *watch) closely(m *Model, now time.Time) tea.Cmd {
	w.until = now.Add(closelyFor)
	return w.now(m)
}

func (w *watch) after(wait time.Duration) tea.Cmd {
	turn := w.turn
	return w.timer(wait, func(time.Time) tea.Msg { return due{turn} })
}

func (w *watch) due(m *Model, d due) tea.Cmd {
	if d.turn != w.turn || w.under {
		return nil
	}
	return w.look(m)
}

func (w *watch) look(m *Model) tea.Cmd {
	w.under, w.again, w.began = true, false, time.Now()
	parent, eng, window, since := m.ctx, m.engine, m.maps.window(), w.lastNo
	return func() tea.Msg {
		ctx, cancel := context.WithTimeout(parent, patience)
		defer cancel()
		o := observed{asked: window}
		o.snap, o.err = eng.Observe(ctx, window)
		o.nodes = eng.Nodes()
		if t := eng.Trace(); t != nil {
			o.events, o.missed = t.Since(since)
		}
		return o
	}
}

// done takes in what a look has brought and plans the next one.
func (w *watch) done(m *Model, o observed) tea.Cmd {
	w.under, w.came = false, time.Now()
	if n := len(o.events); n > 0 {
		w.lastNo = o.events[n-1].Seq
	}
	if w.again {
		return w.now(m)
	}
	w.turn++
	wait := calmly
	if m.now.lively() || time.Now().Before(w.until) || m.runs.active() > 0 || m.paneShown(m.messages) {
		wait = closely
	}
	return w.after(wait)
}

// clusterTime is about how long the cluster has lived by now.
func (w *watch) clusterTime(m *Model) time.Duration {
	if w.came.IsZero() {
		return 0
	}
	return m.now.At + time.Duration(float64(time.Since(w.came))*m.now.pace())
}
