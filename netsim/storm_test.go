package netsim_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/env"
)

// TestStorm lets every node call every other while random verbs break the network, and then heals it. Each message
// must have come to exactly one end, and every pair must be able to talk again.
func TestStorm(t *testing.T) {
	for seed := range uint64(4) {
		synctest.Test(t, func(t *testing.T) { storm(t, seed) })
	}
}

func storm(t *testing.T, seed uint64) {
	w := newWorld(t, netsim.Config{Seed: seed, TraceLen: 1 << 16}, "a", "b", "c")
	rng := rand.New(rand.NewPCG(seed, 0))
	until := time.Now().Add(3 * time.Second)
	done := make(chan struct{})
	callers := 0
	pairs := func(f func(from, to string)) {
		for _, from := range w.Nodes() {
			for _, to := range w.Nodes() {
				f(from, to) // itself too
			}
		}
	}
	pairs(func(from, to string) {
		callers++
		go func() {
			for i := 0; time.Now().Before(until); i++ {
				talk(t, w, from, to, fmt.Sprint(from, to, i))
			}
			done <- struct{}{}
		}()
	})
	for time.Now().Before(until) {
		time.Sleep(time.Duration(rng.IntN(20)) * ms)
		breakSomething(w, rng)
	}
	w.must(w.HealAll())
	for _, name := range w.Nodes() {
		w.Node(name).Thaw()
	}
	w.Resume()
	w.must(w.SetSpeed(1))
	for range callers {
		<-done
	}
	time.Sleep(3 * time.Second)
	if held := w.Held(); len(held) > 0 {
		t.Errorf("seed %d: still held are %v", seed, held)
	}
	checkEnds(t, seed, w.events())
	for _, name := range w.Nodes() {
		w.Node(name).Crash()
		w.boot(name)
	}
	pairs(func(from, to string) { w.say(w.dial(from, to), "after the storm") })
}

// talk makes a few calls as the process that now runs on from, over one connection.
func talk(t *testing.T, w *world, from, to, text string) {
	p := w.proc(from)
	caller := env.NewClient(env.System, p.Dial, to)
	defer caller.Close()
	for range 5 {
		caller.Call(t.Context(), 10*ms, "Echo.Say", Text{text}, new(Text))
		time.Sleep(ms)
	}
}

// breakSomething does one random thing. Errors say that it makes no sense at present.
func breakSomething(w *world, rng *rand.Rand) {
	names := w.Nodes()
	a, b := names[rng.IntN(len(names))], names[rng.IntN(len(names))]
	switch rng.IntN(20) {
	case 0:
		w.Cut(a, b)
	case 1:
		w.Isolate(a)
	case 2:
		w.Partition([][]string{{a}})
	case 3:
		w.Delay(a, b, time.Duration(rng.IntN(30))*ms, time.Duration(rng.IntN(30))*ms)
	case 4:
		w.HealAll()
	case 5:
		w.Node(a).Freeze()
	case 6:
		w.Node(a).Thaw()
	case 7:
		w.Node(a).Crash()
		w.boot(a)
	default:
		breakMore(w, rng, a, b)
	}
}

func breakMore(w *world, rng *rand.Rand, a, b string) {
	switch rng.IntN(12) {
	case 0:
		w.Loss(a, b, rng.Float64())
	case 1:
		w.LossReplies(a, b, rng.Float64())
	case 2:
		w.Duplicate(a, b, rng.Float64())
	case 3:
		w.Reorder(a, b, time.Duration(rng.IntN(30))*ms)
	case 4:
		w.Hold(a, b)
	case 5:
		w.ReleaseAll()
	case 6:
		w.SetSpeed([]float64{0.1, 1, 10, 100}[rng.IntN(4)])
	case 7:
		w.Pause()
		w.Step(netsim.StepKind(rng.IntN(2)))
	case 8:
		w.Resume()
	default:
		byHand(w, rng)
	}
}

// byHand does something with every message that is held.
func byHand(w *world, rng *rand.Rand) {
	for _, h := range w.Held() {
		switch rng.IntN(4) {
		case 0:
			w.Deliver(h.Msg)
		case 1:
			w.Drop(h.Msg)
		case 2:
			w.DuplicateHeld(h.Msg)
		}
	}
}

func checkEnds(t *testing.T, seed uint64, events []netsim.TraceEvent) {
	type life struct{ sent, ended int }
	lives := make(map[uint64]*life)
	why := make(map[string]int) // by the last word
	seen := make(map[netsim.EventKind]int)
	for _, e := range events {
		if e.Direction == netsim.NoDirection {
			continue
		}
		l := lives[e.Msg]
		if l == nil {
			l = &life{}
			lives[e.Msg] = l
		}
		switch e.Kind {
		case netsim.MsgSent, netsim.MsgDuplicated:
			l.sent++
			seen[e.Kind]++
		case netsim.MsgHeld, netsim.MsgQueued:
			seen[e.Kind]++
		case netsim.MsgLost:
			l.ended++
			why[e.Why[strings.LastIndex(e.Why, " ")+1:]]++
			if e.Why == "" {
				t.Errorf("seed %d: %v, and doesn't say why", seed, e)
			}
		case netsim.MsgDelivered:
			l.ended++
			if l.sent != 1 {
				t.Errorf("seed %d: %v, sent %d times", seed, e, l.sent)
			}
		}
		if e.Direction == netsim.Reply && (e.Answers == 0 || e.Answers >= e.Msg) {
			t.Errorf("seed %d: %v answers %d", seed, e, e.Answers)
		}
	}
	for msg, l := range lives {
		if l.ended != 1 {
			t.Errorf("seed %d: message %d came to %d ends", seed, msg, l.ended)
		}
	}
	calm := why["cut"] == 0 || why["crashed"] == 0 || why["hand"] == 0 ||
		seen[netsim.MsgDuplicated] == 0 || seen[netsim.MsgHeld] == 0
	if len(lives) < 200 || calm {
		t.Errorf("seed %d: a storm of %d messages, lost are %v, seen are %v", seed, len(lives), why, seen)
	}
}
