package sim

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/engine/enginetest"
	"cluster/splitbrain/netsim/world"
	"cluster/splitbrain/pbservice"
)

// storied is an engine with a past: load, a crash, faults drawn by chance.
func storied(t *testing.T) fixture {
	f := headless(t, config(3, 2, 5))
	f.view("2 s1 s2")
	f.must(enginetest.Do(f, "loss", "c1", "s1", float64(0.2)), enginetest.Do(f, "delay", "s1", "s2", 5*time.Millisecond, "±", 5*time.Millisecond))
	for i := range 20 {
		f.put("c1", fmt.Sprint("k", i%3), fmt.Sprint(i))
	}
	f.must(enginetest.Do(f, "kill", "s1"))
	f.view("3 s2 s3")
	f.put("c2", "a", "1")
	return f
}

func (f fixture) rewind(step int) {
	f.Helper()
	f.must(f.Rewind(step))
}

func (f fixture) text() string {
	f.Helper()
	var b bytes.Buffer
	f.must(f.Save(&b))
	return b.String()
}

func TestRewindAndReplay(t *testing.T) {
	f := storied(t)
	hashes := map[int]uint64{}
	end, length := f.Hash(), f.Timeline().Length
	looked := f.look()
	for _, step := range []int{0, 1, length / 3, length / 2, length - 1, length} {
		f.rewind(step)
		if tl := f.Timeline(); tl.Step != step || tl.Length != length || tl.Branch != "main" || !f.look().Paused {
			t.Errorf("timeline %+v after going to %d", tl, step)
		}
		hashes[step] = f.Hash()
	}
	// Time that goes on follows the same past, and several ways lead to the same step.
	f.rewind(0)
	for step := 1; step <= length; step++ {
		if _, err := enginetest.Tell(f, "step", netsim.StepEvent); err != nil {
			t.Fatal(err)
		}
		if want, ok := hashes[f.Timeline().Step]; ok && f.Hash() != want {
			t.Fatalf("step %d by steps is not what it was", step)
		}
	}
	passed := 0
	f.must(f.Pass(t.Context(), 1, func(step int, _ engine.Snapshot) {
		passed++
		if want, ok := hashes[step]; ok && f.Hash() != want {
			t.Errorf("step %d in passing is not what it was", step)
		}
	}))
	if passed != length {
		t.Errorf("%d steps were passed", passed)
	}
	if f.Hash() != end || len(f.Timeline().Branches) != 1 {
		t.Errorf("the end is another one, or there are branches: %+v", f.Timeline())
	}
	if again := f.look(); fmt.Sprint(again.Clients) != fmt.Sprint(looked.Clients) || fmt.Sprint(again.Map) != fmt.Sprint(looked.Map) {
		t.Errorf("clients were\n%+v and are\n%+v", looked.Clients, again.Clients)
	}
	f.refuses("no step -1: main has 0 to", func() error { return f.Rewind(-1) })
	f.refuses("no step", func() error { return f.Rewind(length + 1) })
}

// What is told is the past of the present step, and only that.
func TestPastAfterRewind(t *testing.T) {
	f := headless(t, engine.Defaults)
	defer f.Trace().Watch()()
	f.view("2 s1 s2")
	f.put("c1", "a", "1")
	at := f.Timeline().Step
	tell := func() (told []string) {
		events, _ := f.Trace().Since(0)
		for _, e := range events {
			if e.Kind < netsim.TimePaused && e.At > 30*time.Millisecond { // nobody watched before
				told = append(told, fmt.Sprint(e.At, e))
			}
		}
		return told
	}
	want, ops := tell(), fmt.Sprint(f.History().Operations())
	f.put("c2", "b", "2")
	f.must(enginetest.Do(f, "kill", "s1"))
	f.pass(time.Second)
	if n := len(f.History().Operations()); n != 2 {
		t.Errorf("%d operations", n)
	}
	f.rewind(at)
	if got := tell(); !slices.Equal(got, want) {
		t.Errorf("%d events are told, %d were:\n%s", len(got), len(want), strings.Join(got[max(0, len(got)-5):], "\n"))
	}
	if got := fmt.Sprint(f.History().Operations()); got != ops {
		t.Errorf("operations %s, were %s", got, ops)
	}
	if last := f.look().Clients; len(last[0].Last) != 1 || len(last[1].Last) != 0 {
		t.Errorf("results: %+v", last)
	}
}

func TestBranches(t *testing.T) {
	f := storied(t)
	main, length := f.Hash(), f.Timeline().Length
	mainText := f.text()
	f.rewind(length / 2)
	f.must(enginetest.Do(f, "resume"), enginetest.Do(f, "kill", "s3"))
	f.pass(2 * time.Second)
	tl := f.Timeline()
	if tl.Branch != "b1" || len(tl.Branches) != 2 || tl.Branches[1] != (engine.Branch{Name: "b1", Parent: "main", From: length / 2, Length: tl.Length, End: tl.Branches[1].End}) {
		t.Fatalf("%+v", tl)
	}
	if !slices.ContainsFunc(tl.Marks, func(m engine.Mark) bool { return m.Text == "kill s3" && m.Step == length/2+1 }) {
		t.Errorf("marks: %+v", tl.Marks)
	}
	if !slices.ContainsFunc(tl.Marks, func(m engine.Mark) bool { return m.Text == "view 2 s1 s2" }) {
		t.Errorf("no mark tells of view 2: %+v", tl.Marks)
	}
	b1 := f.Hash()
	f.must(f.Rename("b1", "other"), f.Visit("main"))
	if f.Hash() != main {
		t.Error("main is not what it was")
	}
	if text := f.text(); !strings.HasPrefix(text, strings.SplitAfter(mainText, "\nat ")[0][:len(mainText)/2]) {
		t.Error("main is told otherwise")
	}
	f.must(f.Visit("other"))
	if f.Hash() != b1 {
		t.Error("other is not what it was")
	}
	lines, err := f.Compare("main", "other")
	if f.must(err); !strings.Contains(strings.Join(lines, "\n"), "view: main has 3 s2 s3, other has ") {
		t.Errorf("%q", lines)
	}
	if lines, err = f.Compare("main", "main"); err != nil || len(lines) != 1 || !strings.Contains(lines[0], "alike") {
		t.Errorf("%q, %v", lines, err)
	}
	// A branch of a branch, and another one of the first.
	f.rewind(length / 4)
	f.must(enginetest.Do(f, "freeze", "s2"))
	f.must(f.Visit("main"))
	f.rewind(10)
	f.must(enginetest.Do(f, "cut", "s1", ">", "s2"))
	if names := f.Timeline().Branches; len(names) != 4 || names[2].Parent != "other" || names[3].Parent != "main" {
		t.Errorf("%+v", names)
	}
	f.refuses("no branch \"x\": there are main, other, ", func() error { return f.Visit("x") })
	f.refuses("no branch", func() error { _, err := f.Compare("main", "x"); return err })
	f.refuses("there is a branch main already", func() error { return f.Rename("other", "main") })
	f.refuses("can't be the name", func() error { return f.Rename("other", "a b") })
	f.must(f.Visit("main"))
	if f.Hash() != main {
		t.Error("main is not what it was after all")
	}
}

// Who waits for an operation when the world goes elsewhere is told that its outcome is unknown.
func TestRewindEndsOperations(t *testing.T) {
	f := headless(t, engine.Defaults)
	f.view("2 s1 s2")
	f.must(enginetest.Do(f, "cut", "s1", ">", "s2"))
	p := f.begin("c1", pbservice.Op{Kind: pbservice.Put, Key: "a", Value: "1"})
	later := f.begin("c1", pbservice.Op{Kind: pbservice.Put, Key: "a", Value: "2"})
	at := f.Timeline().Step
	f.pass(time.Second)
	f.rewind(at)
	for _, p := range []engine.Operation{p, later} {
		if _, err := p.Wait(t.Context()); err == nil || !strings.Contains(err.Error(), engine.ErrRewound.Error()) {
			t.Error(err)
		}
	}
	f.must(enginetest.Do(f, "heal"), enginetest.Do(f, "resume"))
	f.gets("c1", "a", "1") // the operation runs on, and the next waits for its turn
	f.gets("c2", "a", "1")
}

func TestChoices(t *testing.T) {
	f := headless(t, engine.Defaults)
	f.view("2 s1 s2")
	f.put("c1", "a", "1")
	p := f.begin("c1", pbservice.Op{Kind: pbservice.Put, Key: "a", Value: "2"})
	choices := f.Choices()
	find := func(prefix string) engine.Choice {
		t.Helper()
		i := slices.IndexFunc(choices, func(c engine.Choice) bool { return strings.HasPrefix(c.Name, prefix) })
		if i < 0 {
			t.Fatalf("no %q among %+v", prefix, choices)
		}
		return choices[i]
	}
	for _, name := range []string{"tick s3", "deliver ", "lose ", "duplicate ", "timer c1", "silence s1"} {
		if c := find(name); c.Text == "" {
			t.Errorf("%+v", c)
		}
	}
	byHand := func(c engine.Choice) bool { return c.Due < 0 }
	first := slices.IndexFunc(choices, byHand)
	if !slices.IsSortedFunc(choices[:first], func(a, b engine.Choice) int { return cmp.Compare(a.Due, b.Due) }) || slices.ContainsFunc(choices[first:], func(c engine.Choice) bool { return !byHand(c) }) {
		t.Errorf("not in the order of their times: %+v", choices)
	}
	happened, err := f.Choose(find("lose ").Name)
	if f.must(err); !strings.Contains(happened, "c1 > s1 request PBServer.PutAppend gets lost") {
		t.Error(happened)
	}
	if !f.look().Paused {
		t.Error("time goes on")
	}
	happened, err = f.Choose("silence s1")
	if f.must(err); happened != "vs counts s1 as dead" || f.look().Viewservice.Status.View.String() != "3 s2 s3" {
		t.Errorf("%s: view %v", happened, f.look().Viewservice.Status.View)
	}
	f.refuses(`"deliver 999" is not possible now`, func() error { _, err := f.Choose("deliver 999"); return err })
	f.refuses("not possible", func() error { _, err := f.Choose("crash s1"); return err })
	f.must(enginetest.Do(f, "resume"))
	if _, err := p.Wait(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestChoicesByHand: what happens by choice alone has no time, and stands in the order of the world's events.
func TestChoicesByHand(t *testing.T) {
	f := headless(t, engine.Defaults)
	f.view("2 s1 s2")
	f.must(enginetest.Do(f, "hold", "c2", "s1"))
	f.begin("c2", pbservice.Op{Kind: pbservice.Put, Key: "a", Value: "1"})
	held := fmt.Sprint("deliver ", f.held("PutAppend").Msg)
	f.put("c1", "a", "1")
	f.begin("c1", pbservice.Op{Kind: pbservice.Put, Key: "a", Value: "2"})
	var byHand, events []string
	delivers := 0
	for _, c := range f.Choices() {
		kind, _, _ := strings.Cut(c.Name, " ")
		hand := kind == "lose" || kind == "duplicate" || kind == "silence" || c.Name == held
		if hand != (c.Due < 0) {
			t.Errorf("%+v", c)
		}
		if hand {
			byHand = append(byHand, c.Name)
		}
		if kind == "deliver" {
			delivers++
		}
	}
	for _, e := range f.world.Events() {
		if slices.Contains(byHand, e.String()) {
			events = append(events, e.String())
		}
	}
	if !slices.Equal(byHand, events) || !slices.Contains(byHand, held) || delivers < 2 {
		t.Errorf("by hand are %q, want %q with %q and others that arrive", byHand, events, held)
	}
}

// A long past is gone back to quickly, however long it is, and is as it was.
func TestRewindFar(t *testing.T) {
	f := headless(t, config(3, 2, 1))
	f.view("2 s1 s2")
	mid, hash := 0, uint64(0)
	for i := 0; f.Timeline().Length < 100_000; i++ {
		f.put("c1", fmt.Sprint("k", i%50), fmt.Sprint(i))
		if mid == 0 && f.Timeline().Length > 33_333 {
			mid, hash = f.Timeline().Step, f.Hash()
		}
	}
	length, end := f.Timeline().Length, f.Hash()
	began := time.Now()
	f.rewind(mid)
	if f.Hash() != hash {
		t.Error("the middle is not what it was")
	}
	f.rewind(length)
	t.Logf("two ways through %d steps took %v", length, time.Since(began))
	if f.Hash() != end {
		t.Error("the end is not what it was")
	}
	if n := len(f.Timeline().Marks); n > mostMarks {
		t.Errorf("%d marks", n)
	}
}

func TestPointsAreThinnedOut(t *testing.T) {
	w := world.NewWorld(config(1, 1, 1))
	b := newBranch("main", w)
	for range (mostPoints + 10) * 2 * firstSpacing {
		b.length++
		b.keep(w)
	}
	if len(b.points) > mostPoints || b.points[0].step != 0 || b.spacing != 4*firstSpacing {
		t.Errorf("%d points, spacing %d", len(b.points), b.spacing)
	}
	for i, p := range b.points {
		if p.step != i*b.spacing {
			t.Fatalf("point %d is at step %d", i, p.step)
		}
	}
}

// reopened is the world that a file tells.
func reopened(t *testing.T, text string) fixture {
	t.Helper()
	e, err := Open(t.Context(), strings.NewReader(text), ManualTime())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	return fixture{t, e}
}

// TestEveryFaultKind: each is there in a world that was saved and opened, and draws what it would have drawn.
func TestEveryFaultKind(t *testing.T) {
	f := headless(t, engine.Defaults)
	var all []netsim.Fault
	for _, k := range netsim.FaultKinds() {
		fault := enginetest.Fault(k)
		switch row := k.Row(); {
		case row.OnNode:
			continue
		case row.Degree == netsim.NoDegree: // would leave nothing for others to draw for
			fault.From, fault.To = "s3", "c2"
		}
		_, err := f.Apply(engine.Command{Kind: engine.SetFault, Fault: fault})
		f.must(err)
		all = append(all, fault)
	}
	f.pass(time.Second)
	g := reopened(t, f.text())
	if got := g.look().Faults; !slices.Equal(got, all) {
		t.Errorf("faults %v, were %v", got, all)
	}
	g.must(enginetest.Do(g, "resume"))
	f.pass(3 * time.Second)
	g.pass(3 * time.Second)
	if f.Hash() != g.Hash() {
		t.Error("the world that was opened goes on otherwise")
	}
}

func TestSaveAndOpen(t *testing.T) {
	f := storied(t)
	length := f.Timeline().Length
	f.rewind(length / 2)
	f.must(enginetest.Do(f, "partition s1 c1 | s2 vs"), enginetest.Do(f, "resume"))
	f.pass(time.Second)
	f.rewind(length/2 + 10)
	if _, err := f.Choose("tick s3"); err != nil {
		t.Fatal(err)
	}
	f.must(enginetest.Do(f, "resume"))
	f.begin("c2", pbservice.Op{Kind: pbservice.Put, Key: "odd \"key\"\n", Value: "\x00\xff ⌘"})
	f.pass(time.Second)
	f.must(f.Visit("b1"))
	f.rewind(length/2 + 5)
	text := f.text()
	g := reopened(t, text)
	if g.text() != text {
		t.Error("the world that was opened is saved otherwise")
	}
	want, got := f.Timeline(), g.Timeline()
	if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) || f.Hash() != g.Hash() {
		t.Errorf("timeline\n%+v, was\n%+v", got, want)
	}
	for _, b := range want.Branches {
		f.must(f.Visit(b.Name), g.Visit(b.Name))
		if f.Hash() != g.Hash() || fmt.Sprint(f.History().Operations()) != fmt.Sprint(g.History().Operations()) {
			t.Errorf("%s is not the same", b.Name)
		}
	}
	f.must(enginetest.Do(f, "resume"), enginetest.Do(g, "resume"))
	f.pass(time.Minute)
	g.pass(time.Minute)
	if f.Hash() != g.Hash() {
		t.Error("what was opened goes on otherwise")
	}
}

// Lines that begin with # are for people.
func TestFilesWithComments(t *testing.T) {
	f := storied(t)
	lines := strings.SplitAfter(f.text(), "\n")
	commented := lines[0] + "# s1 crashes\n#\n" + strings.Join(lines[1:5], "") + "#x\n" + strings.Join(lines[5:], "")
	if g := reopened(t, commented); g.text() != f.text() {
		t.Error("a file with comments is another world")
	}
	_, err := Open(t.Context(), strings.NewReader(lines[0]+"# one\n#two\nconfig x\n"))
	if bad, ok := errors.AsType[*BadLine](err); !ok || bad.Line != 4 || InFile("x.sb", err).Error() != `x.sb:4: configuration: "x" is none of servers=, clients=, seed=, ping-interval=, dead-pings=, chunk-keys=, filter-clients= and latency=` {
		t.Errorf("%v", err)
	}
}

// What a cluster is like decides what happens, so a file must keep it, and say it in the words of scripts or of older files.
func TestFilesKeepTheConfiguration(t *testing.T) {
	cfg := engine.Defaults
	cfg.ChunkKeys = 1
	e, err := New(cfg, ManualTime())
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	var file bytes.Buffer
	if err := e.Save(&file); err != nil {
		t.Fatal(err)
	}
	older := strings.NewReplacer("ping-interval=", "ping=", "dead-pings=", "dead=", "chunk-keys=", "chunk=")
	for _, text := range []string{file.String(), older.Replace(file.String())} {
		if g := reopened(t, text); g.Past().Config != cfg {
			t.Errorf("%+v from\n%s", g.Past().Config, text)
		}
	}
}

// What stands still does nothing though it is due, for a moment each time something else is done.
func TestACommandMayComeAMomentAfterWhatIsDue(t *testing.T) {
	f := headless(t, config(1, 1, 5))
	f.rewind(0)
	f.must(enginetest.Do(f, "cut", "s1", "vs")) // when s1 is to ping
	for late, want := range map[time.Duration]string{Apart: "ends in another world", Apart + 1: "the step before is at"} {
		text := strings.Replace(f.text(), "\n1 0 cut ", fmt.Sprintf("\n1 %d cut ", late), 1)
		if e, err := Open(t.Context(), strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v late: %v, %v, want %q\n%s", late, e != nil, err, want, text)
		}
	}
}

func TestBrokenFiles(t *testing.T) {
	f := storied(t)
	f.rewind(50)
	f.must(enginetest.Do(f, "kill", "s2"))
	text := f.text()
	lines := strings.SplitAfter(text, "\n")
	for i := range lines {
		for _, cut := range []string{strings.Join(lines[:i], ""), strings.Join(lines[:i], "") + lines[i][:len(lines[i])/2]} {
			if cut == text || strings.TrimSuffix(text, "\n") == cut {
				continue
			}
			if e, err := Open(t.Context(), strings.NewReader(cut)); err == nil {
				e.Close()
				t.Errorf("a file cut in line %d is opened", i+1)
			}
		}
	}
	replaced := func(old, new string) string { return strings.Replace(text, old, new, 1) }
	for _, broken := range []struct{ text, want string }{
		{"", "line 1: the file is empty"},
		{"#!/bin/sh\nexit\n", "line 1: not a world of splitbrain, as `save world`"},
		{replaced("world 2", "world 1"), `line 1: version "1" is not known, only "2"`},
		{replaced("servers=3", "servers=33"), "line 2: servers 33: must be 1 to 9"},
		{replaced("servers=3", "servers=x"), `configuration: "servers=x" needs a number`},
		{replaced("ping-interval=100ms", "ping-interval=fast"), `"ping-interval=fast" is not a time like`},
		{replaced("seed=5", "seed=5 chunk-keys=1001"), "chunk keys 1001: must be 0 to 1000"},
		{replaced("off=", "off=gravity"), `"off=gravity" is no rule`},
		{replaced("seed=5", "seed=6"), "the step before is at"},
		{replaced("branch main - 0", "branch main x 0"), "no parent"},
		{replaced("branch b1 main 50", "branch b1 b2 50"), "is not a branch of one before it"},
		{replaced("branch b1 main 50", "branch main main 50"), "is not a branch"},
		{replaced("branch b1 main 50", "branch b1 main 999999"), "is not a branch of one before it"},
		{replaced("kill s1", "kill s3"), "the step before is at"},
		{replaced("kill s2", "kill s3"), "ends in another world"},
		{replaced("kill s1", "kill s9"), "there is no node s9"},
		{replaced("kill s1", "fly s1"), `"fly s1" is no event`},
		{replaced("kill s1", "put a "+strings.Repeat("v", 1000)+" @c9"), "c9 is no client"},
		{replaced("\nat ", "\nat x"), "is not a place"},
		{text + "more\n", "something follows the end"},
		{replaced("\nend ", "\nend 9"), "end"},
		{replaced("\n51 ", "\n51 9"), "the step before is at"},
	} {
		e, err := Open(t.Context(), strings.NewReader(broken.text))
		if err == nil {
			e.Close()
		}
		if err == nil || !strings.Contains(err.Error(), broken.want) || strings.Contains(err.Error(), "\n") || len(err.Error()) > 300 {
			t.Errorf("error %v, want %q in one line, not longer than 300 bytes", err, broken.want)
		}
	}
}

// Random commands and jumps never change what a branch was.
func TestBranchesNeverChange(t *testing.T) {
	random := rand.New(rand.NewPCG(9, 0))
	f := headless(t, config(3, 2, 9))
	ends := map[string]uint64{}
	for range 150 {
		tl := f.Timeline()
		if tl.Step == tl.Length {
			ends[tl.Branch] = f.Hash()
		}
		switch random.IntN(8) {
		case 0:
			f.rewind(random.IntN(tl.Length + 1))
		case 1:
			f.must(f.Visit(tl.Branches[random.IntN(len(tl.Branches))].Name))
			if b := f.Timeline().Branch; ends[b] != f.Hash() {
				t.Fatalf("%s is not what it was", b)
			}
		case 2:
			_ = enginetest.Do(f, "kill", world.Server(1+random.IntN(3)).String())
		case 3:
			f.must(enginetest.Do(f, "restart", world.Server(1+random.IntN(3)).String()))
		case 4:
			f.must(enginetest.Do(f, "heal"))
		case 5:
			f.must(enginetest.Do(f, "dup", "s1", "s2", float64(random.Float64())))
		case 6:
			f.begin("c1", pbservice.Op{Kind: pbservice.Append, Key: "a", Value: "x"})
		default:
			f.must(enginetest.Do(f, "resume"))
			f.pass(time.Duration(random.IntN(500)) * time.Millisecond)
		}
	}
	if g := reopened(t, f.text()); g.Hash() != f.Hash() {
		t.Error("the file tells another world")
	}
}

// What was told to begin does so at once, also while somebody looks at the past.
func TestAtOnceBeginsAnotherFuture(t *testing.T) {
	f := headless(t, engine.Defaults)
	f.view("2 s1 s2")
	f.rewind(30)
	o := f.begin("c1", pbservice.Op{Kind: pbservice.Put, Key: "a", Value: "1"})
	if tl := f.Timeline(); tl.Step != 31 || tl.Branch != "b1" {
		t.Errorf("%+v", tl)
	}
	f.must(enginetest.Do(f, "resume"))
	f.pass(time.Second)
	if _, err := o.Result(); !isClosed(o.Done()) || err != nil {
		t.Error(err)
	}
}

// What goes on by itself does not act while somebody looks at the past.
func TestInTimeLeavesThePastAlone(t *testing.T) {
	f := headless(t, engine.Defaults)
	f.view("2 s1 s2")
	f.rewind(30)
	o, err := f.Invoke("c1", pbservice.Op{Kind: pbservice.Put, Key: "a", Value: "1"}, engine.InTime)
	f.must(err)
	if tl := f.Timeline(); tl.Step != 30 || len(tl.Branches) != 1 {
		t.Errorf("%+v", tl)
	}
	f.must(enginetest.Do(f, "resume"))
	f.pass(time.Second)
	if tl := f.Timeline(); tl.Branch != "b1" || tl.Branches[1].From != 30 {
		t.Errorf("%+v", tl)
	}
	if _, err := o.Result(); !isClosed(o.Done()) || err != nil {
		t.Error(err)
	}
}
