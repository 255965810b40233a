package cli

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/search"
	"cluster/splitbrain/netsim/sim"
	"cluster/splitbrain/tui/script"

	"github.com/spf13/cobra"
)

// searchFor runs the command. Where args don't limit its time, what it finds does not depend on the machine's speed.
func searchFor(args ...string) (stdout, stderr string, err error) {
	var out, errs bytes.Buffer
	if !slices.Contains(args, "--time") && !slices.Contains(args, "--merge") {
		args = append([]string{"--time", "1h"}, args...)
	}
	c := newSearch()
	c.SilenceUsage, c.SilenceErrors = true, true
	c.SetArgs(args)
	c.SetOut(&out)
	c.SetErr(&errs)
	err = c.Execute()
	return out.String(), errs.String(), err
}

func TestCommandFinds(t *testing.T) {
	file := filepath.Join(t.TempDir(), "find.sb")
	out, _, err := searchFor("--from", "steady", "--crashes", "1", "--without", "restart-detection", "--out", file)
	if !errors.Is(err, errBroken) {
		t.Fatal(err)
	}
	for _, want := range []string{"s1 crashes and is back", "\nnot linearizable: ", "restart-detection (V7 S2) is off", "written to " + file, "found: "} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in:\n%s", want, out)
		}
	}
	text, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer text.Close()
	e, err := sim.Open(t.Context(), text)
	if err != nil {
		t.Fatal(err)
	}
	e.Close()
	story := told(t, file)
	if _, after, ok := strings.Cut(out, story); !ok || !strings.HasPrefix(after, "written to "+file) {
		t.Errorf("the file tells\n%sthe command\n%s", story, out)
	}
	if end := regexp.MustCompile(`(?m)^at main ([0-9]+)$`).FindSubmatch(textOf(t, file)); end == nil || !strings.Contains(story, "\n "+string(end[1])+"  ") {
		t.Errorf("the story does not end with the world's last step, %s", end)
	}
	if out, _, err := searchFor("--from", file, "--time", "1s"); err != nil && !errors.Is(err, errBroken) {
		t.Errorf("the search from there: %v: %s", err, out)
	}
}

func textOf(t *testing.T, file string) []byte {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// told is the story that a file tells on top, without its marks and what found it.
func told(t *testing.T, file string) string {
	t.Helper()
	var story strings.Builder
	for line := range strings.Lines(string(textOf(t, file))) {
		if text, ok := strings.CutPrefix(line, "# "); ok && !strings.HasPrefix(text, "found by ") {
			story.WriteString(text)
		}
	}
	return story.String()
}

func TestCommandJSON(t *testing.T) {
	out, _, err := searchFor("--json", "--from", "steady", "--crashes", "1", "--losses", "0", "--silences", "0", "--duplicates", "0", "--late", "0", "--vs-crashes", "0", "--ops", "0")
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, field := range []string{"states", "distinct", "seconds", "states_per_s", "depth", "exhausted", "violation", "script"} {
		if _, ok := got[field]; !ok {
			t.Errorf("no field %s in %s", field, out)
		}
	}
	if got["exhausted"] != true || got["violation"] != nil || got["script"] != nil {
		t.Errorf("%s", out)
	}
	file := filepath.Join(t.TempDir(), "found it.sb")
	out, _, err = searchFor("--json", "--from", "steady", "--silences", "1", "--without", "continuity", "--out", file)
	if !errors.Is(err, errBroken) || !strings.Contains(out, `"violation":"without continuity: not linearizable: `) {
		t.Errorf("%v: %s", err, out)
	}
	command := "splitbrain search --time 1h0m0s --json --from steady --silences 1 --without continuity --out " + script.Quote(file)
	if err := json.Unmarshal([]byte(out), &got); err != nil || got["version"] != Version || got["command"] != command {
		t.Errorf("%v: found by %v of version %v, want %s", err, got["command"], got["version"], command)
	}
	if story := script.Story(file); len(story) == 0 || story[len(story)-1] != "found by "+command+" (version "+Version+")" {
		t.Errorf("the file tells %q", story)
	}
}

func TestCommandEndsInTime(t *testing.T) {
	for _, args := range [][]string{{"--time", "300ms"}, {"--time", "300ms", "--random"}} {
		out, _, err := searchFor(args...)
		if err != nil || !strings.Contains(out, "ended by time") {
			t.Errorf("%v: %v: %s", args, err, out)
		}
	}
}

func TestCommandGoal(t *testing.T) {
	if out, _, err := searchFor("--goal", "view 3"); err != nil || !strings.Contains(out, "reached: view 3") {
		t.Errorf("%v: %s", err, out)
	}
	dir := t.TempDir()
	near, deep := filepath.Join(dir, "near.sb"), filepath.Join(dir, "near.deepest.sb")
	out, _, err := searchFor("--goal", "view 9", "--depth", "2", "--silences", "1", "--from", "steady", "--out", near)
	if !errors.Is(err, errBroken) || !strings.Contains(out, "not reached: view 9") || !strings.Contains(out, "written to "+near) {
		t.Errorf("not reached: %v: %s", err, out)
	}
	for _, file := range []string{near, deep} {
		if story := told(t, file); !strings.Contains(story, "not reached: view 9") {
			t.Errorf("%s tells %s", file, story)
		}
	}
}

// What shards come to together ends with the code of one process that would have gone all their walks.
func TestCommandMerges(t *testing.T) {
	for goal, want := range map[string]error{"view 2": nil, "view 99": errBroken, "": nil} {
		args := []string{"--random", "--walks", "3", "--json"}
		if goal != "" {
			args = append(args, "--goal", goal)
		}
		one, _, err := searchFor(append(args, "--shard", "1/1")...)
		file := filepath.Join(t.TempDir(), "1.json")
		if err := os.WriteFile(file, []byte(one), 0o600); err != nil {
			t.Fatal(err)
		}
		out, _, merged := searchFor("--merge", "--json", file)
		if !errors.Is(err, want) || !errors.Is(merged, want) || !strings.Contains(out, `"version":"`+Version+`"`) || !strings.Contains(out, `"command":"splitbrain search --time 1h0m0s --random --walks 3 --json`) || strings.Contains(out, "--shard") {
			t.Errorf("goal %q: one search %v, merged %v: %s", goal, err, merged, out)
		}
	}
}

// What is merged was interrupted if one shard was, and nothing was found: exit code 130, as of that shard.
func TestCommandMergesAnInterruptedShard(t *testing.T) {
	file := filepath.Join(t.TempDir(), "1.json")
	for _, c := range []struct {
		ended, violation, says string
		code                   int
	}{
		{"interrupted", "null", "nothing was found\n1 event in 1 walk, 1.0 s together, 1/s; a shard was interrupted\n", 130},
		{"interrupted", `"all is lost"`, "found by walk 0: all is lost\n", 1},
		{"time", "null", "; ended by time\n", 0},
	} {
		shards := `{"states":1,"seconds":0.5,"depth":1,"ended":"time","walks":0,"shard":"1/2","of":"a","violation":null}
{"states":0,"seconds":0.5,"ended":"` + c.ended + `","walks":1,"shard":"2/2","of":"a","violation":` + c.violation + "}\n"
		if err := os.WriteFile(file, []byte(shards), 0o600); err != nil {
			t.Fatal(err)
		}
		if out, _, err := searchFor("--merge", file); exitCode(err) != c.code || !strings.Contains(out, c.says) {
			t.Errorf("%+v: %v, %s", c, err, out)
		}
	}
}

// Where shards are missing the result of the others is told, and the exit code is that of no complete search, unless something was found.
func TestCommandMergesWhatIsThere(t *testing.T) {
	file := filepath.Join(t.TempDir(), "1.json")
	for _, c := range []struct {
		ended, goal, violation, says string
		code                         int
	}{
		{"walks", "", "null", "nothing was found in the shards that are there\n7 events in 3 walks, the longest of 5, 1.0 s together, 7/s; ended by walks\n", 2},
		{"interrupted", "", "null", "nothing was found in the shards that are there\n", 2},
		{"found", "", `"all is lost"`, "found by walk 0: all is lost\n7 events in 3 walks", 1},
		{"walks", "view 9", "null", "nothing was found in the shards that are there\n", 2},
		{"found", "view 9", `"reached: view 9"`, "found by walk 0: reached: view 9\n", 0},
	} {
		shards := `{"states":3,"seconds":0.5,"depth":5,"ended":"walks","walks":2,"shard":"2/4","of":"a","goal":"` + c.goal + `","violation":null}
{"states":4,"seconds":0.5,"ended":"` + c.ended + `","walks":1,"shard":"3/4","of":"a","goal":"` + c.goal + `","violation":` + c.violation + "}\n"
		if err := os.WriteFile(file, []byte(shards), 0o600); err != nil {
			t.Fatal(err)
		}
		out, _, err := searchFor("--merge", file)
		if exitCode(err) != c.code || !strings.HasPrefix(out, c.says) || untold(err) != "--merge: 2 of 4 shards are missing: 1/4, 4/4" {
			t.Errorf("%+v: %v, %s", c, err, out)
		}
		if out, _, err = searchFor("--merge", "--json", file); exitCode(err) != c.code || !strings.Contains(out, `"missing":["1/4","4/4"]`) {
			t.Errorf("%+v: %v, %s", c, err, out)
		}
	}
}

// The story of what one of the shards has found is told with the result of all.
func TestCommandMergesWithTheStory(t *testing.T) {
	dir := t.TempDir()
	found, results := filepath.Join(dir, "found.sb"), filepath.Join(dir, "1.json")
	one, _, err := searchFor("--random", "--without", "restart-detection", "--json", "--out", found)
	if !errors.Is(err, errBroken) {
		t.Fatal(err)
	}
	if err := os.WriteFile(results, []byte(one), 0o600); err != nil {
		t.Fatal(err)
	}
	out, _, err := searchFor("--merge", results)
	if !errors.Is(err, errBroken) || !strings.HasPrefix(out, told(t, found)) || !strings.Contains(out, "\nthe world is in "+found+"\n") || strings.Contains(out, "written") {
		t.Errorf("%v:\n%s", err, out)
	}
	if err := os.Remove(found); err != nil {
		t.Fatal(err)
	}
	if out, _, err := searchFor("--merge", results); !errors.Is(err, errBroken) || !strings.HasPrefix(out, "found by walk ") {
		t.Errorf("%v:\n%s", err, out)
	}
	if err := os.WriteFile(results, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := searchFor("--merge", results); err == nil || !strings.HasSuffix(err.Error(), "1.json: it is no result of a search, as --random --json prints it") {
		t.Error(err)
	}
}

// Only what a search has written is replaced by another find.
func TestCommandReplacesFinds(t *testing.T) {
	dir := t.TempDir()
	args := []string{"--from", "steady", "--crashes", "1", "--without", "restart-detection", "--out"}
	for name, text := range map[string]string{
		"precious.txt": "my notes\n", "mine.sb": "splitbrain world 2\n# mine\nconfig servers=3 clients=2 seed=0\n", "lie.sb": "# found by splitbrain search\n",
	} {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, _, err := searchFor(append(args, file)...); err == nil || err.Error() != "--out: "+file+" exists, and no search has written it" {
			t.Error(err)
		}
		if string(textOf(t, file)) != text {
			t.Errorf("%s was replaced", name)
		}
	}
	near := filepath.Join(dir, "near.sb")
	if err := os.WriteFile(filepath.Join(dir, "near.deepest.sb"), []byte("notes"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := searchFor("--goal", "view 99", "--depth", "1", "--out", near); err == nil || !strings.Contains(err.Error(), "near.deepest.sb exists") {
		t.Error(err)
	}
	find := filepath.Join(dir, "find.sb")
	for range 2 {
		if _, _, err := searchFor(append(args, find)...); !errors.Is(err, errBroken) {
			t.Error(err)
		}
	}
}

// Who goes on with the state of another search is told of which.
func TestCommandStateOfAnother(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a.state")
	_, errs, err := searchFor("--state", file, "--time", "1ms", "--ops", "3")
	if err != nil || !strings.HasSuffix(errs, "how the search goes on is in "+file+": the same command again goes on there\n") {
		t.Fatal(err, errs)
	}
	_, _, err = searchFor("--state", file, "--ops", "2")
	if err == nil || !strings.HasSuffix(err.Error(), ": it is the state of a search with other flags: splitbrain search --state "+script.Quote(file)+" --time 1ms --ops 3") {
		t.Error(err)
	}
}

func TestCommandRefuses(t *testing.T) {
	tests := []struct {
		args []string
		want string
	}{
		{[]string{"--without", "ackrule"}, `--without "ackrule": no such rule: did you mean ack-rule?`},
		{[]string{"--without", "filter-duplicate"}, "did you mean filter-duplicates?"},
		{[]string{"--promise", "linearisable"}, "did you mean linearizable?"},
		{[]string{"--servers", "0"}, "--servers 0: must be 1 to 9"},
		{[]string{"--clients", "65"}, "--clients 65: must be 1 to 8"},
		{[]string{"--ops", "-1"}, "--ops -1: must be 0 to 99"},
		{[]string{"--budget", "opps 1"}, `--budget "opps 1": "opps" is no budget: did you mean ops?`},
		{[]string{"--budget", "ops 1, silences"}, `--budget "ops 1, silences": silences lacks its number: silences 1`},
		{[]string{"--budget", "ops 100"}, `--budget "ops 100": ops "100": must be 0 to 99`},
		{[]string{"--budget", ""}, `--budget "": a budget is missing: it is like ops 1, silences 1`},
		{[]string{"--budget", "ops 1", "--silences", "1"}, `--budget, --silences: --budget says all of it, like "ops 1, silences 1"`},
		{[]string{"--budget", "ops 1", "--budget", "ops 2"}, `"--budget" flag: it is there already, and only one can be meant`},
		{[]string{"--budget", "ops 1", "--do", "c1 get a"}, "--do says all that clients do"},
		{[]string{"--budget", "late 1", "--random"}, `--budget "late 1": in a random search any message may be late`},
		{[]string{"--memory", "much"}, `--memory "much": must be like 512MiB, 500MB or 2GiB`},
		{[]string{"--memory", "1MiB"}, `--memory "1MiB": must be at least 32 MiB, like 512MiB or 2GiB`},
		{[]string{"--memory", "1"}, `--memory "1": must be at least 32 MiB, like 512MiB or 2GiB`},
		{[]string{"--from", "now"}, "--from: neither start nor steady nor a saved world: open now: "},
		{[]string{"--goal", "bliss"}, `--goal "bliss": "bliss" is no goal: there are view 3, view 3+, acked, primary s2, `},
		{[]string{"--goal", "vew 3"}, `--goal "vew 3": "vew" is no goal: did you mean view?`},
		{[]string{"--goal", "view three"}, `"three" is no number of a view`},
		{[]string{"--goal", "primary s7"}, `--goal "primary s7": "s7" is no server: there are s1 to s3`},
		{[]string{"--goal", "stuck V99"}, `--goal "stuck V99": "V99" is no rule that holds views up: there are V1, V3, V5, V9`},
		{[]string{"--goal", "stuck V2"}, `"V2" is no rule that holds views up: there are V1, V3, V5, V9`},
		{[]string{"--goal", "view 3", "--goal", "view 4"}, `"--goal" flag: it is there already, and only one can be meant`},
		{[]string{"--from", "start", "--from", "steady"}, `"--from" flag: it is there already, and only one can be meant`},
		{[]string{"--do", "c1 get a", "--do", "c2 get a"}, `"--do" flag: it is there already, and only one can be meant`},
		{[]string{"--goal", "stuck V9", "--vs-crashes", "0"}, "V9 holds up a viewservice that has restarted: --vs-crashes 1"},
		{[]string{"--goal", "crashed vs", "--vs-crashes", "0"}, "the viewservice crashes on the way there: --vs-crashes 1"},
		{[]string{"--goal", "crashed s1 and crashed s2", "--crashes", "1"}, "servers crash on the way there: --crashes 2"},
		{[]string{"--goal", "view 0", "--from", "steady", "--budget", "crashes 1"}, "only a viewservice that has restarted is in view 0 again: --vs-crashes 1, or --from start"},
		{[]string{"--prune", "crashed vs and acked"}, `--prune "crashed vs and acked": it can never hold: a crashed viewservice has no view`},
		{[]string{"--goal", "stuck V1", "--from", "steady"}, "V1 holds up view 0 alone: --from start"},
		{[]string{"--prune", "view 3 or broken heirs-live"}, `--prune "view 3 or broken heirs-live": a step breaks heirs-live, which no state shows`},
		{[]string{"--prune", "not broken views-forward", "--random"}, "a step breaks views-forward, which no state shows"},
		{[]string{"--prune", "view x"}, `--prune "view x": "x" is no number of a view`},
		{[]string{"--do", "c1 jump"}, `--do: "c1 jump" is no operation`},
		{[]string{"--do", "c1 get a", "--ops", "3"}, "--do says all that clients do"},
		{[]string{"--fine", "ping"}, `--fine "ping": steps leave out no such thing: did you mean pings?`},
		{[]string{"--fair", "-1"}, "--fair -1: must be 1 to 1,000,000"},
		{[]string{"--fair", "0", "--time=1s"}, "--fair 0: must be 1 to 1,000,000"},
		{[]string{"--random", "--fair", "5", "--time=1s"}, "--fair: a random search tries the end of every walk for stalls"},
		{[]string{"--fair", "1", "--without", "ack-rule"}, "--fair: stalls are looked for with --promise answered or redundant"},
		{[]string{"--fair", "1", "--promise", "one-primary"}, "--fair: stalls are looked for with --promise answered or redundant"},
		{[]string{"--fair", "1", "--goal", "view 3"}, "--fair, --goal: a goal is looked for in place of stalls"},
		{[]string{"--promise", "answered", "--goal", "view 3"}, "--goal, --promise: a goal is looked for in place of broken promises"},
		{[]string{"--goal", "data s1 a = 1"}, `--goal "data s1 a = 1": no client uses key a: they use k; --do says what they do`},
		{[]string{"--do", "c1 put a 1", "--prune", "acked or data s1 k 1"}, `--prune "acked or data s1 k 1": no client uses key k: they use a;`},
		{[]string{"--random", "--goal", "not data s1 a = 2"}, `no client uses key a: they use k, l, m;`},
		{[]string{"--goal", ""}, "--goal: nothing stands behind it"},
		{[]string{"--prune", ""}, "--prune: nothing stands behind it"},
		{[]string{"--out", ""}, "--out: nothing stands behind it"},
		{[]string{"--do", ""}, `--do: "" has no operation: c1 put a 1; c2 get a`},
		{[]string{"--seed", "3"}, "--seed: only a random search draws by it: --random"},
		{[]string{"--random", "--fine", "pings", "--time=1s"}, "--fine: a random search leaves out no steps"},
		{[]string{"--random", "--depth", "3"}, "--depth: a random search has none"},
		{[]string{"--random", "--late", "3"}, "--late: in a random search any message may be late"},
		{[]string{"--time", "0s"}, "--time 0s: must be positive"},
		{[]string{"--depth", "-1"}, "--depth -1: must be 0 to 1000"},
		{[]string{"--out", "x", "--state", "./x", "--time=1s"}, "--state ./x: the same file as --out"},
		{[]string{"--from", "w.sb", "--out", "./w.sb", "--time=1s"}, "--out ./w.sb: the same file as --from"},
		{[]string{"--from", "world.sb", "--clients", "2"}, "--clients: a saved world has its own"},
		{[]string{"--shard", "1/2"}, "--walks, --shard: only a random search has walks"},
		{[]string{"--random", "--shard", "3/2"}, `--shard "3/2": 3 is more than 2`},
		{[]string{"--random", "--shard", "3-2"}, `--shard "3-2": must be like 3/8`},
		{[]string{"--random", "--shard", "+1/2"}, `--shard "+1/2": must be like 3/8`},
		{[]string{"--do", "nofile.txt"}, `--do "nofile.txt": there is no such file, and it is no operation: c1 put a 1`},
		{[]string{"--merge", "/nowhere.json"}, "--merge: open /nowhere.json"},
		{[]string{"--merge", "--servers", "0", "/nowhere.json"}, "--servers: --merge folds what was searched before"},
		{[]string{"--merge"}, "--merge: there is no result to merge"},
		{[]string{"extra"}, `search takes no words, and "extra" is one`},
		{[]string{"seed"}, "did you mean --seed?"},
	}
	for _, test := range tests {
		_, _, err := searchFor(test.args...)
		if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") || errors.Is(err, errBroken) {
			t.Errorf("%v: %v, want %q", test.args, err, test.want)
		}
	}
}

// What can't be written is known before the search, and nothing is there if nothing was found.
func TestCommandWrites(t *testing.T) {
	dir := t.TempDir()
	for _, file := range []string{dir, filepath.Join(dir, "missing", "find.sb")} {
		out, errs, err := searchFor("--time", "1h", "--out", file)
		if err == nil || !strings.HasPrefix(err.Error(), "--out: ") || !strings.Contains(err.Error(), file+": ") || out+errs != "" {
			t.Errorf("%s: %v\n%s%s", file, err, out, errs)
		}
	}
	file := filepath.Join(dir, "nothing.sb")
	out, _, err := searchFor("--from", "steady", "--ops", "0", "--silences", "0", "--crashes", "0", "--vs-crashes", "0", "--out", file)
	if err != nil || !strings.HasPrefix(out, "nothing was found") || !strings.Contains(out, "nothing was written to "+file) {
		t.Errorf("%v, said %q", err, out)
	}
	if _, err := os.Stat(file); err == nil {
		t.Error("a file without a find")
	}
}

func TestParseBytes(t *testing.T) {
	for text, want := range map[string]uint64{
		"2GiB": 2 << 30, "50MB": 50e6, "3GB": 3e9, "512MiB": 512 << 20, "1G": 1 << 30, "7M": 7 << 20, "50mb": 50e6, "512m": 512 << 20,
		"1.5GiB": 3 << 29, "500 MB": 500e6, "64k": 64 << 10, "1TB": 1e12, "100000000": 100e6, "9b": 9,
		"1e5": 1e5, "0": 0,
	} {
		if got, err := parseBytes("memory", text); got != want || err != nil {
			t.Errorf("%s: %d, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "MB", "-5MB", "5 XB", "5MBs", "inf", "NaN", "99999999999GB", "0x10", "5 M B"} {
		if got, err := parseBytes("memory", text); err == nil {
			t.Errorf("%s: %d", text, got)
		}
	}
}

// Tables of the page have budgets as --budget takes them, and the numbers of states that it then comes to.
func TestCommandBudget(t *testing.T) {
	page := string(textOf(t, "../../docs/search.md"))
	for _, budget := range []string{"ops 1", "crashes 1"} {
		out, _, err := searchFor("--json", "--from", "steady", "--budget", budget)
		var r search.Report
		if err := cmp.Or(err, json.Unmarshal([]byte(out), &r)); err != nil {
			t.Fatal(err)
		}
		if row := fmt.Sprintf("| %s | %s | %d |", budget, engine.Count(r.Distinct), r.Depth); !strings.Contains(page, row) || !r.Exhausted {
			t.Errorf("docs/search.md lacks this row:\n%s", row)
		}
		if want := "splitbrain search --time 1h0m0s --json --from steady --budget " + script.Quote(budget); r.Command != want {
			t.Errorf("asked %s, want %s", r.Command, want)
		}
	}
	file := filepath.Join(t.TempDir(), "a.state")
	if _, _, err := searchFor("--state", file, "--time", "1ms", "--budget", "ops 3"); err != nil {
		t.Fatal(err)
	}
	if _, _, err := searchFor("--state", file, "--time", "1ms", "--budget", "ops 3, late 0"); err != nil {
		t.Error(err)
	}
	if _, _, err := searchFor("--state", file, "--budget", "ops 3, late 1"); err == nil || !strings.HasSuffix(err.Error(), `--time 1ms --budget "ops 3, late 0"`) {
		t.Error(err)
	}
}

func TestBudgetOffers(t *testing.T) {
	for begun, want := range map[string][]string{
		"":                             {"ops 1", "crashes 1", "losses 1", "duplicates 1", "silences 1", "late 1", "vs-crashes 1"},
		"l":                            {"losses 1", "late 1"},
		"ops 2, cr":                    {"ops 2, crashes 1"},
		"vs-crashes 1, late 1,ops 1, ": {"vs-crashes 1, late 1,ops 1, crashes 1"},
		"bliss":                        nil,
	} {
		got, _ := budgetOffers(nil, nil, begun)
		if len(got) > len(want) {
			got = got[:len(want)]
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q: %q", begun, got)
		}
	}
}

// A random search has a wide budget of its own, of which a flag changes its own part only, and --do the operations.
func TestRandomBudget(t *testing.T) {
	for arg, change := range map[string]func(*search.Budget){
		"--crashes=0":               func(b *search.Budget) { b.Crashes = 0 },
		"--budget=crashes 3":        func(b *search.Budget) { *b = search.Budget{Crashes: 3} },
		"--do=c1 put k 1; c2 get k": func(b *search.Budget) { b.Ops = 2 },
	} {
		o := searchUse{Options: search.Defaults}
		c := &cobra.Command{Use: "search"}
		o.flags(c)
		if err := c.ParseFlags([]string{"--random", arg}); err != nil {
			t.Fatal(err)
		}
		want := search.WildBudget
		change(&want)
		if err := o.read(c); err != nil || o.Budget != want {
			t.Errorf("%s: budget %+v, %v; want %+v", arg, o.Budget, err, want)
		}
	}
}
