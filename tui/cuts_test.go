package tui

import (
	"strings"
	"testing"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/tui/pane"
)

// cutting is a steady cluster with some directed links cut, as in "s1>s2".
func cutting(servers, clients int, links ...string) engine.Snapshot {
	s := quiet(servers, clients)
	for _, l := range links {
		from, to, _ := strings.Cut(l, ">")
		s.Faults = append(s.Faults, netsim.Fault{Kind: netsim.FaultCut, From: from, To: to})
	}
	return s
}

// between are the links that a partition cuts.
func between(a, b []string) []string {
	var links []string
	for _, x := range a {
		for _, y := range b {
			links = append(links, x+">"+y, y+">"+x)
		}
	}
	return links
}

// TestCutsTold: a partition is one thing, whatever it cuts, and says what else is cut; the network pane agrees.
func TestCutsTold(t *testing.T) {
	alone := between([]string{"s1"}, []string{"vs", "s2", "s3", "c1", "c2"})
	halves := between([]string{"s1", "s2", "c1"}, []string{"vs", "s3", "c2"})
	for _, c := range []struct {
		links       []string
		title, list string
	}{
		{nil, "", ""},
		{[]string{"s1>s2"}, "⊘ s1 > s2 cut", "⊘ cut s1 > s2"},
		{[]string{"s2>s1", "s1>s2"}, "⊘ s1–s2 cut", "⊘ cut s1 s2"},
		{[]string{"s2>s1", "s1>s2", "vs>s3"}, "⊘ 2 links cut", "⊘ cut s1 s2; ⊘ cut vs > s3"},
		{halves, "⊘ partitioned", "⊘ partition vs s3 c2 | s1 s2 c1"},
		{append(halves, "s1>s2"), "⊘ partitioned; ⊘ 1 more link cut", "⊘ partition vs s3 c2 | s1 s2 c1; ⊘ cut s1 > s2"},
		{alone, "⊘ s1 cut off", "⊘ isolate s1"},
		{append(alone, "s2>s3", "s3>s2"), "⊘ s1 cut off; ⊘ 1 more link cut", "⊘ isolate s1; ⊘ cut s2 s3"},
	} {
		snap := cutting(3, 2, c.links...)
		now := pane.NewIndex(snap, nodesOf(snap))
		var title, list []string
		for _, s := range now.Broken() {
			title = append(title, s.Text)
		}
		for _, e := range now.Faulty {
			list = append(list, e.Text)
		}
		if got := strings.Join(title, "; "); got != c.title {
			t.Errorf("%v: title %q, want %q", c.links, got, c.title)
		}
		if got := strings.Join(list, "; "); got != c.list {
			t.Errorf("%v: list %q, want %q", c.links, got, c.list)
		}
	}
}

// TestCutWords: a node says from whom it is cut, servers and clients, in which direction, and leaves out whom it has nothing
// to do with. Cut off is only who is cut from all.
func TestCutWords(t *testing.T) {
	for _, c := range []struct {
		links      []string
		node, want string
		most       int
	}{
		{[]string{"s1>s2"}, "s1", "cut > s2", 20},
		{[]string{"s1>s2"}, "s2", "cut s1 >", 20},
		{[]string{"s1>s2", "s2>s1"}, "s2", "cut s1", 20},
		{[]string{"s1>s2", "s3>s1", "vs>s1", "s1>vs"}, "s1", "cut vs >s2 s3>", 20},
		{[]string{"s1>s2", "s3>s1", "vs>s1", "s1>vs"}, "s1", "3 links cut", 11},
		{[]string{"s1>s2", "s3>s1", "vs>s1", "s1>vs"}, "s1", "3 links", 10},
		{[]string{"s1>s2", "s3>s1", "vs>s1", "s1>vs"}, "s1", "cut", 6},
		{[]string{"c1>c2", "c2>c1"}, "c1", "", 20},
		{[]string{"c1>s1", "s1>c1"}, "s1", "cut c1", 20},
		{[]string{"c1>s1", "s1>c1"}, "c1", "cut s1", 20},
		{between([]string{"c1"}, []string{"vs", "s1", "s2", "s3", "c2"}), "c1", "cut off", 20},
		{between([]string{"c1"}, []string{"vs", "s1", "s2", "s3"}), "c1", "cut vs s1 s2 s3", 20},
		{between([]string{"s1"}, []string{"vs", "s2", "s3"}), "s1", "cut vs s2 s3", 20},
		{between([]string{"s1"}, []string{"vs", "s2", "s3", "c1", "c2"}), "s1", "cut off", 20},
		{between([]string{"s1", "c1"}, []string{"vs", "s2", "s3", "c2"}), "s1", "cut vs s2 s3 c2", 20},
		{between([]string{"s1", "c1"}, []string{"vs", "s2", "s3", "c2"}), "s1", "hears only c1", 14},
		{between([]string{"s1", "c1"}, []string{"vs", "s2", "s3", "c2"}), "s1", "4 links cut", 12},
		{append(between([]string{"s1"}, []string{"vs", "s2", "s3", "c2"}), "s1>c1"), "s1", "5 links cut", 14},
		{between([]string{"s1", "c1"}, []string{"vs", "s2", "s3", "c2"}), "s2", "cut s1 c1", 14},
		{between([]string{"s1", "c1"}, []string{"vs", "s2", "s3", "c2"}), "vs", "cut s1 c1", 14},
		{between([]string{"s1", "c1"}, []string{"vs", "s2", "s3", "c2"}), "c1", "cut vs s2 s3", 14},
	} {
		snap := cutting(3, 2, c.links...)
		if got := pane.NewIndex(snap, nodesOf(snap)).CutWords(c.node, c.most); got != c.want {
			t.Errorf("%v: %s: %q, want %q", c.links, c.node, got, c.want)
		}
	}
}

// TestDirectionOfCut: the table shows which direction is cut, in both sets of characters.
func TestDirectionOfCut(t *testing.T) {
	for _, ascii := range []bool{false, true} {
		m, _ := begin(t, cutting(3, 2, "s1>s2"), 80, 24, Options{ASCII: ascii})
		sign := map[bool]string{false: "⊘", true: "!"}[ascii]
		for server, want := range map[string]string{"s1   P": "cut > s2 ", "s2   B": "cut s1 > "} {
			if row := rowWith(m, server); !strings.Contains(row, sign+" "+want) {
				t.Errorf("%q has no %q", row, want)
			}
		}
	}
}
