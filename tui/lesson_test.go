package tui

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/tui/pane"
	"cluster/splitbrain/tui/script"

	tea "github.com/charmbracelet/bubbletea"
)

const aLesson = `title "The primary dies"
about "The backup takes over."
note "Three servers. s1 is primary, and s2 has the same data."
ask "s1 is cut from vs now. Who is primary then?" s2
cut s1 vs
note "s2 took over: it has all the data.\nThat is what a backup is for."
kill s3
try "Kill s2 too."
try "Heal the link, and watch s1 come back."
`

// playing is a model that plays a script, with the clusters made for it.
func playing(t testing.TB, text string) (*Model, *[]*fake) {
	t.Helper()
	m, _ := begin(t, steady(), 80, 24, Options{})
	return m, plays(m, text)
}

// plays opens a script in a model whose clusters are all fakes.
func plays(m *Model, text string) *[]*fake {
	made := &[]*fake{m.session.Engine.(*fake)}
	m.host.make = func(engine.Config) (engine.Engine, error) {
		f := &fake{snap: steady()}
		f.Notes = f.note
		*made = append(*made, f)
		return f, nil
	}
	s, err := script.ParseScript("story", text)
	if err != nil {
		panic(err)
	}
	if err := m.host.Open(m.poll.ctx, s); err != nil {
		panic(err)
	}
	m.note("")
	lookAt(m)
	return made
}

// lookAt lets the model see what has become of the stage.
func lookAt(m *Model) {
	snap := steady()
	r := pollResult{Observation: pane.Observation{Snap: snap, Nodes: nodesOf(snap), Asked: m.maps.Window()}}
	r.hostState, r.Showing = m.host.look()
	m.Update(r)
}

func newest(made *[]*fake) *fake { return (*made)[len(*made)-1] }

// TestLesson goes through a lesson with the space key, back, into free play and out of it again.
func TestLesson(t *testing.T) {
	m, made := playing(t, aLesson)
	go1 := func(key, want string) {
		t.Helper()
		press(m, key)
		lookAt(m)
		if rowWith(m, want) == "" {
			t.Errorf("after %s nothing shows %q:\n%s", key, want, m.View())
		}
	}
	go1("t", "s1 is primary, and s2 has the same data")
	go1(" ", "? s1 is cut from vs now. Who is primary then?")
	go1(" ", "The answer is: s2")
	if got := newest(made).done(); got != "cut s1 vs" {
		t.Errorf("the step did %q", got)
	}
	if rowWith(m, "? s1 is cut from vs now.") == "" {
		t.Errorf("the question is gone before its answer was read:\n%s", m.View())
	}
	go1(" ", "That is what a backup is for.")
	if rowWith(m, "space goes on ─") == "" {
		t.Errorf("nothing tells what comes:\n%s", m.View())
	}
	go1("backspace", "? s1 is cut from vs now. Who is primary then?")
	go1(" ", "The answer is: s2")
	go1("esc", "L returns to step 2 of 3 and its answer")
	go1(" ", "time is paused")
	clusters := len(*made)
	go1("L", "The answer is: s2")
	if len(*made) != clusters+1 || newest(made).done() != "cut s1 vs" {
		t.Errorf("after free play the cluster is not made anew: %q", newest(made).done())
	}
	go1(" ", "That is what a backup is for.")
	go1(" ", "Kill s2 too.")
	go1(" ", "[lessons]")
}

// TestLessonFails: what did not come off is told where the lesson is read.
func TestLessonFails(t *testing.T) {
	m, _ := playing(t, "note one\nexpect role s1 backup within 0s\nnote two\n")
	press(m, " ")
	lookAt(m)
	if rowWith(m, "✗ expect role s1 backup") == "" || rowWith(m, "two") == "" {
		t.Errorf("nothing tells of the failure:\n%s", m.View())
	}
}

// TestLessonEnds: who presses space once too often does not lose the cluster that a lesson has left.
func TestLessonEnds(t *testing.T) {
	m, made := playing(t, aLesson)
	for range 7 {
		press(m, " ")
		lookAt(m)
	}
	clusters := len(*made)
	if c, ok := m.dialog.(*chooser); !ok || len(c.shown) != len(c.all) {
		t.Fatalf("the lessons are not listed:\n%s", m.View())
	}
	press(m, "enter")
	if len(*made) != clusters+1 || m.dialog != nil {
		t.Errorf("enter does not open the chosen lesson: %d clusters", len(*made))
	}
}

// TestLessonsAreAligned: their titles stand below each other, whatever their numbers.
func TestLessonsAreAligned(t *testing.T) {
	m, _ := begin(t, steady(), 80, 40, Options{})
	press(m, "L")
	var at []int
	for _, s := range script.Lessons()[9:11] {
		row := unstyled(rowWith(m, s.Heading()))
		at = append(at, len([]rune(row[:max(strings.Index(row, s.Heading()), 0)])))
	}
	if at[0] != at[1] || at[0] == 0 {
		t.Errorf("numbers 9 and 10 begin at %v:\n%s", at, m.View())
	}
}

// TestLessonTinyScreen: where there is room for hardly anything, a lesson's text goes before the rest.
func TestLessonTinyScreen(t *testing.T) {
	m, _ := begin(t, steady(), 20, 5, Options{})
	plays(m, aLesson)
	rows := strings.Split(unstyled(m.View()), "\n")
	if len(rows) != 5 || !strings.Contains(rows[1], "s1 P") || !strings.HasPrefix(rows[2], " Three servers. s1") || !strings.Contains(rows[4], "space goes on") {
		t.Errorf("the text is not there:\n%s", m.View())
	}
	press(m, " ")
	lookAt(m)
	if rowWith(m, "s1 is cut from vs") == "" {
		t.Errorf("the question is not there:\n%s", m.View())
	}
	press(m, "esc")
	lookAt(m)
	if rowWith(m, "now") == "" {
		t.Errorf("in free play there is no why line:\n%s", m.View())
	}
}

// TestHandsBeginFreePlay: who does something by hand in a lesson plays freely, and is told so.
func TestHandsBeginFreePlay(t *testing.T) {
	m, made := playing(t, aLesson)
	press(m, "x")
	lookAt(m)
	if !m.notes.Waits() || rowWith(m, "free play: time goes by itself") == "" || newest(made).done() != "kill s1" {
		t.Errorf("did %q:\n%s", newest(made).done(), m.View())
	}
	for _, line := range []string{"check", "speed 2", "note a"} {
		m, _ := playing(t, aLesson)
		settle(m, m.commands.run(line))
		lookAt(m)
		if m.notes.Waits() {
			t.Errorf("%s began free play", line)
		}
	}
}

// TestBackAtOnce: who leaves a lesson and wants back before that is seen comes back to its step, not to the list.
func TestBackAtOnce(t *testing.T) {
	m, _ := playing(t, aLesson)
	press(m, " ")
	lookAt(m)
	press(m, "esc", "L")
	if m.dialog != nil {
		t.Errorf("the lessons are listed:\n%s", m.View())
	}
	lookAt(m)
	if rowWith(m, "? s1 is cut from vs now.") == "" || m.notes.Waits() {
		t.Errorf("the step is not back:\n%s", m.View())
	}
}

// TestResetLetsTheLessonWait: a fresh cluster is for free play, and L returns to the step. After the end there is nothing to
// return to.
func TestResetLetsTheLessonWait(t *testing.T) {
	for steps, waits := range map[int]bool{1: true, 6: false} {
		m, made := playing(t, aLesson)
		for range steps {
			press(m, " ")
			lookAt(m)
		}
		step, clusters := m.notes.Now.Step, len(*made)
		settle(m, m.commands.run("reset"))
		lookAt(m)
		if len(*made) != clusters+1 || m.notes.Waits() != waits {
			t.Fatalf("after step %d: %d clusters, waits %v:\n%s", step, len(*made), m.notes.Waits(), m.View())
		}
		press(m, "L")
		lookAt(m)
		if back := m.dialog == nil && m.notes.Now.Step == step && !m.notes.Now.Free; back != waits {
			t.Errorf("after step %d L returned: %v\n%s", step, back, m.View())
		}
	}
}

// TestDigitsInALesson: they answer, and select nothing; in free play they select.
func TestDigitsInALesson(t *testing.T) {
	m, _ := playing(t, asking)
	press(m, "3")
	if m.selected != "s1" || rowWith(m, "no answer 3 here") == "" {
		t.Errorf("%s is selected:\n%s", m.selected, m.View())
	}
	press(m, " ")
	lookAt(m)
	press(m, "4")
	if m.selected != "s1" || rowWith(m, "no answer 4 here") == "" {
		t.Errorf("%s is selected:\n%s", m.selected, m.View())
	}
	press(m, "esc")
	lookAt(m)
	press(m, "3")
	if m.selected != "s3" {
		t.Errorf("in free play %s is selected", m.selected)
	}
}

// TestBeforeTheFirstText: while what stands before the first text is done, the screen shows the cluster.
func TestBeforeTheFirstText(t *testing.T) {
	s, err := script.ParseScript("story", asking)
	if err != nil {
		t.Fatal(err)
	}
	for _, front := range []string{"maps", "notes"} {
		m, _ := begin(t, steady(), 80, 24, Options{})
		for _, state := range []script.PlayerState{{}, {Running: "put a 1"}, {Free: true}, {Over: true}} {
			state.Script, state.Steps = s, 2
			snap := steady()
			m.Update(pollResult{Observation: pane.Observation{Snap: snap, Nodes: nodesOf(snap), Showing: &state}, hostState: hostState{session: m.session}})
			m.bring(front)
			m.relayout()
			m.stale = true
			if rowWith(m, "▸ s1") == "" {
				t.Errorf("%+v:\n%s", state, m.View())
			}
		}
	}
}

const asking = `note one
ask "Who is primary now?" s1 | *s2 | "nobody at all" because "It has all the data."
kill s1
then "See who serves."
ask "And when s2 dies?" *nobody | s3
kill s2
`

// TestAnswers: a question is answered by a digit, a click or a word, or skipped; what would answer it is covered as long as
// it is open, and the answers are counted.
func TestAnswers(t *testing.T) {
	clicked := func(m *Model) {
		for y, row := range strings.Split(unstyled(m.View()), "\n") {
			if x := strings.Index(row, "2 s2 "); x >= 0 {
				_, cmd := m.Update(tea.MouseMsg{X: len([]rune(row[:x])) + 1, Y: y, Button: tea.MouseButtonLeft, Action: tea.MouseActionPress})
				settle(m, cmd)
			}
		}
	}
	for how, answer := range map[string]func(m *Model){
		"✓ You are right: s2. It has all the data.": func(m *Model) { press(m, "2") },
		"✗ You said: s1. Right is: s2. It has":      func(m *Model) { press(m, "1") },
		"✗ You said: nobody at all. Right is: s2":   func(m *Model) { settle(m, m.commands.run("answer nobody")) },
		"✓ You are right: s2.":                      clicked,
		"› The answer is: s2. It has all the data.": func(m *Model) { press(m, " ") },
	} {
		m, made := playing(t, asking)
		press(m, " ")
		lookAt(m)
		if rowWith(m, "1 s1    2 s2    3 nobody at all") == "" || rowWith(m, " 1-3 answer  ") == "" || rowWith(m, pane.CoveredWords) == "" || rowWith(m, "view 2: s1 answers") != "" {
			t.Fatalf("the question:\n%s", m.View())
		}
		answer(m)
		lookAt(m)
		if rowWith(m, how) == "" || rowWith(m, "s2. It has all the data.") == "" || rowWith(m, "› See who serves.") == "" || rowWith(m, "view 2: s1 answers") == "" {
			t.Errorf("%q:\n%s", how, m.View())
		}
		if got := newest(made).done(); got != "kill s1" {
			t.Errorf("did %s", got)
		}
		press(m, " ")
		lookAt(m)
		press(m, "1")
		lookAt(m)
		press(m, " ")
		lookAt(m)
		score := "1 of 2 questions answered correctly."
		switch {
		case strings.Contains(how, "are right"):
			score = "2 of 2 questions answered correctly."
		case strings.HasPrefix(how, "› The answer"):
			score = "1 of 2 questions answered correctly, 1 skipped."
		}
		if rowWith(m, score) == "" {
			t.Errorf("%q:\n%s", how, m.View())
		}
	}
}

// TestAnswerWaitsForFreePlay: who leaves an answered question is told where its answer is, and finds it there.
func TestAnswerWaitsForFreePlay(t *testing.T) {
	m, _ := playing(t, asking)
	press(m, " ")
	lookAt(m)
	press(m, "2")
	settle(m, m.commands.run("kill s3"))
	lookAt(m)
	if rowWith(m, "L returns to step 2 of 3 and its answer") == "" {
		t.Errorf("free play:\n%s", m.View())
	}
	press(m, "L")
	lookAt(m)
	if rowWith(m, "✓ You are right: s2.") == "" {
		t.Errorf("after L:\n%s", m.View())
	}
}

// TestLessonBusy: while a step runs, esc cancels it, and space lets paused time go on.
func TestLessonBusy(t *testing.T) {
	m, made := playing(t, "note one\nput a 1\nnote two\n")
	f := newest(made)
	f.block = make(chan struct{})
	_, cmd := m.Update(keyMsg(" "))
	came := make(chan tea.Msg, 1)
	go func() { came <- cmd() }()
	for f.done() == "" {
		runtime.Gosched()
	}
	lookAt(m)
	if rowWith(m, "… put a 1") == "" || rowWith(m, "space hurry  esc cancel") == "" || rowWith(m, "lesson next") != "" {
		t.Errorf("nothing tells that it runs and how it ends:\n%s", m.View())
	}
	m.now.Paused, m.stale = true, true
	if rowWith(m, "time is paused: space resumes it") == "" || rowWith(m, "space resume") == "" {
		t.Errorf("nothing tells that time stands:\n%s", m.View())
	}
	press(m, "esc")
	m.Update(<-came)
	lookAt(m)
	if m.notes.Busy() || rowWith(m, "one") == "" {
		t.Errorf("esc does not cancel:\n%s", m.View())
	}
}

// inLesson takes one step of a lesson first.
func inLesson(then effect) effect {
	return func(t *testing.T, key string, _ *Model, _ *fake) {
		m, made := playing(t, aLesson)
		press(m, " ")
		lookAt(m)
		press(m, " ")
		lookAt(m)
		then(t, key, m, newest(made))
	}
}

// TestScriptWithoutTexts: what tells nothing shows its lines, and in the end what it is about.
func TestScriptWithoutTexts(t *testing.T) {
	m, _ := playing(t, "title story\nabout \"a short one\"\nput a 1\nkill s3\n")
	for _, want := range []string{"› put a 1", "› kill s3", "a short one", "That was all.", "the end  story"} {
		if rowWith(m, want) == "" {
			t.Errorf("%s is not shown:\n%s", want, m.View())
		}
	}
	m, _ = playing(t, "title story\nabout \"a short one\"\nnote one\nput a 1\n")
	press(m, " ")
	lookAt(m)
	if rowWith(m, "That was all.") == "" || rowWith(m, "a short one")+rowWith(m, "› put a 1") != "" {
		t.Errorf("one with texts ends with:\n%s", m.View())
	}
}

// TestFailedStepIsToldOnce: by the notes where they are seen, else below.
func TestFailedStepIsToldOnce(t *testing.T) {
	m, _ := playing(t, "note one\nput a 1\nnote two\n")
	failed := ran{task: read("lesson next"), err: fmt.Errorf("story:2: %w", &script.ExpectError{})}
	_ = m.tell(failed)
	if m.commands.text != "" {
		t.Errorf("told twice: %s", m.commands.text)
	}
	_ = m.tell(ran{task: read("lesson next"), err: errors.New("closed")})
	if m.commands.text != "closed" {
		t.Errorf("what the notes don't tell is told as %q", m.commands.text)
	}
	press(m, "z")
	m.relayout()
	_ = m.tell(failed)
	if m.commands.line != "lesson next" || m.commands.text == "closed" {
		t.Errorf("where no notes are seen it is told as %q", m.commands.text)
	}
}

// TestNoWelcomeToAStory: a newcomer is led to the lessons, but not who comes with a world that has a story.
func TestNoWelcomeToAStory(t *testing.T) {
	for story, want := range map[string]string{"": welcome, "s1 crashes": ""} {
		m, _ := begin(t, steady(), 80, 24, Options{Story: strings.Fields(story)})
		if m.commands.text != want {
			t.Errorf("with the story %q: %q", story, m.commands.text)
		}
	}
}

// TestLessonsFit: at 80×24 each text of a lesson stands whole above the pane that it speaks of, beside the servers. Where the
// line that says why needs two rows, of a question that was answered its last sentence does, and it is said where the rest is.
func TestLessonsFit(t *testing.T) {
	for _, s := range append(script.Lessons(), script.RuleScripts()...) {
		m, _ := begin(t, steady(), 80, 24, Options{})
		for n := 1; n < len(s.Steps); n++ {
			for _, played := range []bool{false, true} {
				if played && s.Steps[n].After() == "" {
					continue
				}
				showStep(m, s, n, played, "view 2: s1 answers once s2 has confirmed (S5)")
				if hidden := len(m.notes.Rows) - m.layout.strip.h + 1; hidden > 0 || m.layout.main.h < 4 {
					t.Errorf("%s, step %d, played %v: %d rows are hidden, the pane has %d\n%s", s.Name, n, played, hidden, m.layout.main.h, m.View())
				}
			}
			showStep(m, s, n, false, strings.Repeat("the viewservice is frozen · ", 4))
			if row := strip(m); s.Steps[n].Question && !strings.Contains(row, " space skips the question ─") && !strings.Contains(row, " in the pane notes ─") {
				t.Errorf("%s, step %d: how to go on is cut: %s", s.Name, n, row)
			}
			showStep(m, s, n, true, strings.Repeat("the viewservice is frozen · ", 4))
			if strings.Contains(m.View(), "? … ") && !strings.Contains(strip(m), " more row") {
				t.Errorf("%s, step %d: nothing says that the question is cut: %s", s.Name, n, strip(m))
			}
			shown, asked := strings.Join(strings.Fields(unstyled(m.View())), " "), s.Steps[n].Text
			asked = strings.TrimSpace(asked[strings.LastIndexAny(asked[:len(asked)-1], ".?!")+1:])
			for _, want := range []string{asked, s.Steps[n].Asks.Because, s.Steps[n].Then} {
				want = strings.Join(strings.Fields(want), " ")
				if !strings.Contains(shown, want) && s.Steps[n].Question {
					t.Errorf("%s, step %d, with a long why: %q is hidden\n%s", s.Name, n, want, m.View())
				}
			}
		}
	}
}

// TestPremiseStays: of a question that was answered as much of its end is seen as there is room for.
func TestPremiseStays(t *testing.T) {
	all := script.Lessons()
	i := slices.IndexFunc(all, func(s *script.Script) bool { return s.Name == "old-primary" })
	if i < 0 {
		t.Fatal("no such lesson")
	}
	m, _ := begin(t, steady(), 80, 24, Options{})
	showStep(m, all[i], 1, true, strings.Repeat("the viewservice is frozen · ", 4))
	for _, want := range []string{
		" ? … Next only its link to vs is cut, so vs makes s2 primary. c1 still puts",
		"     a = 2 at s1, and s1 forwards that to s2. What does s2 do?",
	} {
		if rowWith(m, want) == "" {
			t.Errorf("%q is hidden:\n%s", want, m.View())
		}
	}
	if row := strip(m); !strings.HasSuffix(row, " 1 more row in the pane notes ─") {
		t.Errorf("the question is cut, and the heading says %q", row)
	}
}

// strip is the heading of the strip above a pane.
func strip(m *Model) string {
	return unstyled(strings.Split(m.View(), "\n")[m.layout.strip.y])
}

// TestTheWayOnIsWhole: beside a long title it is the title that is cut.
func TestTheWayOnIsWhole(t *testing.T) {
	title := "What the viewservice keeps when it restarts, and what not"
	for text, want := range map[string]string{
		"note " + strconv.Quote(strings.Repeat("a text that has many words. ", 30)) + "\nput a 1": "─ step 1 of 2  What the viewservice keeps whe… ─ 6 more rows in the pane notes ─",
		`ask "a?" x | *y` + "\nput a 1":         "─ step 1 of 2  What the viewservice keeps when it … ─ space skips the question ─",
		`note "a."` + "\nrestart s1\nput a 100": "─ step 1 of 2  What the viewservice keeps when it restarts, a… ─ space goes on ─",
	} {
		m, _ := playing(t, "title "+strconv.Quote(title)+"\n"+text+"\nnote end")
		m.Update(tea.WindowSizeMsg{Width: 80, Height: 24})
		lookAt(m)
		if got := strip(m); got != want {
			t.Errorf("%s\n%s, want\n%s", text, got, want)
		}
	}
}

// showStep shows a step of a lesson, whose question was answered wrongly, in many words, if it was played.
func showStep(m *Model, s *script.Script, n int, played bool, why string) {
	state := script.PlayerState{Script: s, Steps: len(s.Steps) - 1, Step: n, Played: played, Open: !played && s.Steps[n].Question}
	if q := s.Steps[n].Asks; len(q.Choices) > 0 && played {
		longest := slices.MaxFunc(q.Choices, func(a, b string) int { return len(a) - len(b) })
		state.Predictions = []script.Prediction{{Step: n, Said: longest, Right: "x"}}
	}
	snap := quiet(max(s.Shape.Servers, 2), s.Shape.Clients)
	snap.Why = engine.Why{Now: why}
	m.Update(pollResult{Observation: pane.Observation{Snap: snap, Nodes: nodesOf(snap), Showing: &state}, hostState: hostState{session: m.session}})
}

// TestOnly: a step's filter of the messages ends with the step, and gives way to one that somebody has typed.
func TestOnly(t *testing.T) {
	m, _ := playing(t, `note "See the forwards."`+"\nlook messages only forward\nput a 1\n"+`note "All."`+"\nlook messages s1\nput a 2")
	lookAt(m)
	if got := m.messages.FilterText(); got != "forward" || !m.inFront(m.messages) {
		t.Errorf("the filter is %q:\n%s", got, m.View())
	}
	press(m, " ", " ")
	lookAt(m)
	if got := m.messages.FilterText(); got != "" {
		t.Errorf("at the next step the filter is %q", got)
	}
	press(m, "backspace")
	lookAt(m)
	m.messages.SetFilter("s2")
	press(m, " ", " ")
	lookAt(m)
	if got := m.messages.FilterText(); got != "s2" {
		t.Errorf("the filter that was typed is %q now", got)
	}
}

// TestLongText: of a text that does not fit it is said how much is left, and still how to go on.
func TestLongText(t *testing.T) {
	m, _ := playing(t, "title T\nnote "+strconv.Quote(strings.Repeat("a text that has many words. ", 30))+"\nput a 1\nnote end")
	m.Update(tea.WindowSizeMsg{Width: 80, Height: 24})
	lookAt(m)
	if row := rowWith(m, "more rows in the pane notes"); !strings.Contains(row, "space goes on · ") {
		t.Errorf("%q:\n%s", row, m.View())
	}
}
