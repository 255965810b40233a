package pbservice

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"cluster/splitbrain/netsim/env/envtest"
	"cluster/splitbrain/viewservice"
)

func TestS1_AServerBeginsWithNothing(t *testing.T) {
	w := newWorld(t, "s1")
	w.wantRefusal("s1", NoView)
	if s := w.nodes["s1"].Status(); s.Complete || s.Keys != 0 || s.Position != 0 || s.Entered != 0 || s.Role != Idle {
		t.Errorf("fresh from boot: %+v", s)
	}
	c := w.ask("c", Get, "k", "")
	w.send(c, "s1", 0)
	w.run()
	w.wantNoResult(c, NoView)
}

func TestS1_HalfAStateIsNone(t *testing.T) {
	w := newWorld(t, "s1", "s2")
	w.toHalfFilled("s1", "s2")
	if n := w.nodes["s2"]; n.holds != 0 || n.entered == n.view.Viewnum || n.Status().Complete {
		t.Errorf("half filled: holds %d, entered %d", n.holds, n.entered)
	}
}

func TestS1_RepliesToAnotherBootCountForNothing(t *testing.T) {
	w := newWorld(t, "s1")
	w.tick("s1")
	w.deliver(w.pick(pattern{kind: "ping"}))
	late := w.pick(pattern{kind: "view"})
	w.start("s1")
	w.deliver(late)
	w.wantRefusal("s1", NoView)
}

// toHalfFilled brings a primary with three chunks of keys into a view with a backup, of which one has arrived.
func (w *world) toHalfFilled(primary, backup string) {
	w.t.Helper()
	w.lose(pattern{from: backup})
	w.rounds(3)
	w.fill(primary, 2*DefaultChunkKeys+DefaultChunkKeys/2)
	w.heal()
	w.hold(pattern{kind: "confirm"})
	w.rounds(2)
	w.deliver(w.pick(pattern{kind: "confirm"})) // who is there
	w.run()
	if r := &w.nodes[backup].replica; r.cursor == "" || r.complete {
		w.t.Fatalf("%s is not half filled: %+v", backup, r)
	}
}

func TestS2_FirstPrimary(t *testing.T) {
	w := newWorld(t, "s1")
	n := w.nodes["s1"]
	first := viewservice.View{Viewnum: 1, Primary: "s1"}
	n.PingReply(0, viewservice.PingReply{View: first})
	w.wantRefusal("s1", Unconfirmed)
	n.PingReply(0, viewservice.PingReply{View: first, Acked: true}) // not an answer to Ping(1): an earlier boot's doing
	w.wantRefusal("s1", Unconfirmed)
	n.PingReply(1, viewservice.PingReply{View: first})
	w.wantRefusal("s1", Unconfirmed)
	n.PingReply(1, viewservice.PingReply{View: first, Acked: true})
	w.wantRefusal("s1", CodeNone)
}

func TestS2_StateOfAPrimary(t *testing.T) {
	primary := func(n viewservice.Number) viewservice.View { return viewservice.View{Viewnum: n, Primary: "me"} }
	backup := func(n viewservice.Number) viewservice.View {
		return viewservice.View{Viewnum: n, Primary: "other", Backup: "me"}
	}
	fill := &ForwardArgs{Viewnum: 2, Primary: "other", Boot: 1, Attempt: 1, Index: 1, Chunk: &Chunk{Last: true}}
	half := &ForwardArgs{Viewnum: 2, Primary: "other", Boot: 1, Attempt: 1, Index: 1, Chunk: &Chunk{}}
	learn := func(v viewservice.View, acked bool) func(*Core) {
		return func(c *Core) { c.PingReply(0, viewservice.PingReply{View: v, Acked: acked}) }
	}
	take := func(a *ForwardArgs) func(*Core) { return func(c *Core) { c.Forward(a) } }
	for _, tt := range []struct {
		name   string
		events []func(*Core)
		want   Code
	}{
		{"view 1 acknowledged", []func(*Core){learn(primary(1), true)}, NoState},
		{"view 1 not acknowledged", []func(*Core){learn(primary(1), false)}, Unconfirmed},
		{"a later view out of nothing", []func(*Core){learn(primary(2), false)}, NoState},
		{"primary before", []func(*Core){learn(primary(1), false), learn(primary(2), false)}, CodeNone},
		{"primary, a view missed", []func(*Core){learn(primary(1), false), learn(primary(3), false)}, NoState},
		{"complete backup before", []func(*Core){learn(backup(2), false), take(fill), learn(primary(3), false)}, CodeNone},
		{"complete backup, a view missed", []func(*Core){learn(backup(2), false), take(fill), learn(primary(4), false)}, NoState},
		{"half a backup before", []func(*Core){learn(backup(2), false), take(half), learn(primary(3), false)}, NoState},
		{"empty backup before", []func(*Core){learn(backup(2), false), learn(primary(3), false)}, NoState},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := NewCore(Config{Me: "me", Boot: 1, DeadPings: deadPings})
			for _, event := range tt.events {
				event(c)
			}
			if why := c.refusal(); why.Code != tt.want {
				t.Errorf("%v, want code %d", why, tt.want)
			}
			if tt.want == NoState && c.entered == c.view.Viewnum {
				t.Error("entered without state")
			}
		})
	}
}

func TestS3_ABackupThrowsAwayWhatItHad(t *testing.T) {
	w := newService(t, "s1", "s2")
	w.do("c", Put, "old", "1")
	b := w.nodes["s2"]
	b.PingReply(2, viewservice.PingReply{View: viewservice.View{Viewnum: 3, Primary: "s3", Backup: "s2"}})
	if s := b.Status(); s.Keys != 0 || s.Position != 0 || s.Clients != 0 || s.Complete || s.Entered != 2 {
		t.Errorf("a backup anew: %+v", s)
	}
}

func TestS3_ATransferBegunAgainBeginsWithNothing(t *testing.T) {
	c := NewCore(Config{Me: "b", Boot: 1, DeadPings: deadPings})
	c.PingReply(0, viewservice.PingReply{View: viewservice.View{Viewnum: 2, Primary: "p", Backup: "b"}})
	first := &ForwardArgs{Viewnum: 2, Primary: "p", Boot: 1, Attempt: 1, Index: 1, Position: 5, Chunk: &Chunk{
		Filter: []FilterEntry{{Client: "c", Seq: 1, Position: 5}}, Pairs: []Pair{{"a", "1"}, {"gone", "1"}}}}
	second := &ForwardArgs{Viewnum: 2, Primary: "p", Boot: 1, Attempt: 2, Index: 1, Position: 7, Chunk: &Chunk{
		Filter: []FilterEntry{{Client: "d", Seq: 1, Position: 6}}, Pairs: []Pair{{"a", "2"}}, Last: true}}
	c.Forward(first)
	if r := c.Forward(second); r.Refused.Code != CodeNone || r.Position != 7 {
		t.Fatalf("second attempt: %+v", r)
	}
	want := state{position: 7}
	want.data.Set("a", "2")
	want.filter.note(FilterEntry{Client: "d", Seq: 1, Position: 6})
	if diff := differ(&want, &c.state, everyKey); diff != "" {
		t.Error(diff)
	}
}

func TestS3_OnceCompleteItTakesNoTransfer(t *testing.T) {
	w := newService(t, "s1", "s2")
	w.do("c", Put, "k", "v")
	b := w.nodes["s2"]
	again := &ForwardArgs{Viewnum: 2, Primary: "s1", Boot: b.cfg.Boot, Attempt: b.replica.attempt + 1, Index: 1, Chunk: &Chunk{}}
	if r := b.Forward(again); r.Refused.Code != Complete {
		t.Errorf("a second transfer: %+v", r)
	}
	w.wantEqual("s1", "s2")
}

func TestS4_Entering(t *testing.T) {
	w := newWorld(t, "s1", "s2", "s3")
	w.lose(pattern{from: "s2"})
	w.lose(pattern{from: "s3"})
	w.rounds(3)
	if n := w.nodes["s1"]; n.entered != 1 {
		t.Fatalf("alone: entered %d", n.entered)
	}
	w.fill("s1", 2*DefaultChunkKeys)
	w.heal()
	w.hold(pattern{kind: "confirm"})
	w.rounds(1) // s1's ping first: it hears of view 2 a round later
	w.rounds(1)
	if n := w.nodes["s3"]; n.entered != 2 {
		t.Errorf("idle: entered %d, not on learning the view", n.entered)
	}
	for range 3 { // who is there, the first chunk, the last chunk
		if p, b := w.nodes["s1"], w.nodes["s2"]; p.entered != 1 || b.entered == 2 && !b.replica.complete {
			t.Errorf("in mid-transfer: entered %d and %d", p.entered, b.entered)
		}
		w.wantPing("s1", 1, false)
		w.deliver(w.pick(pattern{kind: "confirm"}))
		w.run()
	}
	if p, b := w.nodes["s1"], w.nodes["s2"]; p.entered != 2 || b.entered != 2 {
		t.Errorf("confirmed: entered %d and %d", p.entered, b.entered)
	}
	w.wantPing("s1", 2, false)
}

// wantPing fails unless the server's next ping says this.
func (w *world) wantPing(server string, number viewservice.Number, lost bool) {
	w.t.Helper()
	w.tick(server)
	l := w.pick(pattern{kind: "ping", from: server})
	p := l.body.(viewservice.PingArgs)
	if p.Viewnum != number || p.BackupLost != lost {
		w.t.Errorf("%s sends %s, want number %d, backup lost %v", server, p.Summary(), number, lost)
	}
	w.deliver(l)
}

func TestS4_GivesUpABackupItCannotFill(t *testing.T) {
	for _, lost := range []pattern{{from: "s1", to: "s2"}, {from: "s2", to: "s1"}} {
		w := newWorld(t, "s1", "s2")
		w.lose(pattern{from: "s2", to: viewsName})
		w.rounds(3)
		w.do("c", Put, "k", "1")
		w.heal()
		w.lose(lost)
		w.rounds(1)
		for range deadPings {
			w.wantPing("s1", 1, false)
			w.run()
		}
		if phase := w.nodes["s1"].stream.phase; phase == abandoned {
			t.Fatal("given up too early")
		}
		w.lose(pattern{to: viewsName})
		w.hold(pattern{kind: "ping"})
		w.tick("s1")
		w.tick("s1")
		if phase := w.nodes["s1"].stream.phase; phase != abandoned {
			t.Fatalf("not given up after %d silent intervals, but %q", deadPings, phase)
		}
		c := w.ask("c", Append, "k", "2")
		w.run()
		w.wantResult(c, "")
		w.heal()
		w.release()
		w.wantPing("s1", 2, true)
		w.rounds(1)
		if v := w.nodes["s1"].view; v.Viewnum < 3 {
			t.Errorf("still in view %v", v)
		}
	}
}

func TestS4_ASlowBackupIsNotGivenUp(t *testing.T) {
	w := newWorld(t, "s1", "s2")
	w.toHalfFilled("s1", "s2")
	for range 2 {
		w.rounds(deadPings - 1)
		w.deliver(w.pick(pattern{kind: "confirm"}))
		w.run()
	}
	w.release()
	w.rounds(2)
	w.wantView(2, "s1", "s2")
}

func TestS4_ABackupGivenUpNeverCountsAgain(t *testing.T) {
	w := newWorld(t, "s1", "s2")
	w.rounds(1)
	w.hold(pattern{kind: "confirm"})
	w.hold(pattern{kind: "view", to: "s1"})
	w.rounds(1)
	w.deliver(w.pick(pattern{kind: "view", to: "s1"}))
	w.run()
	w.deliver(w.pick(pattern{kind: "confirm"}))
	w.run()
	if !w.nodes["s2"].replica.complete {
		t.Fatal("s2 is not complete")
	}
	w.rounds(deadPings + 1)
	for range maxResendTicks {
		w.tick("s1")
	}
	w.none(pattern{kind: "forward"})
	w.deliver(w.pick(pattern{kind: "confirm"})) // of the last chunk, too late
	if n := w.nodes["s1"]; n.entered != 1 || n.stream.phase != abandoned {
		t.Fatalf("entered %d, phase %q", n.entered, n.stream.phase)
	}
	w.bag = nil
	w.tick("s1")
	for _, l := range w.bag {
		if p, ok := l.body.(viewservice.PingArgs); ok && l.from == "s1" && p.Viewnum == 2 && !p.BackupLost {
			t.Error("a plain Ping(2) after the backup was given up")
		}
	}
}

func TestS5_NothingIsAnsweredBeforeTheBackupConfirms(t *testing.T) {
	for _, kind := range []OpKind{Get, Put, Append} {
		t.Run(kind.String(), func(t *testing.T) {
			w := newService(t, "s1", "s2")
			w.do("c", Put, "k", "0")
			w.hold(pattern{kind: "confirm"})
			c := w.ask("c", kind, "k", "1")
			w.run()
			w.wantNoResult(c, CodeNone)
			w.release()
			w.run()
			w.wantResult(c, "0")
		})
	}
}

func TestS5_OneOrderAndArguments(t *testing.T) {
	w := newService(t, "s1", "s2")
	w.hold(pattern{kind: "forward"})
	w.ask("a", Append, "k", "1")
	w.run()
	w.ask("b", Append, "k", "2")
	w.ask("c", Get, "k", "")
	w.ask("d", Append, "k", "3")
	w.run()
	first := w.pick(pattern{kind: "forward"})
	w.none(pattern{kind: "forward"}) // one batch at a time (S8)
	w.deliver(first)
	w.run()
	second := w.pick(pattern{kind: "forward"}).body.(*ForwardArgs)
	var order []string
	for _, op := range append(first.body.(*ForwardArgs).Ops, second.Ops...) {
		order = append(order, fmt.Sprint(op.Client, op.Kind, op.Value))
	}
	if want := []string{"aappend1", "bappend2", "cget", "dappend3"}; !reflect.DeepEqual(order, want) {
		t.Errorf("order %v, want %v", order, want)
	}
}

func TestS6_ClientsAreServedDuringTheTransfer(t *testing.T) {
	w := newWorld(t, "s1", "s2")
	w.toHalfFilled("s1", "s2")
	cursor := w.nodes["s2"].replica.cursor
	// A key before the cursor, the cursor, one in the next chunk, one in the last, one that is new, one only read.
	want := map[string]string{"key00000000": "value", "zzz": "+"}
	for _, key := range []string{"key00000001", cursor, "key00001500", "key00002400"} {
		want[key] = "value+"
	}
	for _, key := range []string{"key00000001", cursor, "key00001500", "key00002400", "zzz"} {
		c := w.ask("c", Append, key, "+")
		w.run()
		w.wantResult(c, "")
	}
	c := w.ask("c", Get, "key00000000", "")
	w.run()
	w.wantResult(c, "value")
	w.release()
	w.rounds(2)
	w.wantView(2, "s1", "s2")
	w.wantEqual("s1", "s2")
	for key, value := range want {
		w.wantValue(key, value)
	}
}

func TestS6_WaitsBeforeItAcknowledges(t *testing.T) {
	w := newWorld(t, "s1", "s2")
	w.toHalfFilled("s1", "s2")
	p, b := w.nodes["s1"], w.nodes["s2"]
	for p.stream.phase == transferring {
		w.deliver(w.pick(pattern{kind: "confirm"}))
		w.run()
	}
	if p.entered == 2 || !b.replica.complete {
		t.Fatalf("entered %d, backup complete %v", p.entered, b.replica.complete)
	}
	c := w.ask("c", Put, "k", "v")
	w.run()
	w.wantNoResult(c, CodeNone)
	w.release()
	w.run()
	w.wantResult(c, "")
	if p.entered != 2 {
		t.Errorf("entered %d", p.entered)
	}
}

func TestS6_OnceWaitingItNeverTransfersAgain(t *testing.T) {
	for _, entered := range []bool{false, true} {
		t.Run(fmt.Sprintf("entered %v", entered), func(t *testing.T) {
			w := newWorld(t, "s1", "s2")
			w.rounds(1)
			w.hold(pattern{kind: "confirm"})
			w.rounds(1)
			w.deliver(w.pick(pattern{kind: "confirm"}))
			w.run()
			p := w.nodes["s1"]
			if p.stream.phase != waiting {
				t.Fatalf("phase %q", p.stream.phase)
			}
			if entered {
				w.release()
				w.run()
			}
			w.start("s2")
			w.bag = nil
			w.release()
			w.lose(pattern{kind: "ping", from: "s1"}) // no newer view to be learnt
			w.rounds(deadPings + 3)
			if got, want := p.stream.phase, map[bool]phase{false: abandoned, true: waiting}[entered]; got != want {
				t.Errorf("phase %q, want %q", got, want)
			}
			c := w.ask("c", Put, "k", "v")
			w.run()
			if entered {
				w.wantNoResult(c, BackupRefuse)
			} else {
				w.wantResult(c, "")
			}
		})
	}
}

func TestS6_AfterTooMuchClientsWaitForTheTransfer(t *testing.T) {
	w := newWorld(t, "s1", "s2")
	w.toHalfFilled("s1", "s2")
	most := Op{Key: "big", Client: "c"}
	w.do("c", Put, "big", strings.Repeat("x", tailBytes-most.size()))
	c := w.ask("c", Append, "big", "y")
	w.run()
	w.wantNoResult(c, CodeNone)
	if why := w.nodes["s1"].Status().Waits; why.Code != AwaitsTransfer {
		t.Errorf("waits: %v", why)
	}
	for range 2 { // with the next chunk goes what has gathered; after it there is room again
		w.wantNoResult(c, CodeNone)
		w.deliver(w.pick(pattern{kind: "confirm"}))
		w.run()
	}
	w.wantResult(c, "")
	w.release()
	w.rounds(2)
	w.wantResult(c, "")
	w.wantEqual("s1", "s2")
}

func TestS3_TheFilterTravelsOnce(t *testing.T) {
	w := newWorld(t, "s1", "s2")
	w.rounds(3)
	w.do("a", Put, "k", "v")
	w.fill("s1", 2*DefaultChunkKeys)
	w.start("s2")
	filters, chunks := 0, 0
	w.watch = func(l *letter) {
		if a, ok := l.body.(*ForwardArgs); ok && a.Chunk != nil {
			chunks++
			filters += len(a.Chunk.Filter)
		}
	}
	w.rounds(2 * deadPings)
	if chunks < 3 || filters != 1 {
		t.Errorf("%d entries in %d chunks", filters, chunks)
	}
}

// Of a Get the backup needs to know that it happened, and nothing of what was sent with it.
func TestS6_TheTailIsShort(t *testing.T) {
	c := NewCore(Config{Me: "me", Boot: 1, DeadPings: deadPings})
	c.PingReply(0, viewservice.PingReply{View: viewservice.View{Viewnum: 1, Primary: "me"}})
	c.PingReply(1, viewservice.PingReply{View: viewservice.View{Viewnum: 2, Primary: "me", Backup: "b"}})
	c.Request(1, Op{Kind: Put, Key: "k", Client: "c", Seq: 1}, 0)
	if answers := c.Ready().Answers; len(answers) != 1 || len(c.stream.tail) > 0 {
		t.Errorf("answers %+v; the first chunk will show it, and yet the tail is %+v", answers, c.stream.tail)
	}

	w := newWorld(t, "s1", "s2")
	w.toHalfFilled("s1", "s2")
	w.askAndRun("a", Get, "k", strings.Repeat("v", 1000))
	if tail := w.nodes["s1"].stream.tail; len(tail) != 1 || tail[0].Value != "" {
		t.Errorf("the tail is %.99v", tail)
	}
}

func TestS7_TheBackupChecks(t *testing.T) {
	good := ForwardArgs{Viewnum: 2, Primary: "s1", Boot: 0, Attempt: 2, Index: 2, Position: 1,
		Ops: []Op{{Kind: Append, Key: "k", Value: "2", Client: "c", Seq: 2}}}
	for _, tt := range []struct {
		name   string
		change func(*ForwardArgs)
		want   Code
	}{
		{"next in sequence", func(*ForwardArgs) {}, CodeNone},
		{"repeated", func(a *ForwardArgs) { a.Index-- }, CodeNone},
		{"newer view", func(a *ForwardArgs) { a.Viewnum = 3 }, UnknownView},
		{"older view", func(a *ForwardArgs) { a.Viewnum = 1 }, OldView},
		{"not the primary", func(a *ForwardArgs) { a.Primary = "s3" }, NotMyPrimary},
		{"for an earlier boot", func(a *ForwardArgs) { a.Boot-- }, OtherBoot},
		{"for no boot", func(a *ForwardArgs) { a.Boot = 0 }, TellsBoot},
		{"gap in the messages", func(a *ForwardArgs) { a.Index++ }, Gap},
		{"gap in the operations", func(a *ForwardArgs) { a.Position++ }, Gap},
		{"operations taken already", func(a *ForwardArgs) { a.Position-- }, Gap},
		{"of an earlier attempt", func(a *ForwardArgs) { a.Attempt-- }, NoTransfer},
		{"of a later attempt", func(a *ForwardArgs) { a.Attempt++ }, NoTransfer},
		{"the first of a later attempt, but no chunk", func(a *ForwardArgs) { a.Attempt++; a.Index = 1 }, NoTransfer},
		{"of no attempt", func(a *ForwardArgs) { a.Attempt = 0 }, NoTransfer},
		{"a chunk", func(a *ForwardArgs) { a.Chunk = &Chunk{} }, Complete},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newService(t, "s1", "s2")
			w.do("c", Append, "k", "1")
			b := w.nodes["s2"]
			a := good
			a.Boot, a.Attempt, a.Index = b.cfg.Boot, b.replica.attempt, b.replica.index+1
			tt.change(&a)
			taken := a.Index == b.replica.index
			r := b.Forward(&a)
			if r.Refused.Code != tt.want || r.Boot != b.cfg.Boot || r.Viewnum != 2 || tt.want == CodeNone && r.Refused != (Cause{}) {
				t.Errorf("%+v, want code %d", r, tt.want)
			}
			value, _ := b.state.data.Get("k")
			if want := map[bool]string{true: "12", false: "1"}[tt.want == CodeNone && !taken]; value != want {
				t.Errorf("value %q, want %q", value, want)
			}
			if asks := len(b.Ready().Pings) > 0; asks != (tt.want == UnknownView) {
				t.Errorf("asks for the view: %v", asks)
			}
			if tt.want != CodeNone && (r.Refused.Rule() == "" || r.Refused.String() == "") {
				t.Errorf("a refusal without a reason: %+v", r)
			}
		})
	}
}

func TestS7_OnlyABackupTakesMessages(t *testing.T) {
	for _, backup := range []string{"", "other"} {
		c := NewCore(Config{Me: "me", Boot: 1, DeadPings: deadPings})
		c.PingReply(0, viewservice.PingReply{View: viewservice.View{Viewnum: 2, Primary: "p", Backup: backup}})
		r := c.Forward(&ForwardArgs{Viewnum: 2, Primary: "p", Boot: 1, Attempt: 1, Index: 1, Chunk: &Chunk{Pairs: []Pair{{"k", "v"}}}})
		if r.Refused.Code != NotMyPrimary || c.Status().Keys != 0 {
			t.Errorf("an idle server: %+v", r)
		}
	}
}

func TestS7_OperationsNeedATransferBeforeThem(t *testing.T) {
	c := NewCore(Config{Me: "b", Boot: 1, DeadPings: deadPings})
	c.PingReply(0, viewservice.PingReply{View: viewservice.View{Viewnum: 2, Primary: "p", Backup: "b"}})
	a := &ForwardArgs{Viewnum: 2, Primary: "p", Boot: 1, Attempt: 1, Index: 1, Ops: []Op{{Kind: Put, Key: "k", Client: "c", Seq: 1}}}
	if r := c.Forward(a); r.Refused.Code != NoTransfer {
		t.Errorf("operations for an empty backup: %+v", r)
	}
	if r := c.Forward(&ForwardArgs{Viewnum: 2, Primary: "p", Boot: 1}); r.Refused.Code != NoTransfer {
		t.Errorf("a message of no transfer: %+v", r)
	}
	c.Forward(&ForwardArgs{Viewnum: 2, Primary: "p", Boot: 1, Attempt: 1, Index: 1, Chunk: &Chunk{}})
	a.Index = 2
	if r := c.Forward(a); r.Refused.Code != NoTransfer {
		t.Errorf("operations without a chunk for half a backup: %+v", r)
	}
	a.Attempt, a.Chunk = 2, &Chunk{Last: true}
	if r := c.Forward(a); r.Refused.Code != NoTransfer {
		t.Errorf("the second message of a transfer whose first is missing: %+v", r)
	}
}

func TestS7_ConfirmationsThatDoNotCount(t *testing.T) {
	w := newService(t, "s1", "s2")
	w.hold(pattern{kind: "forward"})
	c := w.ask("c", Put, "k", "v")
	w.run()
	p, f := w.nodes["s1"], w.pick(pattern{kind: "forward"})
	boot, position := p.stream.boot, p.stream.expects
	for name, reply := range map[string]ForwardReply{
		"another boot":     {Boot: boot + 9, Viewnum: 2, Position: position},
		"another view":     {Boot: boot, Viewnum: 3, Position: position},
		"another position": {Boot: boot, Viewnum: 2, Position: position - 1},
	} {
		p.Forwarded(f.id, reply)
		w.act(p)
		w.run()
		if c.ended != 0 {
			t.Fatalf("%s: confirmed", name)
		}
		w.tick("s1")
		w.pick(pattern{kind: "forward"}) // sent again (S8)
	}
	p.Forwarded(f.id-1, ForwardReply{Boot: boot, Viewnum: 2, Position: position}) // of an earlier message
	w.act(p)
	w.run()
	w.wantNoResult(c, CodeNone)
}

func TestS8_OneBatchAndTheSameAgain(t *testing.T) {
	w := newService(t, "s1", "s2")
	w.lose(pattern{from: "s1", to: "s2"})
	w.hold(pattern{kind: "forward"})
	p := w.nodes["s1"]
	w.ask("a", Put, "k", "1")
	w.run()
	first := *p.stream.sent
	w.ask("b", Put, "k", "2")
	w.run()
	w.heal()
	w.tick("s1")
	w.none(pattern{kind: "forward"}) // it may still be answered
	w.tick("s1")
	again := w.pick(pattern{kind: "forward"})
	if again.id != first.ID || again.body.(*ForwardArgs) != first.Args || len(first.Args.Ops) != 1 {
		t.Errorf("sent again: %+v, at first %+v", again, first)
	}
	for want := 4; want <= maxResendTicks; want *= 2 { // less and less often
		for range want - 1 {
			w.tick("s1")
			w.none(pattern{kind: "forward"})
		}
		w.tick("s1")
		w.pick(pattern{kind: "forward"})
	}
	p.Unanswered(first.ID)
	w.tick("s1")
	w.pick(pattern{kind: "forward"}) // at once when it is known to be lost
	p.Unanswered(first.ID - 1)       // an earlier one
	w.tick("s1")
	w.none(pattern{kind: "forward"})
	w.tick("s1")
	w.pick(pattern{kind: "forward"}) // the pauses begin anew
}

func TestS8_AGapIsAnsweredBySendingAgain(t *testing.T) {
	w := newService(t, "s1", "s2")
	w.hold(pattern{kind: "forward"})
	c := w.ask("c", Put, "k", "1")
	w.run()
	f, p := w.pick(pattern{kind: "forward"}), w.nodes["s1"]
	p.Forwarded(f.id, ForwardReply{Boot: p.stream.boot, Viewnum: 2, Refused: Cause{Code: Gap}})
	w.act(p)
	w.none(pattern{kind: "forward"})
	w.release()
	w.rounds(1)
	w.wantResult(c, "")
}

func TestS8_ARefusedPrimaryCompletesNothing(t *testing.T) {
	w := newService(t, "s1", "s2")
	w.lose(pattern{kind: "ping", from: "s2"})
	w.hold(pattern{kind: "view"})
	w.start("s2")
	a, b := w.ask("a", Put, "k", "1"), w.ask("b", Put, "k", "2")
	w.run()
	w.wantNoResult(a, BackupRefuse)
	w.wantNoResult(b, BackupRefuse)
	if p := w.nodes["s1"]; p.state.position != 0 {
		t.Errorf("applied %d operations that nobody confirmed", p.state.position)
	}
	w.pick(pattern{kind: "view", to: "s1"}) // it asked at once
	c := w.ask("c", Put, "k", "3")
	w.run()
	w.wantNoResult(c, BackupRefuse)
	w.rounds(3)
	w.wantRefusal("s1", BackupRefuse)
	w.heal()
	w.release()
	w.rounds(5)
	w.wantRefusal("s1", CodeNone)
	w.send(a, "s1", 0)
	w.run()
	w.wantResult(a, "")
	w.wantValue("k", "1")
}

func TestS8_ATransferringPrimaryStartsAnew(t *testing.T) {
	w := newWorld(t, "s1", "s2")
	w.toHalfFilled("s1", "s2")
	w.bag = nil
	w.release()
	w.start("s2")
	w.do("c", Put, "key00000000", "new")
	w.rounds(6)
	w.wantEqual("s1", "s2")
	if n := w.nodes["s1"]; n.stream.phase != waiting || n.stream.boot != w.nodes["s2"].cfg.Boot {
		t.Errorf("phase %q, boot %d", n.stream.phase, n.stream.boot)
	}
}

// begun returns a primary with so many keys that has just learnt of its first backup.
func begun(keys int) *Core {
	c := NewCore(Config{Me: "me", Boot: 1, DeadPings: deadPings})
	c.PingReply(0, viewservice.PingReply{View: viewservice.View{Viewnum: 1, Primary: "me"}})
	for i := range keys {
		c.state.data.Set(fmt.Sprint(i), "v")
	}
	c.PingReply(1, viewservice.PingReply{View: viewservice.View{Viewnum: 2, Primary: "me", Backup: "b"}})
	return c
}

// refused has the backup refuse what c sends next, as this boot of it.
func refused(c *Core, boot uint64) ForwardArgs {
	f := c.Ready().Forwards[0]
	c.Forwarded(f.ID, ForwardReply{Boot: boot, Viewnum: 2, Refused: Cause{Code: OtherBoot}})
	return *f.Args
}

func TestS8_EachTransferHasItsNumber(t *testing.T) {
	c := begun(2 * DefaultChunkKeys)
	for i, boot := range []uint64{0, 7, 9} {
		a := refused(c, max(7, boot+2))
		if a.Attempt != uint64(i+1) || a.Boot != boot || boot > 0 && a.Index != 1 {
			t.Errorf("transfer %d to boot %d begins with %d/%d to %d", i+1, boot, a.Attempt, a.Index, a.Boot)
		}
	}
	refused(c, 11) // the boot that it was meant for: no use in saying it again at once
	if f := c.Ready().Forwards; len(f) > 0 {
		t.Errorf("sent before the next tick: %+v", f)
	}
	c.Tick()
	if a := c.Ready().Forwards[0].Args; a.Boot != 0 || a.Attempt != 5 {
		t.Errorf("sent after it: %+v", a)
	}
}

func TestS4_ABackupThatRefusesTheLastChunkIsGivenUpAtOnce(t *testing.T) {
	c := begun(1)
	refused(c, 7)
	last := c.Ready().Forwards[0]
	c.Request(1, Op{Kind: Get, Key: "0", Client: "c", Seq: 1}, 2)
	if r := c.Ready(); len(r.Answers) > 0 {
		t.Fatalf("answered before the confirmation: %+v", r.Answers)
	}
	c.Forwarded(last.ID, ForwardReply{Boot: 9, Viewnum: 2, Refused: Cause{Code: OtherBoot}})
	if a := c.Ready().Answers; len(a) != 1 || a[0].Reply.Value != "v" {
		t.Errorf("answers once it was given up: %+v", a)
	}
	c.Tick()
	if p := c.Ready().Pings; len(p) != 1 || p[0].Viewnum != 2 || !p[0].BackupLost {
		t.Errorf("pings %+v", p)
	}
}

func TestS8_AppliedWhenConfirmed(t *testing.T) {
	w := newService(t, "s1", "s2")
	w.hold(pattern{kind: "confirm"})
	w.ask("c", Put, "k", "1")
	w.run()
	if n := w.nodes["s1"]; n.state.position != 0 || n.state.data.Len() != 0 {
		t.Errorf("applied before the confirmation: %+v", n.Status())
	}
	w.release()
	w.run()
	if n := w.nodes["s1"]; n.state.position != 1 {
		t.Errorf("not applied after it: %+v", n.Status())
	}
}

func TestS8_RefusingServersComeToRest(t *testing.T) {
	w := newWorld(t, "s1", "s2")
	w.rounds(1)
	w.lose(pattern{to: "s2", from: viewsName}) // s2 never learns that it is backup
	w.rounds(1)
	sent := w.nodes["s1"].ids
	w.rounds(3) // run fails if messages go round for ever
	if n := w.nodes["s1"].ids - sent; n > 3 {
		t.Errorf("%d messages in 3 intervals to a server that refuses", n)
	}
	w.rounds(deadPings)
	if v := w.nodes["s1"].view; v.Viewnum < 3 {
		t.Errorf("still in view %v: a backup that refuses is given up like a silent one (S4)", v)
	}
}

func TestS8_PausesBetweenCopiesGrow(t *testing.T) {
	resentAt := func(eager bool) (ticks []int) {
		w := newService(t, "s1", "s2")
		n := w.nodes["s1"]
		n.cfg.Eager = eager
		w.lose(pattern{kind: "forward"})
		w.ask("c", Put, "k", "v")
		w.run()
		n.Ready()
		for tick := 1; tick <= 24; tick++ {
			n.Tick()
			if len(n.Ready().Forwards) > 0 {
				ticks = append(ticks, tick)
			}
		}
		return ticks
	}
	if got, want := resentAt(false), []int{2, 6, 14, 22}; !slices.Equal(got, want) {
		t.Errorf("sent again at ticks %v, want %v", got, want)
	}
	if got := resentAt(true); len(got) != 24 {
		t.Errorf("an eager one sends again at ticks %v only", got)
	}
}

func TestS9_SteppingDown(t *testing.T) {
	w := newService(t, "s1", "s2", "s3")
	w.do("c", Put, "k", "1")
	w.lose(pattern{from: "s1", to: "s2"})
	a, b := w.ask("a", Put, "k", "2"), w.ask("b", Get, "k", "")
	w.run()
	w.nodes["s1"].PingReply(2, viewservice.PingReply{View: viewservice.View{Viewnum: 3, Primary: "s2", Backup: "s3"}})
	w.act(w.nodes["s1"])
	w.run()
	w.wantNoResult(a, Deposed)
	w.wantNoResult(b, Deposed)
	if s := w.nodes["s1"].Status(); s.Keys != 0 || s.Clients != 0 || s.Position != 0 || s.Complete || s.Waiting != 0 || s.Entered != 3 {
		t.Errorf("stepped down: %+v", s)
	}
	late := w.ask("d", Get, "k", "")
	w.send(late, "s1", 3)
	w.lose(pattern{kind: "op", to: "s2"})
	w.run()
	w.wantNoResult(late, Elsewhere)
}

func TestS9_ABackupNoLongerNeededKeepsNothing(t *testing.T) {
	w := newService(t, "s1", "s2")
	w.do("c", Put, "k", "1")
	b := w.nodes["s2"]
	b.PingReply(2, viewservice.PingReply{View: viewservice.View{Viewnum: 3, Primary: "s1", Backup: "s3"}})
	if s := b.Status(); s.Keys != 0 || s.Clients != 0 || s.Entered != 3 || s.Role != Idle {
		t.Errorf("idle: %+v", s)
	}
}

func TestS10_TheFilterIsAskedAtItsTurn(t *testing.T) {
	w := newService(t, "s1", "s2")
	w.hold(pattern{kind: "forward"})
	c := w.ask("c", Append, "k", "1")
	w.run()
	w.send(c, "s1", 2) // while the first copy is under way
	w.run()
	w.release()
	w.run()
	w.send(c, "s1", 2) // after it
	w.run()
	w.wantResult(c, "")
	w.wantValue("k", "1")
	w.wantEqual("s1", "s2")
	if len(c.answers) != 3 {
		t.Errorf("%d answers to 3 requests: %v", len(c.answers), c.answers)
	}
}

// Copies of an operation that are ahead of each other in one batch, as a primary might send that filters on arrival.
func TestS10_TheBackupFiltersToo(t *testing.T) {
	var s state
	op := Op{Kind: Append, Key: "k", Value: "1", Client: "c", Seq: 1}
	for range 2 {
		if r := s.apply(op, 0); r.err != OK {
			t.Fatalf("%+v", r)
		}
	}
	if value, _ := s.data.Get("k"); value != "1" || s.position != 2 {
		t.Errorf("value %q, position %d", value, s.position)
	}
}

func TestS10_TheFilterIsReplicated(t *testing.T) {
	for _, forwarded := range []bool{false, true} {
		t.Run(fmt.Sprintf("forwarded %v", forwarded), func(t *testing.T) {
			w := newWorld(t, "s1", "s2")
			w.lose(pattern{from: "s2"})
			w.rounds(3)
			if forwarded {
				w.heal()
				w.rounds(5)
			}
			c := w.ask("c", Append, "k", "1")
			w.run()
			w.heal()
			w.rounds(5)
			w.crash("s1")
			w.rounds(deadPings + 2)
			w.send(c, "s2", 3)
			w.run()
			w.wantResult(c, "")
			w.wantValue("k", "1")
		})
	}
}

func TestS10_ANewerRequestSupersedes(t *testing.T) {
	w := newService(t, "s1", "s2")
	w.part("s1", "s2")
	inFlight := w.ask("c", Append, "k", "1")
	w.run()
	w.askAndRun("d", Append, "k", "of another client")
	queued := w.ask("c", Append, "k", "2")
	w.run()
	w.wantNoResult(inFlight, Superseded)
	newest := w.ask("c", Append, "k", "3")
	w.run()
	w.wantNoResult(queued, Superseded)
	w.heal()
	w.rounds(maxResendTicks)
	w.wantResult(newest, "")
	w.wantEqual("s1", "s2")
}

// The end of an older operation of a client does not hide its newest.
func TestS10_ANewerRequestSupersedesAfterAnOlderOneEnded(t *testing.T) {
	w := newService(t, "s1", "s2")
	w.hold(pattern{kind: "forward"})
	w.askAndRun("c", Append, "k", "1")
	second := w.askAndRun("c", Append, "k", "2")
	w.deliver(w.pick(pattern{kind: "forward"})) // the first
	w.run()
	third := w.askAndRun("c", Append, "k", "3")
	w.wantNoResult(second, Superseded)
	w.release()
	w.run()
	w.wantResult(third, "")
	w.wantValue("k", "123")
}

// One name is one operation: whoever sends another under it while it is under way can't make the servers differ.
func TestS10_ANameIsOneOperation(t *testing.T) {
	w := newService(t, "s1", "s2")
	w.hold(pattern{kind: "confirm"})
	c := w.ask("c", Put, "k", "1")
	w.run()
	c.Value = "2"
	w.send(c, "s1", 2)
	w.run()
	w.release()
	w.run()
	w.wantResult(c, "")
	w.wantValue("k", "1")
	w.wantEqual("s1", "s2")
}

// TestS10_CopiesOfARequestAreAnsweredAlike: net/rpc believes the first answer that comes, to whichever copy.
func TestS10_CopiesOfARequestAreAnsweredAlike(t *testing.T) {
	w := newService(t, "s1", "s2")
	var answers []Reply
	w.watch = func(l *letter) {
		if l.kind == "answer" {
			answers = append(answers, l.body.(Reply))
		}
	}
	w.part("s1", "s2")
	c := w.ask("c", Append, "k", "1")
	for range maxEarlier + 1 {
		w.send(c, "s1", 2)
	}
	w.run()
	if len(answers) != 1 || answers[0].Why.Code != Superseded {
		t.Errorf("%d copies, and the answers are %v", maxEarlier+2, answers)
	}
	w.heal()
	w.rounds(maxResendTicks)
	for _, r := range answers[1:] {
		if r.Err != OK {
			t.Errorf("a copy was answered %+v", r)
		}
	}
	if len(answers) != maxEarlier+2 {
		t.Errorf("%d of %d copies were answered", len(answers), maxEarlier+2)
	}
	w.wantValue("k", "1")
}

func TestS10_AbandonedOperationsTakeNoMemory(t *testing.T) {
	w := newService(t, "s1", "s2")
	w.part("s1", "s2")
	var c *call
	for range 100 {
		old := c
		c = w.ask("c", Append, "k", "x")
		w.run()
		if old != nil {
			w.send(old, "s1", 2)
			w.run()
		}
	}
	if n := w.nodes["s1"].Status().Waiting; n > 2 {
		t.Errorf("%d operations of one client wait", n)
	}
	w.heal()
	w.rounds(maxResendTicks)
	w.wantResult(c, "")
	w.wantEqual("s1", "s2")
	if n := w.nodes["s1"]; n.Status().Clients != 1 || len(n.requests.latest) != 0 || len(n.tickets) != 0 {
		t.Errorf("left: %+v", n.Status())
	}
}

func TestS11_ViewNumbersNeverGoBack(t *testing.T) {
	w := newService(t, "s1", "s2")
	w.do("c", Put, "k", "v")
	for _, n := range w.nodes {
		before := n.Status()
		for _, old := range []viewservice.View{{}, {Viewnum: 1, Primary: "s1"}, {Viewnum: 1, Primary: "s3", Backup: "s1"}} {
			n.PingReply(2, viewservice.PingReply{View: old, Acked: true})
			n.Forward(&ForwardArgs{Viewnum: 1, Primary: "s3", Boot: n.cfg.Boot, Attempt: 9, Index: 1, Chunk: &Chunk{}})
		}
		if after := n.Status(); after != before {
			t.Errorf("before %+v, after %+v", before, after)
		}
	}
}

func TestS11_ARequestMayKnowMoreThanTheServer(t *testing.T) {
	w := newService(t, "s1", "s2")
	w.hold(pattern{kind: "view"})
	c := w.ask("c", Get, "k", "")
	w.lost = append(w.lost, pattern{kind: "answer"})
	w.send(c, "s1", 7)
	w.send(c, "s1", 8)
	w.run()
	if n := w.nodes["s1"]; len(n.tickets) != 2 || n.view.Viewnum != 2 {
		t.Fatalf("%d wait, view %v", len(n.tickets), n.view)
	}
	w.pick(pattern{kind: "view", to: "s1"}) // it asked, once in the interval
	w.none(pattern{kind: "view", to: "s1"})
	w.tick("s1")
	w.run()
	if n := w.nodes["s1"]; len(n.tickets) != 0 {
		t.Errorf("%d still wait after a tick", len(n.tickets))
	}
}

func TestS12_NoPingPerOperation(t *testing.T) {
	w := newService(t, "s1", "s2")
	for range 50 {
		w.ask("c", Put, "k", "v")
		for len(w.bag) > 0 {
			w.none(pattern{kind: "ping"})
			w.deliver(w.pick(pattern{}))
		}
	}
}

// A request that knows a newer view waits for that, or for a tick, and for nothing else that the viewservice says.
func TestS12_WhoKnowsANewerViewWaitsForIt(t *testing.T) {
	reply := func(n viewservice.Number, primary string) viewservice.PingReply {
		return viewservice.PingReply{View: viewservice.View{Viewnum: n, Primary: primary}, Acked: true}
	}
	first := viewservice.View{Viewnum: 1, Primary: "me"}
	for _, tt := range []struct {
		name   string
		before viewservice.PingReply // puts the server into its view
		sent   viewservice.Number
		reply  viewservice.PingReply
		err    Err // of the answer; "": none yet
		why    Code
	}{
		{"view 1 once more", reply(1, "me"), 1, reply(1, "me"), "", CodeNone},
		{"view 2 once more", viewservice.PingReply{View: viewservice.View{Viewnum: 2, Primary: "me"}}, 2, reply(2, "me"), "", CodeNone},
		{"a late reply to Ping(1), S11", reply(2, "me"), 1, reply(1, "me"), "", CodeNone},
		{"a newer view as its primary", reply(2, "me"), 2, reply(3, "me"), NoKey, CodeNone},
		{"a newer view, idle", reply(2, "me"), 2, reply(3, "other"), NotPrimary, Elsewhere},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := NewCore(Config{Me: "me", Boot: 1, DeadPings: deadPings})
			c.PingReply(0, viewservice.PingReply{View: first})
			c.PingReply(1, tt.before)
			c.Request(1, Op{Kind: Get, Key: "k", Client: "c", Seq: 1}, 9)
			c.PingReply(tt.sent, tt.reply)
			r := c.Ready().Answers
			if tt.err == "" {
				if len(r) > 0 {
					t.Errorf("answered too early: %+v", r)
				}
				c.Tick()
				r, tt.err = c.Ready().Answers, NoKey
			}
			if len(r) != 1 || r[0].Reply.Err != tt.err || r[0].Reply.Why.Code != tt.why {
				t.Errorf("answers %+v, want %s, code %d", r, tt.err, tt.why)
			}
		})
	}
}

// However many know a newer view, a server asks for it once per interval, and in the next one again.
func TestS12_AServerAsksOncePerInterval(t *testing.T) {
	w := newService(t, "s1", "s2")
	n := w.nodes["s1"]
	for range 3 {
		n.Tick()
		n.Ready()
		asked := 0
		for seq := range uint64(5) {
			n.Request(Ticket(100+seq), Op{Kind: Get, Key: "k", Client: "c", Seq: seq + 1}, 9)
			asked += len(n.Ready().Pings)
		}
		if asked != 1 {
			t.Errorf("asked %d times between two ticks", asked)
		}
	}
}

func TestS13_Limits(t *testing.T) {
	w := newService(t, "s1", "s2")
	w.do("c", Put, "k", "v")
	for _, tt := range []struct {
		name string
		op   Op
		err  Err
		why  Code
	}{
		{"key too long", Op{Kind: Put, Key: strings.Repeat("k", MaxKey+1), Client: "d", Seq: 1}, TooLarge, KeyTooLong},
		{"value too long", Op{Kind: Append, Value: strings.Repeat("v", MaxValue+1), Client: "d", Seq: 1}, TooLarge, ValueTooLong},
		{"no client", Op{Kind: Put, Seq: 1}, NotPrimary, BadClient},
		{"client's name too long", Op{Kind: Put, Client: strings.Repeat("c", maxName+1), Seq: 1}, NotPrimary, BadClient},
		{"no number", Op{Kind: Put, Client: "d"}, NotPrimary, BadClient},
		{"longest client's name", Op{Kind: Put, Client: strings.Repeat("c", maxName), Seq: 1}, OK, CodeNone},
		{"longest key", Op{Kind: Put, Key: strings.Repeat("k", MaxKey), Client: "d", Seq: 1}, OK, CodeNone},
		{"longest value", Op{Kind: Put, Key: "long", Value: strings.Repeat("v", MaxValue), Client: "e", Seq: 1}, OK, CodeNone},
	} {
		t.Run(tt.name, func(t *testing.T) {
			before := w.nodes["s1"].Status()
			c := &call{Op: tt.op}
			w.calls[opName{tt.op.Client, tt.op.Seq}] = c
			w.send(c, "s1", 2)
			w.run()
			if len(c.answers) != 1 || c.answers[0].Err != tt.err || c.answers[0].Why.Code != tt.why {
				t.Fatalf("answers %+v", c.answers)
			}
			if n := c.answers[0].Why.N; tt.err == TooLarge && n != max(len(tt.op.Key), len(tt.op.Value)) {
				t.Errorf("%d bytes are too many", n)
			}
			if after := w.nodes["s1"].Status(); tt.err != OK && after != before {
				t.Errorf("refused, but %+v became %+v", before, after)
			}
			delete(w.calls, opName{tt.op.Client, tt.op.Seq})
		})
	}
	w.wantEqual("s1", "s2")
}

func TestS13_AnAppendBeyondTheLimit(t *testing.T) {
	w := newService(t, "s1", "s2")
	w.do("d", Put, "just", strings.Repeat("v", MaxValue-1))
	w.do("d", Append, "just", "v")
	w.do("c", Put, "k", strings.Repeat("v", MaxValue-1))
	c := w.ask("c", Append, "k", "12")
	w.run()
	w.wantTooLarge(c)
	if why := c.result.Why; why.Code != ValueTooLong || why.N != MaxValue+1 {
		t.Errorf("%+v", why)
	}
	w.send(c, "s1", 2)
	w.run()
	w.wantTooLarge(c)
	w.wantEqual("s1", "s2")
	w.crash("s1")
	w.rounds(deadPings + 2)
	w.send(c, "s2", 3)
	w.run()
	w.wantTooLarge(c)
	if value, _ := w.nodes["s2"].state.data.Get("k"); len(value) != MaxValue-1 {
		t.Errorf("%d bytes", len(value))
	}
	w.start("s3")
	w.rounds(5)
	w.crash("s2")
	w.rounds(deadPings + 2)
	w.send(c, "s3", 5)
	w.run()
	w.wantTooLarge(c)
	if n := len(c.answers); n != 4 {
		t.Errorf("%d answers", n)
	}
}

// wantTooLarge fails unless every answer to the operation was TooLarge.
func (w *world) wantTooLarge(c *call) {
	w.t.Helper()
	for _, r := range c.answers {
		if r.Err != TooLarge {
			w.t.Errorf("%s, want %s", r.Err, TooLarge)
		}
	}
	if c.ended == 0 {
		w.t.Error("no answer")
	}
}

func TestS13_AnAppendBeyondTheLimitDuringTheTransfer(t *testing.T) {
	w := newWorld(t, "s1", "s2")
	w.toHalfFilled("s1", "s2")
	w.nodes["s1"].state.data.Set("zzz", strings.Repeat("v", MaxValue)) // the backup has not seen it yet
	c := w.ask("c", Append, "zzz", "1")
	w.run()
	w.wantTooLarge(c)
	w.release()
	w.rounds(2)
	w.wantEqual("s1", "s2")
	w.crash("s1")
	w.rounds(deadPings + 2)
	w.send(c, "s2", 3)
	w.run()
	w.wantTooLarge(c)
}

func TestS13_AMessageFitsTheWire(t *testing.T) {
	w := newWorld(t, "s1", "s2")
	w.toHalfFilled("s1", "s2")
	w.nodes["s1"].state.data.Set("key00001000", strings.Repeat("v", MaxValue))
	w.do("a", Put, "zzz", strings.Repeat("v", tailBytes-1000))
	w.do("b", Put, "zzz", strings.Repeat("v", MaxValue))
	w.hold(pattern{kind: "forward"})
	for i := range 4 {
		w.ask(fmt.Sprint("c", i), Put, "zzz", strings.Repeat("v", MaxValue))
	}
	w.release()
	for len(w.bag) > 0 {
		l := w.pick(pattern{})
		if a, ok := l.body.(*ForwardArgs); ok {
			checkSize(t, a)
		}
		w.deliver(l)
	}
	w.wantEqual("s1", "s2")
}

func TestS13_AChunkIsFilledToItsLimit(t *testing.T) {
	half := strings.Repeat("v", chunkBytes/2-1)
	var s state
	for key, value := range map[string]string{"a": half, "b": half, "c": "", "d": half + half + "v", "e": half + half + half} {
		s.data.Set(key, value)
	}
	for _, tt := range []struct{ after, want string }{{"", "ab"}, {"b", "c"}, {"c", "d"}, {"d", "e"}} {
		pairs, last := s.chunk(tt.after, tt.after != "", DefaultChunkKeys)
		got := ""
		for _, p := range pairs {
			got += p.Key
		}
		if got != tt.want || last != (tt.want == "e") {
			t.Errorf("after %q the chunk is %q, the last: %v; want %q", tt.after, got, last, tt.want)
		}
	}
}

func TestS13_ABatchFitsTheWire(t *testing.T) {
	w := newService(t, "s1", "s2")
	w.blind = true
	for _, tt := range []struct {
		clients int
		value   string
	}{{4, strings.Repeat("v", MaxValue)}, {batchOps + 10, "v"}} {
		w.hold(pattern{kind: "forward"})
		for i := range tt.clients {
			w.ask(fmt.Sprint("c", i), Put, "k", tt.value)
		}
		w.run()
		w.release()
		messages := 0
		for len(w.bag) > 0 {
			l := w.pick(pattern{})
			if a, ok := l.body.(*ForwardArgs); ok {
				messages++
				checkSize(t, a)
				if len(a.Ops) > batchOps {
					t.Errorf("%d operations in a message", len(a.Ops))
				}
			}
			w.deliver(l)
		}
		if messages < 3 || messages > 5 {
			t.Errorf("%d messages for %d operations", messages, tt.clients)
		}
	}
	w.wantEqual("s1", "s2")
}

// While one message is under way the next gathers what fits into it, and not a byte more.
func TestS13_ABatchIsFilledToItsLimit(t *testing.T) {
	w := newService(t, "s1", "s2")
	empty := Op{Key: "k", Client: "c"}
	half := strings.Repeat("v", batchBytes/2-empty.size())
	var sizes []int
	w.watch = func(l *letter) {
		if a, ok := l.body.(*ForwardArgs); ok {
			sizes = append(sizes, len(a.Ops))
		}
	}
	w.hold(pattern{kind: "forward"})
	for i, value := range []string{"first", half, half, "", half, half + "v", "last"} {
		w.ask(string(rune('a'+i)), Put, "k", value)
		w.run()
	}
	w.release()
	w.run()
	if want := []int{1, 2, 2, 2}; !slices.Equal(sizes, want) {
		t.Errorf("messages of %v operations, want %v", sizes, want)
	}
}

func checkSize(t *testing.T, a *ForwardArgs) {
	t.Helper()
	n := 0
	for _, op := range a.Ops {
		n += op.size()
	}
	if a.Chunk != nil {
		for _, p := range a.Chunk.Pairs {
			n += len(p.Key) + len(p.Value)
		}
	}
	if most := 48 << 20; n > most {
		t.Errorf("a message of %d bytes, at most %d fit", n, most)
	}
}

func TestEqualEventsGiveEqualEffects(t *testing.T) {
	if a, b := traceOf(t, 7, false), traceOf(t, 7, false); a != b {
		t.Errorf("traces %x and %x of the same run", a, b)
	}
	if a, b := traceOf(t, 7, false), traceOf(t, 8, false); a == b {
		t.Error("different runs have the same trace")
	}
}

func TestClonesAreEqualAndApart(t *testing.T) {
	seeds := uint64(40)
	if envtest.Raced { // one goroutine does it all
		seeds = 10
	}
	for seed := range seeds {
		if a, b := traceOf(t, seed, false), traceOf(t, seed, true); a != b {
			t.Errorf("seed %d: a world of clones goes another way", seed)
		}
	}
}

// TestV7_ClockSetBack: a server whose boot id is smaller than that of an earlier boot takes a larger one, and nothing of what
// it was told before: the view that it hears of first is one in which the earlier boot may have served (H3).
func TestV7_ClockSetBack(t *testing.T) {
	c := NewCore(Config{Me: "s1", Boot: 100, DeadPings: deadPings})
	first := viewservice.View{Viewnum: 1, Primary: "s1"}
	c.PingReply(0, viewservice.PingReply{View: first, Boot: 200})
	if p := c.Ready().Pings; c.Boot() != 201 || c.View().Viewnum != 0 || len(p) != 1 || p[0].Boot != 201 || p[0].Viewnum != 0 {
		t.Fatalf("boot %d in view %v pings %+v", c.Boot(), c.View(), p)
	}
	c.PingReply(0, viewservice.PingReply{View: first, Boot: 100}) // late, and of the boot id before
	if c.View().Viewnum != 0 {
		t.Errorf("it takes view %v from the answer to a ping of another boot", c.View())
	}
	c.PingReply(0, viewservice.PingReply{View: first, Acked: true, Boot: 201})
	if why := c.refusal(); why.Code != NoState {
		t.Errorf("in an acknowledged view 1: %v", why)
	}
}

// TestV7_BootIDsEnd: there is no boot id above the largest one.
func TestV7_BootIDsEnd(t *testing.T) {
	c := NewCore(Config{Me: "s1", Boot: 100, DeadPings: deadPings})
	c.PingReply(0, viewservice.PingReply{Boot: math.MaxUint64})
	if why := c.refusal(); why.Code != Replaced || c.Boot() != 100 {
		t.Errorf("boot %d: %v", c.Boot(), why)
	}
}

// TestV7_Replaced: a server that learns that another process pings under its name is out, with all that it holds. Two of them
// do not outbid each other for ever.
func TestV7_Replaced(t *testing.T) {
	w := newWorld(t, "s1", "s2")
	w.rounds(4)
	for name, n := range w.nodes {
		boot := n.Boot()
		n.Request(1, Op{Kind: Put, Key: "a", Value: "1", Client: "c1", Seq: 1}, 0)
		n.PingReply(n.Entered(), viewservice.PingReply{View: viewservice.View{Viewnum: 9, Primary: name}, Acked: true, Boot: boot + 5})
		answers := n.Core.Ready().Answers
		if len(answers) != 1 || answers[0].Reply.Err != NotPrimary || n.Holds() != 0 || n.Boot() != boot || n.View().Viewnum == 9 {
			t.Errorf("%s: holds view %d, boot %d, view %v, answers %v", name, n.Holds(), n.Boot(), n.View(), answers)
		}
		w.wantRefusal(name, Replaced)
		v := n.View()
		reply := n.Forward(&ForwardArgs{Viewnum: v.Viewnum, Primary: v.Primary, Boot: boot, Attempt: 9, Index: 1, Chunk: &Chunk{Last: true}})
		if reply.Refused.Code != Replaced || n.Holds() != 0 {
			t.Errorf("%s is filled: %+v", name, reply)
		}
	}
	twice := NewCore(Config{Me: "s1", Boot: 100, DeadPings: deadPings})
	twice.PingReply(0, viewservice.PingReply{Boot: 200})
	twice.PingReply(0, viewservice.PingReply{Boot: 202})
	if why := twice.refusal(); why.Code != Replaced || twice.Boot() != 201 {
		t.Errorf("a process that is outbid bids again: boot %d, %v", twice.Boot(), why)
	}
}
