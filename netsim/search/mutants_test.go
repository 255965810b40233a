package search

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"cluster/splitbrain/netsim/engine"
)

// mutant is a small mistake in a core: a rule's line removed or weakened.
type mutant struct {
	rule  string // which it breaks
	name  string
	edits []edit
}

// harmless says of the mistakes that no search can find why they break no promise. Tests of the cores find them all the same.
var harmless = map[string]string{
	"S2 state of any earlier view will do":    "V3 and S4 let no view pass whose primary or backup has not entered it",
	"S3 a backup keeps what it had":           "S9 has dropped it, and one boot is filled by one attempt only",
	"S3 filled twice in one view":             "nobody begins to fill a boot again that has confirmed (S8)",
	"S7 takes messages for another boot":      "who has restarted is lost until the view changes (V7), and the primary counts only what the boot says that it addressed",
	"S7 takes messages of any primary":        "nobody else forms a view of that number (V9), whose primary sends to its backup alone",
	"S7 another boot confirms":                "another boot refuses, by the check on its side",
	"S7 another position is confirmed":        "one message is under way at a time (S8), and who has taken it holds the position that it says",
	"S7 skips a gap":                          "a message is sent once the one before it was confirmed (S8)",
	"S7 takes a transfer from its middle":     "the boot to which a later message goes has confirmed the first (S8)",
	"S10 an older number is answered as done": "its client has gone on, and does not read the answer (C1)",
	"V6 repairs in a second view":             "it takes one view more",
	"V6 the newest volunteer comes first":     "volunteers are alike",
	"V7 who restarted acknowledges":           "who restarted has no data, and never enters that view (S2)",
	"V8 dead volunteers stay":                 "a backup that can't be filled is given up, and the next volunteer is taken (V10)",
	"V8 who comes back has its old place":     "volunteers are alike",
	"V9 who restarted forms the first view":   "nothing acknowledges that view (V9), and its primary serves nobody before (S2)",
	"V11 standing still counts":               "a world's viewservice has no time of its own",
	"S13 a backup stores what is too large":   "a backup that has the value refuses the same append by itself, and one that has not gets it in a later chunk",
}

// edit replaces text that stands once in a file.
type edit struct{ file, old, new string }

const (
	views       = "viewservice/"
	servers     = "pbservice/"
	filterAsked = "if op.Kind != Get && !off.Has(rules.FilterDuplicates) {"
	confirms    = "case r.Boot != s.boot || r.Viewnum != c.view.Viewnum || r.Position != s.expects:"
	lastChunk   = "	if chunk.Last {\n		s.phase = waiting\n	}\n"
	advanceHead = "	batch := s.batch\n	s.sent, s.batch"
)

var mutants = []mutant{
	{"V1", "nobody is first", []edit{{views + "core.go", "	c.form(now, View{Primary: a.Me}, ", "	c.form(now, View{}, "}}},
	{"V1", "who pings before the acknowledgement is first", []edit{{views + "core.go", "case c.view.Viewnum == 0:", "case c.view.Viewnum == 0, c.view.Viewnum == 1 && !c.acked && a.Me != c.view.Primary:"}}},
	{"V2", "any ping of the primary acknowledges", []edit{{views + "core.go", " && !s.restarted && a.Viewnum == c.view.Viewnum", " && !s.restarted"}}},
	{"V2", "anybody acknowledges", []edit{{views + "core.go", "!c.acked && s.name == c.view.Primary &&", "!c.acked &&"}}},
	{"V2", "a view is acknowledged when it is formed", []edit{{views + "decide.go", "c.view, c.acked = next, false", "c.view, c.acked = next, true"}}},
	{"V2", "nothing acknowledges", []edit{{views + "core.go", "		c.acked = true\n		if a.BackupLost", "		if a.BackupLost"}}},
	{"V3", "views change unacknowledged", []edit{{views + "decide.go", "!c.acked && !c.off(rules.AckRule)", "false"}}},
	{"V3", "views with a backup change unacknowledged", []edit{{views + "decide.go", "!c.acked && !c.off(rules.AckRule)", "!c.acked && c.view.Backup == \"\""}}},
	{"V4", "a lost backup stays", []edit{{views + "decide.go", "case backup != nil && c.lost(backup, now):", "case false:"}}},
	{"V4", "a lost primary stays", []edit{{views + "decide.go", "	case c.lost(primary, now):", "	case false:"}}},
	{"V4", "who volunteers later is not appointed", []edit{{views + "decide.go", "if v := c.volunteer(now, next.Primary); v != nil {", "if v := c.volunteer(now, next.Primary); v != nil && len(causes) > 0 {"}}},
	{"V5", "a volunteer becomes primary", []edit{{views + "decide.go", "if c.off(rules.Continuity) {", "if true {"}}},
	{"V5", "a dead backup is promoted", []edit{{views + "decide.go", "if backup != nil && !c.lost(backup, now) {", "if backup != nil {"}}},
	{"V5", "who has not been heard leads", []edit{{views + "decide.go", "len(causes) > 0 && c.heardLately(next.Primary, now)", "len(causes) > 0"}}},
	{"V5", "a backup that restarted is promoted", []edit{{views + "decide.go", "if backup != nil && !c.lost(backup, now) {", "if backup != nil && !c.dead(backup, now) {"}}},
	{"V6", "a lost backup follows itself", []edit{{views + "decide.go", "pairAgain := primary == c.view.Primary && s.name == c.view.Backup", "pairAgain := false"}}},
	{"V6", "repairs in a second view", []edit{{views + "decide.go", "	next, causes = c.appoint(now, next, causes)\n	if next", "	if len(causes) == 0 {\n		next, causes = c.appoint(now, next, causes)\n	}\n	if next"}}},
	{"V6", "the newest volunteer comes first", []edit{{views + "decide.go", "s.joined < first.joined", "s.joined > first.joined"}}},
	{"V7", "a newer boot is the old one", []edit{{views + "core.go", "	if c.member(s) && (c.acked || c.view.Viewnum > 1) {\n		c.restart(s)\n		return\n	}\n", ""}}},
	{"V7", "an older boot counts", []edit{{views + "core.go", "	case a.Boot < s.boot:\n		return nil, nil // V7\n", ""}}},
	{"V7", "who restarted acknowledges", []edit{{views + "core.go", " && !s.restarted && a.Viewnum == c.view.Viewnum", " && a.Viewnum == c.view.Viewnum"}}},
	{"V7", "the mark of a restart is gone with the next ping", []edit{{views + "core.go", "	s.heard = now\n	if !a", "	s.heard, s.restarted = now, s.restarted && s.boot != a.Boot\n	if !a"}}},
	{"V7", "who restarts in view 1 goes on", []edit{{views + "core.go", "(c.acked || c.view.Viewnum > 1)", "c.view.Viewnum > 1"}}},
	{"V8", "dead volunteers stay", []edit{{views + "decide.go", "if s.name == primary || pairAgain || c.dead(s, now) {", "if s.name == primary || pairAgain {"}}},
	{"V8", "who comes back has its old place", []edit{{views + "decide.go", "			s.joined = 0\n", "			_ = s\n"}}},
	{"V9", "who restarted forms views", []edit{{views + "core.go", "if cfg.Restarted {", "if false {"}}},
	{"V9", "who restarted forms the first view", []edit{{views + "core.go", "case s == nil || c.obstacle.Code != CodeNone:", "case s == nil || c.obstacle.Code != CodeNone && c.view.Viewnum > 0:"}}},
	{"V10", "nobody hears that the backup was given up", []edit{{views + "core.go", "if a.BackupLost && c.view.Backup != \"\" {", "if false {"}}},
	{"V10", "a backup given up is filled again", []edit{{servers + "outcome.go", "c.stream = stream{phase: abandoned}",
		"c.ready.Pings = append(c.ready.Pings, viewservice.PingArgs{Me: c.cfg.Me, Viewnum: c.view.Viewnum, Boot: c.cfg.Boot, BackupLost: true})\n	c.stream = stream{phase: transferring, attempt: c.stream.attempt + 1}"},
		{servers + "outcome.go", `import "fmt"`, "import (\n	\"fmt\"\n\n	\"cluster/splitbrain/viewservice\"\n)"}}},
	{"V10", "a backup given up counts as filled", []edit{{servers + "core.go", "args.Viewnum, args.BackupLost = c.view.Viewnum, true", "args.Viewnum = c.view.Viewnum"}}},
	{"V11", "standing still counts", []edit{{views + "server.go", "if gap := now - o.latest; gap > 2*o.interval {", "if gap := now - o.latest; gap < 0 {"}}},

	{"S2", "serves view 1 unconfirmed", []edit{{servers + "requests.go", "case v.Viewnum == 1 && !c.confirmed:", "case false:"}}},
	{"S2", "takes an acknowledged view 1 for its own", []edit{{servers + "core.go", "return !acked", "return true"}}},
	{"S2", "state of any earlier view will do", []edit{{servers + "core.go", "return c.holds == v.Viewnum-1", "return c.holds > 0"}}},
	{"S3", "a backup keeps what it had", []edit{{servers + "replica.go", "c.state = c.cfg.emptyState(a.Position)", "c.state.position = a.Position"}}},
	{"S3", "filled twice in one view", []edit{{servers + "replica.go", "case r.complete && a.Chunk != nil:", "case false:"}}},
	{"S4", "complete after any chunk", []edit{{servers + "replica.go", "	if a.Chunk.Last {\n", "	{\n"}}},
	{"S4", "enters before the backup is filled", []edit{{servers + "core.go", "if c.off(rules.AckAfterTransfer) {\n			c.entered", "{\n			c.entered"}}},
	{"S5", "gets are answered alone", []edit{{servers + "requests.go", "if r.op.Kind == Get && c.off(rules.ForwardGets) {", "if r.op.Kind == Get && !c.off(rules.ForwardGets) {"}}},
	{"S5", "answers before the backup confirms", []edit{{servers + "replication.go", "return c.off(rules.WaitForBackup) && c.stream.tailBytes < tailBytes", "return c.stream.tailBytes < tailBytes"}}},
	{"S6", "waits for the backup too late", []edit{{servers + "replication.go", lastChunk, ""},
		{servers + "outcome.go", advanceHead, "	if s.phase == transferring && s.sent.Args.Chunk != nil && s.sent.Args.Chunk.Last {\n		s.phase = waiting\n	}\n" + advanceHead}}},
	{"S7", "takes messages of views that it left", []edit{{servers + "replica.go", "case a.Viewnum < c.view.Viewnum:\n		return OldView", "case false:\n		return OldView"}}},
	{"S7", "takes messages of any primary", []edit{{servers + "replica.go", "case c.view.Primary != a.Primary || c.view.Backup != c.cfg.Me:", "case false:"}}},
	{"S7", "takes messages for another boot", []edit{{servers + "replica.go", "case a.Boot != c.cfg.Boot:", "case false:"}}},
	{"S7", "takes a transfer from its middle", []edit{{servers + "replica.go", "case a.Attempt > r.attempt && (a.Index != 1 || a.Chunk == nil):", "case a.Attempt > r.attempt && a.Chunk == nil:"}}},
	{"S7", "skips a gap", []edit{{servers + "replica.go", "case a.Attempt == r.attempt && (a.Index != r.index+1 || a.Position != c.state.position):", "case false:"}}},
	{"S7", "applies repeated messages", []edit{{servers + "replica.go", "if !c.replica.accepted(a) {", "{"}}},
	{"S7", "another boot confirms", []edit{{servers + "outcome.go", confirms, "case r.Viewnum != c.view.Viewnum || r.Position != s.expects:"}}},
	{"S7", "another position is confirmed", []edit{{servers + "outcome.go", confirms, "case r.Boot != s.boot || r.Viewnum != c.view.Viewnum:"}}},
	{"S7", "late confirmations count", []edit{{servers + "outcome.go", "case s.sent == nil || s.sent.ID != id:", "case s.sent == nil:"}}},
	{"S8", "a refused primary goes on", []edit{{servers + "requests.go", "case c.stream.phase == stalled:", "case false:"},
		{servers + "outcome.go", "*s = stream{phase: stalled}", "*s = stream{phase: alone}"}}},
	{"S8", "a lost forward counts as confirmed", []edit{{servers + "outcome.go", "if c.stream.sent != nil && c.stream.sent.ID == id {\n		c.stream.failed = true", "if c.stream.sent != nil && c.stream.sent.ID == id {\n		c.advance()"}}},
	{"S8", "a lost message is never sent again", []edit{{servers + "outcome.go", "	s.sentTicks, s.failed = 0, false\n	c.ready.Forwards = append(c.ready.Forwards, *s.sent)\n", ""}}},
	{"S9", "who waits is not answered", []edit{{servers + "core.go", "	c.requests.putBack(inFlight)\n	c.answerAll(why)\n", "	c.requests.putBack(inFlight)\n"}}},
	{"S9", "keeps its state without a role", []edit{{servers + "core.go", "	c.holds = 0\n	c.state = c.cfg.emptyState(0)\n", ""}}},
	{"S10", "the filter is asked on arrival", []edit{{servers + "state.go", filterAsked, "if false {"},
		{servers + "requests.go", "	q := &c.requests\n	if old :=", "	if last, known := c.state.filter.last(r.op.Client); known && r.op.Kind != Get && r.op.Seq <= last.Seq {\n		c.answer(r, Reply{Err: OK})\n		return\n	}\n	q := &c.requests\n	if old :="}}},
	{"S10", "a repeated put is done again", []edit{{servers + "state.go", filterAsked, "if op.Kind == Append && !off.Has(rules.FilterDuplicates) {"}}},
	{"S10", "an older number is answered as done", []edit{{servers + "state.go", "return result{err: NotPrimary, void: true}", "return result{err: OK, void: true}"}}},
	{"S10", "what was forgotten is done again", []edit{{servers + "state.go", "case forgotten:", "case false:"}}},
	{"S10", "a transfer brings no filter", []edit{{servers + "replication.go", "if !s.filter.ended && !c.off(rules.ReplicateFilter) {", "if false {"}}},
	{"S10", "a transfer ends before the filter has come", []edit{{servers + "replication.go", "			chunk.Last = chunk.Last && s.filter.ended\n", ""}}},
	{"S10", "the backup does not note what is done on the way", []edit{{servers + "state.go", "	s.note(op, op.TooLarge)\n", ""}}},
	{"S11", "a server takes an older view for news", []edit{{servers + "core.go", "	case v < c.view.Viewnum:\n		return // S11\n	case v > c.view.Viewnum:", "	case v != c.view.Viewnum:"}}},
	{"S11", "a client takes an older view for news", []edit{{servers + "clerkcore.go", "if v.Viewnum <= c.view.Viewnum {", "if v.Viewnum == c.view.Viewnum {"}}},
	{"S13", "a backup stores what is too large", []edit{{servers + "state.go", "	if !op.TooLarge {\n		s.change(op, present)\n	}\n", "	s.change(op, present)\n"}}},

	{"C1", "a refusal is an answer", []edit{{servers + "clerkcore.go", "		c.failed(attempt, r.Why.String(), r.Why)\n	}\n}\n\n// Failed", "		c.done(r, nil)\n	}\n}\n\n// Failed"}}},
	{"C1", "the answer to another operation counts", []edit{{servers + "clerkcore.go", "case seq != c.op.Seq:", "case c.op.Seq == 0:"}}},
	{"C1", "tries again under another number", []edit{{servers + "clerkcore.go", "		c.ask()\n	}\n	c.try()\n}\n\n// Progress", "		c.ask()\n	}\n	c.seq++\n	c.op.Seq = c.seq\n	c.try()\n}\n\n// Progress"}}},
	{"C1", "never tries again", []edit{{servers + "clerkcore.go", "		c.ask()\n	}\n	c.try()\n}\n\n// Progress", "		c.ask()\n	}\n}\n\n// Progress"}}},
	{"C1", "that there is nothing is no answer", []edit{{servers + "clerkcore.go", "case r.Err == OK || r.Err == NoKey:", "case r.Err == OK:"}}},
	{"C2", "what was forgotten counts as done", []edit{{servers + "clerkcore.go", "c.done(r, &UnknownOutcomeError{Op: c.op, Why: r.Why.String(), Err: ErrForgotten})", "c.done(r, nil)"}}},
}

// apply returns the edited files by their names.
func (m mutant) apply(root string) (files map[string]string, err error) {
	files = map[string]string{}
	for _, e := range m.edits {
		text, ok := files[e.file]
		if !ok {
			b, err := os.ReadFile(filepath.Join(root, e.file))
			if err != nil {
				return nil, err
			}
			text = string(b)
		}
		if n := strings.Count(text, e.old); n != 1 {
			return nil, fmt.Errorf("%s %q: %q stands %d times in %s", m.rule, m.name, e.old, n, e.file)
		}
		files[e.file] = strings.Replace(text, e.old, e.new, 1)
	}
	return files, nil
}

// A mutant whose text is not there any more tests nothing.
func TestMutantsFit(t *testing.T) {
	for _, m := range mutants {
		if _, err := m.apply("../.."); err != nil {
			t.Error(err)
		}
	}
}

// TestMutants makes one mistake after the other in the cores, and says what finds each: the tests of the cores, walks, and
// the exhaustive search. SPLITBRAIN_MUTANTS is how long each may search; SPLITBRAIN_MUTANT, a regular expression for rule and
// name, chooses some. With SPLITBRAIN_BY=walks nothing but walks is tried; SPLITBRAIN_SEED is their seed. With SPLITBRAIN_BY=fine it
// is also said which reductions hide from the exhaustive search what it does not find, which takes longest. The table in
// docs/search.md is made of what is printed.
func TestMutants(t *testing.T) {
	each := os.Getenv("SPLITBRAIN_MUTANTS")
	if _, err := time.ParseDuration(each); err != nil {
		t.Skip("SPLITBRAIN_MUTANTS=60s, or so, searches each mutant for so long in each way")
	}
	by := os.Getenv("SPLITBRAIN_BY")
	chosen := regexp.MustCompile(os.Getenv("SPLITBRAIN_MUTANT"))
	fmt.Println("| rule | mistake | test of the cores | walks | exhaustive |\n|---|---|---|---|---|")
	var harms []string // rows of the table of those that do none
	for _, m := range mutants {
		name := m.rule + " " + m.name
		if !chosen.MatchString(name) {
			continue
		}
		overlay := m.overlay(t)
		if by == "walks" {
			fmt.Printf("| %s | %s | – | %s | – |\n", m.rule, m.name, overlay.probe(t, "random", each))
			continue
		}
		tests := overlay.tests(t)
		walks := overlay.probe(t, "random", each)
		all := overlay.probe(t, "all", each)
		why := harmless[name]
		if all == "–" && why == "" && by == "fine" {
			all += overlay.fine(t, each)
		}
		lives := walks == "–" && all == "–"
		if strings.Contains(walks+all, untold) {
			t.Errorf("%s: a find can't be told: %s, %s", name, walks, all)
		}
		if lives != (why != "") {
			t.Errorf("%s: found by no search: %v; harmless, because %q", name, lives, why)
		}
		others := "" // states, of what is harmless
		if why != "" {
			others = overlay.differs(t)
			harms = append(harms, fmt.Sprintf("| %s | %s | %s | %s |", m.rule, m.name, why, others))
		} else {
			fmt.Printf("| %s | %s | %s | %s | %s |\n", m.rule, m.name, tests, walks, all)
		}
		if tests == "–" && !strings.HasPrefix(others, noStates) { // what comes to the same can't be told apart
			t.Errorf("%s: found by no test", name)
		}
	}
	if len(harms) > 0 {
		fmt.Println("\n| rule | mistake | why it does no harm | other states |\n|---|---|---|---|")
		fmt.Println(strings.Join(harms, "\n"))
	}
}

// noStates is said of a mutant that comes to the states of the cores as they are, and to no others.
const noStates = "none in "

// differs says whether the mutant comes to other states than the cores as they are.
func (o overlay) differs(t *testing.T) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	const most = "10m" // it always takes as much work, whatever the machine's speed
	cores, _ := overlay{search: self}.probeFrom(t, "same", most, "")
	mutant, _ := o.probeFrom(t, "same", most, "")
	count, _, ok := strings.Cut(mutant, ":")
	switch {
	case !ok:
		return mutant
	case cores == mutant:
		return noStates + count
	}
	return "some"
}

// fine says which reductions, taken out, let the exhaustive search find the mutant.
func (o overlay) fine(t *testing.T, each string) (all string) {
	for _, name := range FineNames() {
		if found := o.probe(t, name, each); found != "–" {
			all += "; with `--fine " + name + "` " + found
		}
	}
	return all
}

// overlay is a mutant on disk: a file for the flag -overlay of the go command, and the search's tests built with it.
type overlay struct{ file, search string }

func (m mutant) overlay(t *testing.T) overlay {
	t.Helper()
	files, err := m.apply("../..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	replace := map[string]string{}
	for name, text := range files {
		real, err := filepath.Abs(filepath.Join("../..", name))
		mutated := filepath.Join(dir, filepath.Base(name))
		if err = errors.Join(err, os.WriteFile(mutated, []byte(text), 0o666)); err != nil {
			t.Fatal(err)
		}
		replace[real] = mutated
	}
	o := overlay{filepath.Join(dir, "overlay.json"), filepath.Join(dir, "search.test")}
	b, err := json.Marshal(map[string]any{"Replace": replace})
	if err = errors.Join(err, os.WriteFile(o.file, b, 0o666)); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("go", "test", "-c", "-overlay", o.file, "-o", o.search, ".").CombinedOutput(); err != nil {
		t.Fatalf("%s %q: %v\n%s", m.rule, m.name, err, out)
	}
	return o
}

var failed = regexp.MustCompile(`(?m)^\s*--- FAIL: (Test\w+)|^panic: `)

// tests names the first test of the cores that fails; "–" if none does.
func (o overlay) tests(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("go", "test", "-overlay", o.file, "-failfast", "-timeout", "1m", "../../viewservice", "../../pbservice").CombinedOutput()
	if err == nil {
		return "–"
	}
	found := failed.FindSubmatch(out)
	switch {
	case found == nil:
		t.Fatalf("%v\n%s", err, out)
	case len(found[1]) == 0:
		return "a panic"
	}
	return "`" + string(found[1]) + "`"
}

// probe searches for a mutant. Of one without a steady service the start is searched alone.
func (o overlay) probe(t *testing.T, way, each string) string {
	t.Helper()
	said, steady := o.probeFrom(t, way, each, "")
	if !steady {
		said, _ = o.probeFrom(t, way, each, Start)
	}
	return said
}

// probeFrom is probe from where a search may begin. It has a process of its own, since the cores panic where they see an invariant
// broken. It reports whether there was a steady service to begin in.
func (o overlay) probeFrom(t *testing.T, way, each string, from From) (said string, steady bool) {
	t.Helper()
	limit, err := time.ParseDuration(each)
	if err != nil {
		t.Fatal(err)
	}
	const slack = 60 * time.Second // to begin, and to shorten what was found
	ctx, cancel := context.WithTimeout(t.Context(), limit+slack)
	defer cancel()
	c := exec.CommandContext(ctx, o.search, "-test.run", "^TestProbe$", "-test.v")
	c.Env = append(os.Environ(), "SPLITBRAIN_PROBE="+way, "SPLITBRAIN_MUTANTS="+each, "SPLITBRAIN_FROM="+string(from))
	began := time.Now()
	out, err := c.CombinedOutput()
	for line := bufio.NewScanner(bytes.NewReader(out)); line.Scan(); {
		if said, ok := strings.CutPrefix(line.Text(), "probe: "); ok {
			return said, true
		}
	}
	switch {
	case ctx.Err() != nil:
		return "hangs", true
	case bytes.Contains(out, []byte("no steady world")):
		return "–", from == Start
	case bytes.Contains(out, []byte("panic: ")):
		return fmt.Sprintf("a panic, %.1f s", time.Since(began).Seconds()), true
	}
	t.Fatalf("%v\n%s", err, out)
	return "", false
}

// untold is said of a find that was not confirmed in a timed world.
const untold = " not told in a timed world,"

// TestProbe is one search of a mutant, as TestMutants runs it.
func TestProbe(t *testing.T) {
	way := os.Getenv("SPLITBRAIN_PROBE")
	if way == "" {
		t.Skip("for TestMutants")
	}
	o := Defaults
	o.From = From(os.Getenv("SPLITBRAIN_FROM"))
	if way == "same" {
		fmt.Printf("probe: %s\n", visitedStates(t, o))
		return
	}
	if fine, ok := FineNamed(way); ok {
		o.Fine = fine
	} else if way == "random" {
		o.Random, o.Budget = true, WildBudget
		if seed := os.Getenv("SPLITBRAIN_SEED"); seed != "" {
			if _, err := fmt.Sscan(seed, &o.Seed); err != nil {
				t.Fatal(err)
			}
		}
	}
	var err error
	if o.Time, err = time.ParseDuration(os.Getenv("SPLITBRAIN_MUTANTS")); err != nil {
		t.Fatal(err)
	}
	r := searched(t, o)
	if r.Find == nil {
		fmt.Println("probe: –")
		return
	}
	broken, ok := brokenIn(r.Find.Violation)
	if !ok {
		t.Fatal(r.Find.Violation)
	}
	told := ""
	switch events := len(r.Find.Events); {
	case !r.Find.Confirmed:
		told = untold
	case events > 0:
		told = fmt.Sprintf(" %s,", engine.Plural(events, "event"))
	}
	fmt.Printf("probe: `%s`,%s %.1f s\n", broken, told, r.Elapsed.Seconds())
}

// visitedStates counts the states of some searches and walks, and says after a colon which they are: the same of cores that
// come to the same.
func visitedStates(t *testing.T, o Options) string {
	var sum, states atomic.Uint64
	for _, begin := range o.openings() {
		for _, n := range narrow {
			if n.from != begin.from {
				continue
			}
			s, err := o.scope(begin)
			if err != nil {
				t.Fatal(err)
			}
			s.properties = 1 << viewsForward
			first := s.from(begin).initialState(begin.world, n.Budget)
			all, first := newSpace(s.from(begin), first, new(atomic.Int64))
			explore(t.Context(), summed{all, &sum, &states}, first, Limits{States: 30_000, Workers: o.workers()})
		}
	}
	o.Random = true
	s, err := o.scope(o.openings()[0])
	if err != nil {
		t.Fatal(err)
	}
	r, events := &eventRoamer{scope: s, openings: o.openings(), budget: WildBudget}, 0
	for n := range int64(3_000) {
		_, length := walk(r, 1, n)
		events += length
		if r.last != nil {
			sum.Add(r.last.world.Hash())
		}
	}
	return fmt.Sprintf("%s states and %s events of walks: %x", engine.Count(int(states.Load())), engine.Count(events), sum.Load())
}

// summed sums up the keys of the states that are reached, in any order.
type summed struct {
	space
	sum, states *atomic.Uint64
}

type summing struct {
	Walker[*state]
	summed
}

func (s summed) Walker() Walker[*state] { return summing{s.space.Walker(), s} }

func (s summing) Key(st *state) Key {
	key := s.Walker.Key(st)
	s.sum.Add(key.Hi + key.Lo)
	s.states.Add(1)
	return key
}
