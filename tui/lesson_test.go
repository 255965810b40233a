package tui

import (
	"testing"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/script"
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
	m.stage.make = func(engine.Config) (engine.Engine, error) {
		f := &fake{snap: steady()}
		f.Verbs = f.note
		*made = append(*made, f)
		return f, nil
	}
	s, err := script.ParseScript("story", text)
	if err != nil {
		panic(err)
	}
	if err := m.stage.Open(m.ctx, s); err != nil {
		panic(err)
	}
	m.note("")
	lookAt(m)
	return made
}

// lookAt lets the model see what has become of the stage.
func lookAt(m *Model) {
	snap := steady()
	m.Update(observed{snap: snap, nodes: nodesOf(snap), asked: m.maps.window(), staged: m.stage.look()})
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
	go1(" ", "✓ s2")
	if got := newest(made).done(); got != "cut s1 > vs; cut vs > s1" {
		t.Errorf("the step did %q", got)
	}
	if rowWith(m, "That is what a backup is for.") == "" || rowWith(m, "space goes on: kill s3") == "" {
		t.Errorf("neither the text nor what comes:\n%s", m.View())
	}
	go1("backspace", "? s1 is cut from vs now. Who is primary then?")
	go1(" ", "✓ s2")
	go1("esc", "L returns to")
	go1(" ", "time is paused")
	clusters := len(*made)
	go1("L", "✓ s2")
	if len(*made) != clusters+1 || newest(made).done() != "speed 10; cut s1 > vs; cut vs > s1; speed 1" {
		t.Errorf("after free play the cluster is not made anew: %q", newest(made).done())
	}
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
