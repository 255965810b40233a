package history

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"cluster/splitbrain/pbservice"
)

// TestDecideAgreesWithPorcupine: on thousands of histories, good and bad, with conditions and without, over several keys; and
// of the bad ones it tells what is to blame.
func TestDecideAgreesWithPorcupine(t *testing.T) {
	const histories = 300
	var good, bad int
	for seed := range uint64(histories) {
		random := rand.New(rand.NewPCG(seed, 9))
		few := []string{"x", "y", "xy"}
		s := simulation{
			random: random, clients: 1 + random.IntN(5), keys: 1 + random.IntN(3), values: func(n int) string { return few[n%len(few)] },
			unknown: []float64{0, 0.1, 0.3}[random.IntN(3)], appends: random.IntN(2) == 0, spread: 1 + random.IntN(3),
		}
		if s.emptyIsNone = random.IntN(3) == 0; s.emptyIsNone {
			few[1] = ""
		}
		ops := s.run(10 + random.IntN(30))
		if random.IntN(2) == 0 {
			spoil(random, ops)
		}
		if random.IntN(2) == 0 {
			demand(random, ops)
		}
		got, want := Decide(t.Context(), ops, time.Minute), Check(ops, time.Second)
		if want.Result == Undecided {
			continue
		}
		if got.Result != want.Result {
			t.Fatalf("seed %d: got %v, porcupine says %v\n%s", seed, got, want, listing(ops))
		}
		if got.Result == Linearizable {
			good++
			continue
		}
		if bad++; got.Blame == nil || got.Blame.Culprit.Key != got.Key || got.Blame.Text == "" {
			t.Errorf("seed %d: %+v", seed, got)
			continue
		}
		blamed := 0
		for i, b := range got.Bars(ops) {
			if b.Blamed {
				blamed++
			}
			if b.ID != i || b.Operation != ops[i] {
				t.Errorf("seed %d: bar %d is %v", seed, i, b)
			}
		}
		if blamed != 1+len(got.Blame.Because) {
			t.Errorf("seed %d: %d bars are to blame, and %d operations", seed, blamed, 1+len(got.Blame.Because))
		}
	}
	if good < histories/5 || bad < histories/5 {
		t.Errorf("%d good histories, %d bad ones: too few", good, bad)
	}
}

// demand makes some puts conditional on what a put has written: most that are known to have happened then can't have.
func demand(random *rand.Rand, ops []Operation) {
	for i := range ops {
		o := &ops[i]
		if o.Kind == pbservice.Put && random.IntN(4) == 0 {
			o.If = Condition{Demanded: true, Found: random.IntN(4) > 0, Text: "x"}
			if !o.If.Found {
				o.If.Text = ""
			}
		}
	}
}

// TestCompareAndSet: a put with a condition happens only if the key holds what it demands.
func TestCompareAndSet(t *testing.T) {
	cas := func(client string, call, back int, old, value string) Operation {
		o := op(client, call, back, pbservice.Put, value)
		o.If = Condition{Demanded: true, Found: old != "", Text: old}
		return o
	}
	const get, put = pbservice.Get, pbservice.Put
	for _, test := range []struct {
		name string
		ops  []Operation
		want Result
	}{
		{"it holds", []Operation{op("a", 1, 2, put, "x"), cas("b", 3, 4, "x", "y"), op("a", 5, 6, get, "y")}, Linearizable},
		{"it does not", []Operation{op("a", 1, 2, put, "x"), cas("b", 3, 4, "z", "y")}, Violated},
		{"no value", []Operation{cas("b", 3, 4, "", "y"), op("a", 5, 6, get, "y")}, Linearizable},
		{"both can't", []Operation{op("a", 1, 2, put, "x"), cas("b", 3, 9, "x", "y"), cas("c", 3, 9, "x", "z")}, Violated},
		{"one after the other", []Operation{op("a", 1, 2, put, "x"), cas("b", 3, 9, "x", "y"), cas("c", 3, 9, "y", "x"), op("a", 10, 11, get, "x")}, Linearizable},
		{"unknown happened", []Operation{op("a", 1, 2, put, "x"), cas("b", 3, 0, "x", "y"), op("a", 10, 11, get, "y")}, Linearizable},
		{"unknown did not", []Operation{op("a", 1, 2, put, "x"), cas("b", 3, 0, "x", "y"), op("a", 10, 11, get, "x")}, Linearizable},
		{"unknown could not", []Operation{op("a", 1, 2, put, "x"), cas("b", 3, 0, "z", "y"), op("a", 10, 11, get, "y")}, Violated},
	} {
		got, want := Decide(t.Context(), test.ops, time.Minute), Check(test.ops, time.Minute)
		if got.Result != test.want || want.Result != test.want {
			t.Errorf("%s: got %v, porcupine says %v", test.name, got, want)
		}
		if got.Result == Violated && (got.Blame == nil || got.Blame.Text == "") {
			t.Errorf("%s: %+v", test.name, got.Blame)
		}
	}
}

// TestKeysTakeTurns: a key that takes long is judged bit by bit, so that others have their turn.
func TestKeysTakeTurns(t *testing.T) {
	var ops []Operation
	for i := range 100 {
		ops = append(ops, op("a", 10*i+1, 10*i+2, pbservice.Put, "x"), op("b", 10*i+3, 10*i+4, pbservice.Get, "x"))
	}
	k, turns := keysOf(ops)[0], 1
	for k.judge(t.Context(), 0) == Undecided && turns < 1000 {
		turns++
	}
	if turns < 5 || k.verdict.Result != Linearizable || k.verdict.Judged != len(ops) {
		t.Errorf("%d turns, %+v", turns, k.verdict)
	}
}

// decided is Decide as long as the test goes on.
func decided(t *testing.T) func([]Operation, time.Duration) Verdict {
	return func(ops []Operation, timeout time.Duration) Verdict { return Decide(t.Context(), ops, timeout) }
}

// TestOrderAtOneTime: where two events have one time their numbers say which came first.
func TestOrderAtOneTime(t *testing.T) {
	ops := []Operation{op("a", 1, 2, pbservice.Put, "x"), op("b", 2, 3, pbservice.Get, "")}
	for _, judge := range []func([]Operation, time.Duration) Verdict{Check, decided(t)} {
		if got := judge(ops, time.Minute); got.Result != Linearizable {
			t.Errorf("both at once: %v", got)
		}
	}
	ops[0].Called, ops[0].Returned, ops[1].Called, ops[1].Returned = 1, 2, 3, 4
	for _, judge := range []func([]Operation, time.Duration) Verdict{Check, decided(t)} {
		if got := judge(ops, time.Minute); got.Result != Violated {
			t.Errorf("one after the other: %v", got)
		}
	}
}

// twins are n appends of one value at the same time, with gets meanwhile that see more and more of them.
func twins(n, gets int, overlap func(i int) (call, back int)) []Operation {
	var ops []Operation
	for i := range n {
		call, back := overlap(i)
		ops = append(ops, op(fmt.Sprint("w", i), call, back, pbservice.Append, "x"))
	}
	for i := range gets {
		seen := ""
		for range (i + 1) * n / gets {
			seen += "x"
		}
		ops = append(ops, op(fmt.Sprint("r", i), 100, 900, pbservice.Get, seen))
	}
	return ops
}

// TestTwins: equal appends at the same time are as good as one another, so that many of them are no harder than few.
func TestTwins(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	for name, overlap := range map[string]func(i int) (call, back int){
		"at once":          func(int) (int, int) { return 10, 1000 },
		"one in the other": func(i int) (int, int) { return 10 + i, 1000 - i },
		"staggered":        func(i int) (int, int) { return 10 + i, 950 + i },
		"any":              func(int) (int, int) { return 10 + random.IntN(80), 910 + random.IntN(80) },
		"some unknown":     func(i int) (int, int) { return 10 + i, (i % 3) * (910 + i) },
	} {
		ops := twins(20, 8, overlap)
		for how, judge := range map[string]func([]Operation) Verdict{
			"as a whole":     func(ops []Operation) Verdict { return Decide(t.Context(), ops, 20*time.Second) },
			"while it grows": growing,
		} {
			if how == "while it grows" && name != "staggered" {
				continue
			}
			if got := judge(ops); got.Result != Linearizable {
				t.Errorf("%s, %s: %v", name, how, got)
			}
			more := slices.Clone(ops)
			more[len(ops)-1].Got += "x" // one more than there were
			if got := judge(more); got.Result != Violated {
				t.Errorf("%s, %s, and one too many: %v", name, how, got)
			}
		}
	}
}

// growing judges a history while it grows.
func growing(ops []Operation) (v Verdict) {
	var r Recorder
	replay(&r, ops, func() { v = r.Judge(time.Minute) })
	if v.Result == Linearizable && v.Judged != v.Total {
		v.Result = Undecided
	}
	return v
}

// TestTwinThatComesLate: of two equal puts that is not tried alone which would hide what the other one need not.
func TestTwinThatComesLate(t *testing.T) {
	ops := []Operation{
		op("a", 1, 6, pbservice.Append, "y"), op("b", 5, 0, pbservice.Put, "x"), // either first
		op("c", 10, 20, pbservice.Get, "xy"), op("d", 11, 15, pbservice.Put, "x"),
	}
	if got := Decide(t.Context(), ops, time.Minute); got.Result != Linearizable {
		t.Errorf("%v: %v", got, got.Blame)
	}
}

// TestHardKeyBesideAnother: a key that nobody can decide in time does not hide that another one is bad.
func TestHardKeyBesideAnother(t *testing.T) {
	ops := hard()
	lost := []Operation{op("a", 1, 2, pbservice.Put, "x"), op("b", 3, 4, pbservice.Get, "y")}
	for i := range lost {
		lost[i].Key = "z"
	}
	for name, judge := range map[string]func([]Operation, time.Duration) Verdict{"Check": Check, "Decide": decided(t)} {
		if got := judge(append(ops, lost...), 10*time.Second); got.Result != Violated || got.Key != "z" {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// hard is a history of one key that nobody decides in this life: which of many appends of an even length happened, that the
// length of all is odd?
func hard() []Operation {
	var ops []Operation
	for i := range 26 {
		ops = append(ops, op(fmt.Sprint("w", i), 10+i, 0, pbservice.Append, strings.Repeat("a", 2*i+2)))
	}
	return append(ops, op("r", 1100, 1200, pbservice.Get, strings.Repeat("a", 351)))
}

// TestDecideIsStopped: whoever waits for a verdict can have enough of it.
func TestDecideIsStopped(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	time.AfterFunc(100*time.Millisecond, stop)
	var r Recorder
	replay(&r, hard(), func() {})
	if got := r.Decide(ctx, time.Hour); got.Result != Undecided {
		t.Error(got)
	}
}

// TestRecorderDecides: what a Recorder could not judge while it grew is decided when somebody asks, and that stays so until
// more is known.
func TestRecorderDecides(t *testing.T) {
	for _, bad := range []bool{false, true} {
		ops := twins(6, 2, func(i int) (int, int) { return 10 + i, 950 + i })
		if bad {
			ops[len(ops)-1].Got += "x"
		}
		var r Recorder
		begun := false
		replay(&r, ops, func() {
			if r.Judge(time.Minute); !begun {
				r.judge.keys["k"].state.giveUp() // as if what comes were too hard, even when all is known
				r.judge.keys["k"].state.late, r.judge.keys["k"].state.lost = nil, true
				begun = true
			}
		})
		if v := r.Judge(time.Minute); v.Result != Undecided {
			t.Fatalf("bad %v: the judge has decided what it was not meant to: %v", bad, v)
		}
		want := Linearizable
		if bad {
			want = Violated
		}
		for _, v := range []Verdict{r.Decide(t.Context(), time.Minute), r.Verdict(), r.Judge(time.Minute)} {
			if v.Result != want || v.Total != len(ops) || v.Blame != nil != bad {
				t.Errorf("bad %v: %+v", bad, v)
			}
		}
		r.Call("late", pbservice.Op{Kind: pbservice.Get, Key: "k"}, 1000*time.Millisecond)
		if v := r.Judge(time.Minute); !bad && v.Result != Undecided || bad && v.Result != Violated {
			t.Errorf("bad %v, and one more: %+v", bad, v)
		}
		blamed := 0
		for _, b := range r.Since(0, 100) {
			if b.Blamed {
				blamed++
			}
		}
		if (blamed > 0) != bad {
			t.Errorf("bad %v: %d to blame", bad, blamed)
		}
	}
}

// TestEmptyAfterDoubt: a put of an empty value tells a key's state again, which is that there is none where both are the same.
func TestEmptyAfterDoubt(t *testing.T) {
	ops := []Operation{op("a", 1, 2, pbservice.Put, ""), op("b", 3, 4, pbservice.Get, ""), op("b", 5, 6, pbservice.Get, "")}
	for i := range ops {
		ops[i].EmptyIsNone, ops[i].Found = true, false
	}
	k := keysOf(ops)[0]
	k.own.keys[k.name].state.giveUp()
	if !k.judgeOwn(time.Now().Add(time.Hour)) || k.own.verdict().Result == Violated || k.own.keys[k.name].state.unknown {
		t.Errorf("%+v", k.own.verdict())
	}
}
