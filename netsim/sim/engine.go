package sim

import (
	"fmt"
	"sync"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/env"
	"cluster/splitbrain/netsim/history"
	"cluster/splitbrain/netsim/world"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/viewservice"
)

var (
	_ engine.Replayer = (*Engine)(nil)
	_ engine.Led      = (*Engine)(nil)
)

// Engine is a simulated engine.Replayer. Safe for concurrent use.
//
// Its time goes along a clock, at a speed, as the live engine's does; or it is led: it goes only while somebody waits for
// it, along the clock or as fast as it can, see Lead and ManualTime. Whatever it does is a step: an event that happens by itself, or a command. Equal
// configurations and equal commands at equal times make equal worlds, step by step.
type Engine struct {
	cfg     engine.Config
	clock   env.Clock
	manual  bool // it is led for ever
	limits  Limits
	trace   *netsim.Trace
	ended   chan struct{}  // closed by Close
	awake   chan struct{}  // makes the loop look again
	looping sync.WaitGroup // the loop; Close waits for it
	driving sync.Mutex     // held by who makes led time go; locked before mu

	mu         sync.Mutex // guards what follows
	closed     bool
	world      *world.World
	observer   world.Observer
	branches   []*branch
	branch     *branch                 // the present one
	provenance string                  // what of the past came from elsewhere, in words
	step       int                     // of the present branch
	stepped    time.Duration           // when that was
	next       int                     // the first of the branch's commands that is after step
	made       int                     // steps that were ever made, those that repeat what was before included
	keepPast   int                     // bytes, see KeepPast
	reading    bool                    // a file's past is gone through: nothing is forgotten meanwhile
	viewnum    viewservice.Number      // the newest view that was marked
	queues     []*clientQueue          // of c1, c2, …
	pending    []result                // of the step that is being made
	hook       func(netsim.TraceEvent) // hears of messages, if not nil

	recorder *history.Recorder
	told     int                // records of the branch that the recorder knows
	calls    map[world.Node]int // their names in the recorder, of those that run

	paused     bool
	led        bool    // time goes only while somebody waits for it, ...
	pace       float64 // ... at this part of speed; 0: as fast as it can
	waiting    int     // those who wait while it is led
	speed      float64
	since      time.Time     // of clock, ...
	from       time.Duration // ... when it was that late
	timers     []*timer      // by their dues
	callbacks  []func()      // what is to be called before time goes on
	inCallback bool          // one of them is being called
	changed    chan struct{} // closed, and replaced, when those who can't let time go on should look again
}

// Option changes how an engine is made.
type Option func(*Engine)

// ManualTime leads time from the beginning and for ever, see Lead. As long
// as one goroutine uses the engine, everything that happens depends on the configuration and on what that goroutine does
// alone, however slow the machine is: what was given to After and OnDone is called by the goroutine that waits.
func ManualTime() Option { return func(e *Engine) { e.manual, e.led = true, true } }

// New returns an engine with a world in which every server has pinged once: vs, s1, s2, …, and c1, c2, …. It fails if
// cfg is not valid. Close ends it.
func New(cfg engine.Config, options ...Option) (*Engine, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	e := newEngine(cfg, options)
	e.mu.Lock()
	defer e.mu.Unlock()
	defer e.trace.Watch()() // the first pings decide who is primary
	for len(e.world.ViewCore().Status(e.world.ViewserviceTime()).Servers) < cfg.Servers {
		e.makeStep(world.Never)
	}
	e.start()
	return e, nil
}

// newEngine returns an engine at step 0 that nobody drives.
func newEngine(cfg engine.Config, options []Option) *Engine {
	e := &Engine{
		cfg: cfg, clock: env.System, trace: netsim.NewTrace(engine.TraceLen, viewservice.PingMethod), ended: make(chan struct{}), awake: make(chan struct{}, 1),
		world: world.NewWorld(cfg), recorder: new(history.Recorder), calls: map[world.Node]int{}, changed: make(chan struct{}), speed: 1,
		keepPast: DefaultPast,
	}
	for _, option := range options {
		option(e)
	}
	e.led = e.led || cfg.Standing
	e.observer = world.Observer{Happened: e.trace.Record, Began: e.began, Ended: e.opEnded}
	e.branch = newBranch("main", e.world)
	e.branches = []*branch{e.branch}
	e.world.SetObserver(&e.observer)
	for i := range cfg.Clients {
		e.queues = append(e.queues, &clientQueue{node: world.Client(i + 1)})
	}
	for _, n := range e.world.Nodes() {
		e.world.Started(n)
	}
	return e
}

// start lets time go on.
func (e *Engine) start() {
	e.resetClock()
	if !e.manual {
		e.looping.Add(1)
		go e.loop() // ends when ended is closed
	}
}

// makeStep lets the next step happen, a command that the branch remembers or else what happens by itself, unless it is due
// after limit or there is none. The caller holds e.mu, as for all that follows.
func (e *Engine) makeStep(limit time.Duration) bool {
	ev, ok := e.nextStep(limit)
	if ok {
		e.stepMade(ev)
	}
	return ok
}

// nextStep is makeStep without what follows from the step outside of the world.
func (e *Engine) nextStep(limit time.Duration) (world.Action, bool) {
	e.listen()
	c := e.cursor()
	ev, ok := c.forth(limit)
	if ok {
		e.made++
		e.step, e.next, e.stepped = c.step, c.next, e.world.Now()
	}
	return ev, ok
}

// cursor is where the world is.
func (e *Engine) cursor() cursor { return cursor{e.branch, e.world, e.step, e.next} }

// listen lets the hook and the trace hear of messages, if they want to.
func (e *Engine) listen() {
	hook, watched := e.hook, e.trace.Watched()
	switch {
	case hook == nil && !watched:
		e.observer.Moved = nil
	case hook == nil:
		e.observer.Moved = e.trace.Record
	default:
		e.observer.Moved = func(m netsim.TraceEvent) {
			hook(m)
			if watched {
				e.trace.Record(m)
			}
		}
	}
}

// command makes a step of ev, now. What is done at an earlier step than the branch's last begins a new branch.
func (e *Engine) command(ev world.Action) error {
	e.listen()
	if err := e.world.Apply(ev); err != nil {
		return err
	}
	if e.step < e.branch.length {
		e.fork()
	}
	e.made++
	e.step, e.stepped = e.step+1, e.world.Now()
	e.branch.do(Entry{e.step, e.world.Now(), ev})
	e.next = e.branch.commands.len()
	e.stepMade(ev)
	if ev.Kind != world.Invoke {
		e.broadcast()
	}
	return nil
}

// fork begins a new branch at the present step, which the world may have passed already.
func (e *Engine) fork() {
	number := len(e.branches)
	for e.find(fmt.Sprintf("b%d", number)) != nil {
		number++
	}
	e.branch = e.branch.fork(fmt.Sprintf("b%d", number), e.step, e.world.Now())
	e.branches = append(e.branches, e.branch)
	e.told = min(e.told, e.branch.history.len())
}

func (e *Engine) find(name string) *branch {
	for _, b := range e.branches {
		if b.name == name {
			return b
		}
	}
	return nil
}

// stepMade takes in what a step has come to.
func (e *Engine) stepMade(ev world.Action) {
	b, pending := e.branch, e.pending
	e.pending = nil
	v, _ := e.world.View()
	if e.step > b.length {
		b.length, b.end = e.step, e.world.Now()
		for _, r := range pending {
			r.step = e.step
			b.see(r.opRecord)
		}
		if ev.Kind >= world.Crash {
			b.markCommand(ev)
		}
		if v.Viewnum > e.viewnum {
			b.mark(engine.Mark{Text: "view " + v.String(), View: v.Viewnum})
		}
		b.keep(e.world)
		e.forgetOld()
	}
	e.viewnum = v.Viewnum
	for _, r := range pending {
		e.settle(r)
	}
}

// result is a record with what only those want to know who wait for it.
type result struct {
	opRecord
	err error
}

// began and opEnded are told of operations by the world.
func (e *Engine) began(c world.Node, op pbservice.Op, at time.Duration) {
	e.pending = append(e.pending, result{opRecord: opRecord{at: at, client: c, op: &op}})
}

func (e *Engine) opEnded(c world.Node, op pbservice.Op, r pbservice.Reply, err error, at time.Duration) {
	done := &engine.Done{At: at, Took: at - e.world.Began(c), Op: op, Reply: r, Outcome: engine.OutcomeOf(r, err)}
	e.pending = append(e.pending, result{opRecord{at: at, client: c, done: done}, err})
}

// Nodes returns the names of the viewservice, the servers and the clients, in this order.
func (e *Engine) Nodes() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.world.Names()
}

// Trace returns the trace. It records messages only while somebody watches it. When the world goes to another step it
// forgets all, and tells the newest past of that step behind a netsim.TimeRewound.
func (e *Engine) Trace() *netsim.Trace { return e.trace }

// History is what the clients saw in the past of the present step. It is another recorder after the world went to
// another step, and learns what is new when it is asked for. After that it is not judged if its beginning is forgotten.
func (e *Engine) History() *history.Recorder {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.tellRecorder()
	return e.recorder
}

// tellRecorder tells the recorder what is new of the past of the present step. It never hears of an operation's end whose
// beginning is forgotten.
func (e *Engine) tellRecorder() {
	until := e.branch.historyUntil(e.step)
	for ; e.told < until; e.told++ {
		o := e.branch.history.at(e.told)
		id, known := e.calls[o.client]
		switch {
		case o.op != nil:
			e.calls[o.client] = e.recorder.Call(o.client.String(), *o.op, o.at)
		case known:
			e.recorder.Return(id, o.at, o.outcome())
		}
	}
}

// Close ends time and all that runs: operations end with an unknown outcome. It returns when nothing of the engine runs
// any more.
func (e *Engine) Close() {
	e.mu.Lock()
	if !e.closed {
		e.closed = true
		for _, q := range e.queues {
			q.giveUp(e.world, env.ErrClosed)
		}
		close(e.ended)
	}
	e.mu.Unlock()
	e.looping.Wait()
	e.driving.Lock()
	defer e.driving.Unlock()
	e.mu.Lock()
	defer e.mu.Unlock()
	e.runCallbacks()
}
