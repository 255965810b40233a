package script

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"cluster/splitbrain/netsim/history"
	"cluster/splitbrain/viewservice/rules"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the pages of docs that are made from the program")

// same demands that a page of docs is what the program would write.
func same(t *testing.T, page, want string) {
	t.Helper()
	name := filepath.Join("..", "..", "docs", page)
	if *update {
		if err := os.WriteFile(name, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(name)
	if diff := cmp.Diff(strings.Split(string(got), "\n"), strings.Split(want, "\n")); err != nil || diff != "" {
		t.Errorf("docs/%s is not what the program does (rewrite with -update): %v\n%s", page, err, diff)
	}
}

func TestCommandsPage(t *testing.T) {
	var b strings.Builder
	b.WriteString(commandsIntro)
	b.WriteString("\n## All commands\n\n| command | what it does | example |\n|---|---|---|\n")
	bars := func(s string) string { return strings.ReplaceAll(s, "|", "\\|") }
	for _, c := range Commands() {
		fmt.Fprintf(&b, "| `%s` | %s | `%s` |\n", bars(c.Usage), bars(c.Help), bars(c.Example))
	}
	same(t, "commands.md", b.String())
}

// TestAuthorsExample: the example that authors are shown is a script that holds.
func TestAuthorsExample(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "authors.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(string(page), "```\n")
	text, _, _ = strings.Cut(text, "```\n")
	s, err := ParseScript("authors.md", text)
	if err != nil {
		t.Fatal(err)
	}
	if o := played(t, s, 0, false); len(o.failed) > 0 || len(s.Steps) != 4 {
		t.Errorf("%d steps, %q\n%s", len(s.Steps), o.failed, strings.Join(o.said, "\n"))
	}
}

func TestLessonsPage(t *testing.T) {
	var b strings.Builder
	b.WriteString(lessonsIntro)
	b.WriteString("\n| | lesson | what it shows | rules |\n|---|---|---|---|\n")
	for i, s := range Lessons() {
		fmt.Fprintf(&b, "| %d | `%s` %s | %s | %s |\n", i, s.Name, s.Title, s.About, strings.Join(citedBy(s), " "))
	}
	b.WriteString(storiesIntro)
	for _, s := range RuleScripts() {
		fmt.Fprintf(&b, "| `%s` %s | %s |\n", s.Name, s.Title, s.About)
	}
	same(t, "lessons.md", b.String())
}

// The table shows what each script of a rule comes to while that rule is off, and while another one is. It is
// measured here.
func TestRulesPage(t *testing.T) {
	all := rules.All()
	var b strings.Builder
	b.WriteString(rulesIntro)
	for _, r := range all {
		s, err := Find(r.String())
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "\n**`%v`** %s. Off: %s. Damage: %s. Its lesson: %s\n", r, r.Refs(), r.Effect(), r.Damage(), s.About)
	}
	b.WriteString(matrixIntro)
	b.WriteString("\n| script | none |")
	for i := range all {
		fmt.Fprintf(&b, " %d |", i+1)
	}
	b.WriteString("\n|---|---|" + strings.Repeat("---|", len(all)) + "\n")
	for i, r := range all {
		s, _ := Find(r.String())
		fmt.Fprintf(&b, "| %d `%v` | %s |", i+1, r, cell(t, s, 0))
		for _, off := range all {
			fmt.Fprintf(&b, " %s |", cell(t, s, rules.Without(off)))
		}
		b.WriteString("\n")
	}
	same(t, "rules.md", b.String())
}

// TestProtocolPage: every rule of the page has a card of the same title, and the page ends with all cards.
func TestProtocolPage(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "protocol.md"))
	if err != nil {
		t.Fatal(err)
	}
	page, _, found := strings.Cut(string(text), briefIntro)
	if !found {
		t.Fatalf("docs/protocol.md does not end with %q", briefIntro)
	}
	var titles []string
	for _, bold := range regexp.MustCompile(`\*\*([VSC][0-9]+[^*]*?)\.?\*\*`).FindAllStringSubmatch(page, -1) {
		for _, title := range regexp.MustCompile(`[VSC][0-9]+ [^,]+`).FindAllString(bold[1], -1) {
			titles = append(titles, strings.ToLower(title))
		}
	}
	var cards []string
	for _, c := range rules.Cards() {
		cards = append(cards, strings.ToLower(string(c.Ref)+" "+c.Title))
	}
	if diff := cmp.Diff(titles, cards); diff != "" {
		t.Errorf("the rules of docs/protocol.md have other cards in viewservice/rules/cards.go:\n%s", diff)
	}
	var b strings.Builder
	b.WriteString(page + briefIntro + "| rule | what it says | without it |\n|---|---|---|\n")
	for _, c := range rules.Cards() {
		fmt.Fprintf(&b, "| %s %s | %s | %s |\n", c.Ref, c.Title, c.Says, c.Without)
	}
	same(t, "protocol.md", b.String())
}

// briefIntro begins the last section of docs/protocol.md.
const briefIntro = `## The rules in brief

The same in two sentences each, as ` + "`e`, `help V5` and `splitbrain help V5`" + ` show them. This table is made from the program
(` + "`go test ./tui/script -run Page -update`" + `).

`

// cell is the cell of the table for a script that is run without some rules.
func cell(t *testing.T, s *Script, off rules.Disabled) string {
	switch o := played(t, s, off, true); o.verdict.Result {
	case history.Violated:
		return "✗"
	case history.Linearizable:
		return "·"
	}
	return "?"
}

const commandsIntro = `# The commands

Everything that can be done is a line of one language: typed at the prompt, run by a key, written in a script. This page is
made from the program (` + "`go test ./tui/script -run Page -update`" + `).

Words are split as in a shell. Blanks separate, quotes and backslashes join, ` + "`#`" + ` begins a comment. Inside double quotes the
escapes of Go's strings mean what they mean there: ` + "`\"\\n\"`" + ` is a newline. ` + "`@ > | &`" + ` have their meaning outside quotes only.

- **Nodes** are ` + "`vs`" + ` (the viewservice), ` + "`s1` `s2` …, `c1` `c2` …" + `. ` + "`@c2`" + ` at the end of an operation lets client c2 do it.
- **Links** are written ` + "`s1 s2` or `s1 > s2`" + `. For cut and heal the first means both directions; all else goes one way.
- **&** at the end of put, get and append begins the operation and does not wait for its end. Operations of one client run one
  after another, in the order of the lines.
- **expect** watches until what it demands is seen, for 2 seconds of the cluster's time, or four times as long as a crash takes to
  be noticed if that is longer. ` + "`within 5s`" + ` says how long, ` + "`within 0s`" + ` means now. If it does not come, the line fails and says
  what was seen instead. ` + "`COUNT`" + ` may be ` + "`3+`" + `: that or more.
- **wait** is for what the lines after it need. A script ends at a wait view whose view does not come in that time: ` + "`run`" + `
  names the line, and its exit code is 2; that of an expectation that fails is 1.
- **absent**, ok, unknown and refused stand without a =: ` + "`expect data s2 a absent`, but `expect data s2 a = 1`" + `. Behind = each is a value.
- **expect get** is a read like any other, done again until the value is there. A failed one is in the history, too.
- **Times** are the cluster's own: they pass slower, faster or not at all, as ` + "`speed` and `pause`" + ` say.

## Scripts

A script is a file of commands, one per line. All lines are understood before the first one runs; an error names file and line.

- ` + "`cluster`" + ` says what cluster it needs. Only the first command can. ` + "`title` and `about`" + ` name the script.
- ` + "`note` and `ask`" + ` begin a step: their text is shown, then the commands up to the next one run, and ` + "`then`" + ` is told after them, with the
  answer to a question. ` + "`look` and `pace`" + ` are for who watches. ` + "`try`" + ` suggests what to do at the end.
- While a script with such texts is played, the cluster's time goes only during its steps: [authors.md](authors.md).
- ` + "`save`" + ` writes a session as a script: its commands, with the pauses between them. Messages that were delivered by number
  have other numbers in another live run. What a world brought from a file or from a search, ` + "`save world`" + ` alone keeps.
- ` + "`splitbrain run --with-rules`" + ` ignores ` + "`rule … off`" + `; ` + "`expect violation`" + ` then demands that nothing broke, and
  the script ends where it switches that rule on again.
`

const lessonsIntro = `# The lessons

Each lesson is a script: ` + "`L` in the playground, `open NAME`, or `splitbrain run NAME`" + `. Its expectations are checked by the tests.
All of docs/protocol.md is covered. [authors.md](authors.md) says how one is written, and how it is played. This page is made from the lessons (` + "`go test ./tui/script -run Page -update`" + `).
`

const storiesIntro = `
## What each rule is for

Each rule that can be switched off has a lesson of its own. It switches the rule off, lets the reader predict what then goes
wrong, reads the verdict together with the reader, and shows the same once more with the rule on. [rules.md](rules.md) says which of them
break without which rule.

| lesson | what goes wrong without the rule |
|---|---|
`

const rulesIntro = `# The rules that can be switched off

Each rule has a lesson that does the damage which the rule prevents: ` + "`splitbrain run ack-rule`" + `, or ` + "`open ack-rule`" + ` in the playground.
With ` + "`--with-rules`" + ` the same lesson leaves the rule on, and nothing breaks. This page is made from the program and from
measurements (` + "`go test ./tui/script -run Page -update`" + `).
`

const matrixIntro = `
## Which rule guards what

Each of these lessons up to where it switches its rule on again, run with all rules on but one. ✗: what the clients saw was not linearizable. A script may break without another
rule, too, where both stand in the way of the same damage:

- a stale Get needs a primary that answers without its backup (5), or does not wait for it (6);
- a second primary can be confirmed (7), or not ask for confirmation (5, 6);
- a filter that is not consulted (8) is of no use on the backup either (9).
`

// TestLabPage: the lessons, files and tests exist that the page about the lab names.
func TestLabPage(t *testing.T) {
	tests := textOf(t, "viewservice/*_test.go") + textOf(t, "pbservice/*_test.go")
	named := regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(textOf(t, "docs/lab.md"), -1)
	if len(named) < 60 {
		t.Errorf("only %d names", len(named))
	}
	for _, n := range named {
		name, ok := n[1], false
		switch {
		case strings.HasPrefix(name, "Test"):
			ok = strings.Contains(tests, "func "+name+"(t ")
		case strings.HasSuffix(name, ".go"):
			_, err := os.Stat(filepath.Join("..", "..", name))
			ok = err == nil
		default:
			_, ok = embedded(name)
		}
		if !ok {
			t.Errorf("docs/lab.md names %s, which does not exist", name)
		}
	}
}

// TestLimitsPage: the lessons exist that the page about the limits tells to run.
func TestLimitsPage(t *testing.T) {
	named := regexp.MustCompile("`splitbrain run ([^ `]+)").FindAllStringSubmatch(textOf(t, "docs/limits.md"), -1)
	for _, n := range named {
		if _, ok := embedded(n[1]); !ok {
			t.Errorf("docs/limits.md runs %s, which is no lesson", n[1])
		}
	}
	if len(named) < 5 {
		t.Errorf("only %d lessons", len(named))
	}
}

// textOf is what the files have that a pattern of the repository means.
func textOf(t *testing.T, pattern string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", filepath.FromSlash(pattern)))
	if err != nil || len(files) == 0 {
		t.Fatal(pattern, err)
	}
	var all []byte
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, text...)
	}
	return string(all)
}
