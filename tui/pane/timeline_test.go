package pane

import (
	"fmt"
	"strings"
	"testing"

	"cluster/splitbrain/netsim/engine"
)

func TestFreeName(t *testing.T) {
	past := engine.Timeline{Branches: []engine.Branch{{Name: "main"}}}
	for _, want := range []string{"found", "found2", "found3"} {
		if got := freeName("found", past); got != want {
			t.Errorf("%q among %+v, want %q", got, past.Branches, want)
		}
		past.Branches = append(past.Branches, engine.Branch{Name: want})
	}
}

// onTimeline is the past of a simulated cluster, a branch chosen, with what can happen next.
func onTimeline(past engine.Timeline, choices ...engine.Choice) (*Timeline, *desk) {
	p := &Timeline{}
	d := sit(p, 80, 14)
	d.see(steady(), Observation{Past: &past, Choices: choices})
	d.press("right", "J", "K", "K", "J")
	return p, d
}

// TestTimelineTextNeedsRoom: a text that its column cuts stands below, but not where that leaves the columns few rows.
func TestTimelineTextNeedsRoom(t *testing.T) {
	for _, c := range []struct {
		keys        []string
		pane, cells int
		below       bool
	}{
		{[]string{"left", "home"}, 9, 50, true}, {[]string{"left", "home"}, 8, 50, false},
		{[]string{"left", "home"}, 9, 27, true}, {[]string{"left", "home"}, 9, 26, false},
		{[]string{"end"}, 9, 18, true}, {[]string{"end"}, 9, 17, false},
	} {
		text := strings.Repeat("x", c.cells)
		past := aPast()
		past.Marks = []engine.Mark{{Step: 12, At: second, Text: text}}
		p, d := onTimeline(past, engine.Choice{Name: "deliver 3", Text: text})
		d.press(c.keys...)
		d.h = c.pane
		if last := lastOf(d.rows()); strings.Contains(last, text) != c.below || p.below > 0 != c.below {
			t.Errorf("%v: %d cells in %d rows, below %v:\n%s", c.keys, c.cells, c.pane, c.below, d)
		}
	}
}

// TestTimelineFullText: what its column cuts of the chosen line stands below, where nothing can be clicked.
func TestTimelineFullText(t *testing.T) {
	long := "c1 > s1 PutAppend arrives: put a with a value that is longer than half of the screen, by far"
	choices := []engine.Choice{{Name: "tick s1", Text: "s1 pings"}, {Name: "deliver 3", Text: long}}
	for i := range 40 { // more than there are rows
		choices = append(choices, engine.Choice{Name: fmt.Sprint("lose ", i), Text: "lost"})
	}
	p, d := onTimeline(aPast(), choices...)
	d.press("left", "home", "J")
	if d.rowWith(long[:70]) == "" || d.rowWith("  the screen, by far") == "" {
		t.Errorf("the whole text is not there:\n%s", d)
	}
	for row := range 2 {
		p.Click(5, d.h-1-row)
		if l := p.chosen(); l.name != "deliver 3" {
			t.Errorf("a click on the text chooses %+v", l)
		}
	}
	d.press("K")
	if d.rowWith(long[:70]) != "" || p.below != 0 {
		t.Errorf("the text is still there, in %d rows:\n%s", p.below, d)
	}
}

// TestTimelineClick: a click in the bar goes to that step, a click on a line chooses it.
func TestTimelineClick(t *testing.T) {
	p, _ := onTimeline(aPast(), engine.Choice{Name: "tick s1"}, engine.Choice{Name: "deliver 17"}, engine.Choice{Name: "lose 17"})
	for _, c := range []struct{ x, step int }{{1, 0}, {39, 9}, {78, 20}, {79, 20}} {
		if got, want := p.Click(c.x, 0).Line, fmt.Sprintf("rewind %d", c.step); got != want {
			t.Errorf("a click at %d wishes for %q, want %q", c.x, got, want)
		}
	}
	p.Click(5, 3)
	if l := p.chosen(); l == nil || l.name != "deliver 17" {
		t.Errorf("a click on a choice chooses %+v", l)
	}
}

// TestChoiceOfAQuestion: a question for the view is told from a client's Get, and a value that reads like one stays.
func TestChoiceOfAQuestion(t *testing.T) {
	for text, want := range map[string]string{
		"c1 > vs request ViewServer.Get arrives: view?":                       "3 c1 > vs view? arrives",
		"c1 > vs request ViewServer.Get gets lost: view?":                     "3 lost: c1 > vs view?",
		"vs > c1 reply ViewServer.Get arrives: view 2 s1":                     "3 vs > c1 view reply arrives: view 2 s1",
		"s1 > vs request ViewServer.Ping arrives: Ping(1)":                    "3 s1 > vs Ping arrives: Ping(1)",
		"s1 > vs request ViewServer.Ping gets lost with its connection: Ping": "3 fails with its connection: s1 > vs Ping: Ping",
		"c1 > s1 request PBServer.Get arrives: get a":                         "3 c1 > s1 Get arrives: get a",
		"s1 > s2 reply PBServer.Forward gets a copy: confirmed":               "3 copied: s1 > s2 reply Forward: confirmed",
		"s1 pings: an interval has passed there":                              "s1 pings: an interval has passed there",
	} {
		p, _ := onTimeline(aPast(), engine.Choice{Name: "deliver 3", Text: text})
		if got := p.lines[ahead][1].text; got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// TestChoicesDiffer: what may become of a message is told apart on narrow screens too.
func TestChoicesDiffer(t *testing.T) {
	var choices []engine.Choice
	for i, message := range []string{"c1 > vs request ViewServer.Get", "vs > c1 reply ViewServer.Get", "c1 > s1 request PBServer.PutAppend", "vs > s3 reply ViewServer.Ping", "vs > s3 reply ViewServer.Ping"} {
		for _, fate := range []string{"arrives", "gets lost", "gets a copy", "gets lost with its connection"} {
			choices = append(choices, engine.Choice{Name: fmt.Sprint("any ", i), Due: -1, Text: message + " " + fate + ": view?"})
		}
	}
	p, d := onTimeline(aPast(), choices...)
	for _, w := range []int{67, 80, 100} {
		d.w, d.h = w, 30
		rows := map[string]bool{}
		for _, row := range d.rows() {
			if row = string([]rune(row)[2:p.leftCells(w)]); strings.HasPrefix(row, "by hand") && rows[row] {
				t.Errorf("at %d columns two rows read %q", w, row)
			}
			rows[row] = true
		}
		if len(rows) < len(choices) {
			t.Errorf("%d rows of %d choices:\n%s", len(rows), len(choices), d)
		}
	}
}
