package pbservice

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"unsafe"
)

// naive is a filter as one would write it down: the newest operation of every client, of which the newest room count.
type naive struct {
	room int
	all  []FilterEntry // the newest first
}

func (n *naive) note(e FilterEntry) {
	n.all = slices.DeleteFunc(n.all, func(old FilterEntry) bool { return old.Client == e.Client })
	n.all = slices.Insert(n.all, 0, e)
}

func (n *naive) kept() []FilterEntry { return n.all[:min(n.room, len(n.all))] }

func (n *naive) horizon() uint64 {
	if len(n.all) <= n.room {
		return 0
	}
	return n.all[n.room].Position
}

// TestS10_TheFilterKeepsTheNewestClients: after any operations it is what the plain form of it says, and a copy that was made in
// pieces meanwhile is equal to it.
func TestS10_TheFilterKeepsTheNewestClients(t *testing.T) {
	for seed := range uint64(300) {
		random := rand.New(rand.NewPCG(seed, 0))
		room := 1 + random.IntN(8)
		f, copied, want := filter{room: room}, filter{room: room}, naive{room: room}
		var cursor filterCursor
		copies, before := 10+uint64(random.IntN(20)), uint64(math.MaxUint64)
		for position := range uint64(60) {
			e := FilterEntry{Client: fmt.Sprint("c", random.IntN(2*room)), Seq: position, Position: position + 1}
			f.note(e)
			want.note(e)
			if position > copies {
				copied.note(e)
			}
			if position >= copies && !cursor.ended {
				for _, e := range f.chunk(&cursor, 1+random.IntN(2)) {
					if e.Position >= before {
						t.Fatalf("seed %d: position %d is copied after %d", seed, e.Position, before)
					}
					before = e.Position
					copied.restore(e)
				}
				copied.forget(f.horizon)
			}
			if !slices.Equal(f.all(), want.kept()) || f.horizon != want.horizon() || f.clients() != len(want.kept()) {
				t.Fatalf("seed %d, position %d: %+v behind %d, want %+v behind %d", seed, position, f.all(), f.horizon, want.kept(), want.horizon())
			}
			if e, known := f.last(want.all[len(want.all)-1].Client); known != (len(want.all) <= room) {
				t.Fatalf("seed %d, position %d: the oldest is known as %+v: %v", seed, position, e, known)
			}
		}
		if !cursor.ended || !slices.Equal(copied.all(), f.all()) || copied.horizon != f.horizon {
			t.Fatalf("seed %d: a copy of %+v behind %d is %+v behind %d", seed, f.all(), f.horizon, copied.all(), copied.horizon)
		}
	}
}

// TestS10_AnEntryIsSmall: with the default room that is what the filter takes at most, beside the names.
func TestS10_AnEntryIsSmall(t *testing.T) {
	if size := unsafe.Sizeof(filterEntry{}); size > 56 {
		t.Errorf("an entry takes %d bytes", size)
	}
}

// remembering is a service of s1 and s2 that remembers so many clients.
func remembering(t *testing.T, clients int) *world {
	w := newWorld(t)
	w.limits = Config{FilterClients: clients}
	w.start("s1")
	w.start("s2")
	w.rounds(6)
	w.wantView(2, "s1", "s2")
	return w
}

func TestS10_WhatWasForgottenIsNotAppliedAgain(t *testing.T) {
	for _, failover := range []bool{false, true} {
		w := remembering(t, 1)
		w.start("s3")
		old := w.ask("a", Append, "k", "[a]")
		w.run()
		w.do("b", Append, "k", "[b]") // a is forgotten
		if failover {
			w.crash("s1")
			w.rounds(8)
		}
		copied := &call{Op: old.Op}
		w.calls[opName{"a", 1}] = copied // as if its reply had been lost
		view, _ := w.views.Current()
		w.send(copied, view.Primary, 0)
		w.run()
		if !copied.forgotten || copied.answers[0].Why.Code != LongAgo || copied.answers[0].Position == 0 {
			t.Errorf("failover %v: the copy was answered %+v", failover, copied.answers)
		}
		w.wantValue("k", "[a][b]")
		w.wantEqual(view.Primary, view.Backup)
		w.do("a", Append, "k", "[a2]") // the refusal told a position, so that this one is known to be new
		w.wantValue("k", "[a][b][a2]")
	}
}

// TestS10_AnEntryIsForgottenWithItsOwnPosition: an operation that began where the last forgotten one stands is new, one that began
// just before may be that one.
func TestS10_AnEntryIsForgottenWithItsOwnPosition(t *testing.T) {
	w := remembering(t, 1)
	w.do("a", Put, "k", "1")
	w.do("b", Put, "k", "2") // forgets a, at position 1
	for since, want := range map[uint64]Err{0: Forgotten, 1: OK} {
		s := w.nodes["s1"].state.clone(filter{})
		if r := s.apply(Op{Kind: Put, Key: "k", Value: "3", Client: "c", Seq: 1, Since: since}, 0); r.err != want {
			t.Errorf("since %d: %s, want %s", since, r.err, want)
		}
	}
}

func TestS10_ANewcomerAsksForThePosition(t *testing.T) {
	w := remembering(t, 1)
	w.do("a", Append, "k", "[a]")
	w.do("b", Append, "k", "[b]")
	newcomer := w.ask("c", Append, "k", "[c]") // may have done it long ago, for all that the servers know
	w.run()
	if !newcomer.forgotten {
		t.Errorf("a client that tells no position was answered %+v", newcomer.answers)
	}
	w.locate("d", "s1")
	w.do("d", Append, "k", "[d]")
	w.wantValue("k", "[a][b][d]")
}

func TestS10_OnlyAPrimaryWithStateTellsThePosition(t *testing.T) {
	w := remembering(t, 1)
	w.do("a", Put, "k", "v")
	for name, want := range map[string]Reply{
		"s1": {Err: OK, Viewnum: 2, Position: 1},
		"s2": {Err: NotPrimary, Viewnum: 2, Why: Cause{Code: Elsewhere, Server: "s2", Other: "s1", View: 2}},
	} {
		if got := w.nodes[name].Position(); got != want {
			t.Errorf("%s: %+v, want %+v", name, got, want)
		}
	}
}

// TestS10_AForgottenGetIsAnsweredAndNotNoted: noted, it would let an older operation of its client pass for a new one.
func TestS10_AForgottenGetIsAnsweredAndNotNoted(t *testing.T) {
	w := remembering(t, 1)
	get := w.do("a", Get, "k", "")
	w.do("a", Append, "k", "[a]")
	w.do("b", Append, "k", "[b]") // a is forgotten
	if get.Err != NoKey {
		t.Fatalf("got %+v", get)
	}
	first := w.calls[opName{"a", 1}]
	first.ended = 0
	w.send(first, "s1", 0)
	w.run()
	w.wantResult(first, "[a][b]")
	if n := w.nodes["s1"].Filtered("a"); n != 0 {
		t.Errorf("the late get was noted as %d", n)
	}
	w.send(w.calls[opName{"a", 2}], "s1", 0)
	w.run()
	w.wantValue("k", "[a][b]")
}

// TestS10_PositionsAreToldOnceTheyMatter: as long as nobody can be forgotten, replies are as in the lab.
func TestS10_PositionsAreToldOnceTheyMatter(t *testing.T) {
	w := remembering(t, 2)
	for _, step := range []struct {
		client string
		want   uint64
	}{{"a", 0}, {"a", 0}, {"b", 3}, {"a", 4}, {"c", 5}} {
		w.locate("c", "s1")
		if r := w.do(step.client, Put, "k", "v"); r.Position != step.want {
			t.Errorf("%s was told position %d, want %d", step.client, r.Position, step.want)
		}
	}
}

// TestS10_TheFilterTravelsInPieces while clients come that are in it, and others that it forgets for them.
func TestS10_TheFilterTravelsInPieces(t *testing.T) {
	w := newWorld(t)
	w.limits = Config{FilterClients: 40, ChunkKeys: 3}
	w.start("s1")
	w.rounds(3)
	for i := range 60 {
		w.locate(fmt.Sprint("c", i), "s1")
		w.do(fmt.Sprint("c", i), Append, fmt.Sprint("k", i%5), "x")
	}
	most, chunks := 0, 0
	w.watch = func(l *letter) {
		if a, ok := l.body.(*ForwardArgs); ok && a.Chunk != nil {
			most = max(most, len(a.Chunk.Filter))
			chunks++
		}
	}
	w.start("s2")
	w.hold(pattern{kind: "confirm"})
	w.rounds(2)
	for i := 0; len(w.bag) > 0; i++ {
		for _, client := range []string{fmt.Sprint("c", 25+i), fmt.Sprint("c", 59-i), fmt.Sprint("new", i)} {
			w.locate(client, "s1")
			w.send(w.ask(client, Append, "k1", "y"), "s1", 0) // twice
		}
		w.run()
		if i := slices.IndexFunc(w.bag, pattern{kind: "confirm"}.matches); i >= 0 {
			w.deliver(w.pick(pattern{kind: "confirm"}))
		}
		if w.nodes["s1"].stream.phase != transferring {
			w.release()
		}
	}
	w.rounds(3)
	w.wantView(2, "s1", "s2")
	w.wantEqual("s1", "s2")
	if chunks < 8 || most != 3 {
		t.Errorf("the filter travelled in %d messages with up to %d clients each", chunks, most)
	}
}

// all returns the entries, the newest first.
func (f *filter) all() []FilterEntry { return f.chunk(&filterCursor{}, len(f.entries)) }
