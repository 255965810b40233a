package search

import (
	"math/rand/v2"
	"testing"

	"cluster/splitbrain/netsim/world"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/viewservice"
)

// In the steady service s2 is backup of view 2 with all data, and s3 idle.
func TestForwardsThatComeLate(t *testing.T) {
	s, st := tiny(t, 3, 2, Steady, WildBudget)
	random := rand.New(rand.NewPCG(1, 1))
	p := drawPlan(random, s)
	p.comeLate(random, s)
	forward := func(to int, view viewservice.Number, copyOf uint64) *world.Message {
		return &world.Message{Kind: world.Forward, From: world.Server(1), To: world.Server(to), CopyOf: copyOf,
			Body: &pbservice.ForwardArgs{Viewnum: view, Boot: 1, Ops: []pbservice.Op{{}}}}
	}
	chunk := forward(2, 2, 0)
	chunk.Body = &pbservice.ForwardArgs{Viewnum: 2, Boot: 1, Chunk: &pbservice.Chunk{}}
	for name, c := range map[string]struct {
		message *world.Message
		kept    bool
	}{
		"in its own view":                    {forward(2, 2, 0), true},
		"a copy in its own view":             {forward(2, 2, 1), true},
		"to who has left its view":           {forward(3, 1, 0), false},
		"a copy to who has left its view":    {forward(3, 1, 1), true},
		"a copy to who is a backup again":    {forward(2, 1, 1), false},
		"of a later view than the first":     {forward(2, 3, 0), false},
		"a chunk":                            {chunk, false},
		"a request while no copy comes late": {&world.Message{Kind: world.Request, To: world.Server(1)}, false},
	} {
		if kept := p.keeps(st.world, c.message); kept != c.kept {
			t.Errorf("%s: kept %v", name, kept)
		}
	}
}

func TestClientsAreNotHeardWhileACopyComesLate(t *testing.T) {
	s, st := tiny(t, 3, 2, Steady, WildBudget)
	put := func(c int) world.Action {
		return world.Action{Kind: world.Invoke, Node: world.Client(c), Details: &world.Details{Op: pbservice.Op{Kind: pbservice.Put, Key: firstKey}}}
	}
	newest := func(st *state) *world.Message { return st.world.Transit()[len(st.world.Transit())-1] }
	_, st = done(t, s, st, put(1))
	_, st = done(t, s, st, deliver(newest(st).ID))
	_, st = done(t, s, st, world.Action{Kind: world.Duplicate, Msg: newest(st).ID}, put(2))
	p := drawPlan(rand.New(rand.NewPCG(1, 1)), s)
	for _, late := range []bool{false, true} {
		if p.late = late; p.keeps(st.world, newest(st)) != late {
			t.Errorf("forwards come late: %v, and a request is kept: %v", late, !late)
		}
	}
}

// In the steady service s1 knows view 2. What it pings of a view is kept while it has not restarted, and while the viewservice has
// heard nothing of its next boot.
func TestPingsThatComeLate(t *testing.T) {
	s, st := tiny(t, 3, 1, Steady, WildBudget)
	random := rand.New(rand.NewPCG(1, 1))
	p := drawPlan(random, s)
	p.pingLate(random, s)
	p.slow = world.Server(1)
	newest := func() *world.Message { return st.world.Transit()[len(st.world.Transit())-1] }
	_, st = done(t, s, st, world.Action{Kind: world.Tick, Node: p.slow})
	old := newest()
	is := func(when string, m *world.Message, kept bool) {
		t.Helper()
		if p.keeps(st.world, m) != kept {
			t.Errorf("%s: kept %v", when, !kept)
		}
	}
	is("of the boot that runs", old, true)
	_, st = done(t, s, st, world.Action{Kind: world.Crash, Node: p.slow})
	is("of a server that does not run", old, true)
	_, st = done(t, s, st, world.Action{Kind: world.Restart, Node: p.slow}, world.Action{Kind: world.Tick, Node: p.slow})
	is("of a boot that is gone", old, true)
	next := newest()
	is("of a boot that knows no view", next, false)
	_, st = done(t, s, st, deliver(next.ID))
	is("when the next boot was heard", old, false)
	_, st = done(t, s, st, deliver(newest().ID))
	is("when the next boot has an answer", old, false)
	p.slow = world.Server(2)
	is("of another server", old, false)
}
