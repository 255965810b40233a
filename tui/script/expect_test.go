package script

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/cluster"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/viewservice"
	"cluster/splitbrain/viewservice/rules"
)

// lineAnd is a line of a story and what it comes to: a part of its result, or with a ! of its error.
type lineAnd struct{ line, want string }

// tellStory runs lines on a live cluster in virtual time.
func tellStory(t *testing.T, cfg engine.Config, story []lineAnd) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		live, err := cluster.New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		defer live.Close()
		s := &Session{Engine: live}
		defer s.Close()
		for _, c := range story {
			r, err := s.Run(t.Context(), c.line)
			got := r.Text
			want, fails := strings.CutPrefix(c.want, "!")
			if err != nil {
				got = err.Error()
			}
			if fails != (err != nil) || !strings.Contains(got, want) {
				t.Errorf("%s\n got %v %s\nwant %s", c.line, err != nil, got, c.want)
			}
		}
	})
}

// Every form of expect holds when it should, and says what it saw when it does not.
func TestExpectations(t *testing.T) {
	tellStory(t, engine.Defaults, []lineAnd{
		{"expect view 2 s1 s2 acked", "yes, after"},
		{"expect view 2", "yes"},
		{"expect view any s1", "yes"},
		{"expect view 2 s2 within 0s", "!expect view 2 s2 within 0s: not now: view 2 s1 s2, acknowledged"},
		{"expect view 2 s1 none within 10ms", "!not within 10ms: view 2 s1 s2"},
		{"expect view 3 within 0s", "!not now"},
		{"wait view 3 within 20ms", "!wait view 3 within 20ms: not within 20ms"},
		{"expect role s1 primary", "yes"},
		{"expect role s1 backup within 0s", "!s1 is primary of view 2"},
		{"expect role c1 backup within 0s", "!\"c1\" is no server"},
		{"expect get a absent", "yes"},
		{"expect get a = 1 within 50ms", "!no such key"},
		{"expect get a = absent within 50ms", "!no such key (without the =, absent demands that)"},
		{"expect result c1 = absent within 0s", "!absent: no such key (without the =, absent demands that)"},
		{"expect data s1 a = absent within 0s", "!s1 has no a (without the =, absent demands that)"},
		{"put a 1", "ok"},
		{"expect get a = 1 @c2", "yes"},
		{"expect get a = 2 within 50ms", "!not within 50ms: 1"},
		{"expect get a absent within 50ms", "!not within 50ms: 1"},
		{"expect data s2 a = 1", "yes"},
		{"expect data s2 a = 2 within 0s", "!s2 has a = 1"},
		{"expect data s3 a absent", "yes"},
		{"expect data s3 a = 1 within 0s", "!s3 has no a"},
		{"expect keys s1 1", "yes"},
		{"expect keys s1 1+", "yes"},
		{"expect keys s1 2+ within 0s", "!s1 has 1"},
		{"expect state vs up", "yes"},
		{"expect state c1 frozen within 0s", "!c1 is up"},
		{"expect result c1 = 9 within 0s", "!c1: 1"},
		{"get a @c1", `"1"`},
		{"expect result c1 = 1", "yes"},
		{"expect result c1 ok within 0s", "!c1: 1"},
		{"expect waiting c1 within 0s", "!c1 waits for nothing: 1"},
		{"expect stuck within 0s", "!view 2: s1 answers once s2 has confirmed (S5)"},
		{"expect why S5", "yes"},
		{"expect cause V6", "yes"},
		{"expect cause V5 within 0s", "!no backup, and s2 volunteers (V4)"},
		{"expect held 0", "yes"},
		{"expect rpcs vs 0", "!nothing was counted: write mark"},
		{"mark", "counted"},
		{"put b 1 @c1", "ok"},
		{"expect rpcs vs 0", "yes"},
		{"expect rpcs s1 1", "yes"},
		{"expect rpcs s1 5 within 0s", "!s1 received 1"},
		{"expect linearizable", "yes: linearizable"},
		{"check", "linearizable"},
		{"expect violation ack-rule", "!switch it off first"},
		{"rule ack-rule off", "ack-rule is off: views change without waiting"},
		{"rules", "off: ack-rule; on: ack-after-transfer, "},
		{"expect violation ack-rule", "!linearizable, "},
		{"rule ack-rule on", "ack-rule is on again (V3"},
		{"pause", "paused"},
		{"expect view 9", "!time is paused: view 2"},
		{"wait 1s", "!time is paused"},
	})
}

// TestExpectationsCompareData: whatever a sentence says, an expectation holds by the data beside it and by nothing else.
func TestExpectationsCompareData(t *testing.T) {
	const says = "refused: s1 has no state (S2 S5 V5 S13); tries again (C1)"
	refusal := pbservice.Cause{Code: pbservice.NoState, Server: "s1"}
	for _, c := range []struct {
		line string
		fact func(s *engine.Snapshot)
	}{
		{"expect why S5", func(s *engine.Snapshot) { s.Why.Rules = rules.Refs{"V4", "S5"} }},
		{"expect stuck", func(s *engine.Snapshot) { s.Why.Level = engine.Stuck }},
		{"expect stuck V5", func(s *engine.Snapshot) { s.Why.Level, s.Why.Rules = engine.Lost, rules.Refs{"V5"} }},
		{"expect waiting c1", func(s *engine.Snapshot) { s.Clients[0].Running = true }},
		{"expect waiting c1 because C1", func(s *engine.Snapshot) {
			s.Clients[0].Running, s.Clients[0].Waits.Rules = true, rules.Refs{"C1"}
		}},
		{"expect refused c1", func(s *engine.Snapshot) {
			s.Clients[0].Running, s.Clients[0].Waits.Refused = true, refusal
		}},
		{"expect refused c1 because S2", func(s *engine.Snapshot) {
			s.Clients[0].Running, s.Clients[0].Waits.Refused, s.Clients[0].Waits.Rules = true, refusal, rules.Refs{"S2", "C1"}
		}},
		{"expect refused c1 because S13", func(s *engine.Snapshot) {
			s.Clients[0].Last[0].Outcome = engine.Outcome{Kind: engine.Refused, Refused: pbservice.Cause{Code: pbservice.KeyTooLong}}
		}},
		{"expect result c1 refused", func(s *engine.Snapshot) { s.Clients[0].Last[0].Outcome.Kind = engine.Refused }},
		{"expect result c1 unknown", func(s *engine.Snapshot) { s.Clients[0].Last[0].Outcome.Kind = engine.Unknown }},
		{"expect result c1 absent", func(s *engine.Snapshot) { s.Clients[0].Last[0].Outcome.Kind = engine.Absent }},
		{"expect result c1 ok", func(s *engine.Snapshot) { s.Clients[0].Last[0].Op.Kind = pbservice.Put }},
		{"expect result c1 = ok", func(s *engine.Snapshot) { s.Clients[0].Last[0].Reply.Value = "ok" }},
		{"expect cause V5", func(s *engine.Snapshot) {
			s.Viewservice.Status.Changes = []viewservice.Change{{Causes: []viewservice.Cause{{Code: viewservice.NoBackup}, {Code: viewservice.Promoted}}}}
		}},
		{"expect held 1", func(s *engine.Snapshot) { s.Held = make([]netsim.Held, 1) }},
		{"expect role s1 primary", func(s *engine.Snapshot) { s.Servers[0].Status.Role = pbservice.Primary }},
		{"expect state s1 frozen", func(s *engine.Snapshot) { s.Servers[0].State = netsim.Frozen }},
		{"expect view any s1", func(s *engine.Snapshot) { s.Viewservice.Status.View.Primary = "s1" }},
	} {
		inv, err := Parse(c.line)
		if err != nil {
			t.Fatal(err)
		}
		for _, known := range []string{"", "all", "all but rules"} {
			s := engine.Snapshot{
				Servers: []engine.ServerState{{Name: "s1", State: netsim.Up, Status: pbservice.Status{Boot: 1, Role: pbservice.Idle}}},
				Clients: []engine.ClientState{{Name: "c1", Waits: engine.Wait{Text: says}, Last: []engine.Done{{
					Reply: pbservice.Reply{Value: "okay"}, Outcome: engine.Outcome{Why: says},
				}}}},
				Why: engine.Why{Now: says},
			}
			if known != "" {
				c.fact(&s)
			}
			if known == "all but rules" {
				s.Why.Rules, s.Clients[0].Waits.Rules, s.Clients[0].Last[0].Outcome.Refused = nil, nil, pbservice.Cause{}
				s.Viewservice.Status.Changes = nil
			}
			want := known == "all" || known != "" && inv.Args.Cites == ""
			if holds, saw := inv.Command.demands(inv.Args, s); holds != want {
				t.Errorf("%s: with %q of its facts: %v, saw %s", c.line, known, holds, saw)
			}
		}
	}
}

// What waits can be seen to wait, and a held message can be told without its number.
func TestDetachedOperations(t *testing.T) {
	tellStory(t, engine.Defaults, []lineAnd{
		{"expect view 2 s1 s2 acked", "yes"},
		{"put a 1", "ok"},
		{"hold s1 > s2", "holds"},
		{"append a 2 &", "append a 2: begun"},
		{"append a 3 &", "append a 3: begun"},
		{"expect waiting c1 because S5", "yes"},
		{"expect waiting c1 because V5 within 0s", "!c1 waits: "},
		{"expect result c1 ok within 0s", "!c1 still waits"},
		{"expect held 1", "yes"},
		{"duplicate last", "its copy"},
		{"expect held 2", "yes"},
		{"deliver first", "delivered"},
		{"drop last", "dropped"},
		{"expect held 1", "yes"},
		{"deliver last", "delivered"},
		{"release", "nothing is held any more"},
		{"expect get a = 123", "yes"},
		{"drop first", "!no message is held"},
	})
}

func TestRefusals(t *testing.T) {
	cfg := engine.Defaults
	cfg.Servers, cfg.Clients = 1, 1
	tellStory(t, cfg, []lineAnd{
		{"expect view 1 s1 none acked", "yes"},
		{"put a 1", "ok"},
		{"restart s1", "restarted"},
		{"get a &", "begun"},
		{"expect refused c1 because S2", "yes"},
		{"expect refused c1 because S9 within 0s", "!c1: "},
		{"expect stuck V5", "yes"},
	})
	tellStory(t, cfg, []lineAnd{
		{"put " + strings.Repeat("k", 5000) + " 1", "!refused, nothing changed"},
		{"expect refused c1 because S13", "yes"},
		{"expect result c1 refused", "yes"},
	})
}

// onLive lets a test run lines on a live cluster of three servers in virtual time, from the moment when it has a backup.
func onLive(t *testing.T, tell func(s *Session, live *cluster.Cluster, run func(line string) (result string))) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		live, err := cluster.New(engine.Defaults)
		if err != nil {
			t.Fatal(err)
		}
		defer live.Close()
		s := &Session{Engine: live}
		defer s.Close()
		run := func(line string) string {
			t.Helper()
			r, err := s.Run(t.Context(), line)
			if err != nil {
				t.Fatal(err)
			}
			return r.Text
		}
		run("expect view 2 s1 s2 acked")
		tell(s, live, run)
	})
}

// A load runs beside everything else, at its rate, and ends when it is told to or its time is over.
func TestLoad(t *testing.T) {
	onLive(t, func(s *Session, live *cluster.Cluster, run func(string) string) {
		ended := make(chan string, 1)
		s.Ended = func(_ string, r Result, _ error) { ended <- r.Text }
		if got, want := run("load c1..c2 rate=100 get=50% keys=10 for 2s"), "load: c1, c2, 100 operations a second, 50% gets, 10 keys, for 2s"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		run("wait 1s")
		if l := s.Load(); l == nil || l.Ran < time.Second || l.Ran > 1100*time.Millisecond || l.Done < 90 || l.Done > 110 || l.Failed != 0 || len(l.Clients) != 2 || l.For != 2*time.Second {
			t.Errorf("after a second: %+v", l)
		}
		run("wait 2s")
		if told := <-ended; s.Load() != nil || !strings.HasPrefix(told, "load ended: 2") && !strings.HasPrefix(told, "load ended: 1") {
			t.Errorf("it ended: %+v, told %q", s.Load(), told)
		}
		n := live.History().Verdict().Total
		if n < 180 || n > 210 {
			t.Errorf("%d operations", n)
		}
		run("wait 1s")
		if live.History().Verdict().Total != n {
			t.Error("the load did not end")
		}
		run("load off")
		run("load rate=10")
		run("pause")
		time.Sleep(time.Second)
		run("resume")
		run("wait 1s")
		if got := run("load off"); !strings.HasPrefix(got, "load ended: 1") {
			t.Error(got)
		}
		run("load")
		s.Close()
		if len(ended) != 0 || s.Load() != nil {
			t.Errorf("told of %d loads that were ended by hand", len(ended))
		}
		if _, err := s.Run(t.Context(), "load"); !errors.Is(err, errClosed) {
			t.Errorf("after Close: %v", err)
		}
		if _, err := s.Run(t.Context(), "put a 1 &"); !errors.Is(err, errClosed) {
			t.Errorf("after Close: %v", err)
		}
	})
}

// TestPacedLoad: clients take turns, but operations that come more often than every slot share one, and are not fewer.
func TestPacedLoad(t *testing.T) {
	for _, c := range []struct{ rate, moments int }{{100, 100}, {2000, 200}} {
		onLive(t, func(_ *Session, live *cluster.Cluster, run func(string) string) {
			run(fmt.Sprintf("load c1..c2 rate=%d", c.rate))
			run("wait 1s")
			run("load off")
			begun, moments := live.History().Since(0, 1<<20), map[time.Duration]bool{}
			for _, b := range begun {
				moments[b.Call] = true
			}
			few := 2 + c.rate/100
			if n := len(begun); n < c.rate-few || n > c.rate+few || len(moments) < c.moments-2 || len(moments) > c.moments+2 {
				t.Errorf("%d operations at %d moments, want about %d at %d", n, len(moments), c.rate, c.moments)
			}
		})
	}
}

// TestExportAfterIdling: however long a cluster idles, what happened before is told, and rpcs can be counted. An export
// says what it doesn't know.
func TestExportAfterIdling(t *testing.T) {
	onLive(t, func(_ *Session, _ *cluster.Cluster, run func(string) string) {
		dir := t.TempDir()
		export := func(ending string) string {
			t.Helper()
			return strings.ReplaceAll(run("export "+filepath.Join(dir, "all")+ending), dir, "")
		}
		run("mark")
		run("put greeting hello")
		if got, want := export(".jsonl"), "exported the trace to /all.jsonl; a name with history in it gives the history"; got != want {
			t.Errorf("soon: %q, want %q", got, want)
		}
		run("wait 10m")
		run("expect rpcs s1 1+")
		if got, want := export(".txt"), "exported the diagram to /all.txt"; got != want {
			t.Errorf("after ten minutes: %q, want %q", got, want)
		}
		if text, err := os.ReadFile(filepath.Join(dir, "all.txt")); err != nil || !strings.Contains(string(text), "greeting") {
			t.Errorf("the diagram doesn't have the put: %v\n%s", err, text)
		}
		if got := export(".jsonl"); !strings.HasPrefix(got, "exported the trace to /all.jsonl; a name with history in it gives the history: pings before ") || !strings.HasSuffix(got, " are forgotten") {
			t.Errorf("after ten minutes: %q", got)
		}
		run("load rate=10000")
		run("wait 1s")
		run("load off")
		if got := export(".txt"); !strings.HasPrefix(got, "exported the diagram to /all.txt: what happened before 10m") || strings.Contains(got, "pings") {
			t.Errorf("after a load: %q", got)
		}
	})
}
