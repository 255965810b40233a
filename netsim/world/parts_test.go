package world

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/env/envtest"
	"cluster/splitbrain/pbservice"
)

// anyEvent chooses one of all events that are possible in w: three of four times one that brings operations forward, if there is one.
func anyEvent(w *World, random *rand.Rand) Action {
	all := w.Events()
	for i := range w.clients {
		n := Client(i + 1)
		if w.AsksForView(n) && w.Timed() {
			all = append(all, Action{Kind: ViewTimeout, Node: n})
		}
		if w.Running(n) {
			if random.IntN(100) == 0 {
				all = append(all, Action{Kind: Cancel, Node: n, Details: &Details{Text: "enough"}})
			}
			continue
		}
		op := pbservice.Op{Kind: pbservice.OpKind(random.IntN(3)), Key: fmt.Sprintf("k%d", random.IntN(3))}
		if op.Kind != pbservice.Get {
			op.Value = fmt.Sprint(random.IntN(2))
		}
		all = append(all, Action{Kind: Invoke, Node: n, Details: &Details{Op: op}})
	}
	for _, m := range w.transit {
		if m.Kind == Reset {
			all = append(all, Action{Kind: Deliver, Msg: m.ID})
		} else if m.Kind != Ping && m.Kind != PingReply {
			all = append(all, Action{Kind: Fail, Msg: m.ID})
		}
	}
	if w.viewNode.state == netsim.Up {
		all = append(all, Action{Kind: Quiet, Node: Server(1 + random.IntN(len(w.servers)))})
	}
	if random.IntN(4) > 0 {
		forward := slices.DeleteFunc(slices.Clone(all), func(e Action) bool {
			return !slices.Contains([]ActionKind{Tick, Deliver, Timer, Invoke}, e.Kind)
		})
		if len(forward) > 0 {
			all = forward
		}
	}
	return all[random.IntN(len(all))]
}

// heard is what an observer was told of clients.
func heard(w *World, e Action) (told string) {
	w.SetObserver(&Observer{
		Began: func(c Node, op pbservice.Op, _ time.Duration) { told += fmt.Sprintf("%v begins %+v;", c, op) },
		Ended: func(c Node, op pbservice.Op, r pbservice.Reply, err error, _ time.Duration) {
			told += fmt.Sprintf("%v is told of %+v: %+v, %v;", c, op, r, err)
		},
	})
	w.MustApply(e)
	w.SetObserver(nil)
	return told
}

// What is remembered of parts is what would happen again: of worlds that consist of parts, from two memories, one goes on by a
// random event, beside its plain clone. Equal nodes are the same part, and others are not.
func TestWorldsOfParts(t *testing.T) {
	cfg := engine.Defaults
	cfg.ChunkKeys = 1
	steady := NewStable(cfg)
	steady.MustApply(Action{Kind: Tick, Node: Server(1)})
	cfg.FilterClients = 1
	moment := newLoad(NewWorld(cfg), 1, 3) // in which time stands still from now on
	moment.observe(false)
	moment.run(t, time.Second)
	moment.MustApply(Action{Kind: Crash, Node: Server(1)})
	moment.run(t, 1700*time.Millisecond)
	walks := 100
	if envtest.Raced { // one goroutine does it all
		walks = 20
	}
	for i, first := range []*World{steady, NewStable(cfg), moment.World} {
		random := rand.New(rand.NewPCG(3, uint64(i)))
		parts := NewParts()
		memos := [2]*Memo{NewMemo(parts), NewMemo(parts)}
		versions, texts := map[string]uint64{}, map[uint64]string{}
		for range walks {
			w := memos[0].Adopt(first)
			if w.memo == nil {
				t.Fatal("it has no parts")
			}
			for range 100 {
				memo := memos[random.IntN(2)]
				e := anyEvent(w, random)
				plain, next := w.Clone(), memo.Clone(w)
				if want, got := heard(plain, e), heard(next, e); got != want {
					t.Fatalf("after %v clients hear %q, want %q", e, got, want)
				}
				if plain.Hash() != next.Hash() {
					t.Fatalf("%v is remembered wrongly:\n%q\n%q", e, plain.appendAll(nil), next.appendAll(nil))
				}
				if next.memo == nil {
					break // it was given up
				}
				for i, s := range next.servers {
					text := fmt.Sprintf("%d %v", i, s.boots)
					if s.core != nil {
						text += string(s.core.AppendCanon(nil, exact{}))
					}
					for _, m := range s.asked {
						if m != nil {
							text += fmt.Sprint(m.Letter(), ";")
						}
					}
					same(t, versions, texts, text, next.Version(Server(i+1)))
				}
				memo.Discard(w)
				w = next
			}
		}
		if len(versions) < 200 {
			t.Errorf("only %d servers were seen", len(versions))
		}
	}
}

// same fails unless equal texts have equal versions, and others have others.
func same(t *testing.T, versions map[string]uint64, texts map[uint64]string, text string, version uint64) {
	t.Helper()
	if old, ok := versions[text]; ok && old != version {
		t.Fatalf("%q is version %d and version %d", text, old, version)
	}
	if old, ok := texts[version]; ok && old != text {
		t.Fatalf("version %d is %q and %q", version, old, text)
	}
	versions[text], texts[version] = version, text
}
