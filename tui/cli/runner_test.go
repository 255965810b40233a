package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/tui/record"
	"cluster/splitbrain/tui/script"
	"cluster/splitbrain/viewservice/rules"

	"github.com/spf13/cobra"
)

func runOf(out *bytes.Buffer, err error) ran {
	r := ran{out: out.String(), code: exitCode(err)}
	if _, told := errors.AsType[*exit](err); err != nil && !told {
		r.err = err.Error()
	}
	return r
}

// virtually runs scripts in virtual time.
func virtually(t *testing.T, o runOptions, names ...string) (r ran) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		r = runOf(&out, runAll(t.Context(), &out, o, names))
	})
	return r
}

// file writes a script.
func file(t *testing.T, lines ...string) string {
	name := filepath.Join(t.TempDir(), "test.sb")
	if err := os.WriteFile(name, []byte(strings.Join(lines, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// has demands that the texts are in the output, in this order.
func (r ran) has(t *testing.T, texts ...string) {
	t.Helper()
	rest := r.out
	for _, text := range texts {
		_, after, found := strings.Cut(rest, text)
		if !found {
			t.Fatalf("code %d, error %q: nothing says %q (after what came before it) in\n%s", r.code, r.err, text, r.out)
		}
		rest = after
	}
}

func TestTranscript(t *testing.T) {
	r := virtually(t, runOptions{}, "primary-dies")
	r.has(t, "begin  The primary dies: 2 servers, 2 clients", "view 2: primary s1, backup s2: no backup, and s2 volunteers (V4)",
		"as expected: view 2 s1 s2 acked", "put a 1 @c1: ok", "question  s1 is primary, s2 is its backup", "(s1 says so | c1 says so | s1 stays silent)",
		"s1 killed", "answer  s1 stays silent.", "note  See the ping age of s1", "view 3: primary s2, no backup: primary s1 silent for 500 ms, 500 ms allowed (V4); s2 becomes primary",
		"end  12 expectations held, 0 failed; what the clients saw was linearizable\n")
	if r.code != 0 || r.err != "" {
		t.Errorf("code %d, %s", r.code, r.err)
	}
}

func TestFailures(t *testing.T) {
	for _, c := range []struct {
		lines []string
		code  int
		says  []string
	}{
		{[]string{"expect view 9 within 300ms"}, 1, []string{"NOT as expected: FILE:1: view 9 within 300ms: not within 300ms: view", "end  0 expectations held, 1 failed"}},
		{[]string{"kill s1", "kill s1"}, 1, []string{"s1 killed", "failed: FILE:2: kill: s1 has crashed already", "1 failed"}},
		{[]string{"cluster servers=1", "kill s1", "get a"}, 1, []string{"failed: FILE:3: get a: outcome unknown", "its time was over (C2)"}},
		{[]string{"expect violation forward-gets"}, 1, []string{"switch it off first"}},
		{[]string{"pause", "put a 1"}, 1, []string{"failed: FILE:2: put a 1: outcome unknown", "time is paused"}},
		{[]string{"put a 1", "pause", "expect get a = 1"}, 1, []string{"NOT as expected: FILE:3: get a = 1", "time is paused"}},
		{[]string{"pause", "expect view 9"}, 1, []string{"time is paused"}},
		{[]string{"put a 1 @c1", "wait view 2 s2 within 300ms", "expect view 2"}, 2, []string{"failed: FILE:2: wait view 2 s2 within 300ms: not within 300ms: view 2 s1 s2",
			"end  0 expectations held, 1 failed"}},
		{[]string{"wait view 1", "pause", "wait 1s"}, 2, []string{"as expected: wait view 1", "failed: FILE:3: wait: time is paused", "end  1 expectation held, 1 failed"}},
		{[]string{"quit", "expect view 9"}, 0, []string{"bye", "end  0 expectations held, 0 failed"}},
		{[]string{"put a 1 &", "wait 1s", "expect get a = 1"}, 0, []string{"begun: put a 1", "put a 1: ok", "as expected: get a = 1"}},
	} {
		for _, live := range []bool{false, true} {
			name := file(t, c.lines...)
			r := virtually(t, runOptions{Live: live}, name)
			r.out = strings.ReplaceAll(r.out, name, "FILE")
			r.has(t, c.says...)
			if says := regexp.MustCompile(`^\S+test\.sb:[23]: wait`); r.code != c.code || says.MatchString(r.err) != (c.code == 2) {
				t.Errorf("%q: code %d, %s", c.lines, r.code, r.err)
			}
		}
	}
}

// In simulated time an operation ends just when its time is over, also one that waits behind another of its client.
func TestTimeIsOver(t *testing.T) {
	name := file(t, "cluster servers=1 clients=2", "put a 1", "kill s1", "put a 2 @c1 &", "put b 3 @c1", "get b @c2", "wait 1s")
	for range 3 {
		var out bytes.Buffer
		r := runOf(&out, runAll(t.Context(), &out, runOptions{}, []string{name}))
		r.has(t, " 10.107 s  failed: "+name+":5: put b 3 @c1: not sent: its time was over", " 20.107 s  failed: "+name+":6: get b @c2: outcome unknown",
			" 21.107 s  1s went by")
	}
}

// A violation that no script expects is found at the end.
func TestUnexpectedViolation(t *testing.T) {
	lines := []string{"cluster servers=3 clients=2", "expect view 2 s1 s2 acked", "put a 1 @c1", "partition s1 c1 | s2 s3 vs c2", "wait 1s",
		"put a 2 @c2", "get a @c1 &", "wait 300ms"}
	name := file(t, lines...)
	off, err := script.RulesOff([]string{"forward-gets"})
	if err != nil {
		t.Fatal(err)
	}
	r := virtually(t, runOptions{Off: off}, name)
	r.has(t, "without forward-gets", "a promise was broken: not linearizable", "what the clients saw was not linearizable")
	if r.code != 1 {
		t.Errorf("code %d", r.code)
	}
	if r := virtually(t, runOptions{}, name); r.code != 0 {
		t.Errorf("with all rules: %d\n%s", r.code, r.out)
	}
	virtually(t, runOptions{Off: off}, file(t, append(lines, "check")...)).has(t, "a promise was broken: ", "test.sb:9: check: not linearizable")
}

// Every line is an object with the fields that docs/json.md names, and the last one tells how it ended.
func TestJSON(t *testing.T) {
	r := virtually(t, runOptions{JSON: true}, "forward-gets")
	lines := strings.Split(strings.TrimSpace(r.out), "\n")
	for _, line := range lines[:len(lines)-1] {
		var e struct {
			Script  string
			AtMS    float64 `json:"at_ms"`
			Step    int
			Event   string
			Line    int
			Command string
			Text    string
			View    uint
			Primary string
			Backup  string
		}
		d := json.NewDecoder(strings.NewReader(line))
		d.DisallowUnknownFields()
		if err := d.Decode(&e); err != nil || e.Script != "forward-gets" || e.Event == "" || e.Text == "" {
			t.Errorf("%s: %v", line, err)
		}
	}
	want := `{"passed":10,"failed":0,"verdict":"not linearizable","script":"forward-gets"}`
	if last := lines[len(lines)-1]; last != want || r.code != 0 {
		t.Errorf("code %d, ends with %s", r.code, last)
	}
}

// What takes no time comes before what it has caused in the same moment.
func TestCauseBeforeEffect(t *testing.T) {
	r := virtually(t, runOptions{}, "ack-rule")
	r.has(t, "view 3: ", " s  ack-rule is off: ", "view 4: primary s1, backup s2", "as expected: view 4 s1 s2")
}

func TestKeptRules(t *testing.T) {
	r := virtually(t, runOptions{Keep: true}, "forward-gets")
	r.has(t, "forward-gets stays on", "nothing broke, since forward-gets is on", "what follows would be the same again", "was linearizable")
	if r.code != 0 {
		t.Errorf("code %d", r.code)
	}
}

// Nothing of any script runs if one of them can't be understood.
func TestBadScripts(t *testing.T) {
	bad := file(t, "put a 1", "kil s1")
	for _, c := range []struct {
		names []string
		want  string
	}{
		{[]string{"first-view", bad}, bad + `:2: no command "kil": did you mean kill? (usage: kill NODE)`},
		{[]string{"first-vew"}, "no file or lesson first-vew: did you mean the lesson first-view?"},
		{[]string{t.TempDir()}, "is a directory"},
		{[]string{file(t, "put a \x00")}, ":1: this is no text"},
		{[]string{file(t, "# nothing")}, "has no commands"},
		{[]string{"/dev/zero"}, "is no script"},
		{[]string{"first-view", file(t, "put a 1", "reset")}, ":2: reset: not here: it needs the playground"},
		{[]string{file(t, "open first-view")}, ":1: open: not here"},
		{[]string{file(t, "put a 1", "export foo.pdf")}, `:2: export: word 2 "foo.pdf" must end in .html, .jsonl, .edn, .shiviz, .svg, .mmd, .puml or .txt`},
		{[]string{file(t, "put a 1 @s1")}, `:1: put: no client "@s1": there are c1, c2`},
		{[]string{file(t, `add "my server"`)}, `:1: add: word 2 "my server": the next server is s4`},
		{[]string{file(t, "splitbrain world 2", "config servers=x")}, `test.sb:2: configuration: "servers=x" needs a number`},
	} {
		r := virtually(t, runOptions{}, c.names...)
		if r.code != 2 || !strings.Contains(r.err, c.want) || r.out != "" || strings.Contains(r.err, "\n") {
			t.Errorf("%v: code %d, %q, said %q", c.names, r.code, r.err, r.out)
		}
	}
}

// Whoever interrupts a script hears how far it came.
func TestInterruptedRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
		defer cancel()
		var out bytes.Buffer
		r := runOf(&out, runAll(ctx, &out, runOptions{JSON: true, Live: true}, []string{file(t, "put a 1", "wait 10s", "put a 2"), "first-view"}))
		r.has(t, `"event":"failed"`, `interrupted at: wait 10s`, `{"passed":0,"failed":1,"verdict":"linearizable"`)
		if r.err != ctx.Err().Error() || strings.Contains(r.out, "first-view") {
			t.Errorf("code %d\n%s", r.code, r.out)
		}
	})
}

// inRealTime runs a command line in real time.
func inRealTime(t *testing.T, args ...string) ran {
	var out bytes.Buffer
	root := &cobra.Command{Use: "splitbrain", SilenceErrors: true, SilenceUsage: true}
	root.AddCommand(newRun(), newLessons())
	root.SetArgs(args)
	root.SetOut(&out)
	root.SetErr(&out)
	return runOf(&out, root.ExecuteContext(t.Context()))
}

func TestCommandLine(t *testing.T) {
	name := file(t, "cluster ping-interval=10ms", "expect view 2 s1 s2 acked")
	if r := inRealTime(t, "run", "--live", "--seed", "3", name); r.code != 0 || !strings.Contains(r.out, "seed 3") {
		t.Errorf("%+v", r)
	}
	if r := inRealTime(t, "run", "--without", "forward-get", name); r.code != 2 || !strings.Contains(r.err, "did you mean forward-gets?") {
		t.Errorf("%+v", r)
	}
	for want, args := range map[string][]string{
		"FILE|LESSON is missing":            {},
		"either simulated or live":          {"--sim", "--live", name},
		"either switched off or left on":    {"--without", "ack-rule", "--with-rules", name},
		"--keys: no such key: nosuchkey":    {"--picture", filepath.Join(t.TempDir(), "x.svg"), "--keys", "nosuchkey", name},
		"--picture: open /nonexistent/x.sv": {"--picture", "/nonexistent/x.svg", name},
		"--cast: ":                          {"--cast", "/nonexistent/x.cast", name},
	} {
		if r := inRealTime(t, append([]string{"run"}, args...)...); r.code != 2 || !strings.Contains(r.err, want) || r.out != "" {
			t.Errorf("%v: %+v", args, r)
		}
	}
	r := inRealTime(t, "lessons")
	all := append(script.Lessons(), script.RuleScripts()...)
	for _, l := range all {
		r.has(t, l.Name, l.Title, l.About)
	}
	r.has(t, "the protocol:\n", "what each rule is for:\n")
	asked := inRealTime(t, "lessons", "--show", "primary-dies")
	if r := inRealTime(t, "lessons", "primary-dies"); r != asked || !strings.Contains(r.out, "kill s1") {
		t.Errorf("%+v, with --show %+v", r, asked)
	}
	for want, args := range map[string][]string{
		"no lesson primary-die: did you mean primary-dies?": {"primary-die"}, `lessons shows one lesson, and "first-view" is one more`: {"primary-dies", "first-view"},
		`and "frozen" is one more`: {"--show", "primary-dies", "frozen"},
	} {
		if r := inRealTime(t, append([]string{"lessons"}, args...)...); r.code != 2 || !strings.Contains(r.err, want) {
			t.Errorf("%v: %+v", args, r)
		}
	}
	r = inRealTime(t, "lessons", "--json")
	if n := strings.Count(r.out, "\n"); n != len(all) || !strings.Contains(r.out, `{"group":"the protocol","name":"first-view","title":"The first view","about":`) {
		t.Errorf("%d lines: %s", n, r.out)
	}
}

// In simulated time everything that is embedded does what it says, and the same whenever it runs.
func TestSimulatedRunsRepeat(t *testing.T) {
	for _, s := range append(script.Lessons(), script.RuleScripts()...) {
		t.Run(s.Name, func(t *testing.T) {
			var first, second bytes.Buffer
			if r := runOf(&first, runAll(t.Context(), &first, runOptions{}, []string{s.Name})); r.code != 0 {
				t.Fatalf("code %d, %s\n%s", r.code, r.err, r.out)
			}
			runOf(&second, runAll(t.Context(), &second, runOptions{}, []string{s.Name}))
			if !s.Uses("load") && first.String() != second.String() { // load keeps to the machine's time in part
				t.Errorf("first\n%s\nthen\n%s", &first, &second)
			}
		})
	}
}

// The table of docs/rules.md, which is measured live, holds for the simulated engine as well: with all rules on and with
// the script's own one off; with SPLITBRAIN_SOAK all of it.
func TestSimulatedRules(t *testing.T) {
	page, err := os.ReadFile("../../docs/rules.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rules.All() {
		row := regexp.MustCompile("(?m)^\\| [0-9]+ `" + r.String() + "` \\|(.*)\\|$").FindSubmatch(page)
		if row == nil {
			t.Fatalf("no row for %v", r)
		}
		for i, cell := range strings.Split(string(row[1]), "|") {
			if i > 0 && rules.All()[i-1] != r && os.Getenv("SPLITBRAIN_SOAK") == "" {
				continue
			}
			var off rules.Disabled
			if i > 0 {
				off = rules.Without(rules.All()[i-1])
			}
			var out bytes.Buffer
			ran := runOf(&out, runAll(t.Context(), &out, runOptions{Off: off, Keep: true}, []string{r.String()}))
			if broken := strings.Contains(ran.out, "was not linearizable"); broken != strings.Contains(cell, "✗") {
				t.Errorf("%v without %v: broken %v, the page says %s\n%s", r, off, broken, cell, ran.out)
			}
		}
	}
}

// sheet is a screen that shows what it was told.
type sheet struct {
	text    string
	playing func() script.PlayerState
}

func (s *sheet) Ran(line string, r script.Result, _ error) { s.text = line + " " + r.Text }
func (s *sheet) Press(key string) error {
	if key == "q" {
		return errors.New("no such key: " + key)
	}
	s.text += key
	return nil
}
func (s *sheet) Follow(state func() script.PlayerState) { s.playing = state }
func (s *sheet) Frame() string {
	if s.playing == nil {
		return s.text
	}
	now := s.playing()
	return now.Text() + " " + s.text
}

// onSheet records such a screen.
func onSheet(c capture) capture {
	c.Width, c.Height, c.Theme = 100, 30, record.Dark
	c.newScreen = func(context.Context, engine.Engine, capture) (screen, error) { return &sheet{}, nil }
	return c
}

// A recording shows what all scripts did, in times that don't go back, and the picture what was there at the end.
func TestRecording(t *testing.T) {
	dir := t.TempDir()
	f := onSheet(capture{Cast: filepath.Join(dir, "x.cast"), Picture: filepath.Join(dir, "x.svg"), Keys: []string{"z"}})
	var out bytes.Buffer
	if r := runOf(&out, runAll(t.Context(), &out, runOptions{Capture: f, JSON: true}, []string{"first-view", "primary-dies"})); r.code != 0 {
		t.Fatalf("%+v", r)
	}
	data, err := os.ReadFile(f.Cast)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(data)), "\n")
	last := 0.0
	for _, line := range lines[1:] {
		var e [3]any
		if err := json.Unmarshal([]byte(line), &e); err != nil || e[0].(float64) < last {
			t.Errorf("%s: %v", line, err)
			continue
		}
		last = e[0].(float64)
	}
	if !strings.Contains(lines[0], `"first-view primary-dies"`) || last < 3 || !strings.Contains(lines[1], "z") {
		t.Errorf("%s … %s", lines[0], lines[len(lines)-1])
	}
	picture, err := os.ReadFile(f.Picture)
	if err != nil || !strings.Contains(string(picture), "<svg") || !strings.Contains(string(picture), "linearizable") {
		t.Errorf("the picture: %v\n%s", err, picture)
	}
}

func TestRecordingRefuses(t *testing.T) {
	for want, c := range map[string]capture{
		"no file that could be": onSheet(capture{Cast: t.TempDir()}),
		"20x5 to 400x200":       {Cast: "x.cast"},
	} {
		var out bytes.Buffer
		if r := runOf(&out, runAll(t.Context(), &out, runOptions{Capture: c}, []string{"first-view"})); r.code != 2 || !strings.Contains(r.err, want) {
			t.Errorf("%s: %+v", want, r)
		}
	}
}
