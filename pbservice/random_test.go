package pbservice

import (
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
)

// choices decide what happens to a world next.
type choices interface {
	next(n int) int // 0 to n-1
	more() bool
}

type seeded struct {
	*rand.Rand
	left int
}

func (s *seeded) next(n int) int { return s.IntN(n) }
func (s *seeded) more() bool     { s.left--; return s.left >= 0 }

func newSeeded(seed uint64) *seeded { return &seeded{rand.New(rand.NewPCG(seed, 0)), 300} }

type script []byte

func (b *script) more() bool { return len(*b) > 0 }
func (b *script) next(n int) int {
	if len(*b) == 0 {
		return 0
	}
	c := (*b)[0]
	*b = (*b)[1:]
	return int(c) % n
}

// chaos is a world to which everything happens that can happen.
type chaos struct {
	*world
	choices
	users   []*user
	gaveUp  int
	crashes int // that may still happen
}

// user is a client with its one outstanding operation.
type user struct {
	name string
	call *call
}

// bigValue fills a chunk.
var bigValue = strings.Repeat("x", chunkBytes)

const maxGaveUp = 6 // operations without an outcome: each doubles the work of the linearizability checker

func newChaos(t testing.TB, label string, from choices) *chaos {
	w := newWorld(t)
	w.label = label
	w.limits = Config{FilterClients: from.next(3)} // with 1 or 2 for three clients, most are forgotten
	if from.next(2) == 0 {
		w.limits.ChunkKeys = 1
	}
	w.start("s1")
	if from.next(2) == 0 { // a map of several chunks
		w.rounds(3)
		for _, key := range []string{"big", "l", "z"} {
			w.nodes["s1"].state.data.Set(key, bigValue)
		}
	}
	w.start("s2")
	w.start("s3")
	c := &chaos{world: w, choices: from, users: []*user{{name: "a"}, {name: "b"}, {name: "c"}}}
	w.rounds(c.next(8))
	c.crashes = c.next(4)
	return c
}

func (c *chaos) live() {
	for c.more() {
		c.step()
	}
}

func (c *chaos) step() {
	switch n := c.next(128); {
	case n < 64:
		c.arrive()
	case n < 80:
		c.pass(c.name())
	case n < 96:
		c.use(c.users[c.next(len(c.users))])
	case n < 101:
		c.miss()
	case n < 106:
		c.double()
	case n < 114:
		c.rounds(1)
	default:
		c.fault(n)
	}
}

func (c *chaos) fault(n int) {
	name := c.name()
	switch {
	case n < 117:
		c.harm(name, n == 116)
	case n < 120 && c.nodes[name] == nil:
		c.restart(name)
	case n < 122:
		ends := append(c.names, viewsName)
		c.lose(pattern{from: ends[c.next(len(ends))], to: ends[c.next(len(ends))]})
	case n < 125:
		c.mend()
	case c.nodes[name] != nil && !c.nodes[name].frozen:
		c.freeze(name)
	}
}

func (c *chaos) name() string { return c.names[c.next(len(c.names))] }

// harm crashes a server, which may be back at once.
func (c *chaos) harm(name string, back bool) {
	if c.crashes == 0 {
		return
	}
	c.crashes--
	c.crash(name)
	if back {
		c.restart(name)
	}
}

func (c *chaos) restart(name string) {
	c.held = slices.DeleteFunc(c.held, func(p pattern) bool { return p.to == name })
	c.start(name)
}

func (c *chaos) mend() {
	c.heal()
	c.release()
	for _, n := range c.nodes {
		n.frozen = false
	}
}

// arrive delivers a letter, mostly one of the oldest.
func (c *chaos) arrive() {
	if len(c.bag) == 0 {
		return
	}
	i := c.next(len(c.bag))
	if c.next(4) > 0 {
		i = min(i, 1)
	}
	l := c.bag[i]
	if slices.ContainsFunc(c.held, func(p pattern) bool { return p.matches(l) }) {
		return
	}
	c.bag = slices.Delete(c.bag, i, i+1)
	c.deliver(l)
}

// miss loses a letter. Its sender may come to know it.
func (c *chaos) miss() {
	if len(c.bag) == 0 {
		return
	}
	i := c.next(len(c.bag))
	l := c.bag[i]
	c.bag = slices.Delete(c.bag, i, i+1)
	if l.kind == "confirm" {
		l = l.asks
	}
	if n := c.nodes[l.from]; l.kind == "forward" && n != nil && n.cfg.Boot == l.boot && c.next(2) == 0 {
		n.Unanswered(l.id)
		c.act(n)
	}
}

func (c *chaos) double() {
	if len(c.bag) > 0 {
		c.bag = append(c.bag, c.bag[c.next(len(c.bag))])
	}
}

// pass lets an interval pass on one server, and its share of it at the viewservice.
func (c *chaos) pass(name string) {
	c.now += interval / time.Duration(len(c.names))
	c.views.Tick(c.now)
	c.tick(name)
}

// use has a client begin an operation, send it again, or give it up.
func (c *chaos) use(u *user) {
	switch {
	case u.call == nil || u.call.over():
		u.call = c.invent(u.name)
	case c.next(8) == 0 && c.gaveUp < maxGaveUp:
		c.gaveUp++
		u.call = c.invent(u.name)
	case c.next(4) == 0:
		c.send(u.call, c.name(), 0) // a client with an old view
	default:
		view, _ := c.views.Current()
		c.send(u.call, view.Primary, view.Viewnum)
	}
}

func (c *chaos) invent(client string) *call {
	if c.next(4) > 0 {
		c.locate(client, c.name())
	}
	kind, key := OpKind(c.next(3)), "k"
	if c.next(2) == 0 {
		key = "log"
		kind = []OpKind{Get, Append}[c.next(2)]
	}
	return c.ask(client, kind, key, fmt.Sprintf("[%s%d]", client, c.clock))
}

// end lets everything heal and come to rest, and judges. served is false if nobody may serve any more, which
// follows from crashes and is no fault.
func (c *chaos) end() (served bool) {
	c.mend()
	for _, name := range c.names {
		if c.nodes[name] == nil {
			c.restart(name)
		}
	}
	for range 30 {
		for _, u := range c.users {
			if view, _ := c.views.Current(); u.call != nil && !u.call.over() {
				c.send(u.call, view.Primary, view.Viewnum)
			}
		}
		c.rounds(1)
	}
	if c.servable() {
		c.judgeServed()
		served = true
	}
	c.judgeHistory()
	return served
}

// servable reports whether the view has a primary with state. If it hasn't, the viewservice must know it.
func (c *chaos) servable() bool {
	view, _ := c.views.Current()
	p := c.nodes[view.Primary]
	if p == nil {
		c.fatalf("no view after everything has healed: %v", view)
	}
	why, blocked := p.refusal(), c.views.Status(c.now).Blocked
	if (why.Code == CodeNone) != (blocked.Rule() == "") {
		c.fatalf("primary: %q, viewservice: %q", why, blocked)
	}
	return why.Code == CodeNone
}

func (c *chaos) judgeServed() {
	view, acked := c.views.Current()
	if !acked || view.Backup == "" {
		c.fatalf("everything has healed, but the view is %v, acknowledged: %v", view, acked)
	}
	p, b := c.nodes[view.Primary], c.nodes[view.Backup]
	if diff := differ(&p.state, &b.state, everyKey); diff != "" || p.state.position != b.state.position {
		c.fatalf("at rest: positions %d and %d: %s", p.state.position, b.state.position, diff)
	}
	for _, u := range c.users {
		if u.call != nil && !u.call.over() {
			c.fatalf("%s/%d has no result: %v", u.name, u.call.Seq, u.call.answers)
		}
	}
	for _, n := range c.nodes {
		if len(n.tickets) > 0 {
			c.fatalf("%s never answered %d requests", n.name, len(n.tickets))
		}
	}
	c.judgeLog(p)
	c.do("reader", Get, "k", "")
	c.do("reader", Get, "log", "")
}

// judgeLog counts the appends to the key that nobody puts.
func (c *chaos) judgeLog(p *node) {
	log, _ := p.state.data.Get("log")
	for _, call := range c.calls {
		if call.Kind != Append || call.Key != "log" {
			continue
		}
		n := strings.Count(log, call.Value)
		if n > 1 || n == 0 && call.ended > 0 {
			c.fatalf("%s appended, with result %q: there %d times in %q", call.Value, call.result.Err, n, log)
		}
	}
}

func (c *chaos) judgeHistory() {
	history := c.history()
	if r := porcupine.CheckOperationsTimeout(register, history, time.Minute); r != porcupine.Ok {
		c.fatalf("linearizable: %v\n%+v", r, history)
	}
}

// history is what the clients saw. A change without an outcome may happen at any time, or, which is the same,
// after everything else; one that nobody has seen does not matter.
func (w *world) history() []porcupine.Operation {
	var all []porcupine.Operation
	var seen strings.Builder
	for _, c := range w.calls {
		seen.WriteString(c.result.Value)
	}
	for _, c := range w.calls {
		op := porcupine.Operation{Input: c.Op, Output: c.result, Call: c.began, Return: c.ended}
		if c.ended == 0 {
			if c.Kind == Get || !strings.Contains(seen.String(), c.Value) {
				continue
			}
			op.Return = math.MaxInt64
		}
		all = append(all, op)
	}
	return all
}

// register is the meaning of the operations on one key.
var register = porcupine.Model{
	Partition: func(history []porcupine.Operation) [][]porcupine.Operation {
		byKey := map[string][]porcupine.Operation{}
		for _, op := range history {
			key := op.Input.(Op).Key
			byKey[key] = append(byKey[key], op)
		}
		var parts [][]porcupine.Operation
		for _, part := range byKey {
			parts = append(parts, part)
		}
		return parts
	},
	Init: func() any { return "" }, // no value written here is empty
	Step: func(state, input, output any) (bool, any) {
		value, op, reply := state.(string), input.(Op), output.(Reply)
		switch op.Kind {
		case Get:
			return value == reply.Value && (value == "") == (reply.Err == NoKey), value
		case Append:
			return true, value + op.Value
		default:
			return true, op.Value
		}
	},
}

func TestC3_RandomWorlds(t *testing.T) {
	const workers, runs = 4, 2400
	for worker := range workers {
		t.Run(fmt.Sprint("worker ", worker), func(t *testing.T) {
			t.Parallel()
			served := 0
			for seed := worker; seed < runs; seed += workers {
				c := newChaos(t, fmt.Sprintf("seed %d: ", seed), newSeeded(uint64(seed)))
				c.live()
				if c.end() {
					served++
				}
			}
			if served < runs/workers/3 {
				t.Errorf("only %d of %d worlds still served at their end: too many faults to find much", served, runs/workers)
			}
			t.Logf("%d of %d worlds still served at their end", served, runs/workers)
		})
	}
}

func FuzzWorld(f *testing.F) {
	for seed := range uint64(3) {
		s, b := newSeeded(seed), make([]byte, 300)
		for i := range b {
			b[i] = byte(s.IntN(256))
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		c := newChaos(t, "", (*script)(&b))
		c.live()
		c.end()
	})
}

// traceOf is the digest of all messages of one random world.
func traceOf(t *testing.T, seed uint64, molts bool) uint64 {
	c := newChaos(t, fmt.Sprintf("seed %d: ", seed), newSeeded(seed))
	digest := fnv.New64a()
	c.trace, c.molts = digest, molts
	c.live()
	c.end()
	return digest.Sum64()
}
