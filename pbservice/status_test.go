package pbservice

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"cluster/splitbrain/viewservice"
)

// The window is compared with one cut by hand out of all keys that match.
func TestInspect_Window(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		var s state
		listsAt := random.IntN(8) // keys that come later are put in their places
		for i := range random.IntN(8) {
			s.set(strings.Repeat("ab", random.IntN(2))+fmt.Sprint(random.IntN(12)), "value")
			if i == listsAt {
				s.list()
			}
		}
		a := InspectArgs{From: fmt.Sprint(random.IntN(13)), Limit: random.IntN(4), Back: random.IntN(4)}
		if random.IntN(2) == 0 {
			a.Contains = "a"
		}
		if random.IntN(4) == 0 {
			a.From = ""
		}
		keys := slices.DeleteFunc(s.data.Keys(), func(key string) bool { return !strings.Contains(key, a.Contains) })
		slices.SortFunc(keys, CompareKeys)
		at, _ := slices.BinarySearchFunc(keys, a.From, CompareKeys)
		first := max(0, at-a.Back)
		want := keys[first:min(len(keys), at+a.Limit)]

		rows, before, total := window(&s.data, s.list(), a)
		var got []string
		for _, r := range rows {
			got = append(got, r.Key)
		}
		if !slices.Equal(got, want) || before != first || total != len(keys) {
			t.Fatalf("%+v of %q: %q, %d before, %d in all; want %q, %d, %d", a, s.data.Keys(), got, before, total, want, first, len(keys))
		}
	}
}

// TestCompareKeys: the order is that of texts and numbers in turn, and one of all keys.
func TestCompareKeys(t *testing.T) {
	want := []string{"", "0", "00", "01", "1", "1a", "2", "10", "10b2", "10b10", "99999999999999999999999", "100000000000000000000000", "a", "a-1", "a0", "a1", "a01b", "a2", "b", "k9", "k10", "k10 ", "k010a", "\xff"}
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		got := slices.Clone(want)
		random.Shuffle(len(got), func(i, j int) { got[i], got[j] = got[j], got[i] })
		slices.SortFunc(got, CompareKeys)
		if !slices.Equal(got, want) {
			t.Fatalf("%q, want %q", got, want)
		}
	}
	for i, a := range want {
		for j, b := range want {
			if got := CompareKeys(a, b); got != cmp.Compare(i, j) {
				t.Errorf("%q and %q: %d", a, b, got)
			}
		}
	}
}

func TestInspect_Rows(t *testing.T) {
	long := strings.Repeat("v", 1<<20)
	r := row("k", long)
	if len(r.Value) != ShownValue || r.Size != len(long) {
		t.Errorf("%d bytes of %d shown", len(r.Value), r.Size)
	}
	for name, other := range map[string]string{"appended": long + "v", "put": "w" + long[1:], "empty": ""} {
		if row("k", other).Sum == r.Sum {
			t.Errorf("%s: the same sum", name)
		}
	}
}

func TestInspect_Limits(t *testing.T) {
	for _, a := range []InspectArgs{{Limit: -1}, {Back: -1}, {Limit: MaxRows + 1}, {Back: MaxRows + 1}} {
		if a.Validate() == nil {
			t.Errorf("%+v is valid", a)
		}
	}
	if err := (InspectArgs{Limit: MaxRows, Back: MaxRows}).Validate(); err != nil {
		t.Error(err)
	}
}

// Many keys are not put in order while their server waits for that.
func TestInspect_ListsAtOnce(t *testing.T) {
	var s state
	for i := range 10_001 {
		s.set(fmt.Sprint(i), "")
	}
	if s.listAtOnce() != nil {
		t.Error("all keys were put in order at once")
	}
	s.list()
	if listed := s.listAtOnce(); listed == nil || listed.Len() != s.data.Len() {
		t.Error("those that are in order are not told")
	}
}

// A server that is to list its keys keeps them in order from its boot on, also when it is filled anew.
func TestInspect_ListKeys(t *testing.T) {
	c := NewCore(Config{Me: "s1", ListKeys: true})
	for range 2 {
		for i := range 100 {
			c.state.set(fmt.Sprint(i), "")
		}
		if c.state.listed == nil || c.state.listed.Len() != 100 {
			t.Error("the keys are not kept in order")
		}
		c.drop(nil, Cause{})
	}
	if c = NewCore(Config{Me: "s1"}); c.state.listed != nil {
		t.Error("who lists no keys keeps them in order")
	}
}

// An observer reads the map at leisure while it changes, and changes nothing.
func TestInspect_UnderLoad(t *testing.T) {
	inBubble(t, func(t *testing.T, l *lan) {
		s := l.service("s1", "s2")[0]
		k := l.clerk("c")
		done := make(chan struct{})
		go func() {
			defer close(done)
			for i := range 500 {
				must(t, k.Put(t.Context(), fmt.Sprint("key", i%50), fmt.Sprint(i)))
			}
		}()
		for range 100 {
			reply := lookInto(t, s, InspectArgs{Limit: MaxRows})
			if len(reply.Rows) != reply.Total || reply.Total != reply.Status.Keys {
				t.Fatalf("%d rows of %d, status %+v", len(reply.Rows), reply.Total, reply.Status)
			}
		}
		<-done
		synctest.Wait()
		if a, b := lookInto(t, s, InspectArgs{Limit: 50}), lookInto(t, s, InspectArgs{Limit: 50}); !reflect.DeepEqual(a, b) || a.Total != 50 {
			t.Errorf("%+v\n%+v", a, b)
		}
	})
}

func TestCausesSpeak(t *testing.T) {
	seen := map[string]Code{}
	for code := NoView; code <= Complete; code++ {
		c := Cause{Code: code, Server: "s1", Other: "s2", View: 3, N: 9}
		text := c.String()
		if c.Rule() == "" || text == "" || strings.ContainsAny(text, "{}") {
			t.Errorf("code %d: %q", code, text)
		}
		if other, ok := seen[text]; ok {
			t.Errorf("codes %d and %d: %q", other, code, text)
		}
		seen[text] = code
	}
	if s := (Cause{}).String(); s != "" {
		t.Errorf("no cause: %q", s)
	}
}

// Whoever reads a refusal (S1, S2, S7, S8, S9) learns which server speaks, of whom, and in which view.
func TestRefusalsTellWhoAndWhere(t *testing.T) {
	learn := func(n viewservice.Number, primary, backup string) func(*Core) {
		return func(c *Core) {
			c.PingReply(0, viewservice.PingReply{View: viewservice.View{Viewnum: n, Primary: primary, Backup: backup}})
		}
	}
	put := func(c *Core) { c.Request(1, Op{Kind: Put, Key: "k", Client: "c", Seq: 1}, 0) }
	confirm := func(c *Core) { // the message under way, which fills the backup
		f := c.Ready().Forwards[0]
		c.Forwarded(f.ID, ForwardReply{Boot: f.Args.Boot, Viewnum: f.Args.Viewnum, Position: f.Args.Position})
	}
	refuse := func(c *Core) {
		c.Forwarded(c.Ready().Forwards[0].ID, ForwardReply{Boot: 7, Refused: Cause{Code: OtherBoot}})
	}
	taken := func(c *Core) { c.Ready() }
	first := learn(1, "me", "")
	for _, tt := range []struct {
		events []func(*Core)
		want   Cause
	}{
		{[]func(*Core){put}, Cause{Code: NoView, Server: "me"}},
		{[]func(*Core){learn(2, "p", "me"), put}, Cause{Code: Elsewhere, Server: "me", Other: "p", View: 2}},
		{[]func(*Core){learn(2, "me", "b"), put}, Cause{Code: NoState, Server: "me", View: 2}},
		{[]func(*Core){first, put}, Cause{Code: Unconfirmed, Server: "me"}},
		{[]func(*Core){first, learn(2, "me", "b"), refuse, confirm, put, learn(3, "b", "")}, Cause{Code: Deposed, Server: "me", View: 3}},
		{[]func(*Core){first, learn(2, "me", "b"), refuse, confirm, put, refuse}, Cause{Code: BackupRefuse, Server: "me", Other: "b"}},
		{[]func(*Core){first, learn(2, "me", "b"), refuse, confirm, put, refuse, taken, put}, Cause{Code: BackupRefuse, Server: "me", Other: "b"}},
	} {
		c := NewCore(Config{Me: "me", Boot: 1, DeadPings: deadPings})
		for _, event := range tt.events {
			event(c)
		}
		want := []Answer{{1, Reply{Err: NotPrimary, Viewnum: c.Status().View.Viewnum, Why: tt.want}}}
		if got := c.Ready().Answers; !slices.Equal(got, want) {
			t.Errorf("%+v, want %+v", got, want)
		}
	}
	c := NewCore(Config{Me: "me", Boot: 1, DeadPings: deadPings})
	if got, want := c.Forward(&ForwardArgs{Viewnum: 4, Primary: "p", Boot: 1}).Refused, (Cause{UnknownView, "me", "p", 4, 0}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestConfig_Validate(t *testing.T) {
	good := Config{Me: "s1", Boot: 1, DeadPings: 1}
	for _, c := range []Config{good, {Me: strings.Repeat("s", maxName), Boot: 1, DeadPings: 1}} {
		if err := c.Validate(); err != nil {
			t.Error(err)
		}
	}
	for _, bad := range []Config{
		{Boot: 1, DeadPings: 1}, {Me: strings.Repeat("s", maxName+1), Boot: 1, DeadPings: 1},
		{Me: "s1", DeadPings: 1}, {Me: "s1", Boot: 1}, {Me: "s1", Boot: 1, DeadPings: -1},
	} {
		if bad.Validate() == nil {
			t.Errorf("%+v is valid", bad)
		}
		if s, err := NewServer(ServerConfig{Config: bad, PingInterval: interval}); err == nil {
			s.Close()
			t.Errorf("a server of %+v", bad)
		}
	}
	if _, err := NewServer(ServerConfig{Config: good}); err == nil {
		t.Error("a server without a ping interval")
	}
}
