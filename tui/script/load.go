package script

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"cluster/splitbrain/netsim/engine"
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
		params:  []param{{usage: "CLIENT... rate=N get=P% keys=N for TIME", optional: true, read: readLoad, offers: loadWords, absent: usualLoad}}, run: beginLoad,
	}, {
		Name: "load off", Help: "ends the load", Example: "load off", run: endLoad,
	}}
}

func loadWords(n Names) []string {
	return append(n.clients(), "rate=", "get=", "keys=", "for")
}

func usualLoad(a *Args) { a.Load = defaultLoad }

func readLoad(r *reader, a *Args) error {
	a.Load = defaultLoad
	for len(r.words) > 0 {
		w, _ := r.next("CLIENT")
		name, value, set := strings.Cut(w.Text, "=")
		var err error
		switch {
		case set:
			err = a.Load.set(r, w, name, value)
		case w.Text == "for":
			err = a.Load.lasting(r)
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
func (l *LoadShape) set(r *reader, w word, name, value string) (err error) {
	switch name {
	case "rate":
		l.Rate, err = strconv.ParseFloat(value, 64)
		if err != nil || !(l.Rate > 0 && l.Rate <= maxRate) {
			return r.wrong(w, fmt.Sprintf("is not a rate of 1 to %d operations a second", maxRate))
		}
	case "get":
		percents := Args{}
		inner := reader{command: r.command, words: []word{{Text: value, Raw: value, At: w.At}}}
		err = readPercent(&inner, &percents)
		l.Gets = percents.Probability
	case "keys":
		l.Keys, err = strconv.Atoi(value)
		if err != nil || l.Keys < 1 || l.Keys > maxLoadKeys {
			return r.wrong(w, fmt.Sprintf("is not a number of keys from 1 to %d", maxLoadKeys))
		}
	default:
		return r.wrong(w, "is none of rate=, get= and keys=")
	}
	return err
}

func (l *LoadShape) lasting(r *reader) error {
	w, err := r.next("TIME")
	if err != nil {
		return err
	}
	if l.For, err = duration(w.Text); err != nil {
		return r.wrong(w, err.Error())
	}
	return nil
}

// readClients reads c1, or c1..c4.
func readClients(r *reader, w word, a *Args) error {
	first, last, ranged := strings.Cut(w.Text, "..")
	if number := strings.TrimPrefix(w.Text, "c"); !ranged && strings.Trim(number, "0123456789") != "" || !isClient(w.Text) {
		return r.wrong(w, "is no client like c1, nor one of rate=, get=, keys= and for")
	}
	if !ranged {
		a.Names = append(a.Names, w.Text)
		r.nodes = append(r.nodes, w)
		return nil
	}
	from, errFrom := strconv.Atoi(strings.TrimPrefix(first, "c"))
	to, errTo := strconv.Atoi(strings.TrimPrefix(last, "c"))
	if errFrom != nil || errTo != nil || from < 1 || from > to || to > engine.MaxClients {
		return r.wrong(w, "is no range of clients like c1..c4")
	}
	for i := from; i <= to; i++ {
		name := fmt.Sprintf("c%d", i)
		a.Names = append(a.Names, name)
		r.nodes = append(r.nodes, word{Text: name, Raw: name, At: w.At})
	}
	return nil
}

// load is one that was begun.
type load struct {
	LoadShape
	clients []string
	began   time.Duration // in the cluster's time
	life    context.Context
	end     context.CancelFunc
	running sync.WaitGroup // its clients
	left    atomic.Int64   // how many of them have not ended
	done    atomic.Int64
	failed  atomic.Int64
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
	if l == nil || l.left.Load() == 0 {
		return nil
	}
	return &LoadState{
		LoadShape: l.LoadShape, Clients: l.clients, Ran: max(s.Engine.Now()-l.began, 0),
		Done: int(l.done.Load()), Failed: int(l.failed.Load()),
	}
}

func beginLoad(_ context.Context, s *Session, inv Invocation) (Result, error) {
	l := &load{LoadShape: inv.Args.Load, clients: inv.Args.Names, began: s.Engine.Now()}
	all := Names{Nodes: s.Engine.Nodes()}.clients()
	if len(l.clients) == 0 {
		l.clients = all
	}
	l.left.Store(int64(len(l.clients)))
	l.life, l.end = context.WithCancel(engine.Aside(context.Background()))
	s.replaceLoad(l)
	before := s.begun()
	for i, client := range l.clients {
		l.running.Add(1)
		running := s.alone(func(session context.Context) {
			defer l.running.Done()
			l.run(session, s.Engine, client, uint64(i))
			if l.left.Add(-1) == 0 && l.life.Err() == nil && s.Ended != nil {
				s.Ended(inv.String(), Result{Text: l.outcome()}, nil)
			}
		})
		if !running {
			l.running.Done()
			l.left.Store(0)
			return Result{}, of(inv, errClosed)
		}
	}
	s.awaitBegun(before+len(l.clients), nil)
	text := fmt.Sprintf("load: %s, %.6g operations a second, %s gets, %d keys", engine.Listing(l.clients), l.Rate, percent(l.Gets), l.Keys)
	if l.For > 0 {
		text += fmt.Sprintf(", for %v", l.For)
	}
	return Result{Text: text}, nil
}

// replaceLoad ends the load that runs, and returns it when it has ended.
func (s *Session) replaceLoad(next *load) (before *load) {
	s.mu.Lock()
	before, s.load = s.load, next
	s.mu.Unlock()
	if before != nil {
		before.end()
		before.running.Wait()
	}
	return before
}

// slot is shared by the operations of clients that come more often: they begin together, at its start, so that the
// machine wakes for all of them once.
const slot = 5 * time.Millisecond

// run is one client's part, until the load or the session ends.
func (l *load) run(session context.Context, e engine.Engine, client string, number uint64) {
	defer context.AfterFunc(session, l.end)()
	random := rand.New(rand.NewPCG(number, 0))
	interval := time.Duration(float64(len(l.clients)) / l.Rate * float64(time.Second))
	next := l.began + interval*time.Duration(number)/time.Duration(len(l.clients)) // they take turns
	for i := 1; l.For == 0 || next-l.began < l.For; i++ {
		early := time.Duration(0)
		if interval < slot {
			early = (next - l.began) % slot
		}
		if !l.await(e, next-early) {
			return
		}
		op := pbservice.Op{Kind: pbservice.Get, Key: fmt.Sprintf("k%d", 1+random.IntN(l.Keys))}
		if random.Float64() >= l.Gets {
			op.Kind, op.Value = pbservice.Put, fmt.Sprintf("%s-%d", client, i)
		}
		if _, err := e.Do(l.life, client, op); err == nil {
			l.done.Add(1)
		} else if l.life.Err() == nil {
			l.failed.Add(1)
		}
		next = max(next+interval, e.Now()-slot)
	}
}

// await lets time pass until at, however often it is paused meanwhile. It reports whether the load goes on.
func (l *load) await(e engine.Engine, at time.Duration) bool {
	const stands = 20 * time.Millisecond // of real time, between two looks at paused time
	for {
		left := at - e.Now()
		if left <= 0 {
			return l.life.Err() == nil
		}
		err := e.Wait(l.life, left)
		switch {
		case err == nil:
		case !errors.Is(err, engine.ErrPaused):
			return false
		default:
			select {
			case <-time.After(stands):
			case <-l.life.Done():
				return false
			}
		}
	}
}

func endLoad(_ context.Context, s *Session, inv Invocation) (Result, error) {
	l := s.replaceLoad(nil)
	if l == nil {
		return Result{}, of(inv, errors.New("no load runs"))
	}
	return Result{Text: l.outcome()}, nil
}

func (l *load) outcome() string {
	text := fmt.Sprintf("load ended: %d operations were answered", l.done.Load())
	if n := l.failed.Load(); n > 0 {
		text += fmt.Sprintf(", %d failed", n)
	}
	return text
}
