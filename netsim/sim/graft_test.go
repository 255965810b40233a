package sim

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestGraft: the future of another world becomes a branch where the two part, and nothing else changes.
func TestGraft(t *testing.T) {
	f := storied(t)
	parted := f.Timeline().Length
	g := reopened(t, f.text())
	g.must(g.Partition([][]string{{"s1", "c1"}, {"s2", "vs"}}), g.Resume())
	g.pass(time.Second)
	f.must(f.Kill("s3"), f.Resume())
	f.pass(2 * time.Second)
	main := f.Hash()

	if f.Inherited() != "" || g.Inherited() != "the world was opened with its past" {
		t.Errorf("before, %q and %q are inherited", f.Inherited(), g.Inherited())
	}
	f.must(f.Graft("found", strings.NewReader(g.text())))
	if f.Inherited() != "branch found came from another world" {
		t.Errorf("then %q is inherited", f.Inherited())
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
	f.must(f.Graft("again", strings.NewReader(g.text())))
	if again := f.Timeline().Branches; again[len(again)-1].Parent != "found" {
		t.Errorf("the second time it is %+v: it has all in common with the first", again[len(again)-1])
	}
}

// TestGraftRefuses: what can't be grafted leaves the world as it was.
func TestGraftRefuses(t *testing.T) {
	f := storied(t)
	text := f.text()
	last := strings.Index(text, "\nend ")
	changed := text[:last] + strings.Replace(text[last:], " ", " 9", 1)
	f.rewind(f.Timeline().Length / 2)
	before, hash := fmt.Sprintf("%+v", f.Timeline()), f.Hash()
	other := headless(t, config(2, 2, 5))
	for _, c := range []struct{ name, text, want string }{
		{"main", text, "there is a branch main already"}, {"two words", text, "can't be the name of a branch"},
		{"x", "", "line 1: the file is empty"}, {"x", text[:last/2], "line "}, {"x", changed, "end"},
		{"x", other.text(), "another configuration"},
	} {
		err := f.Graft(c.name, strings.NewReader(c.text))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
		if f.Inherited() != "" {
			t.Errorf("%s: %q is inherited", c.name, f.Inherited())
		}
		if after := fmt.Sprintf("%+v", f.Timeline()); after != before || f.Hash() != hash {
			t.Errorf("%s: the world is at\n%s, was\n%s", c.name, after, before)
		}
	}
}
