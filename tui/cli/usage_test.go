package cli

import (
	"bytes"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/spf13/cobra"
)

// program has two commands, one of which takes flags.
func program(out *bytes.Buffer) *cobra.Command {
	root := &cobra.Command{Use: "prog", Args: noWords, SilenceErrors: true, SilenceUsage: true, RunE: func(*cobra.Command, []string) error { return nil }}
	root.Flags().Int("servers", 3, "how many")
	root.Flags().Uint64("seed", 0, "of chance")
	search := &cobra.Command{Use: "search", Short: "look", Args: noWords, RunE: func(c *cobra.Command, _ []string) error {
		c.Println("c1’s")
		return nil
	}}
	search.Flags().Duration("time", 0, "how long")
	search.Flags().Var(&once{to: new(string)}, "goal", "what for")
	search.Flags().Bool("json", false, "for programs")
	search.Flags().String("views", "", "where to ask")
	if err := search.MarkFlagRequired("views"); err != nil {
		panic(err)
	}
	offers(search, "views", oneOf("here", "there"))
	root.AddCommand(search, &cobra.Command{Use: "view", Short: "see", Args: noWords, RunE: search.RunE})
	root.SetOut(out)
	root.SetErr(out)
	prepare(root)
	return root
}

func runUsage(args string) (string, error) {
	var out bytes.Buffer
	root := program(&out)
	root.SetArgs(strings.Fields(args))
	err := root.Execute()
	return out.String(), err
}

// What is wrong with a command line is told in one line that names the word and what was probably meant.
func TestUsage(t *testing.T) {
	for args, want := range map[string]string{
		"serch":                          `no command "serch": did you mean search?`,
		"serch --json":                   `no command "serch": did you mean search?`,
		"usage_test.go":                  `no command "usage_test.go": splitbrain --open usage_test.go shows that file, splitbrain run usage_test.go tells it`,
		"dance":                          `no command "dance": there are completion, help, search, view`,
		"search more":                    `search takes no words, and "more" is one`,
		"search time --views x":          `search takes no words, and "time" is one: did you mean --time?`,
		"--servrs 3":                     "no flag --servrs: did you mean --servers?",
		"search --whence":                "no flag --whence: prog search --help lists them",
		"-seed 3":                        "no flag -seed: did you mean --seed?",
		"-x":                             "no flag -x: prog --help lists them",
		"--servers abc":                  `--servers "abc": must be a whole number`,
		"--servers 99999999999999999999": `--servers "99999999999999999999": too large`,
		"--seed -1":                      `--seed "-1": must be a whole number, 0 or more`,
		"search --time 5":                `--time "5": must be a time like 500ms or 2s`,
		"search --goal 1 --goal 2":       `--goal "2": it is there already, and only one can be meant`,
		"search --json=perhaps":          `--json "perhaps": must be true or false`,
		"--servers":                      "--servers: its value is missing",
		"search":                         "search: --views is missing: where to ask",
		"help nosuch":                    `no command "nosuch": there are completion, help, search, view`,
		"completion foo":                 `completion: no command "foo": there are bash, fish, powershell, zsh`,
	} {
		if out, err := runUsage(args); err == nil || err.Error() != want || out != "" {
			t.Errorf("%s: %v, said %q", args, err, out)
		}
	}
	for args, want := range map[string]string{
		"help search": "prog search [flags]", "help": "prog [command]", "completion bash": "", "completion": "prog completion [command]",
		"help V5": "V5 Continuity. The next primary is", "help ack-rule": "V3 ", "help s5": "Switch: rule forward-gets off. What then happens: splitbrain --open forward-gets\n",
		"search --views x": "c1", "view": "c1", "__complete search --views he": "here\n:4", "__complete help s": "search\tlook\n",
	} {
		if out, err := runUsage(args); err != nil || !strings.Contains(out, want) {
			t.Errorf("%s: %v, said %q", args, err, out)
		}
	}
}

// full is a disk that is.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, syscall.ENOSPC }

// TestUnwritten: what could not be told is no success.
func TestUnwritten(t *testing.T) {
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	for _, args := range []string{"config", "version", "--version", "--help", "lessons", "--plain --sim"} {
		var said bytes.Buffer
		if code := Main(strings.Fields(args), full{}, &said); code != 2 || said.String() != "splitbrain: "+syscall.ENOSPC.Error()+"\n" {
			t.Errorf("%s: exit code %d, said %q", args, code, &said)
		}
	}
}

// TestErrorsAreSafe: nothing in the name of a file reaches the terminal as it is.
func TestErrorsAreSafe(t *testing.T) {
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	const name = "none/\x1b[2J\u202e.html"
	for _, args := range [][]string{
		{"judge", name}, {"search", "--merge", name}, {"run", "--page", name, "first-view"}, {"--plain", "--log", name},
	} {
		var out, said bytes.Buffer
		if code := Main(args, &out, &said); code != 2 || strings.ContainsAny(said.String(), "\x1b\u202e") || strings.Count(said.String(), "\n") != 1 || out.Len() > 0 {
			t.Errorf("%q: exit code %d, said %q", args, code, &said)
		}
	}
}

// Where the locale has no more than ASCII there is no more, but in what programs read.
func TestASCII(t *testing.T) {
	for locale, want := range map[string]string{"C": "c1's\n", "C.UTF-8": "c1’s\n"} {
		t.Setenv("LC_ALL", locale)
		if out, _ := runUsage("view"); out != want {
			t.Errorf("%s: %q", locale, out)
		}
		if out, _ := runUsage("search --json --views x"); out != "c1’s\n" {
			t.Errorf("%s, JSON: %q", locale, out)
		}
	}
}

func TestFilesComplete(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"one.sb", "two.sb", "one.txt"} {
		if err := os.WriteFile(dir+"/"+name, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	words, directive := wordsOrFile("first", "second")(nil, nil, dir+"/o")
	if len(words) != 1 || words[0] != dir+"/one.sb" || directive != cobra.ShellCompDirectiveDefault {
		t.Errorf("%q, %v", words, directive)
	}
	if words, _ := wordsOrFile("first", "second")(nil, nil, "f"); len(words) != 1 || words[0] != "first" {
		t.Errorf("%q", words)
	}
}
