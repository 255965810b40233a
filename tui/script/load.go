package script

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/engine/lex"
	"cluster/splitbrain/pbservice"
)

// LoadShape is what a load is to be.
type LoadShape struct {
	Rate float64 // operations per second of all clients together, in the cluster's time
	Gets float64 // 0 to 1; the rest are puts
	Keys int     // k1 to k…
	For  time.Duration
}

// What a load may be.
const (
	maxRate     = 100_000
	maxLoadKeys = 1_000_000
)

var defaultLoad = LoadShape{Rate: 50, Gets: 0.5, Keys: 100}

// loads are what lets clients work by themselves.
func loads() []Command {
	return []Command{{
		Name: "load", Help: "lets clients work in the background until load off; all of them if none is named",
		Example: "load c1..c2 rate=50 get=90% keys=100 for 10s",
		params:  []param{{usage: "CLIENT... rate=N get=P% keys=N for TIME", optional: true, always: true, read: readLoad, offers: loadWords}}, run: beginLoad,
	}, {
		Name: "load off", Help: "ends the load", Example: "load off", run: endLoad,
	}}
}

func loadWords(n Names) []string {
	return append(n.clients(), "rate=", "get=", "keys=", "for")
}

func readLoad(r *reader, a *Args) error {
	a.Load = defaultLoad
	for len(r.Words) > 0 {
		w, _ := r.Next("CLIENT")
		name, value, set := strings.Cut(w.Text, "=")
		var err error
		switch {
		case set:
			err = a.Load.set(w, name, value)
		case w.Text == "for":
			err = readLasting(r, a)
		default:
			err = readClients(r, w, a)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// set reads one word like rate=50.
func (l *LoadShape) set(w word, name, value string) (err error) {
	switch name {
	case "rate":
		l.Rate, err = strconv.ParseFloat(value, 64)
		if err != nil || !(l.Rate > 0 && l.Rate <= maxRate) {
			return lex.Wrong(w, fmt.Sprintf("is not a rate of 1 to %d operations a second", maxRate))
		}
	case "get":
		if l.Gets, err = engine.ParsePercent(value); err != nil {
			return lex.Wrong(word{Text: value, At: w.At}, err.Error())
		}
	case "keys":
		l.Keys, err = strconv.Atoi(value)
		if err != nil || l.Keys < 1 || l.Keys > maxLoadKeys {
			return lex.Wrong(w, fmt.Sprintf("is not a number of keys from 1 to %d", maxLoadKeys))
		}
	default:
		return lex.Wrong(w, "is none of rate=, get= and keys=")
	}
	return err
}

var readLasting = aTime(func(a *Args) *time.Duration { return &a.Load.For })

// readClients reads c1, or c1..c4.
func readClients(r *reader, w word, a *Args) error {
	first, last, ranged := strings.Cut(w.Text, "..")
	if number := strings.TrimPrefix(w.Text, "c"); !ranged && strings.Trim(number, "0123456789") != "" || !engine.IsClient(w.Text) {
		return lex.Wrong(w, "is no client like c1, nor one of rate=, get=, keys= and for")
	}
	if !ranged {
		return addClient(r, w, a)
	}
	from, errFrom := strconv.Atoi(strings.TrimPrefix(first, "c"))
	to, errTo := strconv.Atoi(strings.TrimPrefix(last, "c"))
	if errFrom != nil || errTo != nil || from < 1 || from > to || to > engine.MaxClients {
		return lex.Wrong(w, "is no range of clients like c1..c4")
	}
	for i := from; i <= to; i++ {
		name := fmt.Sprintf("c%d", i)
		if err := addClient(r, word{Text: name, Raw: name, At: w.At}, a); err != nil {
			return err
		}
	}
	return nil
}

func addClient(r *reader, w word, a *Args) error {
	if slices.Contains(a.Names, w.Text) {
		return lex.Wrong(w, "is named twice")
	}
	a.Names = append(a.Names, w.Text)
	r.Nodes = append(r.Nodes, w)
	return nil
}

// load is one that was begun. No goroutine waits for it: each of its workers goes on when its operation has ended, or its
// time has come.
type load struct {
	LoadShape
	session *Session
	line    string
	others  bool // who has begun it
	clients []string
	began   time.Duration // in the cluster's time

	mu      sync.Mutex // guards what follows, and what workers say that it guards
	stopped bool       // by load off, another load or Close
	workers []*worker
	left    int // workers that have not ended
	done    int
	failed  int
	over    error // why it has ended early
}

// LoadState is how far a load has come that runs.
type LoadState struct {
	LoadShape
	Clients []string
	Ran     time.Duration // so far, in the cluster's time
	Done    int           // operations that were answered
	Failed  int
}

// Load is the load that runs; nil while none does.
func (s *Session) Load() *LoadState {
	s.mu.Lock()
	l := s.load
	s.mu.Unlock()
	if l == nil {
		return nil
	}
	ran := max(s.Engine.Now()-l.began, 0)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.stopped || l.left == 0 {
		return nil
	}
	return &LoadState{LoadShape: l.LoadShape, Clients: l.clients, Ran: ran, Done: l.done, Failed: l.failed}
}

func beginLoad(_ context.Context, s *Session, inv Invocation) (Result, error) {
	l := &load{
		LoadShape: inv.Args.Load, session: s, line: inv.String(), others: inv.others, clients: inv.Args.Names, began: s.Engine.Now(),
	}
	if len(l.clients) == 0 {
		l.clients = Names{Nodes: s.Engine.Nodes()}.clients()
	}
	for i := range l.clients {
		l.workers = append(l.workers, l.worker(i))
	}
	l.left = len(l.workers)
	if _, err := s.replaceLoad(l); err != nil {
		return Result{}, of(inv, err)
	}
	for _, w := range l.workers {
		w.await()
	}
	text := fmt.Sprintf("load: %s, %.6g operations a second, %s gets, %d keys", engine.Listing(l.clients), l.Rate, strconv.FormatFloat(100*l.Gets, 'g', 6, 64)+"%", l.Keys)
	if l.For > 0 {
		text += fmt.Sprintf(", for %v", l.For)
	}
	return Result{Text: text}, nil
}

// replaceLoad ends the load that runs, and returns it when it has ended.
func (s *Session) replaceLoad(next *load) (before *load, err error) {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil, errClosed
	}
	before, s.load = s.load, next
	s.mu.Unlock()
	if before != nil {
		before.end()
	}
	return before, nil
}

// end stops all workers, and waits until their operations have ended.
func (l *load) end() {
	l.mu.Lock()
	l.stopped = true
	var running []engine.Operation
	for _, w := range l.workers {
		if w.op != nil {
			running = append(running, w.op)
		}
	}
	l.mu.Unlock()
	giveUp(running)
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, o := range running {
		if _, err := o.Result(); err == nil {
			l.done++
		}
	}
}

// slot is shared by the operations of clients that come more often: they begin together, at its start, so that the
// machine wakes for all of them once.
const slot = 5 * time.Millisecond

// worker is one client's part of a load. Only one of its methods runs at a time.
type worker struct {
	*load
	client   string
	random   *rand.Rand
	interval time.Duration
	next     time.Duration    // when its next operation is due, in the cluster's time
	begun    int              // operations so far
	op       engine.Operation // that runs; nil while none does. Guarded by load.mu
}

// worker is the part of the client of that number. The clients take turns.
func (l *load) worker(number int) *worker {
	interval := time.Duration(float64(len(l.clients)) / l.Rate * float64(time.Second))
	return &worker{
		load: l, client: l.clients[number], random: rand.New(rand.NewPCG(uint64(number), 0)), interval: interval,
		next: l.began + interval*time.Duration(number)/time.Duration(len(l.clients)),
	}
}

// await lets time pass until the next operation is due.
func (w *worker) await() {
	if w.For > 0 && w.next-w.began >= w.For {
		w.leave()
		return
	}
	early := time.Duration(0)
	if w.interval < slot {
		early = (w.next - w.began) % slot
	}
	left := w.next - early - w.session.Engine.Now()
	if left <= 0 {
		w.work(nil)
		return
	}
	w.session.Engine.After(left, w.work)
}

// work begins the next operation, unless the world went to another step.
func (w *worker) work(err error) {
	if err == nil {
		err = w.invoke()
	}
	if err != nil {
		w.leave()
	}
}

// opsBetweenLooks is how many operations a worker begins before it is held against its bounds again.
const opsBetweenLooks = 64

// invoke begins the next operation, unless the load was stopped.
func (w *worker) invoke() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.stopped {
		return nil
	}
	if w.begun++; w.others && w.begun%opsBetweenLooks == 0 {
		if w.over = w.session.Bounds.over(w.session.Engine, 0); w.over != nil {
			return w.over
		}
	}
	op := pbservice.Op{Kind: pbservice.Get, Key: fmt.Sprintf("k%d", 1+w.random.IntN(w.Keys))}
	if w.random.Float64() >= w.Gets {
		op.Kind, op.Value = pbservice.Put, fmt.Sprintf("%s-%d", w.client, w.begun)
	}
	o, err := w.session.Engine.Invoke(w.client, op, engine.InTime)
	if err != nil {
		return err
	}
	w.op = o
	o.OnDone(w.ended)
	return nil
}

// ended counts the operation that has ended, and goes on.
func (w *worker) ended() {
	w.mu.Lock()
	_, err := w.op.Result()
	w.op = nil
	stopped := w.stopped
	switch {
	case stopped: // end counts
	case err == nil:
		w.done++
	default:
		w.failed++
	}
	w.mu.Unlock()
	switch {
	case stopped:
	case errors.Is(err, engine.ErrRewound):
		w.leave()
	default:
		w.next = max(w.next+w.interval, w.session.Engine.Now()-slot)
		w.await()
	}
}

// leave ends the worker's part. The last one tells what the load came to.
func (w *worker) leave() {
	w.mu.Lock()
	w.left--
	over := w.left == 0 && !w.stopped
	w.mu.Unlock()
	if over {
		w.session.tell(w.line, Result{Text: w.outcome()}, nil)
	}
}

func endLoad(_ context.Context, s *Session, inv Invocation) (Result, error) {
	l, err := s.replaceLoad(nil)
	if err == nil && l == nil {
		err = errors.New("no load runs")
	}
	if err != nil {
		return Result{}, of(inv, err)
	}
	return Result{Text: l.outcome()}, nil
}

func (l *load) outcome() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	text := fmt.Sprintf("load ended: %d operations were answered", l.done)
	if l.failed > 0 {
		text += fmt.Sprintf(", %d failed", l.failed)
	}
	if l.over != nil {
		text += ": " + Limited(l.over).Error()
	}
	return text
}
