package sim

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/engine/enginetest"
)

// TestGraft: the future of another world becomes a branch where the two part, and nothing else changes.
func TestGraft(t *testing.T) {
	f := storied(t)
	parted := f.Timeline().Length
	g := reopened(t, f.text())
	g.must(enginetest.Do(g, "partition s1 c1 | s2 vs"), enginetest.Do(g, "resume"))
	g.pass(time.Second)
	f.must(enginetest.Do(f, "kill", "s3"), enginetest.Do(f, "resume"))
	f.pass(2 * time.Second)
	main := f.Hash()

	if f.Provenance() != "" || g.Provenance() != "the world was opened with its past" {
		t.Errorf("before, %q and %q are its provenance", f.Provenance(), g.Provenance())
	}
	f.must(f.ImportBranch(t.Context(), "found", strings.NewReader(g.text())))
	if f.Provenance() != "branch found came from another world" {
		t.Errorf("then %q is its provenance", f.Provenance())
	}
	got := f.Timeline()
	b := got.Branches[len(got.Branches)-1]
	if got.Branch != "found" || got.Step != g.Timeline().Length || f.Hash() != g.Hash() {
		t.Errorf("at %s %d, want the end of the other world", got.Branch, got.Step)
	}
	if b.Parent != "main" || b.From != parted {
		t.Errorf("%+v does not begin where the two part, at step %d of main", b, parted)
	}
	if fmt.Sprint(f.History().Operations()) != fmt.Sprint(g.History().Operations()) {
		t.Error("the clients of the branch have seen something else")
	}
	f.must(f.Visit("main"))
	if f.Hash() != main {
		t.Error("main has changed")
	}
	h := reopened(t, f.text())
	h.must(h.Visit("found"))
	if h.Hash() != g.Hash() {
		t.Error("saved and opened, the branch is another")
	}
	f.must(f.ImportBranch(t.Context(), "again", strings.NewReader(g.text())))
	if again := f.Timeline().Branches; again[len(again)-1].Parent != "found" {
		t.Errorf("the second time it is %+v: it has all in common with the first", again[len(again)-1])
	}
}

// TestGraftParts: what is grafted begins where it parts from the branch most like it, the present one if two are alike.
func TestGraftParts(t *testing.T) {
	text := storied(t).text()
	parted := reopened(t, text).Timeline().Length
	goesOn := func(d time.Duration) func(fixture) {
		return func(f fixture) { f.must(enginetest.Do(f, "resume")); f.pass(d) }
	}
	kills := func(f fixture) { f.must(enginetest.Do(f, "kill", "s3")); goesOn(time.Second)(f) }
	killsLater := func(f fixture) { goesOn(time.Second)(f); kills(f) }
	cuts := func(f fixture) { f.must(enginetest.Do(f, "cut", "s2", ">", "s3")); goesOn(time.Second)(f) }
	branches := func(f fixture) { goesOn(2 * time.Second)(f); f.rewind(parted); kills(f) }
	onMain := func(f fixture) { branches(f); f.must(f.Visit("main")) }
	for name, c := range map[string]struct {
		own, other func(fixture)
		parent     string
		from       int // 0: the end of the shorter of the two
	}{
		"b1 is present":   {branches, cuts, "b1", parted},
		"main is present": {onMain, cuts, "main", parted},
		"shorter":         {goesOn(2 * time.Second), goesOn(time.Second), "main", 0},
		"longer":          {goesOn(time.Second), goesOn(2 * time.Second), "main", 0},
		"sooner":          {killsLater, kills, "main", parted},
		"later":           {kills, killsLater, "main", parted},
	} {
		f, g := reopened(t, text), reopened(t, text)
		c.own(f)
		c.other(g)
		if c.from == 0 {
			c.from = min(f.Timeline().Length, g.Timeline().Length)
		}
		f.must(f.ImportBranch(t.Context(), "found", strings.NewReader(g.text())))
		all := f.Timeline().Branches
		if b := all[len(all)-1]; b.Parent != c.parent || b.From != c.from {
			t.Errorf("%s: %+v, want it to begin at step %d of %s", name, b, c.from, c.parent)
		}
		if f.Hash() != g.Hash() {
			t.Errorf("%s: not at the end of the other world", name)
		}
	}
}

// TestGraftOfALedWorld: whose time a lesson leads takes a branch of a world that was saved of it, which nobody leads.
func TestGraftOfALedWorld(t *testing.T) {
	cfg := config(3, 2, 5)
	cfg.Standing = true
	f := headless(t, cfg)
	g := reopened(t, f.text())
	g.must(enginetest.Do(g, "kill", "s1"), enginetest.Do(g, "resume"))
	g.pass(time.Second)
	f.must(f.ImportBranch(t.Context(), "found", strings.NewReader(g.text())))
	if f.Hash() != g.Hash() {
		t.Error("not at the end of the other world")
	}
}

// TestGraftRefuses: what can't be grafted leaves the world as it was.
func TestGraftRefuses(t *testing.T) {
	f := storied(t)
	text := f.text()
	last := strings.Index(text, "\nend ")
	changed := text[:last] + strings.Replace(text[last:], " ", " 9", 1)
	end := strings.Fields(text[last:])[:4]
	ends := func(at, hash string) string {
		return strings.Replace(text, strings.Join(end, " "), strings.Join([]string{"end", end[1], at, hash}, " "), 1)
	}
	f.rewind(f.Timeline().Length / 2)
	before, hash := fmt.Sprintf("%+v", f.Timeline()), f.Hash()
	other := headless(t, config(2, 2, 5))
	for _, c := range []struct{ name, text, want string }{
		{"main", text, "there is a branch main already"}, {"two words", text, "can't be the name of a branch"},
		{"x", "", "line 1: the file is empty"}, {"x", text[:last/2], "line "}, {"x", changed, "end"},
		{"x", other.text(), "another configuration: servers=2 clients=2 seed=5 ping-interval=100ms dead-pings=5, this one has servers=3 "}, {"x", ends(end[2]+"9", end[3]), "ends in another world"},
		{"x", ends(end[2], "0"), "ends in another world"},
		{"x", strings.Replace(text, "\nbranch ", "\ntwig ", 1), "is not a branch"},
	} {
		err := f.ImportBranch(t.Context(), c.name, strings.NewReader(c.text))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
		if f.Provenance() != "" {
			t.Errorf("%s: %q is its provenance", c.name, f.Provenance())
		}
		if after := fmt.Sprintf("%+v", f.Timeline()); after != before || f.Hash() != hash {
			t.Errorf("%s: the world is at\n%s, was\n%s", c.name, after, before)
		}
	}
	f.Close()
	if err := f.ImportBranch(t.Context(), "x", strings.NewReader(text)); !errors.Is(err, engine.ErrClosed) {
		t.Errorf("closed: %v", err)
	}
}
