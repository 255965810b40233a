package pbservice

import (
	"bytes"
	"fmt"
	"testing"

	"cluster/splitbrain/viewservice"
)

// busy is a core of which nothing is as it was in the beginning.
func busy() *Core {
	op := func(client string, seq uint64) Op {
		return Op{Kind: Append, Key: "k", Value: "v", Client: client, Seq: seq}
	}
	ask := func(client string, seq uint64, t Ticket) *request { return &request{op: op(client, seq), ticket: t} }
	c := NewCore(Config{Me: "me", Boot: 3, DeadPings: deadPings})
	c.view = viewservice.View{Viewnum: 4, Primary: "me", Backup: "other"}
	c.entered, c.holds, c.confirmed, c.asked = 3, 4, true, true
	c.state.position = 9
	c.state.data.Set("a", "1")
	for i, client := range []string{"c1", "c2", "c3"} {
		c.state.filter.note(FilterEntry{Client: client, Seq: 7, Position: uint64(i + 1)})
	}
	queued := ask("c1", 8, 1)
	c.requests = requests{queue: []*request{queued}, parked: []*request{ask("c2", 8, 2)}, latest: map[string]*request{"c1": queued}}
	c.stream = stream{
		phase: transferring, boot: 2, attempt: 2, index: 3, silentTicks: 1, sent: &Forward{ID: 1, Args: &ForwardArgs{Viewnum: 2}}, expects: 9,
		batch: []*request{ask("c3", 8, 3)}, sentTicks: 1, resendAfter: 2, cursor: "a", tail: []Op{op("c4", 1)},
	}
	c.state.filter.chunk(&c.stream.filter, 1)
	c.replica = replica{attempt: 1, index: 1, cursor: "a"}
	return c
}

// fields change one thing each that a core's future depends on.
var fields = map[string]func(*Core){
	"view":      func(c *Core) { c.view.Viewnum++ },
	"entered":   func(c *Core) { c.entered++ },
	"holds":     func(c *Core) { c.holds = 0 },
	"confirmed": func(c *Core) { c.confirmed = false },
	"asked":     func(c *Core) { c.asked = false },
	"raised":    func(c *Core) { c.raised = true },
	"out":       func(c *Core) { c.out = true },
	"position":  func(c *Core) { c.state.position++ },
	"value":     func(c *Core) { c.state.data.Set("a", "2") },
	"key":       func(c *Core) { c.state.data.Set("b", "1") },
	"filter":    func(c *Core) { c.state.filter.note(FilterEntry{Client: "c1", Seq: 8}) },
	"too large": func(c *Core) { c.state.filter.note(FilterEntry{Client: "c1", Seq: 7, TooLarge: true}) },
	"order":     func(c *Core) { c.state.filter.note(FilterEntry{Client: "c1", Seq: 7, Position: 1}) },
	"one more":  func(c *Core) { c.state.filter.chunk(&c.stream.filter, 1) },
	"queue":     func(c *Core) { c.requests.queue = nil },
	"ticket":    func(c *Core) { c.requests.queue[0].ticket = 0 },
	"copies":    func(c *Core) { c.requests.queue[0].earlier = append(c.requests.queue[0].earlier, 5) },
	"kind":      func(c *Core) { c.requests.queue[0].op.Kind = Put },
	"argument":  func(c *Core) { c.requests.queue[0].op.Value = "w" },
	"client":    func(c *Core) { c.requests.queue[0].op.Client = "c9" },
	"number":    func(c *Core) { c.requests.queue[0].op.Seq++ },
	"refused":   func(c *Core) { c.requests.queue[0].op.TooLarge = true },
	"parked":    func(c *Core) { c.requests.parked = nil },
	"phase":     func(c *Core) { c.stream.phase = waiting },
	"no phase":  func(c *Core) { c.stream.phase = none },
	"backup":    func(c *Core) { c.stream.boot++ },
	"attempt":   func(c *Core) { c.stream.attempt++ },
	"index":     func(c *Core) { c.stream.index++ },
	"quiet":     func(c *Core) { c.stream.silentTicks++ },
	"sent":      func(c *Core) { c.stream.sent = nil },
	"again":     func(c *Core) { c.stream.sent = &Forward{ID: 1, Args: &ForwardArgs{Viewnum: 2, Position: 1}} },
	"expects":   func(c *Core) { c.stream.expects++ },
	"batch":     func(c *Core) { c.stream.batch = nil },
	"age":       func(c *Core) { c.stream.sentTicks++ },
	"patient":   func(c *Core) { c.stream.resendAfter++ },
	"failed":    func(c *Core) { c.stream.failed = true },
	"cursor":    func(c *Core) { c.stream.cursor = "b" },
	"begun":     func(c *Core) { c.stream.begun = true },
	"rest":      func(c *Core) { c.stream.pauseTick = true },
	"tail":      func(c *Core) { c.stream.tail = append(c.stream.tail, Op{}) },
	"tailed":    func(c *Core) { c.stream.tail = []Op{{Kind: Get}} },
	"taking":    func(c *Core) { c.replica.attempt++ },
	"taken":     func(c *Core) { c.replica.index++ },
	"filled":    func(c *Core) { c.replica.cursor = "b" },
	"complete":  func(c *Core) { c.replica.complete = true },
}

func TestCanonTellsStatesApart(t *testing.T) {
	original := busy()
	before := original.AppendCanon(nil, plain{})
	seen := map[string]string{string(before): "nothing"}
	for name, change := range fields {
		c := original.Clone()
		change(c)
		after := string(c.AppendCanon(nil, plain{}))
		if other, ok := seen[after]; ok {
			t.Errorf("%s changed, and %s changed, are the same: %q", name, other, after)
		}
		seen[after] = name
		if !bytes.Equal(original.AppendCanon(nil, plain{}), before) {
			t.Fatalf("%s of a clone is its original's", name)
		}
	}
}

func TestCanonIsTheSameForEqualStates(t *testing.T) {
	want := busy().AppendCanon(nil, plain{})
	for range 20 { // maps have an order of the moment
		if got := busy().Clone().AppendCanon(nil, plain{}); !bytes.Equal(got, want) {
			t.Fatalf("%q\n%q", want, got)
		}
	}
}

func TestAClonesRequestsAreOneAnother(t *testing.T) {
	c := busy()
	c.stream.batch = append(c.stream.batch, c.requests.queue[0])
	c.requests.latest["c3"] = c.stream.batch[0]
	n := c.Clone()
	first := n.requests.queue[0]
	if first == c.requests.queue[0] || n.stream.batch[1] != first || n.requests.latest["c1"] != first || n.requests.latest["c3"] != n.stream.batch[0] {
		t.Error("one request has become two")
	}
}

func TestClonesGrowApart(t *testing.T) {
	c := busy()
	c.stream.tail = append(make([]Op, 0, 4), c.stream.tail...)
	c.requests.queue[0].earlier = make([]Ticket, 1, 4)
	a, b := c.Clone(), c.Clone()
	for n, ticket := range map[*Core]Ticket{a: 11, b: 12} {
		n.stream.gather(Op{Seq: uint64(ticket)})
		n.joinWait(n.requests.queue[0], 13)
		n.requests.queue[0].earlier[1] = ticket
	}
	if a.stream.tail[1].Seq != 11 || b.stream.tail[1].Seq != 12 {
		t.Errorf("tails %+v and %+v", a.stream.tail, b.stream.tail)
	}
	if x, y := a.requests.queue[0].earlier, b.requests.queue[0].earlier; x[1] != 11 || y[1] != 12 {
		t.Errorf("tickets %v and %v", x, y)
	}
}

func TestACloneOfALargeMap(t *testing.T) {
	c := busy()
	for i := range 2 * smallMap {
		c.state.data.Set(fmt.Sprint(i), "v")
	}
	n := c.Clone()
	n.state.data.Set("5", "other")
	c.state.data.Set("6", "other")
	if v, _ := c.Value("5"); v != "v" || n.state.data.Len() != c.state.data.Len() {
		t.Errorf("%q and %d keys", v, n.state.data.Len())
	}
	if v, _ := n.Value("6"); v != "v" {
		t.Errorf("the clone has %q", v)
	}
}

func TestCanonTellsMessagesApart(t *testing.T) {
	message := func() *ForwardArgs {
		return &ForwardArgs{
			Viewnum: 2, Primary: "s1", Boot: 2, Attempt: 1, Index: 1, Position: 5, Ops: []Op{{Client: "c"}},
			Chunk: &Chunk{Pairs: []Pair{{"a", "1"}}, Filter: []FilterEntry{{Client: "c1", Seq: 1}, {Client: "c2", Seq: 1}}},
		}
	}
	changes := []func(*ForwardArgs){
		func(*ForwardArgs) {},
		func(a *ForwardArgs) { a.Viewnum = 9 }, func(a *ForwardArgs) { a.Primary = "s2" }, func(a *ForwardArgs) { a.Boot = 9 },
		func(a *ForwardArgs) { a.Attempt = 9 }, func(a *ForwardArgs) { a.Index = 9 }, func(a *ForwardArgs) { a.Position = 9 },
		func(a *ForwardArgs) { a.Ops = nil }, func(a *ForwardArgs) { a.Chunk = nil }, func(a *ForwardArgs) { a.Chunk.Last = true },
		func(a *ForwardArgs) { a.Chunk.Pairs = nil }, func(a *ForwardArgs) { a.Chunk.Pairs[0].Key = "b" },
		func(a *ForwardArgs) { a.Chunk.Pairs[0].Value = "2" }, func(a *ForwardArgs) { a.Chunk.Filter = nil },
		func(a *ForwardArgs) { a.Chunk.Filter[0].Seq = 9 }, func(a *ForwardArgs) { a.Chunk.Filter[0].TooLarge = true },
	}
	seen := map[string]int{}
	for i, change := range changes {
		a := message()
		change(a)
		b := string(a.AppendCanon(nil, "s2", plain{}))
		if other, ok := seen[b]; ok {
			t.Errorf("changes %d and %d are the same: %q", i, other, b)
		}
		seen[b] = i
	}
	for i, r := range []ForwardReply{{}, {Boot: 1}, {Viewnum: 1}, {Position: 1}, {Refused: Cause{Code: Gap}}} {
		b := string(r.AppendCanon(nil, "s2", plain{}))
		if _, ok := seen[b]; ok {
			t.Errorf("reply %d is told as another: %q", i, b)
		}
		seen[b] = 100 + i
	}
}
