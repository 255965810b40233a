package script

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cluster/splitbrain/netsim/cluster"
	"cluster/splitbrain/netsim/engine"
)

func TestParseScript(t *testing.T) {
	s, err := ParseScript("demo.sb", "\ufeff# a comment\r\ntitle T\nabout A\ncluster servers=2 seed=7\n\nput a 1 # one\nnote N\nadd\nkill s3\nask Q A\nget a &\ntry it\n")
	if err != nil {
		t.Fatal(err)
	}
	if s.Title != "T" || s.About != "A" || s.Shape.Servers != 2 || s.Shape.Seed != 7 || s.Shape.Clients != engine.Defaults.Clients ||
		len(s.Lines) != 6 || len(s.Steps) != 3 || s.Steps[2].After() != "A" || !s.Steps[2].Question || s.Steps[1].Lines[2].Number != 9 || len(s.Tries) != 1 {
		t.Errorf("%+v", s)
	}
}

func TestBadScripts(t *testing.T) {
	for text, want := range map[string]string{
		"kil s1":                            `x.sb:1: no command "kil": did you mean kill? (usage: kill NODE)`,
		"put a 1\n\nkill":                   `x.sb:3: kill: NODE is missing (usage: kill NODE)`,
		"put a 1\nkill s9":                  `x.sb:2: kill: word 2: no node "s9": did you mean s1? there are vs, s1–s3, c1, c2`,
		"get a @c7":                         `x.sb:1: get: no client "@c7": there are c1, c2`,
		"cluster servers=1\nkill s2":        `x.sb:2: kill: word 2: no node "s2": did you mean s1? there are vs, s1, c1, c2`,
		"add\nkill s4\nkill s5":             `x.sb:3: kill: word 2: no node "s5": did you mean s1? there are vs, s1–s4, c1, c2`,
		"put a 1\ncluster servers=2":        `x.sb:2: cluster: only the first command says what cluster a script needs`,
		"cluster servers=99":                `x.sb:1: cluster: servers 99: must be 1 to 9`,
		"cluster servers=x":                 `x.sb:1: cluster: word 2 "servers=x" needs a number (help cluster)`,
		"put a \x00":                        `x.sb:1: this is no text: write bytes as "\xff" in double quotes`,
		"put a \xff":                        `x.sb:1: this is no text: write bytes as "\xff" in double quotes`,
		"put a " + strings.Repeat("x", 3e5): `x.sb:1: a line of 300006 bytes: at most 262144`,
		strings.Repeat("put a 1\n", 2e5):    `x.sb is no script: it has more than 1048576 bytes`,
		"get a @s1":                         `x.sb:1: get: no client "@s1": there are c1, c2`,
		"expect get a = 1 @vs":              `x.sb:1: expect get: no client "@vs": there are c1, c2`,
		"add \"my server\"":                 `x.sb:1: add: word 2 "my server": the next server is s4 (usage: add [NAME])`,
		"add s4\nadd s4":                    `x.sb:2: add: word 2 "s4": the next server is s5 (usage: add [NAME])`,
		strings.Repeat("add\n", 7):          `x.sb:7: add: there are 9 servers then, and no more fit`,
		"put a 1\nexport foo.pdf":           `x.sb:2: export: word 2 "foo.pdf" must end in .html, .jsonl, .edn, .shiviz, .svg, .mmd, .puml or .txt`,
		"kill c1":                           `x.sb:1: kill: word 2 "c1" is a client: only servers and vs fit here (as in: kill s1)`,
		"expect role c1 primary":            `x.sb:1: expect role: word 3 "c1" is no server (as in: expect role s2 primary)`,
		"expect data vs a = 1":              `x.sb:1: expect data: word 3 "vs" is no server (as in: expect data s2 a = 1)`,
		"expect view 1 c1":                  `x.sb:1: expect view: word 4 "c1" is no server (help expect view)`,
		"expect waiting s1":                 `x.sb:1: expect waiting: word 3 "s1" is no client (help expect waiting)`,
		"ask Q":                             `x.sb:1: ask: CHOICE is missing (as in: ask "Who is primary now?" s1 | *s2 | nobody)`,
		"ask Q a | b":                       `x.sb:1: ask: none of the choices is right: put a * before one, as in *a`,
		"ask Q *a | *b":                     `x.sb:1: ask: word 5 "*b" is starred, too: only one choice is right (help ask)`,
		"ask Q a *b | c":                    `x.sb:1: ask: word 4 "*b" is starred: the star stands before the choice, or quote it`,
		"ask Q *a | ":                       `x.sb:1: ask: a choice is empty, as nothing stands beside a |`,
		"ask Q *a | b | a":                  `x.sb:1: ask: a is there twice`,
		"ask Q *a":                          `x.sb:1: ask: a question has 2 to 4 choices, not 1: write them as in s1 | *s2 | nobody`,
		"ask Q a because b":                 `x.sb:1: ask: word 5 "b" explains a question without choices: its answer can say why`,
		"ask Q *a | b because":              `x.sb:1: ask: TEXT after because is missing (help ask)`,
		"ask Q *a | b hides map":            `x.sb:1: ask: word 7 "map" is no pane: did you mean maps? (help ask)`,
		"ask Q *a | b hides":                `x.sb:1: ask: PANE after hides is missing (help ask)`,
		"then now":                          `x.sb:1: then: no note and no question stands before it`,
		"note a\nthen b\nput a 1":           `x.sb:3: put: then has ended this step: begin another with note or ask`,
		"look map":                          `x.sb:1: look: word 2 "map" is no pane: did you mean maps? (as in: look maps s2 a)`,
		"look maps s9":                      `x.sb:1: look: word 3: no node "s9": did you mean s1? there are vs, s1–s3, c1, c2`,
		"look":                              `x.sb:1: look: PANE is missing (as in: look maps s2 a)`,
		"look stage s1 >":                   `x.sb:1: look: NODE after > is missing (as in: look maps s2 a)`,
		"look stage s1>s1":                  `x.sb:1: look: word 3 "s1" is no other node: a link leads from one to another`,
		"look stage s1 > s9":                `x.sb:1: look: word 5: no node "s9": did you mean s1? there are vs, s1–s3, c1, c2`,
		"look maps a > b":                   `x.sb:1: look: word 4 ">" stands for a link only between two nodes, as in s1 > s2: quote it if it is a key`,
		"look history row":                  `x.sb:1: look: TEXT after row is missing (as in: look maps s2 a)`,
		"pace 0":                            `x.sb:1: pace: word 2 "0" is not a pace of 0.01 to 10, as in pace 0.05 (help pace)`,
		"# nothing":                         `x.sb has no commands`,
		"":                                  `x.sb has no commands`,
		"expect data s1 a 1":                `x.sb:1: expect data: word 5 "1" is neither = with a value nor absent`,
		"expect rol s1 primary":             `x.sb:1: expect: word 2 "rol": did you mean role? (as in: expect role s2 primary)`,
		"expect":                            `x.sb:1: expect what? view, role, state, keys, data, get and 10 more: help expect`,
		"expect view 1 within":              `x.sb:1: expect view: TIME is missing after within (help expect view)`,
		"expect view 1 within soon":         `x.sb:1: expect view: word 5 "soon" is not a time like 200ms, 1.5s or 200ms±50ms`,
		"rule akc-rule off":                 `x.sb:1: rule: word 2 "akc-rule" can't be switched off: did you mean ack-rule?`,
		"rule ack-rule of":                  `x.sb:1: rule: word 3 "of" is none of off, on (usage: rule RULE off|on)`,
		"expect stuck V":                    `x.sb:1: expect stuck: word 3 "V" is not a rule's name: V1–V11, S1–S13, C1–C3`,
		"expect stuck V99":                  `x.sb:1: expect stuck: word 3 "V99" is not a rule's name: V1–V11, S1–S13, C1–C3`,
		"load c1..c99":                      `x.sb:1: load: word 2 "c1..c99" is no range of clients like c1..c4 (help load)`,
		"load rate=0":                       `x.sb:1: load: word 2 "rate=0" is not a rate of 1 to 100000 operations a second`,
		"wait -1s":                          `x.sb:1: wait: word 2 "-1s" is negative: a delay is 0 or more (usage: wait TIME)`,
	} {
		if s, err := ParseScript("x.sb", text); err == nil || err.Error() != want {
			t.Errorf("%.60q\n got %v %v\nwant %s", text, s, err, want)
		}
	}
}

// What needs a playground around, or a past, is known before a script begins.
func TestUnfitScripts(t *testing.T) {
	for _, c := range []struct {
		text string
		by   Runner
		want string
	}{
		{"put a 1\nexport x.svg\nsave x.sb", Runner{Files: true}, ""}, {"rewind 3", Runner{}, ""},
		{"record x.cast\nput a 1\nrecord off", Runner{Screen: true, Files: true}, ""},
		{"put a 1\nreset", Runner{}, "x.sb:2: reset: not here: it needs the playground"},
		{"open first-view", Runner{Files: true}, "x.sb:1: open: not here: it needs the playground"},
		{"lesson next", Runner{Live: true}, "x.sb:1: lesson: not here: it needs the playground"},
		{"put a 1\nrewind 3", Runner{Live: true}, "x.sb:2: rewind: only with --sim is there a past, with branches and choices"},
		{"reset", Runner{Screen: true, Files: true}, "x.sb:1: reset: a script can't steer the program that plays it"},
		{"lesson back", Runner{Screen: true}, "x.sb:1: lesson: a script can't steer the program that plays it"},
		{"open x.sb", Runner{Screen: true}, "x.sb:1: open: a script can't steer the program that plays it"},
		{"put a 1\nsave x.sb", Runner{Live: true}, "x.sb:2: save: " + ErrFiles.Error()},
		{"export x.svg", Runner{Screen: true}, "x.sb:1: export: " + ErrFiles.Error()},
		{"save world x.sb", Runner{}, "x.sb:1: save world: " + ErrFiles.Error()},
		{"record x.cast", Runner{Screen: true}, "x.sb:1: record: " + ErrFiles.Error()},
		{"record off", Runner{Screen: true}, "x.sb:1: record off: " + ErrFiles.Error()},
	} {
		s, err := ParseScript("x.sb", c.text)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.CheckRunnable(c.by); (err == nil) != (c.want == "") || err != nil && err.Error() != c.want {
			t.Errorf("%q, %+v: %v", c.text, c.by, err)
		}
	}
}

// The story of a saved world is what its comments tell; other files have none.
func TestStory(t *testing.T) {
	file := filepath.Join(t.TempDir(), "x.sb")
	for text, want := range map[string]string{
		"splitbrain world 2\n# 1  s1\x1b crashes\n#\n#  two\nconfig x\n# three\n": `1  s1\x1b crashes|| two`,
		"splitbrain world 2\nconfig x\n":                                          "", "": "", "splitbrain world 2\n# cut": "cut",
	} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(Story(file), "|"); got != want {
			t.Errorf("%q: %q", text, got)
		}
	}
	if got := Story(file + ".not"); got != nil {
		t.Errorf("%q", got)
	}
}

// A session that was saved does the same when it runs again: also what nobody waited for.
func TestSave(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "saved.sb")
	synctest.Test(t, func(t *testing.T) {
		cfg := engine.Defaults
		cfg.Seed = 9
		live, err := cluster.New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		defer live.Close()
		s := &Session{Engine: live}
		defer s.Close()
		run := func(line string) {
			t.Helper()
			if _, err := s.Run(t.Context(), line); err != nil {
				t.Error(err)
			}
		}
		time.Sleep(400 * time.Millisecond)
		run("put a 1")
		run("cut s1 s2")
		done := make(chan struct{})
		go func() { defer close(done); run(`append a "2 3" @c2`) }()
		time.Sleep(300 * time.Millisecond)
		run("heal")
		<-done
		if _, err := s.Run(t.Context(), "kill s9"); err == nil {
			t.Error("killed nobody")
		}
		run("kill s1")
		run("wait view 3 s2 s3 acked")
		time.Sleep(50 * time.Millisecond)
		run("rules")
		run("save " + Quote(name))
		if _, err := s.Run(t.Context(), "save "+Quote(dir)); err == nil {
			t.Error("saved to a directory")
		}
	})
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"cluster servers=3 clients=2 seed=9 ping-interval=100ms dead-pings=5\n", "put a 1\ncut s1 s2\n",
		"append a \"2 3\" @c2 &\nwait 300ms\nheal\n", "\nkill s1\nwait view 3 s2 s3 acked\n", "\nexpect view 3 s2 s3 acked within 5s\n"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	saved, err := LoadScript(name)
	if err != nil {
		t.Fatal(err)
	}
	if o := played(t, saved, 0, false); len(o.failed) > 0 {
		t.Errorf("%q\n%s\n%s", o.failed, text, strings.Join(o.said, "\n"))
	}
	if all, _ := os.ReadDir(dir); len(all) != 1 {
		t.Errorf("%d files are left", len(all))
	}
}
