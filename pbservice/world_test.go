package pbservice

import (
	"bytes"
	"encoding/json"
	"fmt"
	"hash"
	"slices"
	"testing"
	"time"

	"cluster/splitbrain/viewservice"
	"cluster/splitbrain/viewservice/rules"
)

const (
	interval  = 100 * time.Millisecond
	deadPings = 5
	viewsName = "vs"
)

// world is a whole service in one goroutine: every message is a letter in the test's hands, and time passes when
// the test says so. After each event it checks what must hold at every moment.
type world struct {
	t     testing.TB
	views *viewservice.Core // nil while it is dead
	now   time.Duration
	boots uint64
	names []string         // of servers, in the order of their first start
	nodes map[string]*node // that run
	calls map[opName]*call // of clients
	bag   []*letter        // under way, in the order of sending
	lost  []pattern        // letters that will not arrive
	held  []pattern        // letters that stay in the bag
	clock int64            // events so far
	blind bool             // check nothing: the map is too large for it, or a rule is off
	off   rules.Disabled
	molts bool          // cores are replaced by their clones after each event
	label string        // how to make this world again
	trace hash.Hash     // of all letters, if not nil
	watch func(*letter) // sees each letter after it was delivered, if not nil

	newest viewservice.Number // that the viewservice has formed

	limits Config            // FilterClients and ChunkKeys of servers that start
	since  map[string]uint64 // by client: the newest position that it was told
}

// node is a server that runs.
type node struct {
	*Core
	name    string
	frozen  bool
	known   viewservice.Number
	tickets map[Ticket]*letter
	last    Ticket
}

// letter is a message under way. Its kind is ping, view, op, answer, forward or confirm.
type letter struct {
	kind     string
	from, to string
	boot     uint64 // of the server that sent the request
	id       uint64 // of a forward
	body     any
	asks     *letter // the request that it answers
}

// pattern describes letters. Empty fields match all.
type pattern struct{ kind, from, to string }

func (p pattern) matches(l *letter) bool {
	is := func(want, have string) bool { return want == "" || want == have }
	return is(p.kind, l.kind) && is(p.from, l.from) && is(p.to, l.to)
}

// opName is what names an operation for ever (S10).
type opName struct {
	client string
	seq    uint64
}

// call is one operation of a client with all that it was told.
type call struct {
	Op
	answers      []Reply
	began, ended int64 // events; ended is 0 while there is no result
	result       Reply
	forgotten    bool // there will be none (S10)
}

// over reports whether the client waits no more.
func (c *call) over() bool { return c.ended > 0 || c.forgotten }

type question struct {
	op    Op
	known viewservice.Number
}

func newWorld(t testing.TB, names ...string) *world {
	w := &world{t: t, nodes: map[string]*node{}, calls: map[opName]*call{}, since: map[string]uint64{}}
	w.views = viewservice.New(viewservice.Config{PingInterval: interval, DeadPings: deadPings})
	for _, name := range names {
		w.start(name)
	}
	return w
}

// without switches a rule off everywhere, and the checks with it.
func (w *world) without(r rules.Rule) {
	w.off, w.blind = rules.Without(r), true
	w.views.SetDisabled(w.off)
	for _, n := range w.nodes {
		n.SetDisabled(w.off)
	}
}

// newService returns a world in view 2: the first name is primary, the second its complete backup.
func newService(t testing.TB, names ...string) *world {
	w := newWorld(t, names...)
	w.rounds(6)
	w.wantView(2, names[0], names[1])
	return w
}

// start boots a server, anew if it runs already.
func (w *world) start(name string) *node {
	w.boots++
	cfg := w.limits
	cfg.Me, cfg.Boot, cfg.DeadPings, cfg.Disabled = name, w.boots, deadPings, w.off
	n := &node{Core: NewCore(cfg), name: name, tickets: map[Ticket]*letter{}}
	if !slices.Contains(w.names, name) {
		w.names = append(w.names, name)
	}
	w.nodes[name] = n
	return n
}

func (w *world) crash(name string) { delete(w.nodes, name) }

// lose lets no letter of the pattern arrive from now on. Those in the bag are lost too.
func (w *world) lose(p pattern) {
	w.lost = append(w.lost, p)
	w.bag = slices.DeleteFunc(w.bag, p.matches)
}

// part cuts a and b from each other.
func (w *world) part(a, b string) {
	w.lose(pattern{from: a, to: b})
	w.lose(pattern{from: b, to: a})
}

func (w *world) heal() { w.lost = nil }

// hold keeps letters of the pattern in the bag until release.
func (w *world) hold(p pattern) { w.held = append(w.held, p) }
func (w *world) release()       { w.held = nil }

// freeze stops a server: it hears nothing and its clock stands.
func (w *world) freeze(name string) {
	w.nodes[name].frozen = true
	w.hold(pattern{to: name})
}

func (w *world) thaw(name string) {
	w.nodes[name].frozen = false
	w.held = slices.DeleteFunc(w.held, func(p pattern) bool { return p == pattern{to: name} })
}

// pick takes the oldest letter of the pattern out of the bag.
func (w *world) pick(p pattern) *letter {
	w.t.Helper()
	i := slices.IndexFunc(w.bag, p.matches)
	if i < 0 {
		w.t.Fatalf("no letter %v under way", p)
	}
	l := w.bag[i]
	w.bag = slices.Delete(w.bag, i, i+1)
	return l
}

// none fails if a letter of the pattern is under way.
func (w *world) none(p pattern) {
	w.t.Helper()
	if i := slices.IndexFunc(w.bag, p.matches); i >= 0 {
		w.t.Fatalf("under way: %+v", w.bag[i])
	}
}

func (w *world) post(l *letter) {
	if w.trace != nil {
		json.NewEncoder(w.trace).Encode([]any{l.kind, l.from, l.to, l.id, l.body})
	}
	for _, p := range w.lost {
		if p.matches(l) {
			return
		}
	}
	w.bag = append(w.bag, l)
}

// deliver hands a letter over. The same letter may be delivered again.
func (w *world) deliver(l *letter) {
	w.clock++
	switch body := l.body.(type) {
	case viewservice.PingArgs:
		if w.views == nil {
			return
		}
		if reply, err := w.views.Ping(w.now, body); err == nil {
			w.post(&letter{kind: "view", from: l.to, to: l.from, body: reply, asks: l})
		}
	case Reply:
		w.answered(l.asks.body.(question).op, body)
	default:
		if n := w.nodes[l.to]; n != nil {
			w.receive(n, l)
			w.act(n)
		}
	}
	if w.watch != nil {
		w.watch(l)
	}
	w.molt()
	w.check()
}

// molt replaces all cores by their clones, and sees that those that were replaced don't change any more.
func (w *world) molt() {
	if !w.molts {
		return
	}
	old := w.views
	w.views = old.Clone()
	before := old.AppendCanon(nil, plain{})
	w.views.Silence(w.now, "s1")
	w.views = old.Clone()
	if !bytes.Equal(before, old.AppendCanon(nil, plain{})) {
		w.fatalf("a clone of the viewservice changes its original")
	}
	for _, n := range w.nodes {
		w.moltServer(n)
	}
}

func (w *world) moltServer(n *node) {
	before := n.AppendCanon(nil, plain{})
	spoilt := n.Clone()
	spoilt.Request(1, Op{Kind: Put, Key: "k", Value: "spoilt", Client: "a", Seq: 99}, 0)
	spoilt.Tick()
	spoilt.Ready()
	spoilt.PingReply(0, viewservice.PingReply{View: viewservice.View{Viewnum: 999, Primary: n.name}})
	if !bytes.Equal(before, n.AppendCanon(nil, plain{})) {
		w.fatalf("a clone of %s changes its original", n.name)
	}
	n.Core = n.Clone()
	if !bytes.Equal(before, n.AppendCanon(nil, plain{})) {
		w.fatalf("a clone of %s differs", n.name)
	}
}

// plain is a viewservice.Canon that renames nothing.
type plain struct{}

func (plain) Name(b []byte, name string) []byte { return append(b, name+";"...) }
func (plain) Text(b []byte, text string) []byte { return fmt.Appendf(b, "%d %.99q", len(text), text) }
func (plain) Boot(b []byte, _ string, boot uint64) []byte {
	return fmt.Appendf(b, "%d;", boot)
}
func (plain) Age(b []byte, age, _ time.Duration) []byte { return fmt.Appendf(b, "%d;", age) }
func (plain) Number(b []byte, n uint64) []byte          { return fmt.Appendf(b, "%d;", n) }
func (plain) Position(b []byte, n uint64) []byte        { return fmt.Appendf(b, "%d;", n) }

func (w *world) receive(n *node, l *letter) {
	if l.asks != nil && l.asks.boot != n.cfg.Boot {
		return // the connection of an earlier boot died with it (S1)
	}
	switch body := l.body.(type) {
	case viewservice.PingReply:
		n.PingReply(l.asks.body.(viewservice.PingArgs).Viewnum, body)
	case question:
		n.last++
		n.tickets[n.last] = l
		n.Request(n.last, body.op, body.known)
	case *ForwardArgs:
		w.post(&letter{kind: "confirm", from: l.to, to: l.from, body: n.Forward(body), asks: l})
	case ForwardReply:
		n.Forwarded(l.asks.id, body)
	}
}

// act sends what a server wants sent.
func (w *world) act(n *node) {
	r := n.Ready()
	for _, a := range r.Answers {
		asks := n.tickets[a.Ticket]
		if asks == nil {
			w.fatalf("%s answers ticket %d a second time: %+v", n.name, a.Ticket, a.Reply)
		}
		delete(n.tickets, a.Ticket)
		w.post(&letter{kind: "answer", from: n.name, to: asks.from, body: a.Reply, asks: asks})
	}
	for _, p := range r.Pings {
		w.post(&letter{kind: "ping", from: n.name, to: viewsName, boot: n.cfg.Boot, body: p})
	}
	for _, f := range r.Forwards {
		w.post(&letter{kind: "forward", from: n.name, to: f.To, boot: n.cfg.Boot, id: f.ID, body: f.Args})
	}
}

// tick lets an interval pass on one server.
func (w *world) tick(name string) {
	w.clock++
	if n := w.nodes[name]; n != nil && !n.frozen {
		n.Tick()
		w.act(n)
		w.check()
	}
}

// run delivers all that is under way and what follows from it, but for what is held.
func (w *world) run() {
	free := func(l *letter) bool {
		return !slices.ContainsFunc(w.held, func(p pattern) bool { return p.matches(l) })
	}
	for range 100_000 {
		i := slices.IndexFunc(w.bag, free)
		if i < 0 {
			return
		}
		l := w.bag[i]
		w.bag = slices.Delete(w.bag, i, i+1)
		w.deliver(l)
	}
	w.fatalf("the servers don't come to rest")
}

// rounds lets n intervals pass, and in each all letters arrive.
func (w *world) rounds(n int) {
	for range n {
		w.now += interval
		if w.views != nil {
			w.views.Tick(w.now)
		}
		for _, name := range w.names {
			w.tick(name)
		}
		w.run()
	}
}

// ask has a client send a new operation to the primary of the viewservice's view.
func (w *world) ask(client string, kind OpKind, key, value string) *call {
	c := w.begin(client, kind, key, value)
	if w.views != nil {
		view, _ := w.views.Current()
		w.send(c, view.Primary, view.Viewnum)
	}
	return c
}

// begin has a client begin a new operation, and send nothing yet.
func (w *world) begin(client string, kind OpKind, key, value string) *call {
	op := Op{Kind: kind, Key: key, Value: value, Client: client, Seq: 1, Since: w.since[client]}
	for w.calls[opName{client, op.Seq}] != nil {
		op.Seq++
	}
	w.clock++
	c := &call{Op: op, began: w.clock}
	w.calls[opName{client, op.Seq}] = c
	return c
}

// send sends the operation of c, perhaps again, to a server.
func (w *world) send(c *call, server string, known viewservice.Number) {
	w.post(&letter{kind: "op", from: c.Client, to: server, body: question{c.Op, known}})
}

// do has a client carry out an operation when nothing is in its way.
func (w *world) do(client string, kind OpKind, key, value string) Reply {
	w.t.Helper()
	c := w.ask(client, kind, key, value)
	w.run()
	w.wantResult(c, "")
	return c.result
}

func (w *world) answered(op Op, r Reply) {
	c := w.calls[opName{op.Client, op.Seq}]
	c.answers = append(c.answers, r)
	w.since[op.Client] = max(w.since[op.Client], r.Position)
	switch {
	case c.over() || r.Err == NotPrimary:
	case r.Err == Forgotten:
		c.forgotten = true
	default:
		c.result, c.ended = r, w.clock
	}
}

// locate has a client ask a server for the position.
func (w *world) locate(client, server string) {
	if n := w.nodes[server]; n != nil && !n.frozen {
		w.since[client] = max(w.since[client], n.Position().Position)
	}
}

// check is what must hold after every event.
func (w *world) check() {
	if w.blind {
		return
	}
	w.checkViews()
	able := ""
	for _, name := range w.names {
		n := w.nodes[name]
		if n == nil {
			continue
		}
		if w.completes(n) {
			if able != "" {
				w.fatalf("split brain: %s and %s can both answer clients", able, name)
			}
			able = name
		}
		w.checkBackupOf(n)
	}
}

func (w *world) checkViews() {
	if w.views != nil {
		if view, _ := w.views.Current(); view.Viewnum < w.newest {
			w.fatalf("the viewservice goes back to view %d", view.Viewnum)
		} else {
			w.newest = view.Viewnum
		}
	}
	for _, n := range w.nodes {
		if n.view.Viewnum < n.known || n.entered > n.view.Viewnum {
			w.fatalf("%s: view %d after %d, entered %d", n.name, n.view.Viewnum, n.known, n.entered)
		}
		n.known = n.view.Viewnum
	}
}

// completes reports whether n could complete an operation: alone, or because its backup would confirm it.
func (w *world) completes(n *node) bool {
	if n.refusal().Code != CodeNone {
		return false
	}
	if n.stream.phase != waiting {
		return true
	}
	b := w.nodes[n.view.Backup]
	return b != nil && b.cfg.Boot == n.stream.boot && b.view == n.view
}

// checkBackupOf compares what the backup of n has taken with what n holds.
func (w *world) checkBackupOf(n *node) {
	b := w.nodes[n.view.Backup]
	if b == nil || n.stream.boot != b.cfg.Boot || b.view != n.view || b.replica.attempt != n.stream.attempt {
		return
	}
	want := n.state.clone(filter{})
	if b.state.position == want.position+uint64(len(n.stream.batch)) {
		for _, r := range n.stream.batch {
			want.apply(r.op, 0)
		}
	}
	if b.state.position != want.position {
		if b.replica.complete || b.state.position > want.position {
			w.fatalf("%s holds %d operations, its backup %s %d", n.name, n.state.position, b.name, b.state.position)
		}
		return
	}
	if !b.replica.complete {
		want.filter = part(&want.filter, b.state.filter.clients(), b.state.filter.horizon)
	}
	if diff := differ(&want, &b.state, b.replica.has); diff != "" {
		w.fatalf("primary %s, backup %s at position %d: %s", n.name, b.name, want.position, diff)
	}
}

func (w *world) fatalf(format string, args ...any) {
	w.t.Fatalf("%sevent %d: %s", w.label, w.clock, fmt.Sprintf(format, args...))
}

// part is a filter that has only the newest entries of f.
func part(f *filter, clients int, horizon uint64) filter {
	some := filter{room: f.room, horizon: horizon}
	for _, e := range f.chunk(&filterCursor{}, clients) {
		some.restore(e)
	}
	return some
}

// differ says how b differs from what a holds of the keys that has accepts, and from its filter; "" if it doesn't.
func differ(a, b *state, has func(string) bool) string {
	pairs := func(s *state, has func(string) bool) (all []Pair) {
		s.data.Scan(func(key, value string) bool {
			if has(key) {
				all = append(all, Pair{key, value})
			}
			return true
		})
		return all
	}
	if x, y := pairs(a, has), pairs(b, everyKey); !slices.Equal(x, y) {
		return fmt.Sprintf("maps %.500q and %.500q", x, y)
	}
	if x, y := a.filter.all(), b.filter.all(); !slices.Equal(x, y) || a.filter.horizon != b.filter.horizon {
		return fmt.Sprintf("filters %+v behind %d and %+v behind %d", x, a.filter.horizon, y, b.filter.horizon)
	}
	return ""
}

func everyKey(string) bool { return true }

// wantView fails unless all that run know the viewservice's view, and it is this one, entered by its members.
func (w *world) wantView(number viewservice.Number, primary, backup string) {
	w.t.Helper()
	want := viewservice.View{Viewnum: number, Primary: primary, Backup: backup}
	if view, acked := w.views.Current(); view != want || !acked {
		w.t.Fatalf("the viewservice is in view %v, acknowledged: %v; want %v", view, acked, want)
	}
	for _, n := range w.nodes {
		if n.view != want || n.entered != number {
			w.t.Fatalf("%s knows view %v and entered %d; want %v", n.name, n.view, n.entered, want)
		}
	}
}

// wantResult fails unless the operation was done, with this value.
func (w *world) wantResult(c *call, value string) {
	w.t.Helper()
	if c.ended == 0 {
		w.t.Fatalf("%s/%d: no result: %v", c.Client, c.Seq, c.answers)
	}
	if c.Kind != Get && c.result.Err != OK || c.Kind == Get && value != "" && c.result.Value != value {
		w.t.Fatalf("%s/%d: %+v, want %q", c.Client, c.Seq, c.result, value)
	}
}

// wantNoResult fails if the operation was done. Its answers, if any, must be refusals with the last of this code.
func (w *world) wantNoResult(c *call, code Code) {
	w.t.Helper()
	last := CodeNone
	if n := len(c.answers); n > 0 {
		last = c.answers[n-1].Why.Code
	}
	if c.ended != 0 || last != code {
		w.t.Fatalf("%s/%d: answers %v, want cause %d", c.Client, c.Seq, c.answers, code)
	}
}

// wantValue fails unless a new client reads this value; "" means that there is none.
func (w *world) wantValue(key, value string) {
	w.t.Helper()
	if r := w.do("reader", Get, key, ""); r.Value != value || (r.Err == NoKey) != (value == "") {
		w.t.Fatalf("get %q: %+v, want %q", key, r, value)
	}
}

// wantRefusal fails unless the server refuses clients, with this code; CodeNone: unless it serves them.
func (w *world) wantRefusal(name string, code Code) {
	w.t.Helper()
	if why := w.nodes[name].refusal(); why.Code != code {
		w.t.Fatalf("%s: cause %d (%v), want %d", name, why.Code, why, code)
	}
}

// wantEqual fails unless two servers hold the same state.
func (w *world) wantEqual(a, b string) {
	w.t.Helper()
	x, y := &w.nodes[a].state, &w.nodes[b].state
	if diff := differ(x, y, everyKey); diff != "" || x.position != y.position {
		w.t.Fatalf("%s at %d, %s at %d: %s", a, x.position, b, y.position, diff)
	}
}

// fill gives a server without clients many keys.
func (w *world) fill(name string, keys int) {
	for i := range keys {
		w.nodes[name].state.data.Set(fmt.Sprintf("key%08d", i), "value")
	}
}
