package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// judging runs judge with what stands on its standard input.
func judging(t *testing.T, in string, args ...string) ran {
	t.Helper()
	var out bytes.Buffer
	root := &cobra.Command{Use: "splitbrain", SilenceErrors: true, SilenceUsage: true}
	root.AddCommand(newJudge())
	root.SetArgs(append([]string{"judge"}, args...))
	root.SetIn(strings.NewReader(in))
	root.SetOut(&out)
	return runOf(&out, root.ExecuteContext(t.Context()))
}

const (
	goodLog = `{:process 0 :type :invoke :f :write :value [a 1]}
{:process 0 :type :ok :f :write :value [a 1]}
{:process 1 :type :invoke :f :cas :value [a [1 2]]}
{:process 1 :type :info :f :cas :value [a [1 2]]}
`
	badLog = goodLog + `{:process 0 :type :invoke :f :read :value [a nil]}
{:process 0 :type :ok :f :read :value [a 3]}
`
)

func TestJudge(t *testing.T) {
	if r := judging(t, goodLog, "-"); r.code != 0 || !strings.HasSuffix(r.out, "\nlinearizable\n") || !strings.Contains(r.out, "2 operations of 2 clients on 1 key, 1 of unknown outcome") {
		t.Errorf("%+v", r)
	}
	if r := judging(t, goodLog, "--json", "-"); r.code != 0 || !strings.Contains(r.out, `"blamed":[]`) {
		t.Errorf("%+v", r)
	}
	page := filepath.Join(t.TempDir(), "p.html")
	r := judging(t, "", "--html", page, file(t, badLog))
	r.has(t, "not linearizable: key \"a\": p0 get a returned \"3\"", "\n  line 5      p0 get a → \"3\"\n")
	if r.code != 1 {
		t.Errorf("%+v", r)
	}
	for _, want := range []string{"<h1>test.sb</h1>", "✗ get a → 3", "Not linearizable: p0 get a returned"} {
		if !strings.Contains(string(textOf(t, page)), want) {
			t.Errorf("the page does not say %s", want)
		}
	}
	const stale = `{"client":"a","op":"put","key":"k","value":"1","call_ms":1,"return_ms":2,"outcome":"ok"}
{"client":"a","op":"put","key":"k","value":"2","call_ms":3,"return_ms":4,"outcome":"ok"}
{"client":"b","op":"get","key":"k","call_ms":5,"return_ms":6,"outcome":"ok","got":"1"}`
	r = judging(t, stale, "-")
	if at, before := strings.Index(r.out, "line 3 "), strings.Index(r.out, "line 2 "); at < 0 || before < at {
		t.Errorf("the one that can't be explained does not come first: %+v", r)
	}
	r = judging(t, badLog, "--json", "-")
	var told map[string]any
	if err := json.Unmarshal([]byte(r.out), &told); err != nil || r.code != 1 || told["verdict"] != "not linearizable" || told["key"] != "a" ||
		told["operations"] != 3.0 || told["unknown"] != 1.0 || len(told["blamed"].([]any)) != 1 || told["why"] == "" {
		t.Errorf("%v %+v", err, r)
	}
}

// TestJudgeBlamesMany: of very many that are to blame some are shown, and those of a page are drawn around the one that can't
// be explained.
func TestJudgeBlamesMany(t *testing.T) {
	many := ""
	for i := range 120 {
		many += fmt.Sprintf(`{"client":"c%d","op":"append","key":"k","value":"x","call_ms":%d,"return_ms":%d,"outcome":"ok"}`+"\n", i, i+1, i+999)
	}
	many += `{"client":"r","op":"get","key":"k","call_ms":2000,"return_ms":2001,"outcome":"ok","got":"` + strings.Repeat("x", 119) + `"}`
	page := filepath.Join(t.TempDir(), "p.html")
	r := judging(t, many, "--html", page, "-")
	if lines := strings.Split(r.out, "\n"); r.code != 1 || len(lines) != 28 || !strings.HasPrefix(lines[2], "  line 121 ") || lines[26] != "  and 97 more, which --json names" {
		t.Errorf("%+v", r)
	}
	text := string(textOf(t, page))
	if strings.Count(text, "<li>c") != 23 || !strings.Contains(text, "<li>and 97 more</li>") || !strings.Contains(text, "90 of 121 operations are drawn") {
		t.Error("the page lists or draws too many")
	}
}

// TestJudgeRefuses: what is wrong is one line, with the file and the line in it.
func TestJudgeRefuses(t *testing.T) {
	bad := file(t, goodLog+"{:process 0 :type :ok}")
	for want, args := range map[string][]string{
		"One FILE is to be named":        {},
		bad + ":5: process 0 ends with ": {bad},
		"no such file":                   {filepath.Join(t.TempDir(), "none")},
		"is a directory":                 {t.TempDir()},
		"-: there is no operation in it": {"-"},
		"--timeout 0s: must be more":     {"--timeout", "0s", bad},
		"must end in .html":              {"--html", "p.pdf", bad},
		"--html: open /nonexistent":      {"--html", "/nonexistent/p.html", bad},
	} {
		if r := judging(t, "", args...); r.code != 2 || !strings.Contains(r.err, want) || strings.Contains(r.err, "\n") || r.out != "" {
			t.Errorf("%v: %+v", args, r)
		}
	}
}

// TestJudgeUndecided: what is not decided in time is neither good nor bad.
func TestJudgeUndecided(t *testing.T) {
	hard := ""
	for i := range 60 { // only porcupine understands cas, and it has to try all orders
		hard += `{"client":"c","op":"cas","key":"k","if":"` + "ab"[i%2:i%2+1] + `","value":"` + "ba"[i%2:i%2+1] + `","call_ms":1,"outcome":"unknown"}` + "\n" +
			`{"client":"d","op":"append","key":"k","value":"` + "xy"[i%2:i%2+1] + `","call_ms":1,"return_ms":9,"outcome":"ok"}` + "\n"
	}
	hard += `{"client":"r","op":"get","key":"k","call_ms":10,"return_ms":11,"outcome":"ok","got":"never"}`
	if r := judging(t, hard, "--timeout", "100ms", "-"); r.code != 3 || !strings.Contains(r.out, "undecided: key \"k\"") {
		t.Errorf("%+v", r)
	}
}

// TestExportedIsJudged: what a run has exported is judged as the run was, in both forms.
func TestExportedIsJudged(t *testing.T) {
	t.Chdir(t.TempDir())
	lines := []string{
		"cluster servers=3 clients=2", "expect view 2 s1 s2 acked", "put a 1 @c1", "rule forward-gets off", "partition s1 c1 | s2 s3 vs c2", "wait view 3",
		"wait 200ms", "put a 2 @c2", "get a @c1", "export history.jsonl", "export history.edn",
	}
	if r := inRealTime(t, "run", "--allow-files", file(t, lines...)); r.code != 1 {
		t.Fatalf("%+v", r)
	}
	for _, name := range []string{"history.jsonl", "history.edn"} {
		r := judging(t, "", name)
		r.has(t, "returned \"1\"", "c2’s put a \"2\"")
		if r.code != 1 {
			t.Errorf("%s: %+v", name, r)
		}
	}
	if text, err := os.ReadFile("history.jsonl"); err != nil || strings.Count(string(text), "\n") != 3 {
		t.Errorf("%v\n%s", err, text)
	}
}
