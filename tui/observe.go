package tui

import (
	"context"
	"slices"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/history"
	"cluster/splitbrain/netsim/history/invariant"
	"cluster/splitbrain/tui/script"

	tea "github.com/charmbracelet/bubbletea"
)

// How often the cluster is looked at.
const (
	rarely     = time.Second            // while nothing changes but the ages of pings, and all is well
	idly       = 500 * time.Millisecond // while nothing changes, but something is broken
	calmly     = 200 * time.Millisecond
	closely    = 50 * time.Millisecond // while something moves
	soonest    = time.Second / 30      // after a key
	closelyFor = 2 * time.Second       // after a command
	calmlyFor  = 2 * time.Second       // after a change
	patience   = 3 * time.Second       // with an engine that doesn't answer
)

// observed is what one look has brought.
type observed struct {
	snap   engine.Snapshot
	nodes  []string
	events []netsim.TraceEvent
	missed uint64
	asked  engine.Window
	err    error
	staged
	broken []invariant.Broken // what must never happen, and has happened

	past    *engine.Timeline // of a cluster that has one
	choices []engine.Choice

	bars    []history.Bar // what clients did, and what it is judged to be
	verdict history.Verdict
}

// newest are the events that count, and whether the world went to another moment before them: then they tell its past
// anew, and whatever was told before is void.
func (o *observed) newest() (events []netsim.TraceEvent, rewound bool) {
	for i, e := range slices.Backward(o.events) {
		if e.Kind == netsim.TimeRewound {
			return o.events[i+1:], true
		}
	}
	return o.events, false
}

// watch looks at the cluster again and again, one look at a time.
type watch struct {
	under  bool // a look is under way
	again  bool // another is wanted at once
	turn   int  // counts looks; a timer of an earlier turn is void
	began  time.Time
	came   time.Time // when the newest snapshot did
	until  time.Time // look closely until then
	moved  time.Time // when something had changed
	before *scene    // the one before
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
	parent := m.ctx
	l := looking{stage: m.stage, shown: m.session, asked: m.maps.window(), event: w.lastNo, operation: m.operations.since()}
	return func() tea.Msg {
		ctx, cancel := context.WithTimeout(parent, patience)
		defer cancel()
		return l.see(ctx)
	}
}

// looking is what a look needs to know.
type looking struct {
	stage     *stage
	shown     *script.Session // so far
	asked     engine.Window
	event     uint64 // the newest that was read
	operation int    // the first one wanted
}

func (l looking) see(ctx context.Context) observed {
	o := observed{asked: l.asked, staged: l.stage.look()}
	if o.session != l.shown {
		l.event, l.operation = 0, 0
	}
	eng := o.session.Engine
	o.snap, o.err = eng.Observe(ctx, o.asked)
	o.nodes = eng.Nodes()
	o.verdict = eng.History().Judge(judgeFor)
	o.bars = eng.History().Since(l.operation, mostOfLook)
	if t := eng.Trace(); t != nil {
		o.events, o.missed = t.Since(l.event)
	}
	if _, rewound := o.newest(); o.err == nil {
		o.broken = l.stage.watch(o.session, o.snap, rewound)
	}
	if r, ok := eng.(engine.Replayer); ok {
		past := r.Timeline()
		o.past, o.choices = &past, r.Choices()
	}
	return o
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
	return w.after(w.pace(m, o))
}

// pace is how long to wait for the next look.
func (w *watch) pace(m *Model, o observed) time.Duration {
	if m.now.stirred(w.before, o.events) {
		w.moved = w.came
	}
	w.before = m.now
	switch {
	case m.now.lively(), w.came.Before(w.until), m.runs.active() > 0:
		return closely
	case w.came.Sub(w.moved) < calmlyFor:
		return calmly
	case len(m.now.faulty) > 0 || m.now.Disabled != 0:
		return idly
	}
	return rarely
}

// clusterTime is about how long the cluster has lived by now.
func (w *watch) clusterTime(m *Model) time.Duration {
	if w.came.IsZero() {
		return 0
	}
	return m.now.At + time.Duration(float64(time.Since(w.came))*m.now.pace())
}
