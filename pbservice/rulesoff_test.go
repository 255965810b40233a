package pbservice

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"cluster/splitbrain/viewservice"
	"cluster/splitbrain/viewservice/rules"

	"github.com/anishathalye/porcupine"
)

// damages do to a service what the rule of their name prevents. They end with what clients read.
var damages = map[rules.Rule]func(*world){
	rules.AckRule: func(w *world) {
		w.fillUnacknowledged()
		w.part("s1", viewsName)
		w.rounds(deadPings + 2) // s1 gives s2 up; vs doesn't hear s1
		w.send(w.begin("a", Append, "k", "1"), "s1", w.nodes["s1"].view.Viewnum)
		w.rounds(1)
		w.heal()
	},
	rules.AckAfterTransfer: func(w *world) {
		w.start("s3")
		w.rounds(1)
		w.lose(pattern{kind: "forward", to: "s3"})
		w.crash("s2")
		w.rounds(deadPings + 2) // view 3 is s1 s3, and nothing reaches s3
		w.do("a", Append, "k", "1")
		w.crash("s1")
		w.heal()
	},
	rules.Continuity: func(w *world) {
		w.do("a", Append, "k", "1")
		w.start("s3")
		w.rounds(2)
		w.crash("s1")
		w.crash("s2")
	},
	rules.RestartDetection: func(w *world) {
		w.do("a", Append, "k", "1")
		w.start("s1")
	},
	rules.ForwardGets: func(w *world) {
		w.cutOffPrimary()
		w.do("a", Put, "k", "1")
		w.send(w.begin("b", Get, "k", ""), "s1", 2)
		w.rounds(1)
	},
	rules.WaitForBackup: func(w *world) {
		w.part("s1", "s2")
		w.ask("a", Append, "k", "1")
		w.run()
		w.crash("s1")
		w.heal()
	},
	rules.BackupChecksView: func(w *world) {
		w.start("s3")
		w.cutOffPrimary()
		w.do("a", Put, "k", "1")
		w.send(w.begin("b", Append, "log", "2"), "s1", 2)
		w.rounds(1)
		w.send(w.begin("b", Get, "k", ""), "s1", 2)
		w.rounds(1)
	},
	rules.FilterDuplicates: func(w *world) {
		w.loseAnswer(w.ask("a", Append, "k", "1"))
	},
	rules.ReplicateFilter: func(w *world) {
		c := w.ask("a", Append, "k", "1")
		w.lose(pattern{kind: "answer"})
		w.run()
		w.heal()
		w.crash("s1")
		w.rounds(deadPings + 2)
		w.send(c, "s2", 3)
	},
	rules.TransferState: func(w *world) {
		w.do("a", Append, "k", "1")
		w.start("s3")
		w.crash("s2")
		w.rounds(2 * deadPings)
		w.crash("s1")
	},
}

// fillUnacknowledged makes s2, reborn, a backup that is complete while its primary s1 does not know it.
func (w *world) fillUnacknowledged() {
	w.start("s2")
	w.hold(pattern{kind: "confirm"})
	for w.nodes["s2"].holds == 0 {
		w.rounds(1)
		if slices.ContainsFunc(w.bag, pattern{kind: "confirm"}.matches) {
			w.deliver(w.pick(pattern{kind: "confirm"}))
			w.run()
		}
	}
	w.lose(pattern{kind: "confirm"})
	w.release()
}

// cutOffPrimary lets s2 be promoted while s1 hears nothing from the viewservice.
func (w *world) cutOffPrimary() {
	w.part("s1", viewsName)
	w.rounds(deadPings + 2)
}

// loseAnswer carries c out, loses the answer, and sends c again.
func (w *world) loseAnswer(c *call) {
	w.lose(pattern{kind: "answer"})
	w.run()
	w.heal()
	view, _ := w.views.Current()
	w.send(c, view.Primary, view.Viewnum)
	w.run()
}

// suffer plays one rule's damage on a service of s1 and s2, and reports whether clients saw it.
func suffer(t *testing.T, damage rules.Rule, off ...rules.Rule) bool {
	w := newService(t, "s1", "s2")
	for _, r := range off {
		w.without(r)
	}
	damages[damage](w)
	w.rounds(2 * deadPings)
	for _, key := range []string{"k", "log"} {
		w.ask("reader", Get, key, "")
		w.rounds(1)
	}
	return !porcupine.CheckOperations(register, w.history())
}

func TestEachRuleOffDoesItsDamage(t *testing.T) {
	for _, r := range rules.All() {
		t.Run(r.String(), func(t *testing.T) {
			if damages[r] == nil {
				t.Fatal("nothing does its damage")
			}
			if suffer(t, r) {
				t.Error("the damage is there though the rule is on")
			}
			if !suffer(t, r, r) {
				t.Errorf("without %s %s nothing went wrong", r, r.Refs())
			}
		})
	}
}

// A rule that is off makes a primary trust what that rule would have prevented, and nothing else.
func TestS2_RulesOffTrustNoMoreThanTheirDamageNeeds(t *testing.T) {
	primary := func(n viewservice.Number) viewservice.View { return viewservice.View{Viewnum: n, Primary: "me"} }
	idle := viewservice.View{Viewnum: 2, Primary: "a", Backup: "b"}
	backup := viewservice.View{Viewnum: 2, Primary: "a", Backup: "me"}
	for _, tt := range []struct {
		name  string
		off   rules.Rule
		views []viewservice.View
		want  Code
	}{
		{"an idle server", rules.Continuity, []viewservice.View{idle, primary(4)}, CodeNone},
		{"state of an earlier view", rules.AckRule, []viewservice.View{primary(1), primary(3)}, CodeNone},
		{"no state of any view", rules.AckRule, []viewservice.View{idle, primary(3)}, NoState},
		{"a boot that knows no view", rules.RestartDetection, []viewservice.View{primary(3)}, CodeNone},
		{"a boot that was idle", rules.RestartDetection, []viewservice.View{idle, primary(3)}, NoState},
		{"the backup of the view before", rules.AckAfterTransfer, []viewservice.View{backup, primary(3)}, CodeNone},
		{"the backup of an earlier view", rules.AckAfterTransfer, []viewservice.View{backup, primary(4)}, NoState},
		{"an idle server", rules.AckAfterTransfer, []viewservice.View{idle, primary(3)}, NoState},
	} {
		t.Run(tt.off.String()+" off, "+tt.name, func(t *testing.T) {
			c := NewCore(Config{Me: "me", Boot: 1, DeadPings: deadPings, Disabled: rules.Without(tt.off)})
			for _, v := range tt.views {
				c.PingReply(0, viewservice.PingReply{View: v})
			}
			if why := c.Status().Refuses; why.Code != tt.want {
				t.Errorf("%v, want code %d", why, tt.want)
			}
		})
	}
}

// Without S3 nothing travels, without S10 no filter.
func TestRulesOffSendLess(t *testing.T) {
	for rule, want := range map[rules.Rule]Chunk{
		rules.ReplicateFilter: {Pairs: []Pair{{"k", "v"}}, Last: true},
		rules.TransferState:   {Last: true},
	} {
		w := newWorld(t, "s1")
		w.rounds(3)
		w.without(rule)
		w.do("c", Put, "k", "v")
		w.start("s2")
		var chunks []Chunk
		w.watch = func(l *letter) {
			if a, ok := l.body.(*ForwardArgs); ok && a.Chunk != nil {
				chunks = append(chunks, *a.Chunk)
			}
		}
		w.rounds(4)
		if !reflect.DeepEqual(chunks, []Chunk{want}) {
			t.Errorf("%s off: %+v, want %+v", rule, chunks, want)
		}
	}
}

func TestS5_ForwardGetsOffIsAboutGets(t *testing.T) {
	w := newService(t, "s1", "s2")
	w.do("c", Put, "k", "0")
	w.without(rules.ForwardGets)
	w.hold(pattern{kind: "confirm"})
	put, get := w.ask("a", Put, "k", "1"), w.ask("b", Get, "k", "")
	w.run()
	w.wantNoResult(put, CodeNone)
	w.wantResult(get, "0")
	if none := w.askAndRun("b", Get, "none", ""); get.result.Err != OK || none.result.Err != NoKey {
		t.Errorf("answers %+v and %+v", get.result, none.result)
	}
}

func TestS5_WaitForBackupOff(t *testing.T) {
	w := newService(t, "s1", "s2")
	w.without(rules.WaitForBackup)
	w.hold(pattern{kind: "forward"})
	w.wantResult(w.askAndRun("a", Put, "k", strings.Repeat("v", tailBytes-1000)), "")
	w.wantResult(w.askAndRun("a", Append, "k", strings.Repeat("v", 1000)), "")
	first := w.pick(pattern{kind: "forward"})
	w.none(pattern{kind: "forward"})
	gathered, most := Op{Key: "k", Client: "a"}, Op{Key: "l", Client: "b"}
	w.wantResult(w.askAndRun("b", Put, "l", strings.Repeat("v", tailBytes-1000-gathered.size()-most.size())), "")
	late := w.askAndRun("c", Put, "k", "late") // the backup lags too far behind
	w.wantNoResult(late, CodeNone)
	w.deliver(first)
	w.release()
	w.run()
	w.wantResult(late, "")
	w.wantEqual("s1", "s2")

	w.hold(pattern{kind: "forward"})
	w.wantResult(w.askAndRun("d", Put, "k", "1"), "")
	w.wantResult(w.askAndRun("d", Append, "k", "2"), "") // gathered behind the first
	w.nodes["s1"].SetDisabled(0)
	on := w.askAndRun("d", Append, "k", "3")
	w.wantNoResult(on, CodeNone)
	w.release()
	w.run()
	w.wantResult(on, "")
	w.wantEqual("s1", "s2")
	if v, _ := w.nodes["s2"].Value("k"); v != "123" {
		t.Errorf("the backup has %q", v)
	}
}

func (w *world) askAndRun(client string, kind OpKind, key, value string) *call {
	c := w.ask(client, kind, key, value)
	w.run()
	return c
}

func TestS7_BackupChecksViewOff(t *testing.T) {
	w := newService(t, "s1", "s2")
	w.do("c", Put, "k", "0")
	w.crash("s1")
	w.rounds(deadPings + 2)
	w.wantView(3, "s2", "")
	n := w.nodes["s2"]
	old := &ForwardArgs{
		Viewnum: 2, Primary: "s1", Boot: n.Boot(), Attempt: 1, Index: 9, Position: 40,
		Ops: []Op{{Kind: Append, Key: "k", Value: "1", Client: "d", Seq: 1}, {Kind: Append, Key: "k", Value: "2", Client: "e", Seq: 1}},
	}
	if r := n.Forward(old); r.Refused.Code != OldView {
		t.Errorf("with the rule: %+v", r)
	}
	w.without(rules.BackupChecksView)
	position := n.state.position
	if r := n.Forward(old); r != (ForwardReply{Boot: n.Boot(), Viewnum: 2, Position: 42}) {
		t.Errorf("without it: %+v", r)
	}
	if v, _ := n.Value("k"); v != "012" || n.state.position != position {
		t.Errorf("%q at %d", v, n.state.position)
	}
	other, now := *old, *old
	other.Boot, now.Viewnum = n.Boot()+1, 3
	if r := n.Forward(&other); r.Refused.Code != OldView {
		t.Errorf("to another boot: %+v", r)
	}
	if r := n.Forward(&now); r.Refused.Code != NotMyPrimary {
		t.Errorf("in the view that it is in: %+v", r)
	}
}
