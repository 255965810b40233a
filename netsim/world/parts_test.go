package world

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/pbservice"
)

// anyEvent chooses one of all events that are possible in w.
func anyEvent(w *World, random *rand.Rand) Action {
	all := w.Events()
	for i := range w.clients {
		n := Client(i + 1)
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
		if m.Kind != Ping && m.Kind != PingReply {
			all = append(all, Action{Kind: Fail, Msg: m.ID})
		}
	}
	if w.viewNode.state == netsim.Up {
		all = append(all, Action{Kind: Quiet, Node: Server(1 + random.IntN(len(w.servers)))})
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
	for _, filter := range []int{0, 1} {
		cfg := engine.Defaults
		cfg.ChunkKeys, cfg.FilterClients = 1, filter
		random := rand.New(rand.NewPCG(3, uint64(filter)))
		parts := NewParts()
		memos := [2]*Memo{NewMemo(parts), NewMemo(parts)}
		first := NewStable(cfg)
		first.MustApply(Action{Kind: Tick, Node: Server(1)})
		versions, texts := map[string]uint64{}, map[uint64]string{}
		for range 200 {
			w := memos[0].Adopt(first)
			for range 200 {
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
		if len(versions) < 500 {
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
