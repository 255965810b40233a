package tui

import (
	"context"
	"time"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/history/invariant"
	"cluster/splitbrain/tui/pane"
	"cluster/splitbrain/tui/script"

	tea "github.com/charmbracelet/bubbletea"
)

// How often the cluster is looked at.
const (
	rarely     = 2 * time.Second        // while nothing changes but the ages of pings, and nobody seems to look
	idly       = 500 * time.Millisecond // while nothing changes but the ages of pings
	calmly     = 200 * time.Millisecond
	closely    = 50 * time.Millisecond // while something moves
	soonest    = time.Second / 30      // after a key
	closelyFor = 2 * time.Second       // after a command
	calmlyFor  = 2 * time.Second       // after a change
	patience   = 3 * time.Second       // with an engine that doesn't answer
	judgeFor   = 5 * time.Millisecond  // at most, in one look, whether what clients saw is linearizable

	looksPerPing = 8           // at least, if their ages are seen to move
	untouched    = time.Minute // without a key, so that nobody seems to look
)

// pollResult is what one look at the cluster has brought.
type pollResult struct {
	pane.Observation
	hostState
	broken []invariant.Violation // what must never happen, and has happened
	err    error
}

// poller looks at the cluster again and again, one look at a time.
type poller struct {
	ctx   context.Context // of all looks
	host  *host
	wants func() request // what the next look is to bring

	under  bool // a look is under way
	again  bool // another is wanted at once
	turn   int  // counts looks; a timer of an earlier turn is void
	began  time.Time
	came   time.Time   // when the newest snapshot did
	until  time.Time   // look closely until then
	moved  time.Time   // when something had changed
	before *pane.Index // the one before
	lastNo uint64      // the newest trace event that was read

	touched time.Time // when a person has done something, or has come back
	away    bool      // the terminal says that it is not looked at

	timer func(time.Duration, func(time.Time) tea.Msg) tea.Cmd // tea.Tick, but for tests
}

// due says that it is time for the look of a turn.
type due struct{ turn int }

// now looks as soon as it may.
func (w *poller) now() tea.Cmd {
	if w.under {
		w.again = true
		return nil
	}
	w.turn++
	if wait := soonest - time.Since(w.began); wait > 0 {
		return w.after(wait)
	}
	return w.look()
}

// seen notes that somebody looks, and looks for him if nobody had for long.
func (w *poller) seen() tea.Cmd {
	unwatched := w.unwatched(time.Now())
	w.touched, w.away = time.Now(), false
	if unwatched {
		return w.now()
	}
	return nil
}

// unwatched reports whether nobody seems to look.
func (w *poller) unwatched(at time.Time) bool { return w.away || at.Sub(w.touched) > untouched }

// closely looks now and often for a while.
func (w *poller) closely() tea.Cmd {
	w.until = time.Now().Add(closelyFor)
	return w.now()
}

func (w *poller) after(wait time.Duration) tea.Cmd {
	turn := w.turn
	return w.timer(wait, func(time.Time) tea.Msg { return due{turn} })
}

func (w *poller) due(d due) tea.Cmd {
	if d.turn != w.turn || w.under {
		return nil
	}
	return w.look()
}

func (w *poller) look() tea.Cmd {
	w.under, w.again, w.began = true, false, time.Now()
	parent, r := w.ctx, w.request()
	return func() tea.Msg {
		ctx, cancel := context.WithTimeout(parent, patience)
		defer cancel()
		return w.host.poll(ctx, r)
	}
}

// request is what a look is to bring.
type request struct {
	shown     *script.Session // so far
	asked     engine.Window
	event     uint64 // the newest that was read
	operation int    // the first one wanted
}

func (w *poller) request() request {
	r := w.wants()
	r.event = w.lastNo
	return r
}

// poll looks at the cluster that is shown.
func (s *host) poll(ctx context.Context, r request) pollResult {
	var o pollResult
	o.hostState, o.Showing = s.look()
	if o.session != r.shown {
		r.event, r.operation = 0, 0
	}
	eng := o.session.Engine
	o.Asked, o.Nodes = r.asked, eng.Nodes()
	o.Snap, o.err = eng.Observe(ctx, r.asked)
	o.Verdict = eng.History().Judge(judgeFor)
	o.Bars = eng.History().Since(r.operation, pane.MostOfLook)
	if t := eng.Trace(); t != nil {
		o.Events, o.Missed = t.Since(r.event)
	}
	if _, rewound := o.Newest(); o.err == nil {
		o.broken = s.watch(o.session, o.Snap, rewound)
	}
	if r, ok := eng.(engine.Replayer); ok {
		past := r.Timeline()
		o.Past, o.Choices = &past, r.Choices()
	}
	return o
}

// done takes in what a look has brought and plans the next one. Somebody waits for commands that run.
func (w *poller) done(o pollResult, now *pane.Index, running bool) tea.Cmd {
	w.under, w.came = false, time.Now()
	if n := len(o.Events); n > 0 && o.err == nil { // else nobody has taken them in, and they come again
		w.lastNo = o.Events[n-1].Seq
	}
	if w.again {
		return w.now()
	}
	w.turn++
	return w.after(w.pace(o, now, running))
}

// pace is how long to wait for the next look.
func (w *poller) pace(o pollResult, now *pane.Index, running bool) time.Duration {
	if now.Changed(w.before, o.Events) {
		w.moved = w.came
	}
	w.before = now
	switch {
	case now.Busy(), w.came.Before(w.until), running:
		return min(closely, agesPace(now))
	case w.came.Sub(w.moved) < calmlyFor:
		return min(calmly, agesPace(now))
	case w.unwatched(w.came):
		return rarely
	}
	return min(idly, agesPace(now))
}

// agesPace is how long to wait for the next look so that ages of pings are seen to move; long if they can't be.
func agesPace(now *pane.Index) time.Duration {
	if between, slow := now.PingTime(); slow {
		return between / looksPerPing
	}
	return rarely
}

// clusterTime is about how long the cluster has lived by now.
func (w *poller) clusterTime(now *pane.Index) time.Duration {
	if w.came.IsZero() {
		return 0
	}
	return now.At + time.Duration(float64(time.Since(w.came))*now.Rate())
}
