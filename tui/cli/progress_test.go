package cli

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"cluster/splitbrain/netsim/search"
)

// after is a search that has taken so long.
func after(d time.Duration) search.Result {
	return search.Result{
		Covered: search.Covered{States: 1000, Distinct: 999, Frontier: 12_345},
		Round:   1, Rounds: 2, From: search.Steady, Budget: search.Budget{Ops: 1, Late: 2}, Elapsed: d,
	}
}

func TestProgress(t *testing.T) {
	var out strings.Builder
	p := progress{out: &out}
	p.tell(after(0))
	p.tell(after(time.Second))
	if !strings.HasPrefix(out.String(), "round 1 of 2: 1,000 states, 999 distinct, 999/s, depth 0, frontier 12,345, 0 MiB, from steady with ops 1, late 2\n") {
		t.Error(out.String())
	}
	out.Reset()
	p = progress{out: &out, walks: true, begun: true}
	p.tell(search.Result{Covered: search.Covered{States: 1000, Walks: 40, Depth: 300}, Round: 1, Rounds: 1, Elapsed: time.Second})
	if !strings.HasPrefix(out.String(), "1,000 events in 40 walks of up to 300, 1,000/s, ") || strings.Contains(out.String(), "distinct") {
		t.Error(out.String())
	}
}

// Lines are the fewer the longer it takes, whatever the search had taken before it was interrupted.
func TestProgressThinsOut(t *testing.T) {
	for _, before := range []time.Duration{0, 8 * time.Hour} {
		var lines []int // the seconds after which they came
		out := &strings.Builder{}
		p := progress{out: out}
		for second := range 301 {
			out.Reset()
			if p.tell(after(before + time.Duration(second)*time.Second)); out.Len() > 0 {
				lines = append(lines, second)
			}
		}
		if want := []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 20, 30, 40, 50, 60, 120, 180, 240, 300}; !slices.Equal(lines, want) {
			t.Errorf("after %v: %v", before, lines)
		}
	}
}

// On a terminal there is one row, no wider than the terminal, which is gone before anything else is written.
func TestProgressHasOneRow(t *testing.T) {
	var out strings.Builder
	p := progress{out: &out, width: func() int { return 20 }}
	for second := range 3 {
		p.tell(after(time.Duration(second) * time.Second))
	}
	p.clear()
	fmt.Fprintln(&p, "more")
	p.tell(after(3 * time.Second))
	fmt.Fprintln(&p, "much more")
	row := "\rround 1 of 2: 1,000\x1b[K"
	if want := row + row + "\r\x1b[Kmore\n" + row + "\r\x1b[Kmuch more\n"; out.String() != want {
		t.Errorf("%q\n%q", out.String(), want)
	}
}

// What makes a search slow is said once, before it is.
func TestProgressSaysWhatIsDear(t *testing.T) {
	for _, args := range [][]string{{"--goal", "broken answered and view 99"}, {"--prune", "broken answered"}, {"--goal", "broken and view 99"}} {
		_, errs, _ := searchFor(append(args, "--depth", "1", "--from", "steady")...)
		want := "fair futures of states are tried for broken answered, which is dear\n"
		if args[1] == "broken and view 99" {
			want = ""
		}
		if errs != want {
			t.Errorf("%v: %q", args, errs)
		}
	}
}
