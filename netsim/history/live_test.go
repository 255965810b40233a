package history

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"cluster/splitbrain/netsim/env/envtest"
	"cluster/splitbrain/pbservice"
)

func unique(n int) string { return fmt.Sprintf("[%d]", n) }

// TestAgreesWithPorcupine judges thousands of histories, good and bad, both while they grow and all at once.
func TestAgreesWithPorcupine(t *testing.T) {
	histories := 4000
	if envtest.Raced { // one goroutine does it all
		histories = 400
	}
	var good, bad int
	for seed := range uint64(histories) {
		random := rand.New(rand.NewPCG(seed, 7))
		s := simulation{
			random: random, clients: 1 + random.IntN(5), keys: 1 + random.IntN(2), values: unique,
			unknown: []float64{0, 0.1, 0.3}[random.IntN(3)], appends: random.IntN(2) == 0, spread: 1 + random.IntN(3),
		}
		if random.IntN(2) == 0 {
			few := []string{"", "x", "y", "xy"}
			s.values = func(n int) string { return few[n%len(few)] }
		}
		ops := s.run(10 + random.IntN(30))
		if random.IntN(2) == 0 {
			spoil(random, ops)
		}
		var r Recorder
		replay(&r, ops, func() {
			if random.IntN(4) == 0 {
				r.Judge(time.Minute)
			}
		})
		got, want := r.Judge(time.Minute), Check(r.Operations(), time.Second)
		if want.Result == Undecided {
			continue
		}
		if got.Result != want.Result {
			t.Fatalf("seed %d: got %v, porcupine says %v\n%s", seed, got, want, listing(ops))
		}
		if got.Result == Violated {
			bad++
		} else {
			good++
		}
	}
	if good < histories/3 || bad < histories/6 {
		t.Errorf("%d good histories, %d bad ones: too few", good, bad)
	}
}

func listing(ops []Operation) string {
	text := ""
	for _, o := range ops {
		text += fmt.Sprintf("%s %s [%d, %d] %v\n", o.Client, o.Key, o.Call, o.Return, o)
	}
	return text
}

// TestJudgedOnceMore: whenever the judge gives up a key while operations run, it decides what has happened when they have ended.
func TestJudgedOnceMore(t *testing.T) {
	decided := map[Result]int{}
	for seed := range uint64(400) {
		random := rand.New(rand.NewPCG(seed, 11))
		few := []string{"x", "y"}
		s := simulation{
			random: random, clients: 2 + random.IntN(4), keys: 1, appends: random.IntN(2) == 0,
			spread: 1 + random.IntN(3), values: func(n int) string { return few[n%len(few)] },
		}
		ops := s.run(10 + random.IntN(30))
		if random.IntN(2) == 0 {
			spoil(random, ops)
		}
		for i := range ops {
			if ops[i].Return == 0 {
				ops[i].Return = ops[len(ops)-1].Call + 1000 // given up
			}
		}
		var r Recorder
		replay(&r, ops, func() {
			r.Judge(time.Minute)
			for _, k := range r.judge.keys {
				if !k.state.unknown && k.state.running > 0 && random.IntN(4) == 0 {
					k.state.giveUp()
					r.judge.doubt(k)
				}
			}
		})
		got, want := r.Judge(time.Minute), Check(r.Operations(), time.Second)
		if want.Result != Undecided && got.Result != want.Result {
			t.Fatalf("seed %d: got %v, porcupine says %v\n%s", seed, got, want, listing(ops))
		}
		if got.Result == Linearizable && got.Judged != got.Total {
			t.Fatalf("seed %d: %d of %d judged\n%s", seed, got.Judged, got.Total, listing(ops))
		}
		decided[got.Result]++
	}
	if decided[Linearizable] < 100 || decided[Violated] < 40 {
		t.Errorf("%v: too few", decided)
	}
}

// TestMoments: two times that differ are told so that they do.
func TestMoments(t *testing.T) {
	for _, c := range []struct {
		a, b time.Duration
		want string
	}{
		{3210 * time.Millisecond, 3100 * time.Millisecond, "at 3.21 s at 3.10 s"}, {3212 * time.Millisecond, 3211 * time.Millisecond, "at 3.212 s at 3.211 s"},
		{3210 * time.Millisecond, 3210*time.Millisecond - time.Microsecond, "at 3.210000 s at 3.209999 s"}, {6 * time.Millisecond, 4 * time.Millisecond, "at 6 ms at 4 ms"},
		{314016 * time.Microsecond, 314006 * time.Microsecond, "at 314.016 ms at 314.006 ms"}, {7, 6, "at 0.000007 ms at 0.000006 ms"}, {time.Second, time.Second, "at 1.00 s at 1.00 s"},
	} {
		if a, b := formatTimes(c.a, c.b); a+" "+b != c.want {
			t.Errorf("%v, %v: %s %s", c.a, c.b, a, b)
		}
	}
}

// TestBlame holds the words for one history of each kind.
func TestBlame(t *testing.T) {
	const get, put, add = pbservice.Get, pbservice.Put, pbservice.Append
	for _, test := range []struct {
		name string
		ops  []Operation
		text string
		ids  []int // blamed
	}{
		{"stale read", []Operation{op("c1", 1000, 1010, put, "1"), op("c1", 3000, 3100, put, "2"), op("c2", 3150, 3210, get, "1")},
			`c2 get k, begun at 3.15 s, returned "1"; c1’s put k "2" had returned already, at 3.10 s: it should have seen "2"`, []int{1, 2}},
		{"stale read of what was read before", []Operation{
			op("c1", 100, 110, put, "1"), op("c2", 200, 210, get, "1"), op("c1", 300, 310, put, "2"), op("c2", 400, 410, get, "1")},
			`c2 get k, begun at 400 ms, returned "1"; c1’s put k "2" had returned already, at 310 ms: it should have seen "2"`, []int{2, 3}},
		{"both in the other order", []Operation{op("c1", 1, 2, add, "x"), op("c1", 3, 4, add, "y"), op("c2", 5, 6, get, "yx")},
			`c2 get k, begun at 5 ms, returned "yx"; c1’s append k "y" had returned already, at 4 ms: it should have seen "xy"`, []int{0, 1, 2}},
		{"lost write", []Operation{op("c3", 1, 2, get, ""), op("c1", 3, 4, put, "x"), op("c2", 5, 6, get, "")},
			`c2 get k, begun at 5 ms, returned no value; c1’s put k "x" had returned already, at 4 ms: it should have seen "x"`, []int{1, 2}},
		{"doubled append", []Operation{op("c1", 1, 2, add, "x"), op("c2", 3, 4, get, "xx")},
			`c2 get k returned "xx" at 4 ms, which no order of the operations gives: it should have seen "x"`, []int{1}},
		{"never written", []Operation{op("c1", 1, 5, put, "x"), op("c2", 3, 4, get, "z")},
			`c2 get k returned "z" at 4 ms, which no order of the operations gives: it could have seen "x" or no value`, []int{1}},
		{"value goes back", []Operation{op("c1", 1, 9, put, "x"), op("c2", 2, 3, get, "x"), op("c3", 4, 5, get, "")},
			`c3 get k, begun at 4 ms, returned no value; c2’s get had returned "x" already, at 3 ms: it should have seen "x"`, []int{1, 2}},
		{"an unknown put may come late, but once", []Operation{
			op("c1", 1, 0, put, "x"), op("c2", 2, 3, put, "y"), op("c2", 4, 5, get, "x"), op("c2", 6, 7, get, "y")},
			`c2 get k, begun at 6 ms, returned "y"; c2’s get had returned "x" already, at 5 ms: it should have seen "x"`, []int{2, 3}},
		{"long values differ at their ends", []Operation{
			op("c1", 1, 2, put, long), op("c1", 3, 4, add, "[8]"), op("c2", 5, 6, get, long+"[8][8]")},
			`c2 get k returned "…3456789abcdef[8][8]" at 6 ms, which no order of the operations gives: it should have seen "…3456789abcdef[8]"`, []int{2}},
		{"what it had long before", settled(op("c1", 1, 2, put, "x"), op("c2", 5, 6, get, "x"), op("c2", 100, 101, get, "z")),
			`c2 get k, begun at 100 ms, returned "z"; it had been "x" already, at 20 ms: it should have seen "x"`, []int{19}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var r Recorder
			replay(&r, test.ops, func() {})
			v := r.Judge(time.Minute)
			if v.Result != Violated || v.Key != "k" || v.Blame == nil {
				t.Fatalf("%+v", v)
			}
			if v.Blame.Text != test.text {
				t.Errorf("got  %s\nwant %s", v.Blame.Text, test.text)
			}
			var blamed []int
			for _, b := range r.Since(0, len(test.ops)) {
				if b.Blamed {
					blamed = append(blamed, b.ID)
				}
			}
			if !slices.Equal(blamed, test.ids) {
				t.Errorf("blamed %v, want %v", blamed, test.ids)
			}
		})
	}
}

// A get that begins at the very time at which a put returns, after it: the time would not tell which was first.
func TestBlameAtOneTime(t *testing.T) {
	var r Recorder
	const at = 20 * time.Millisecond
	r.Return(r.Call("c1", pbservice.Op{Kind: pbservice.Put, Key: "a", Value: "1"}, 0), at, Outcome{Known: true})
	r.Return(r.Call("c2", pbservice.Op{Kind: pbservice.Get, Key: "a"}, at), 2*at, Outcome{Known: true})
	want := `c2 get a, begun at 20 ms, returned no value; c1’s put a "1" had returned already: it should have seen "1"`
	if b := r.Judge(time.Minute).Blame; b == nil || b.Text != want {
		t.Errorf("%+v, want %s", b, want)
	}
}

var long = strings.Repeat("0123456789abcdef", 4)

// settled repeats the second of three operations until the first is forgotten.
func settled(first, again, last Operation) []Operation {
	ops := []Operation{first}
	for range 18 {
		ops = append(ops, again)
		again.Call, again.Return = again.Call+2*time.Millisecond, again.Return+2*time.Millisecond
	}
	return append(ops, last)
}

// untold is an operation whose times alone say when it was.
func untold(o Operation) Operation {
	o.Called, o.Returned = 0, 0
	return o
}

// TestBlameIsContradictory: those to blame can't be explained, with what wrote what the culprit found, and whatever else there
// was; and none of them is there in vain.
func TestBlameIsContradictory(t *testing.T) {
	blamed := 0
	for seed := range uint64(1000) {
		random := rand.New(rand.NewPCG(seed, 8))
		ops := simulation{random: random, clients: 4, keys: 1, values: unique, unknown: 0.1, spread: 2}.run(14)
		spoil(random, ops)
		var r Recorder
		replay(&r, ops, func() {})
		v := r.Judge(time.Minute)
		if v.Result != Violated {
			continue
		}
		blamed++
		culprit := untold(v.Blame.Culprit)
		var because []Operation
		for _, o := range slices.Concat(v.Blame.Because, v.Blame.found) {
			because = append(because, untold(o))
		}
		needed := len(because)
		if i := slices.IndexFunc(because, func(o Operation) bool { return o == culprit }); i >= 0 {
			t.Fatalf("seed %d: the culprit is its own witness", seed)
		}
		// All other writes may happen at any time; the history is short enough to be there as a whole.
		for _, o := range ops {
			if o.Kind != pbservice.Get && o.Call <= culprit.Return && !slices.Contains(because, o) {
				o.Call, o.Outcome = 0, Outcome{}
				because = append(because, o)
			}
		}
		if got := Check(append(because, culprit), time.Second); got.Result == Linearizable {
			t.Fatalf("seed %d: %s\nis explained by\n%s", seed, v.Blame.Text, listing(ops))
		}
		for i := range needed {
			less := append(slices.Clone(because), culprit)
			if o := &less[i]; o.Kind == pbservice.Get {
				less = slices.Delete(less, i, i+1)
			} else {
				o.Call, o.Outcome = 0, Outcome{}
			}
			if Check(less, time.Second).Result == Violated {
				t.Fatalf("seed %d: %s\nwithout %v too:\n%s", seed, v.Blame.Text, because[i], listing(ops))
			}
		}
		for _, could := range v.Blame.Could {
			if could == culprit.got().String() {
				t.Fatalf("seed %d: it could have seen what it saw: %s", seed, v.Blame.Text)
			}
		}
	}
	if blamed < 300 {
		t.Errorf("only %d of the histories are bad", blamed)
	}
}

// TestMillion: what is kept of a million operations is bounded, with and without somebody who judges.
func TestMillion(t *testing.T) {
	const clients, keys = 8, 16
	for watched, operations := range map[bool]int{true: 1_000_000, false: 200_000} {
		if envtest.Raced { // one goroutine does it all
			operations /= 20
		}
		t.Run(fmt.Sprintf("watched %v", watched), func(t *testing.T) {
			var r Recorder
			service := newService(rand.New(rand.NewPCG(1, 1)), clients, keys)
			for n := range operations {
				service.step(&r)
				if watched && n%1000 == 0 {
					r.Judge(time.Minute)
				}
				if n%10_000 == 0 {
					checkKept(t, &r, clients)
				}
			}
			service.finish(&r)
			if v := r.Judge(time.Minute); v.Result != Linearizable || v.Judged != operations || v.Total != operations {
				t.Errorf("%+v", v)
			}
			checkKept(t, &r, clients)
		})
	}
}

// checkKept counts what is remembered, wherever it is.
func checkKept(t *testing.T, r *Recorder, clients int) {
	t.Helper()
	judged := 0
	if queued := r.judge.waiting; queued > maxLeftOver+2*maxUnjudged {
		t.Fatalf("%d events wait", queued)
	}
	for _, k := range r.judge.keys {
		judged += len(k.queue) + len(k.state.window) + len(k.state.reading) + len(k.state.doubtful)
		for _, c := range k.state.configurations {
			judged += len(c.pending)
		}
	}
	if shown := len(r.Operations()); shown > 2*Kept+clients || len(r.inbox) > 2*maxUnjudged || judged > maxLeftOver+4*maxUnjudged {
		t.Fatalf("%d operations, %d events in the inbox, %d in the accounts are kept", shown, len(r.inbox), judged)
	}
}

// service answers random operations of clients that overlap, correctly, and forgets nothing but the past.
type service struct {
	random *rand.Rand
	keys   int
	state  map[string]value
	now    time.Duration
	idle   []string
	open   []pendingOp
	calls  int
}

type pendingOp struct {
	id     int
	client string
	op     pbservice.Op
	out    Outcome
}

func newService(random *rand.Rand, clients, keys int) *service {
	s := &service{random: random, keys: keys, state: map[string]value{}}
	for i := range clients {
		s.idle = append(s.idle, fmt.Sprintf("c%d", i+1))
	}
	return s
}

// step runs one more operation; others may end before.
func (s *service) step(r *Recorder) {
	for len(s.idle) == 0 || len(s.open) > 0 && s.random.IntN(2) == 0 {
		s.end(r)
	}
	s.now++
	p := pendingOp{client: s.idle[0], op: pbservice.Op{
		Kind: pbservice.OpKind(s.random.IntN(2)), Key: fmt.Sprintf("k%d", s.random.IntN(s.keys)), Value: fmt.Sprint(s.calls),
	}}
	s.idle = s.idle[1:]
	s.calls++
	p.id = r.Call(p.client, p.op, s.now)
	before := s.state[p.op.Key]
	p.out = Outcome{Known: true, Found: before.found, Got: before.text}
	s.state[p.op.Key] = before.after(&Operation{Kind: p.op.Kind, Value: p.op.Value})
	s.open = append(s.open, p)
}

func (s *service) end(r *Recorder) {
	i := s.random.IntN(len(s.open))
	p := s.open[i]
	s.open = slices.Delete(s.open, i, i+1)
	s.idle = append(s.idle, p.client)
	s.now++
	r.Return(p.id, s.now, p.out)
}

func (s *service) finish(r *Recorder) {
	for len(s.open) > 0 {
		s.end(r)
	}
}

// TestWaitsForNobody: a get that never ends, or a write, hides no violation and costs bounded memory.
func TestWaitsForNobody(t *testing.T) {
	for _, kind := range []pbservice.OpKind{pbservice.Get, pbservice.Put} {
		var r Recorder
		r.Call("stuck", pbservice.Op{Kind: kind, Key: "k0", Value: "z"}, 0)
		s := newService(rand.New(rand.NewPCG(3, 3)), 3, 1)
		for n := range 20_000 {
			s.step(&r)
			if n == 500 && r.Judge(time.Minute).Result != Linearizable {
				t.Errorf("%v: %v", kind, r.Verdict())
			}
		}
		s.finish(&r)
		v := r.Judge(time.Minute)
		if want := map[pbservice.OpKind]Result{pbservice.Get: Undecided, pbservice.Put: Linearizable}[kind]; v.Result != want {
			t.Errorf("%v: %+v, want %v", kind, v, want)
		}
		checkKept(t, &r, 4)
		s.now++
		r.Return(r.Call("c9", pbservice.Op{Key: "k0"}, s.now), s.now+1, Outcome{Known: true, Found: true, Got: "never"})
		if v := r.Judge(time.Minute); v.Result != Violated {
			t.Errorf("%v: %+v, want a violation", kind, v)
		}
	}
}

// TestUndecided: what would cost too much is not decided, and said so; a quiet moment ends that.
func TestUndecided(t *testing.T) {
	var r Recorder
	now := time.Duration(0)
	do := func(op pbservice.Op, out Outcome) {
		now += 2
		r.Return(r.Call("c1", op, now), now+1, out)
	}
	for i := range 2 * maxPending { // appends at the same time, of which the order is never seen
		r.Call(fmt.Sprintf("c%d", i), pbservice.Op{Kind: pbservice.Append, Key: "k", Value: "ab"[i%2 : i%2+1]}, now)
	}
	for id := range 2 * maxPending {
		r.Return(id, 1, Outcome{Known: true})
	}
	do(pbservice.Op{Kind: pbservice.Put, Key: "k", Value: "late"}, Outcome{})
	do(pbservice.Op{Kind: pbservice.Get, Key: "k"}, Outcome{Known: true, Found: true, Got: "anything"})
	v := r.Judge(time.Minute)
	if v.Result != Undecided || v.Key != "k" || v.Judged >= maxPending {
		t.Errorf("%+v", v)
	}
	do(pbservice.Op{Kind: pbservice.Put, Key: "k", Value: "x"}, Outcome{Known: true})
	do(pbservice.Op{Kind: pbservice.Get, Key: "k"}, Outcome{Known: true, Found: true, Got: "x"})
	do(pbservice.Op{Kind: pbservice.Get, Key: "k"}, Outcome{Known: true, Found: true, Got: "late"})
	if v := r.Judge(time.Minute); v.Result != Undecided {
		t.Errorf("%+v", v)
	}
	do(pbservice.Op{Kind: pbservice.Get, Key: "k"}, Outcome{Known: true, Found: true, Got: "y"})
	if v := r.Judge(time.Minute); v.Result != Violated {
		t.Errorf("%+v: it was quiet, and the value is known again", v)
	}
}

// TestRefusedIsNotDone: what was refused for good has not happened, whether it had the key to itself or not.
func TestRefusedIsNotDone(t *testing.T) {
	const get, put = pbservice.Get, pbservice.Put
	for seen, want := range map[string]Result{"x": Linearizable, "no": Violated} {
		refused := op("c1", 3, 6, put, "no")
		refused.Refused = true
		for _, between := range [][]Operation{{refused}, {refused, op("c2", 4, 5, get, "x")}} {
			var r Recorder
			replay(&r, append(append([]Operation{op("c1", 1, 2, put, "x")}, between...), op("c1", 7, 8, get, seen)), func() {})
			if v := r.Judge(time.Minute); v.Result != want {
				t.Errorf("%d operations, %q seen: %v", len(between), seen, v)
			}
		}
	}
}

// TestConcurrentUse is for the race detector.
func TestConcurrentUse(t *testing.T) {
	var r Recorder
	var clients sync.WaitGroup
	for c := range 8 {
		clients.Go(func() {
			for i := range 2000 {
				id := r.Call(fmt.Sprintf("c%d", c), pbservice.Op{Kind: pbservice.Put, Key: "k", Value: unique(i)}, time.Duration(i))
				r.Return(id, time.Duration(i), Outcome{Known: true})
				if i%100 == 0 {
					r.Judge(time.Millisecond)
					r.Since(0, 10)
				}
				r.Verdict()
			}
		})
	}
	clients.Wait()
	if v := r.Judge(time.Minute); v.Result != Linearizable || v.Judged != 16000 {
		t.Errorf("%+v", v)
	}
}

// BenchmarkJudge judges operations of clients that overlap, each with a key to itself most of the time.
func BenchmarkJudge(b *testing.B) {
	for _, clients := range []int{1, 8, 64} {
		for _, keys := range []int{1, 100} {
			b.Run(fmt.Sprintf("clients=%d/keys=%d", clients, keys), func(b *testing.B) {
				var r Recorder
				s := newService(rand.New(rand.NewPCG(1, 2)), clients, keys)
				for b.Loop() {
					s.step(&r)
				}
				s.finish(&r)
				v := r.Judge(time.Hour)
				b.ReportMetric(float64(v.Judged)/b.Elapsed().Seconds(), "judged/s")
				if v.Result != Linearizable {
					b.Log(v)
				}
			})
		}
	}
}
