package script

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"cluster/splitbrain/netsim/cluster"
	"cluster/splitbrain/netsim/history"
	"cluster/splitbrain/viewservice/rules"
)

// outcomes are what a run came to.
type outcomes struct {
	failed  []string // lines that failed
	verdict history.Verdict
	said    []string
}

// played runs a script in virtual time.
func played(t *testing.T, s *Script, off rules.Disabled, keep bool) (o outcomes) {
	synctest.Test(t, func(t *testing.T) {
		cfg := s.Shape
		cfg.Disabled = off
		live, err := cluster.New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		defer live.Close()
		session := &Session{Engine: live, KeepRules: keep, Timeout: 10 * time.Second}
		defer session.Close()
		for _, l := range s.Lines {
			r, err := session.Do(t.Context(), l.Invocation)
			o.said = append(o.said, fmt.Sprintf("%4d %v: %s %s %v", live.Now().Milliseconds(), l.Number, l, r.Text, err))
			if err != nil {
				o.failed = append(o.failed, fmt.Sprintf("%s:%d: %v", s.Name, l.Number, err))
			}
			if r.Quit {
				break
			}
		}
		session.Close()
		o.verdict = live.History().Judge(time.Minute)
	})
	return o
}

// Every rule has a script that does its damage while it is off, and none while all rules are on.
func TestRuleScripts(t *testing.T) {
	for _, r := range rules.All() {
		t.Run(r.String(), func(t *testing.T) {
			s, err := Find(r.String())
			if err != nil {
				t.Fatal(err)
			}
			if o := played(t, s, 0, false); len(o.failed) > 0 || o.verdict.Result != history.Violated {
				t.Errorf("off: %v, %q\n%s", o.verdict, o.failed, strings.Join(o.said, "\n"))
			}
			if o := played(t, s, 0, true); len(o.failed) > 0 || o.verdict.Result != history.Linearizable {
				t.Errorf("on: %v, %q\n%s", o.verdict, o.failed, strings.Join(o.said, "\n"))
			}
		})
	}
}

// Each lesson is a test of what it says, and can be shown: its texts fit, and every rule is told of in one of them.
func TestLessons(t *testing.T) {
	for _, s := range Lessons() {
		t.Run(s.Name, func(t *testing.T) {
			if o := played(t, s, 0, false); len(o.failed) > 0 {
				t.Errorf("%v, %q\n%s", o.verdict, o.failed, strings.Join(o.said, "\n"))
			}
		})
	}
}

func TestLessonsCanBeShown(t *testing.T) {
	for _, s := range append(Lessons(), RuleScripts()...) {
		if s.Title == "" || s.About == "" || len(s.Title) > 60 || len(s.About) > 100 {
			t.Errorf("%s: title %q, about %q", s.Name, s.Title, s.About)
		}
		if len(s.Steps) < 4 || len(s.Tries) == 0 {
			t.Errorf("%s: %d steps, %d things to try", s.Name, len(s.Steps)-1, len(s.Tries))
		}
		questions := 0
		for _, step := range s.Steps[1:] {
			if step.Question {
				questions++
			}
			expects := slices.ContainsFunc(step.Lines, func(l Line) bool { return l.Expects() })
			if lines := wrapped(step.Text, 70); lines > 4 || wrapped(step.After(), 70) > 4 || !expects {
				t.Errorf("%s: %d lines, checked %v: %s", s.Name, lines, expects, step.Text)
			}
		}
		if questions == 0 {
			t.Errorf("%s asks nothing", s.Name)
		}
	}
}

// TestTextsSayNext: the text before a step does not say of what the step will do that it is so now.
func TestTextsSayNext(t *testing.T) {
	for _, s := range append(Lessons(), RuleScripts()...) {
		for _, step := range s.Steps[1:] {
			for _, sentence := range strings.FieldsFunc(step.Text, func(r rune) bool { return strings.ContainsRune(".:?!", r) }) {
				if strings.HasPrefix(strings.TrimSpace(sentence), "Now ") {
					t.Errorf("%s: %s", s.Name, step.Text)
				}
			}
		}
	}
}

// TestBrokenLesson: a lesson that is malformed is left out, and one line says so; a test holds that none of ours is.
func TestBrokenLesson(t *testing.T) {
	if err := CheckLibrary(); err != nil {
		t.Fatal(err)
	}
	whole := library
	t.Cleanup(func() { library = whole })
	library = fstest.MapFS{
		"lessons/01-one.sb": {Data: []byte("note one\nkil s1\n")}, "lessons/02-two.sb": {Data: []byte("note two\n")},
		"rules/ack-rule.sb": {Data: []byte("nonsense\n")},
	}
	if all := Lessons(); len(all) != 1 || all[0].Name != "two" || len(RuleScripts()) != 0 || len(LibraryOffers()) != 1 {
		t.Errorf("%d lessons, %v", len(all), LibraryOffers())
	}
	if err := CheckLibrary(); err == nil || !strings.HasPrefix(err.Error(), `one:2: no command "kil"`) {
		t.Errorf("it says %v", err)
	}
}

// A second script of a name would never be found, and a rule's script that is named after no rule would never be played.
func TestLibraryNames(t *testing.T) {
	seen := map[string]string{}
	for _, file := range append(list("lessons"), list("rules")...) {
		name := scriptName(file)
		if seen[name] != "" {
			t.Errorf("%s and %s have one name", seen[name], file)
		}
		seen[name] = file
	}
	for i, file := range list("lessons") {
		if want := fmt.Sprintf("lessons/%02d-%s.sb", i, scriptName(file)); file != want {
			t.Errorf("lesson %d is %s, want %s", i, file, want)
		}
	}
	for _, file := range list("rules") {
		if _, ok := rules.Named(scriptName(file)); !ok {
			t.Errorf("%s is named after no rule that can be switched off", file)
		}
	}
}

// wrapped is how many lines a text takes.
func wrapped(text string, width int) int {
	lines, room := 0, 0
	for _, word := range strings.Fields(strings.ReplaceAll(text, " = ", "_=_")) { // which stands in one line
		if n := utf8.RuneCountInString(word); n+1 > room {
			lines++
			room = width - n
		} else {
			room -= n + 1
		}
	}
	return lines
}

// Each rule of docs/protocol.md is cited by a lesson, and lessons cite no other.
func TestLessonsCoverTheProtocol(t *testing.T) {
	text, err := os.ReadFile("../../docs/protocol.md")
	if err != nil {
		t.Fatal(err)
	}
	cited := map[string]bool{}
	for _, s := range Lessons() {
		for _, rule := range citedBy(s) {
			cited[rule] = true
		}
	}
	found := map[string]bool{}
	for _, bold := range regexp.MustCompile(`\*\*[^*]+\*\*`).FindAllString(string(text), -1) {
		for _, rule := range regexp.MustCompile(`\b[VSC][0-9]+\b`).FindAllString(bold, -1) {
			found[rule] = true
		}
	}
	for _, rule := range []string{"V1", "V3", "V10", "S1", "S13", "C1", "C3"} {
		if !found[rule] {
			t.Errorf("docs/protocol.md has no %s", rule)
		}
	}
	for rule := range found {
		if !cited[rule] {
			t.Errorf("no lesson cites %s", rule)
		}
	}
	for rule := range cited {
		if !found[rule] {
			t.Errorf("a lesson cites %s, which docs/protocol.md does not have", rule)
		}
	}
}

// citedBy are the rules that a script's texts name, in the order of the protocol.
func citedBy(s *Script) []string {
	var named []string
	for _, kind := range "VSC" {
		for n := range 20 {
			if rule := fmt.Sprintf("%c%d", kind, n); s.cites(regexp.MustCompile(`\b`+rule+`\b`)) > 0 {
				named = append(named, rule)
			}
		}
	}
	return named
}

func TestLessonMove(t *testing.T) {
	for line, want := range map[string]Move{"lesson next": Next, " lesson  back # to see it again": Back, "lesson leave": Leave} {
		if got, ok := LessonMove(line); !ok || got != want {
			t.Errorf("%q moves %v, %v", line, ok, got)
		}
	}
	for _, line := range []string{"", "lesson", "lesson nowhere", "lessons", "note lesson next"} {
		if got, ok := LessonMove(line); ok {
			t.Errorf("%q moves: %v", line, got)
		}
	}
}
