package pbservice

import (
	"context"
	"errors"
	"fmt"
	"net/rpc"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"cluster/splitbrain/netsim/env"
	"cluster/splitbrain/viewservice"
)

// attempt is a request as it arrived at an actor.
type attempt struct {
	server string
	at     time.Duration
	op     Op
	known  viewservice.Number
}

// actors play servers and viewservice by a script, and note what a Clerk does.
type actors struct {
	began  time.Time
	script func(n int, a attempt) Reply // the answer to the n-th request, from 0; may wait

	mu       sync.Mutex // guards what follows
	view     viewservice.View
	attempts []attempt
}

// cast puts actors in the places of the viewservice, s1 and s2; s1 is primary of view 1.
func (l *lan) cast(script func(n int, a attempt) Reply) *actors {
	a := &actors{began: time.Now(), script: script, view: viewservice.View{Viewnum: 1, Primary: "s1"}}
	for name, service := range map[string]any{viewsName: &prompter{a}, "s1": &actor{a, "s1"}, "s2": &actor{a, "s2"}} {
		door, err := env.NewServer(map[bool]string{true: viewservice.ServiceName, false: ServiceName}[name == viewsName], service)
		must(l.t, err)
		l.open(name, door.ServeCodec)
		l.stops = append(l.stops, door.Close)
	}
	return a
}

func (a *actors) move(v viewservice.View) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.view = v
}

func (a *actors) seen() []attempt {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.attempts)
}

func (a *actors) play(t attempt) Reply {
	a.mu.Lock()
	t.at = time.Since(a.began)
	n := len(a.attempts)
	a.attempts = append(a.attempts, t)
	a.mu.Unlock()
	return a.script(n, t)
}

// prompter is the viewservice's part.
type prompter struct{ a *actors }

func (p *prompter) Get(_ *viewservice.GetArgs, reply *viewservice.GetReply) error {
	p.a.mu.Lock()
	defer p.a.mu.Unlock()
	reply.View = p.a.view
	return nil
}

// actor is a server's part.
type actor struct {
	a    *actors
	name string
}

func (s *actor) Get(args *GetArgs, reply *Reply) error {
	*reply = s.a.play(attempt{server: s.name, op: Op{Kind: Get, Key: args.Key, Client: args.Client, Seq: args.Seq}, known: args.Viewnum})
	return nil
}

func (s *actor) PutAppend(args *PutAppendArgs, reply *Reply) error {
	op := Op{Kind: Put, Key: args.Key, Value: args.Value, Client: args.Client, Seq: args.Seq}
	if args.Append {
		op.Kind = Append
	}
	*reply = s.a.play(attempt{server: s.name, op: op, known: args.Viewnum})
	return nil
}

var refusal = Reply{Err: NotPrimary, Why: Cause{Code: NoState, Server: "s1", View: 1}}

func TestC1_RetriesUntilAnswered(t *testing.T) {
	inBubble(t, func(t *testing.T, l *lan) {
		a := l.cast(func(n int, _ attempt) Reply {
			switch {
			case n < 3:
				return refusal
			case n < 5:
				time.Sleep(time.Minute) // no answer in time
			}
			return Reply{Err: OK}
		})
		k := l.clerk("c")
		must(t, k.Append(t.Context(), "k", "v"))
		seen := a.seen()
		if len(seen) != 6 {
			t.Fatalf("%d attempts, want 6: %+v", len(seen), seen)
		}
		for i, s := range seen {
			if s.op != (Op{Kind: Append, Key: "k", Value: "v", Client: "c", Seq: 1}) || s.known != 1 {
				t.Errorf("attempt %d: %+v", i, s)
			}
			pause := map[bool]time.Duration{true: interval, false: attemptPings * interval}[i <= 3]
			if i > 0 && s.at-seen[i-1].at != pause {
				t.Errorf("attempt %d came %v after the one before, want %v", i, s.at-seen[i-1].at, pause)
			}
		}
		must(t, k.Put(t.Context(), "k", "w"))
		if last := a.seen()[6].op; last.Seq != 2 {
			t.Errorf("the next operation: %+v", last)
		}
	})
}

func TestC1_ANewerViewEndsThePause(t *testing.T) {
	inBubble(t, func(t *testing.T, l *lan) {
		var a *actors
		a = l.cast(func(n int, s attempt) Reply {
			if s.server == "s1" {
				a.move(viewservice.View{Viewnum: 2, Primary: "s2"})
				return refusal
			}
			return Reply{Err: OK}
		})
		k := l.clerk("c")
		must(t, k.Put(t.Context(), "k", "v"))
		seen := a.seen()
		if len(seen) != 2 || seen[1].server != "s2" || seen[1].known != 2 || seen[1].at != seen[0].at || seen[1].op != seen[0].op {
			t.Errorf("attempts %+v", seen)
		}
	})
}

func TestC1_BeforeThereIsAView(t *testing.T) {
	inBubble(t, func(t *testing.T, l *lan) {
		k := l.clerk("c")
		done, began := make(chan error), time.Now()
		go func() { done <- k.Put(t.Context(), "k", "v") }()
		time.Sleep(time.Second)
		if p := k.Progress(); !p.Began.Equal(began) || p.Waits != WaitsForView || p.Attempts != 0 || p.Op.Key != "k" {
			t.Errorf("progress %+v", p)
		}
		l.service("s1")
		must(t, <-done)
		wantGet(t, k, "k", "v")
		if p := k.Progress(); p != (Progress{View: 1}) {
			t.Errorf("progress at rest: %+v", p)
		}
	})
}

func TestC1_ThroughBrokenConnections(t *testing.T) {
	inBubble(t, func(t *testing.T, l *lan) {
		l.service("s1", "s2")
		k := l.clerk("c")
		for i := range 4 {
			must(t, k.Append(t.Context(), "k", fmt.Sprint(i)))
			l.cut("c", true)
			done := make(chan error)
			go func() { done <- k.Append(t.Context(), "k", "x") }()
			time.Sleep(5 * interval)
			l.cut("c", false)
			must(t, <-done)
		}
		wantGet(t, k, "k", "0x1x2x3x")
	})
}

// A broken connection ends an attempt before its time: the next one follows after a pause.
func TestC1_ABrokenConnectionEndsTheAttempt(t *testing.T) {
	inBubble(t, func(t *testing.T, l *lan) {
		a := l.cast(func(n int, _ attempt) Reply {
			if n == 1 {
				time.Sleep(time.Minute)
			}
			return Reply{Err: OK}
		})
		k := l.clerk("c")
		must(t, k.Put(t.Context(), "k", "1")) // makes the connection
		began := time.Now()
		time.AfterFunc(interval/4, func() { l.cut("c", true); l.cut("c", false) })
		must(t, k.Put(t.Context(), "k", "2"))
		if took, n := time.Since(began), len(a.seen()); took != interval/4+interval || n != 3 {
			t.Errorf("answered after %v, at attempt %d", took, n)
		}
	})
}

// A refusal of an attempt that is no longer waited for does not end the one that is.
func TestC1_ALateRefusalCountsForNothing(t *testing.T) {
	inBubble(t, func(t *testing.T, l *lan) {
		a := l.cast(func(n int, _ attempt) Reply {
			switch n {
			case 1:
				time.Sleep(attemptPings*interval + interval/4)
				return refusal
			case 2:
				time.Sleep(attemptPings*interval - 1)
			}
			return Reply{Err: OK}
		})
		k := l.clerk("c")
		must(t, k.Put(t.Context(), "k", "1")) // makes the connection
		must(t, k.Put(t.Context(), "k", "2"))
		if n := len(a.seen()); n != 3 {
			t.Errorf("%d attempts", n)
		}
	})
}

// hasty is a clock whose timers go off too early.
type hasty struct{ env.Clock }

type hastyTimer struct{ env.Timer }

func (c hasty) AfterFunc(d time.Duration, f func()) env.Timer {
	return hastyTimer{c.Clock.AfterFunc(max(d/4, 1), f)}
}

func (t hastyTimer) Reset(d time.Duration) bool { return t.Timer.Reset(max(d/4, 1)) }

// Whatever its timers do, a Clerk waits two intervals for an answer, over a new connection and an old one.
func TestC1_ATimerThatIsEarlyEndsNoWait(t *testing.T) {
	inBubble(t, func(t *testing.T, l *lan) {
		a := l.cast(func(n int, _ attempt) Reply {
			if n%2 == 0 {
				time.Sleep(time.Minute)
			}
			return Reply{Err: OK}
		})
		k := NewClerk(ClerkConfig{
			Client: "c", Views: viewsName, PingInterval: interval, DeadPings: deadPings,
			Clock: hasty{env.System}, Dial: l.dialFrom("c"),
		})
		l.stops = append(l.stops, k.Close)
		for i := range 2 {
			began := time.Now()
			must(t, k.Put(t.Context(), "k", "v"))
			if took, n := time.Since(began), len(a.seen()); took != attemptPings*interval || n != 2*i+2 {
				t.Errorf("answered after %v, at attempt %d", took, n)
			}
		}
	})
}

func TestC1_ACancelledContext(t *testing.T) {
	inBubble(t, func(t *testing.T, l *lan) {
		l.cast(func(int, attempt) Reply { time.Sleep(time.Minute); return Reply{Err: OK} })
		k := l.clerk("c")
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began := time.Now()
		err := k.Put(ctx, "k\x1b", "v")
		var unknown *UnknownOutcomeError
		if !errors.As(err, &unknown) || !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != time.Second {
			t.Fatalf("%v after %v", err, time.Since(began))
		}
		if unknown.Op.Seq != 1 || unknown.Why == "" || !strings.Contains(err.Error(), "outcome unknown") || strings.Contains(err.Error(), "\x1b") {
			t.Errorf("%+v: %q", unknown, err)
		}
	})
}

func TestC2_AnUnknownOutcomeSaysWhatWasMissing(t *testing.T) {
	hang := func() Reply { time.Sleep(time.Minute); return Reply{Err: OK} }
	for _, tt := range []struct {
		want   string
		script func() Reply
		after  time.Duration
	}{
		{"s1 has not answered", hang, interval},
		{"s1 does not answer", hang, attemptPings*interval + interval},
		{refusal.Why.String(), func() Reply { return refusal }, interval / 2},
	} {
		t.Run(tt.want, func(t *testing.T) {
			inBubble(t, func(t *testing.T, l *lan) {
				l.cast(func(n int, _ attempt) Reply {
					if n == 0 {
						return Reply{Err: OK}
					}
					return tt.script()
				})
				k := l.clerk("c")
				must(t, k.Put(t.Context(), "k", "v")) // it knows the view then
				ctx, cancel := context.WithTimeout(t.Context(), tt.after)
				defer cancel()
				var unknown *UnknownOutcomeError
				if err := k.Put(ctx, "k", "v"); !errors.As(err, &unknown) || unknown.Why != tt.want {
					t.Errorf("%v, want %q", err, tt.want)
				}
			})
		})
	}
}

func TestC1_ALateReplyOfAnEarlierAttemptCounts(t *testing.T) {
	inBubble(t, func(t *testing.T, l *lan) {
		a := l.cast(func(n int, _ attempt) Reply {
			switch n {
			case 0: // makes the connection
				return Reply{Err: OK}
			case 1:
				time.Sleep(attemptPings*interval + interval/2)
				return Reply{Err: OK, Value: "first"}
			}
			time.Sleep(time.Second)
			return Reply{Err: OK, Value: "second"}
		})
		k := l.clerk("c")
		must(t, k.Put(t.Context(), "k", "v"))
		wantGet(t, k, "k", "first")
		if n := len(a.seen()); n != 3 {
			t.Errorf("%d attempts", n)
		}
	})
}

func TestC1_ALateReplyOfAnEarlierOperationDoesNot(t *testing.T) {
	inBubble(t, func(t *testing.T, l *lan) {
		l.cast(func(n int, _ attempt) Reply {
			if n == 0 {
				time.Sleep(attemptPings*interval - 1)
				return Reply{Err: OK, Value: "old"}
			}
			time.Sleep(attemptPings*interval - 1)
			return Reply{Err: OK, Value: "new"}
		})
		k := l.clerk("c")
		ctx, cancel := context.WithTimeout(t.Context(), interval)
		defer cancel()
		if _, _, err := k.Get(ctx, "k"); err == nil {
			t.Fatal("no error")
		}
		wantGet(t, k, "k", "new")
	})
}

func TestS11_TheClerkNeverGoesBack(t *testing.T) {
	inBubble(t, func(t *testing.T, l *lan) {
		var a *actors
		a = l.cast(func(n int, _ attempt) Reply {
			a.move(viewservice.View{Viewnum: viewservice.Number(3 - min(n, 3)), Primary: "s1"})
			if n < 3 {
				return refusal
			}
			return Reply{Err: OK}
		})
		a.move(viewservice.View{Viewnum: 4, Primary: "s2"})
		k := l.clerk("c")
		must(t, k.Put(t.Context(), "k", "v"))
		for i, s := range a.seen() {
			if s.server != "s2" || s.known != 4 {
				t.Errorf("attempt %d went to %s with view %d", i, s.server, s.known)
			}
		}
	})
}

func TestC2_AnOperationWithoutAnOutcomeMayHappen(t *testing.T) {
	for _, lost := range []string{"s1.PutAppend", "s2.Forward"} {
		t.Run(lost, func(t *testing.T) {
			inBubble(t, func(t *testing.T, l *lan) {
				l.service("s1", "s2")
				k, other := l.clerk("c"), l.clerk("d")
				must(t, k.Append(t.Context(), "k", "1"))
				l.silence(lost, true)
				ctx, cancel := context.WithTimeout(t.Context(), interval)
				defer cancel()
				var unknown *UnknownOutcomeError
				if err := k.Append(ctx, "k", "2"); !errors.As(err, &unknown) {
					t.Fatalf("%v", err)
				}
				l.silence(lost, false)
				wantGet(t, other, "k", "12") // it has happened, or happens now
				must(t, k.Append(t.Context(), "k", "3"))
				wantGet(t, other, "k", "123")
			})
		})
	}
}

func TestC2_ARefusedOperationChangesNothing(t *testing.T) {
	inBubble(t, func(t *testing.T, l *lan) {
		l.service("s1", "s2")
		k := l.clerk("c")
		must(t, k.Put(t.Context(), "k", strings.Repeat("v", MaxValue)))
		for name, err := range map[string]error{
			"append": k.Append(t.Context(), "k", "x"),
			"value":  k.Put(t.Context(), "k", strings.Repeat("w", MaxValue+1)),
			"key":    k.Put(t.Context(), strings.Repeat("k", MaxKey+1), ""),
		} {
			var refused *RefusedError
			if !errors.As(err, &refused) || refused.Why.Rule() != "S13" || len(err.Error()) > 200 {
				t.Errorf("%s: %v", name, err)
			}
		}
		wantGet(t, k, "k", strings.Repeat("v", MaxValue))
	})
}

func TestClerk_OperationsQueue(t *testing.T) {
	inBubble(t, func(t *testing.T, l *lan) {
		running := make(chan struct{}, 1)
		a := l.cast(func(int, attempt) Reply {
			select {
			case running <- struct{}{}:
			default:
				t.Error("two operations of one client at once")
			}
			time.Sleep(interval)
			<-running
			return Reply{Err: OK}
		})
		k := l.clerk("c")
		var wg sync.WaitGroup
		for range 10 {
			wg.Go(func() { must(t, k.Put(t.Context(), "k", "v")) })
		}
		ctx, cancel := context.WithTimeout(t.Context(), interval)
		defer cancel()
		synctest.Wait()
		var unknown *UnknownOutcomeError
		if err := k.Put(ctx, "k", "too late"); !errors.As(err, &unknown) {
			t.Errorf("cancelled before its turn: %v", err)
		}
		wg.Wait()
		seen := a.seen()
		for i, s := range seen {
			if s.op.Seq != uint64(i+1) {
				t.Errorf("attempt %d has number %d", i, s.op.Seq)
			}
		}
		if len(seen) != 10 {
			t.Errorf("%d attempts", len(seen))
		}
	})
}

// dialsOf counts the connections that k makes.
func dialsOf(k *Clerk) *int {
	dials, dial := 0, k.cfg.Dial
	k.cfg.Dial = func(ctx context.Context, addr string) (rpc.ClientCodec, error) {
		dials++
		return dial(ctx, addr)
	}
	return &dials
}

// net/rpc remembers each call without an answer for as long as its connection lasts.
func TestClerk_AbandonedCallsTakeNoMemory(t *testing.T) {
	for name, attempts := range map[string]int{"of many operations": 1, "of one operation": 600} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, l *lan) {
				release := make(chan struct{})
				l.cast(func(int, attempt) Reply { <-release; return Reply{Err: OK} })
				k := l.clerk("c")
				dials := dialsOf(k)
				for range 600 / attempts {
					ctx, cancel := context.WithTimeout(t.Context(), time.Duration(attempts)*attemptPings*interval-1)
					k.Put(ctx, "k", "v")
					cancel()
				}
				if *dials < 2 || *dials > 3 {
					t.Errorf("%d connections for 600 abandoned calls", *dials)
				}
				close(release)
				must(t, k.Put(t.Context(), "k", "v"))
			})
		})
	}
}

func TestClerk_AnsweredCallsShareAConnection(t *testing.T) {
	inBubble(t, func(t *testing.T, l *lan) {
		l.cast(func(int, attempt) Reply { return Reply{Err: OK} })
		k := l.clerk("c")
		dials := dialsOf(k)
		for range 600 {
			must(t, k.Put(t.Context(), "k", "v"))
		}
		if *dials != 1 {
			t.Errorf("%d connections", *dials)
		}
	})
}
