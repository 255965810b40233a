package pbservice

import (
	"fmt"
	"strings"
	"testing"

	"cluster/splitbrain/viewservice"
)

func TestH1_TheFirstPrimarysRepliesAreLost(t *testing.T) {
	w := newWorld(t, "s1", "s2")
	w.lose(pattern{kind: "view", to: "s1"})
	w.rounds(4)
	w.heal()
	w.rounds(5)
	w.wantView(2, "s1", "s2")
	w.do("c", Put, "k", "v")
}

func TestH2_ThePrimaryIsBackWithinAnInterval(t *testing.T) {
	w := newService(t, "s1", "s2", "s3")
	w.do("c", Put, "k", "v")
	w.start("s1")
	w.rounds(6)
	w.wantView(3, "s2", "s3")
	w.wantValue("k", "v")
}

func TestH3_TheSolePrimaryCrashesAndIsBack(t *testing.T) {
	for _, volunteers := range [][]string{nil, {"s2"}} {
		w := newWorld(t, "s1")
		w.rounds(3)
		w.do("c", Put, "k", "v")
		w.start("s1")
		for _, name := range volunteers {
			w.start(name)
		}
		w.rounds(3 * deadPings)
		w.wantRefusal("s1", NoState)
		if n := w.nodes["s1"]; n.entered != 0 {
			t.Errorf("entered view %d without state", n.entered)
		}
		c := w.ask("c", Get, "k", "")
		w.run()
		w.wantNoResult(c, NoState)
		if why := w.views.Status(w.now).Blocked; why.Rule() != "V5" {
			t.Errorf("blocked: %v", why)
		}
	}
}

func TestH4_NothingIsServedBeforeTheFirstAcknowledgementIsConfirmed(t *testing.T) {
	w := newWorld(t, "s1")
	w.rounds(1)
	w.lose(pattern{kind: "view"})
	w.rounds(3)
	c := w.ask("c", Put, "k", "v")
	w.run()
	w.wantNoResult(c, Unconfirmed)
	w.heal()
	w.rounds(1)
	w.do("c", Put, "k", "v")
}

func TestH5_ThePrimaryDiesInMidTransfer(t *testing.T) {
	w := newWorld(t, "s1", "s2", "s3")
	w.lose(pattern{from: "s3"})
	w.toHalfFilled("s1", "s2")
	w.crash("s1")
	w.heal()
	w.release()
	w.rounds(3 * deadPings)
	if v, acked := w.views.Current(); v.Viewnum != 2 || acked {
		t.Errorf("view %v, acknowledged %v", v, acked)
	}
	w.wantRefusal("s2", Elsewhere)
	// Even if it were promoted, it would not serve.
	w.nodes["s2"].PingReply(2, viewservice.PingReply{View: viewservice.View{Viewnum: 3, Primary: "s2"}})
	w.wantRefusal("s2", NoState)
}

func TestH6_TheBackupIsBackWithinAnIntervalUnderLoad(t *testing.T) {
	w := newService(t, "s1", "s2")
	w.do("c", Append, "k", "0")
	w.hold(pattern{kind: "forward"})
	w.ask("a", Append, "k", "a")
	w.run()
	b := w.ask("b", Append, "k", "b")
	w.run()
	w.start("s2")
	w.release()
	w.run()
	w.wantNoResult(b, BackupRefuse)
	for range 8 {
		w.send(b, "s1", 0)
		w.rounds(1)
	}
	w.wantResult(b, "")
	w.wantEqual("s1", "s2")
	if value := w.do("reader", Get, "k", "").Value; strings.Count(value, "b") != 1 || strings.Count(value, "a") > 1 || value[0] != '0' {
		t.Errorf("value %q", value)
	}
}

func TestH7_ABackupMissesAViewAndReturns(t *testing.T) {
	w := newService(t, "s1", "s2")
	w.do("c", Put, "k", "old")
	w.freeze("s2")
	w.rounds(deadPings + 2)
	w.wantValue("k", "old")
	w.do("c", Put, "k", "new")
	w.bag = nil // what came while it stood still is lost
	w.hold(pattern{kind: "confirm"})
	w.thaw("s2")
	for w.nodes["s2"].view.Viewnum < 4 { // straight to the view in which it is backup again
		w.rounds(1)
	}
	if n := w.nodes["s2"]; n.replica.complete || n.holds != 0 {
		t.Errorf("it reuses its state: %+v", n.Status())
	}
	w.release()
	w.rounds(3)
	w.wantEqual("s1", "s2")
	w.wantValue("k", "new")
}

// toCutOff cuts the primary s1 from the viewservice until s2 has been promoted.
func (w *world) toCutOff() {
	w.t.Helper()
	w.do("c", Put, "k", "old")
	w.part("s1", viewsName)
	w.rounds(deadPings + 3)
	if n := w.nodes["s2"]; n.view.Primary != "s2" || n.entered != n.view.Viewnum {
		w.t.Fatalf("s2 is not promoted: %+v", n.Status())
	}
}

func TestH8_TheOldPrimaryIsCutFromTheViewserviceOnly(t *testing.T) {
	w := newService(t, "s1", "s2")
	w.toCutOff()
	w.do("c", Put, "k", "new")
	w.lose(pattern{kind: "op", to: "s2"})
	for _, kind := range []OpKind{Get, Append} {
		c := w.ask(fmt.Sprint("old", kind), kind, "k", "lost")
		w.send(c, "s1", 2)
		w.run()
		w.wantNoResult(c, BackupRefuse)
	}
}

func TestH9_ThePromotedServerThenDies(t *testing.T) {
	for _, asked := range []bool{false, true} {
		w := newService(t, "s1", "s2")
		w.toCutOff()
		w.do("c", Put, "k", "new")
		c := w.ask("old", Get, "k", "")
		w.lose(pattern{kind: "op", to: "s2"})
		if asked { // and refused already
			w.send(c, "s1", 2)
			w.run()
		}
		w.crash("s2")
		w.send(c, "s1", 2)
		w.rounds(3 * deadPings)
		if c.ended != 0 {
			t.Errorf("a stale value: %+v", c.result)
		}
	}
}

func TestH10_ALateForwardOfAnEarlierView(t *testing.T) {
	w := newService(t, "s1", "s2", "s3")
	w.do("c", Put, "k", "0")
	w.hold(pattern{kind: "forward"})
	w.ask("a", Append, "k", "late")
	w.run()
	late := w.pick(pattern{kind: "forward"})
	w.release()
	w.crash("s1")
	w.rounds(deadPings + 3)
	w.wantValue("k", "0")
	for _, to := range []string{"s2", "s3"} {
		late.to = to
		w.deliver(late)
	}
	w.none(pattern{kind: "answer"})
	w.wantEqual("s2", "s3")
	w.wantValue("k", "0")
}

func TestH10_ALateTransferOfTheSameViewAtARestartedBackup(t *testing.T) {
	w := newService(t, "s1", "s2")
	w.crash("s2")
	w.rounds(deadPings + 1)
	w.do("c", Put, "k", "old")
	w.start("s2")
	w.hold(pattern{kind: "forward"})
	w.hold(pattern{kind: "confirm"})
	w.rounds(2)
	w.deliver(w.pick(pattern{kind: "forward"}))
	w.deliver(w.pick(pattern{kind: "confirm"}))
	chunk := w.pick(pattern{kind: "forward"})
	w.bag = nil
	w.start("s2")
	w.lose(pattern{kind: "ping", from: "s1"})
	w.lose(pattern{kind: "forward"})
	w.rounds(2)
	b := w.nodes["s2"]
	if b.view.Viewnum != w.nodes["s1"].view.Viewnum {
		t.Fatalf("views %v and %v", b.view, w.nodes["s1"].view)
	}
	w.deliver(chunk)
	if b.replica.complete || b.entered == b.view.Viewnum {
		t.Error("filled by a message for an earlier boot")
	}
}

func TestH10_ALateConfirmationOfTheCrashedBoot(t *testing.T) {
	w := newWorld(t, "s1", "s2")
	w.toHalfFilled("s1", "s2")
	late := w.pick(pattern{kind: "confirm"})
	w.bag = nil
	w.start("s2")
	p := w.nodes["s1"]
	for range 4 { // until the new boot has been addressed, and its confirmation is held
		w.rounds(minResendTicks)
		if p.stream.boot == w.nodes["s2"].cfg.Boot {
			break
		}
		w.deliver(w.pick(pattern{kind: "confirm"}))
		w.run()
	}
	if p.stream.boot != w.nodes["s2"].cfg.Boot || p.stream.sent == nil {
		t.Fatalf("nothing is under way to the new boot: %+v", p.stream)
	}
	index := p.stream.index
	w.deliver(late)
	late.asks.id = p.stream.sent.ID // as if it answered the message under way
	w.deliver(late)
	if p.stream.index != index {
		t.Error("a confirmation of an earlier boot counts")
	}
	w.release()
	w.rounds(5)
	w.wantEqual("s1", "s2")
}

func TestH11_TheReplyToAnAppendIsLost(t *testing.T) {
	for _, crash := range []bool{false, true} {
		t.Run(fmt.Sprintf("crash %v", crash), func(t *testing.T) {
			w := newService(t, "s1", "s2", "s3")
			w.lose(pattern{kind: "answer"})
			c := w.ask("c", Append, "k", "1")
			w.run()
			w.wantNoResult(c, CodeNone)
			w.heal()
			server := "s1"
			if crash {
				server = "s2"
				w.crash("s1")
				w.rounds(deadPings + 3)
			}
			w.send(c, server, 0)
			w.run()
			w.wantResult(c, "")
			w.wantValue("k", "1")
		})
	}
}

func TestH12_TheReplyToAForwardIsLost(t *testing.T) {
	w := newService(t, "s1", "s2")
	w.lose(pattern{kind: "confirm"})
	a := w.ask("a", Append, "k", "1")
	w.run()
	b := w.ask("b", Append, "k", "2")
	w.run()
	w.heal()
	w.rounds(minResendTicks)
	w.wantResult(a, "")
	w.wantResult(b, "")
	w.wantValue("k", "12")
	w.wantEqual("s1", "s2")
}

func TestH12_TheReplyToAChunkIsLost(t *testing.T) {
	w := newWorld(t, "s1", "s2")
	w.toHalfFilled("s1", "s2")
	w.do("c", Append, "key00000000", "+")
	for range 2 { // the chunk that is under way, and the one after it, which carries the operation
		w.pick(pattern{kind: "confirm"})
		w.rounds(minResendTicks)
		w.deliver(w.pick(pattern{kind: "confirm"}))
		w.run()
	}
	w.release()
	w.rounds(3)
	w.wantView(2, "s1", "s2")
	w.wantEqual("s1", "s2")
	w.wantValue("key00000000", "value+")
}

func TestH13_PrimaryAndBackupAreCutFromEachOther(t *testing.T) {
	w := newService(t, "s1", "s2", "s3")
	w.part("s1", "s2")
	var calls []*call
	for i := range 5 {
		calls = append(calls, w.ask(fmt.Sprint("c", i), Append, "k", fmt.Sprint(i)))
		w.rounds(deadPings)
	}
	w.wantView(2, "s1", "s2")
	for _, c := range calls {
		w.wantNoResult(c, CodeNone)
		w.send(c, "s1", 2)
	}
	w.heal()
	w.rounds(maxResendTicks)
	for _, c := range calls {
		w.wantResult(c, "")
	}
	w.wantValue("k", "01234")
	w.wantEqual("s1", "s2")
}

func TestH14_OneWayCuts(t *testing.T) {
	for _, cut := range []pattern{
		{from: "s1", to: "s2"}, {from: "s2", to: "s1"},
		{from: "s1", to: viewsName}, {from: viewsName, to: "s1"},
		{from: "s2", to: viewsName}, {from: viewsName, to: "s2"},
	} {
		t.Run(cut.from+" to "+cut.to, func(t *testing.T) {
			w := newService(t, "s1", "s2", "s3")
			w.lose(cut)
			c := w.ask("c", Append, "k", "1")
			for range 2 * deadPings {
				w.rounds(1)
				view, _ := w.views.Current()
				w.send(c, view.Primary, view.Viewnum)
			}
			w.heal()
			w.rounds(2 * deadPings)
			w.wantResult(c, "")
			w.wantValue("k", "1")
			view, _ := w.views.Current()
			w.wantEqual(view.Primary, view.Backup)
		})
	}
}

func TestH15_BothVanishAndOneReturns(t *testing.T) {
	for _, tt := range []struct{ returns, crashes string }{{"s1", "s2"}, {"s2", "s1"}} {
		t.Run(tt.returns, func(t *testing.T) {
			w := newService(t, "s1", "s2", "s3")
			w.do("c", Put, "k", "v")
			w.freeze(tt.returns)
			w.crash(tt.crashes)
			w.rounds(2 * deadPings)
			if v, _ := w.views.Current(); v.Viewnum != 2 {
				t.Fatalf("view %v", v)
			}
			w.thaw(tt.returns)
			w.rounds(6)
			w.wantView(3, tt.returns, "s3")
			w.wantValue("k", "v")
		})
	}
}

func TestH16_TheNextInLineDiesUnnoticed(t *testing.T) {
	w := newService(t, "s1", "s2", "s3", "s4")
	w.do("c", Put, "k", "v")
	w.crash("s3")
	w.rounds(deadPings)
	w.crash("s2")
	w.rounds(2*deadPings + 3)
	w.wantView(3, "s1", "s4")
	w.wantValue("k", "v")
}

func TestH17_AFrozenPrimaryThawsAfterBeingReplaced(t *testing.T) {
	w := newService(t, "s1", "s2", "s3")
	w.do("c", Append, "k", "1")
	w.hold(pattern{kind: "forward", from: "s1"})
	inFlight := w.ask("a", Append, "k", "2")
	w.run()
	w.freeze("s1")
	queued, read := w.ask("b", Append, "k", "3"), w.ask("d", Get, "k", "")
	w.rounds(deadPings + 3)
	if n := w.nodes["s2"]; n.entered != 3 || n.view.Primary != "s2" {
		t.Fatalf("s2: %+v", n.Status())
	}
	w.do("e", Append, "k", "4")
	w.release()
	w.nodes["s1"].frozen = false
	w.run()
	for _, c := range []*call{inFlight, queued, read} {
		if c.ended != 0 {
			t.Errorf("%s: %+v", c.Client, c.result)
		}
	}
	w.rounds(3)
	for _, c := range []*call{inFlight, queued, read} {
		w.send(c, "s2", 3)
	}
	w.run()
	w.wantResult(read, "1423")
	w.wantValue("k", "1423")
}

func TestH18_TheViewChangesWhileABatchIsInFlight(t *testing.T) {
	for _, arrived := range []bool{false, true} {
		for _, volunteers := range [][]string{nil, {"s3"}} {
			t.Run(fmt.Sprintf("arrived %v, %d volunteers", arrived, len(volunteers)), func(t *testing.T) {
				w := newService(t, append([]string{"s1", "s2"}, volunteers...)...)
				w.hold(pattern{kind: "confirm"})
				if !arrived {
					w.lose(pattern{kind: "forward"})
				}
				a := w.ask("a", Append, "k", "1")
				w.run()
				b := w.ask("b", Append, "k", "2")
				c := w.ask("c", Append, "k", "3")
				w.run()
				w.crash("s2")
				w.heal()
				w.rounds(deadPings + 1)
				late := w.bag
				w.bag, w.held = nil, nil
				w.rounds(3)
				for _, l := range late {
					w.deliver(l)
				}
				w.rounds(1)
				for _, done := range []*call{a, b, c} {
					w.wantResult(done, "")
				}
				w.wantValue("k", "123")
				if volunteers != nil {
					w.wantEqual("s1", "s3")
				}
			})
		}
	}
}

func TestH19_DelayedAndReorderedPings(t *testing.T) {
	w := newWorld(t, "s1", "s2")
	w.tick("s1")
	ping := w.pick(pattern{kind: "ping"})
	w.deliver(ping)
	reply := w.pick(pattern{kind: "view"})
	w.deliver(reply)
	w.rounds(5)
	w.wantView(2, "s1", "s2")
	w.do("c", Put, "k", "v")
	before := w.nodes["s1"].Status()
	w.deliver(ping)
	w.deliver(reply)
	w.run()
	w.rounds(2)
	if after := w.nodes["s1"].Status(); after != before {
		t.Errorf("before %+v, after %+v", before, after)
	}
	w.wantView(2, "s1", "s2")
	w.wantValue("k", "v")
}

func TestH20_TheViewserviceDies(t *testing.T) {
	for _, restarted := range []bool{true, false} {
		w := newService(t, "s1", "s2")
		w.views = nil
		w.rounds(2 * deadPings)
		c := w.ask("c", Put, "k", "v")
		w.send(c, "s1", 2)
		w.run()
		w.wantResult(c, "")
		w.views, w.newest = viewservice.New(viewservice.Config{PingInterval: interval, DeadPings: deadPings, Restarted: restarted}), 0
		w.names = []string{"s3", "s1", "s2"}
		if !restarted { // a new one, which hears first of one who has served
			w.names = []string{"s1", "s2", "s3"}
		}
		w.start("s3")
		w.rounds(2 * deadPings)
		if v, _ := w.views.Current(); v.Viewnum != 0 {
			t.Errorf("view %v", v)
		}
		w.wantRefusal("s3", NoView)
		d := w.ask("d", Append, "k", "w")
		w.send(d, "s1", 2)
		w.run()
		w.wantResult(d, "")
		w.wantEqual("s1", "s2")
	}
}

func TestH21_ALargeMapIsTransferredUnderLoad(t *testing.T) {
	const keys = 100_000
	w := newWorld(t, "s1", "s2", "s3")
	w.blind = true
	w.lose(pattern{from: "s2"})
	w.lose(pattern{from: "s3"})
	w.rounds(3)
	w.fill("s1", keys)
	w.heal()
	load := func(i int) {
		w.do("c", Append, fmt.Sprintf("key%08d", i*7919%keys), "+")
		w.do("c", Put, fmt.Sprintf("new%08d", i), "x")
	}
	w.hold(pattern{kind: "confirm"})
	w.rounds(2)
	for i := range keys / DefaultChunkKeys / 2 {
		load(i)
		w.deliver(w.pick(pattern{kind: "confirm"}))
		w.run()
	}
	if s := w.nodes["s1"].Status(); s.Transfer.Done == 0 || s.Transfer.Done >= s.Keys {
		t.Fatalf("not in the middle of it: %+v", s.Transfer)
	}
	w.crash("s2") // and the view changes
	for i := 0; w.nodes["s1"].view.Backup != "s3"; i++ {
		load(100 + i)
		w.rounds(1)
	}
	for i := 0; w.nodes["s1"].stream.phase == transferring; i++ {
		load(200 + i)
		w.deliver(w.pick(pattern{kind: "confirm"}))
		w.run()
	}
	w.release()
	w.rounds(2)
	if n := w.nodes["s1"]; n.view.Backup != "s3" || n.entered != n.view.Viewnum || n.state.data.Len() <= keys {
		t.Fatalf("%+v", n.Status())
	}
	w.wantEqual("s1", "s3")
}

var oddStrings = []string{"", "\n", "\x00", "a\x00b", "\xff\xfe", "\x1b[2J\x1b]0;title\a", "\u202e", strings.Repeat("k", MaxKey)}

func TestH22_OddKeysAndValues(t *testing.T) {
	w := newWorld(t, "s1", "s2")
	w.lose(pattern{from: "s2"})
	w.rounds(3)
	for i, odd := range oddStrings {
		w.do("c", Put, odd, odd)
		w.do("c", Append, odd, fmt.Sprint(i))
	}
	w.heal()
	w.rounds(5) // transferred
	for _, odd := range oddStrings {
		w.do("c", Append, odd, odd) // forwarded
	}
	w.wantEqual("s1", "s2")
	w.crash("s1")
	w.rounds(deadPings + 3)
	for i, odd := range oddStrings {
		w.wantValue(odd, odd+fmt.Sprint(i)+odd)
	}
}

func TestH22_AnEmptyValueIsAValue(t *testing.T) {
	w := newService(t, "s1", "s2")
	if r := w.do("c", Get, "", ""); r.Err != NoKey {
		t.Errorf("before: %+v", r)
	}
	w.do("c", Put, "", "")
	if r := w.do("c", Get, "", ""); r.Err != OK {
		t.Errorf("after: %+v", r)
	}
}

func TestH23_TheBackupDiesBeforeTheAcknowledgement(t *testing.T) {
	for _, half := range []bool{false, true} {
		w := newWorld(t, "s1", "s2", "s3")
		w.lose(pattern{from: "s3"})
		if half {
			w.toHalfFilled("s1", "s2")
		} else {
			w.rounds(1)
			w.tick("s1")
			w.run()
		}
		w.crash("s2")
		w.heal()
		w.release()
		w.rounds(3 * deadPings)
		w.do("c", Put, "k", "v")
		view, acked := w.views.Current()
		if view.Primary != "s1" || view.Backup != "s3" || !acked {
			t.Errorf("view %v, acknowledged %v", view, acked)
		}
		w.wantEqual("s1", "s3")
	}
}

func TestH23_ABackupThatThePrimaryCannotReachBlocksNothing(t *testing.T) {
	w := newWorld(t, "s1", "s2", "s3")
	w.part("s1", "s2")
	w.rounds(3 * deadPings)
	view, acked := w.views.Current()
	if view.Primary != "s1" || view.Backup != "s3" || !acked {
		t.Errorf("view %v, acknowledged %v", view, acked)
	}
	w.do("c", Put, "k", "v")
	w.wantEqual("s1", "s3")
	w.heal()
	w.crash("s1")
	w.rounds(2 * deadPings)
	w.wantValue("k", "v")
}

func TestH24_TheReplyToTheFirstAcknowledgementShowsView2(t *testing.T) {
	w := newWorld(t, "s1", "s2")
	w.tick("s1")
	w.run()
	w.tick("s2")
	w.run()
	w.tick("s1")
	w.deliver(w.pick(pattern{kind: "ping", from: "s1"}))
	w.wantRefusal("s1", Unconfirmed)
	l := w.pick(pattern{kind: "view", to: "s1"})
	if v := l.body.(viewservice.PingReply).View.Viewnum; v != 2 {
		t.Fatalf("the reply shows view %d", v)
	}
	w.deliver(l)
	w.wantRefusal("s1", CodeNone)
	w.do("c", Put, "k", "v")
}

func TestH25_AnOldRequestArrivesAtALaterPrimary(t *testing.T) {
	w := newService(t, "s1", "s2", "s3")
	w.hold(pattern{kind: "op"})
	old := w.ask("c", Put, "k", "old")
	w.bag[0].to = "s2" // on its way for long
	late := w.pick(pattern{kind: "op"})
	w.release()
	w.do("c", Put, "k", "new")
	w.crash("s1")
	w.rounds(deadPings + 3)
	w.deliver(late)
	w.run()
	w.wantNoResult(old, Superseded)
	w.wantValue("k", "new")
	w.wantEqual("s2", "s3")
}

// The older request may also find the newer one waiting.
func TestH25_AnOldRequestArrivesBehindANewerOne(t *testing.T) {
	w := newService(t, "s1", "s2")
	w.hold(pattern{kind: "forward"})
	old := &call{Op: Op{Kind: Put, Key: "k", Value: "old", Client: "c", Seq: 1}}
	w.calls[opName{"c", 1}] = old
	newer := w.ask("c", Put, "k", "new")
	w.run()
	w.send(old, "s1", 2)
	w.run()
	w.release()
	w.run()
	w.wantResult(newer, "")
	w.wantNoResult(old, Superseded)
	w.wantValue("k", "new")
}
