package script

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/cluster"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/env"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/viewservice"
	"cluster/splitbrain/viewservice/rules"
)

// TestCancelledIsTold: whatever is cancelled is told by its name, and in words of this program.
func TestCancelledIsTold(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	c, err := cluster.New(engine.Defaults)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for _, line := range []string{"wait view 9", "wait 500ms", "expect view 9 within 5s", "why", "export page.html", "save demo.sb"} {
		_, err := (&Session{Engine: c}).Run(ctx, line)
		verb, _, _ := strings.Cut(line, " ")
		if err == nil || !strings.HasPrefix(err.Error(), verb) || !strings.HasSuffix(err.Error(), ": cancelled") || !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", line, err)
		}
	}
	inv, _ := Parse("lesson next")
	if err := interrupted(inv, ctx.Err()); err.Error() != "lesson: cancelled" {
		t.Errorf("a bare error: %v", err)
	}
	if err := interrupted(inv, errors.New("s1 has "+context.Canceled.Error())); err.Error() != "s1 has context canceled" {
		t.Errorf("what somebody has put: %v", err)
	}
}

func TestRun(t *testing.T) {
	for _, c := range []struct{ line, did, text string }{
		{"", "", ""},
		{"   # a comment", "", ""},
		{"put a 1", `c1 put "a" "1"`, "put a 1: ok, 3.2 ms"},
		{"put a 1 @c2 # why not", `c2 put "a" "1"`, "put a 1 @c2: ok, 3.2 ms"},
		{`put "a b" ""`, `c1 put "a b" ""`, `put "a b" "": ok, 3.2 ms`},
		{`put "" '@c2'`, `c1 put "" "@c2"`, `put "" "@c2": ok, 3.2 ms`},
		{`append log "x\ny\xff\x1b[2J"`, `c1 append "log" "x\ny\xff\x1b[2J"`, `append log "x\ny\xff\x1b[2J": ok, 3.2 ms`},
		{"get a", `c1 get "a" ""`, `get a: "1"`},
		{"get zz @c1", `c1 get "zz" ""`, "get zz @c1: no such key"},
		{"put " + strings.Repeat("k", 60) + " 1", `c1 put "` + strings.Repeat("k", 60) + `" "1"`,
			"put " + strings.Repeat("k", 48) + "… (60 bytes) 1: ok, 3.2 ms"},
		{"kill s1", "kill s1", "s1 killed: its memory is gone"},
		{"restart vs", "restart vs", "vs restarted: it knows nothing"},
		{"freeze c1", "freeze c1", "c1 frozen: it stands still"},
		{"thaw c1", "thaw c1", "c1 thawed: it goes on where it stood"},
		{"add", "add", "s4 added: an empty server"},
		{"add s4", "add s4", "s4 added: an empty server"},
		{"cut s1 vs", "cut s1 vs", "s1 and vs cut: messages vanish"},
		{"cut s1 > s2", "cut s1 > s2", "s1 > s2 cut: messages vanish"},
		{"cut s1>s2", "cut s1 > s2", "s1 > s2 cut: messages vanish"},
		{"cut s1 >s2", "cut s1 > s2", "s1 > s2 cut: messages vanish"},
		{"cut s1> s2", "cut s1 > s2", "s1 > s2 cut: messages vanish"},
		{"heal", "heal", "all links are whole, nothing is held or frozen"},
		{"heal s1 vs", "heal s1 vs", "s1 and vs no longer cut"},
		{"heal s1>s2", "heal s1 > s2", "s1 > s2 no longer cut"},
		{"heal s1<s2", "heal s2 > s1", "s2 > s1 no longer cut"},
		{"heal s1 <> s2", "heal s1 s2", "s1 and s2 no longer cut"},
		{"heal s1", "heal s1", "s1 has all its links, nothing is held there, and it is not frozen"},
		{"isolate s1", "isolate s1", "s1 isolated: no message comes or goes"},
		{"partition s1 c1 | s2 s3 vs", "partition s1 c1 | s2 s3 vs", "partitioned: s1 c1 | s2 s3 vs | c2"},
		{"partition s1 c1|s2 s3 vs|c2", "partition s1 c1 | s2 s3 vs | c2", "partitioned: s1 c1 | s2 s3 vs | c2"},
		{"partition s1", "partition s1", "partitioned: s1 | vs s2 s3 c1 c2"},
		{"delay s1 s2 200ms", "delay s1 s2 200ms", "s1 > s2 delayed by 200ms"},
		{"delay s1 > s2 1.5s±50ms", "delay s1 s2 1.5s±50ms", "s1 > s2 delayed by 1.5s±50ms"},
		{"delay s1 s2 200ms+-50ms", "delay s1 s2 200ms±50ms", "s1 > s2 delayed by 200ms±50ms"},
		{"delay s1 s2 200ms ± 50ms", "delay s1 s2 200ms±50ms", "s1 > s2 delayed by 200ms±50ms"},
		{"delay s1 s2 0", "delay s1 s2 0s", "s1 > s2 no longer delayed"},
		{"loss s1 s2 30%", "loss s1 s2 30%", "s1 > s2 loses 30% of requests"},
		{"loss s1>s2 0.5% replies", "loss s1 s2 0.5% replies", "s1 > s2 loses 0.5% of replies"},
		{"loss s1 s2 0%", "loss s1 s2 0%", "s1 > s2 no longer loses requests"},
		{"loss s1 s2 0 replies", "loss s1 s2 0% replies", "s1 > s2 no longer loses replies"},
		{"dup c1 s1 100%", "dup c1 s1 100%", "c1 > s1 delivers 100% of messages twice"},
		{"dup c1 s1 0", "dup c1 s1 0%", "c1 > s1 no longer duplicates"},
		{"reorder s1 s2", "reorder s1 s2", "s1 > s2 reorders messages within 50ms"},
		{"reorder s1 s2 1s", "reorder s1 s2 1s", "s1 > s2 reorders messages within 1s"},
		{"reorder s1 s2 0", "reorder s1 s2 0s", "s1 > s2 keeps the order again"},
		{"unreliable s1", "unreliable s1", "s1 unreliable: 10% of requests to it and 20% of its replies get lost"},
		{"hold s1 > s2", "hold s1 s2", "s1 > s2 holds messages until you deliver or drop them"},
		{"release s1 s2", "release s1 s2", "s1 > s2 no longer holds messages"},
		{"release", "release", "nothing is held any more"},
		{"deliver 17", "deliver 17", "message 17 delivered"},
		{"drop 18", "drop 18", "message 18 dropped: it is lost"},
		{"duplicate 17", "duplicate 17", "message 17 duplicated: its copy 18 is held too"},
		{"pause", "pause", "time is paused: nothing moves until resume or step"},
		{"resume", "resume", "time goes on"},
		{"step", "step", "step: a message was delivered"},
		{"step message", "step message", "step: a message was delivered"},
		{"speed 1/10", "speed 0.1", "time goes at ×0.1"},
		{"speed x10", "speed 10", "time goes at ×10"},
		{"speed ×50", "speed 50", "time goes at ×50"},
		{"wait 500ms", "wait 500ms", "500ms went by"},
		{"rule ack-rule off", "rule ack-rule off", "ack-rule is off: " + rules.AckRule.Effect() + " (" + rules.AckRule.Refs().List(", ") + ")"},
		{"rule ack-rule on", "rule ack-rule on", "ack-rule is on again (" + rules.AckRule.Refs().List(", ") + ")"},
		{`note "Now\nwatch"`, "", "Now watch"},
		{`ask "Who?" s2`, "", "Who?"},
		{"help expect view", "", "expect view NUMBER|any [PRIMARY [BACKUP|none]] [acked] [within TIME]: demands a view: its number, primary, backup, acknowledgement; for example: expect view 2 s1 s2 acked within 2s"},
		{"quit", "", "bye"},
	} {
		f := newFake()
		f.runs, f.heals = 3200*time.Microsecond, true
		inv, _ := Parse(c.line)
		switch done := inv.Args.Command; { // there is what it ends
		case done.Kind == engine.ClearFault:
			f.seen.Faults = done.Faults()
		case done.Kind == engine.ReleaseAll:
			f.seen.Faults = []netsim.Fault{{Kind: netsim.FaultHold, From: "s1", To: "s2"}}
		case done.Kind == engine.SetRule && done.On:
			f.seen.Disabled = rules.Without(done.Rule)
		}
		r, err := (&Session{Engine: f}).Run(t.Context(), c.line)
		if err != nil || r.Text != c.text || f.log() != c.did || r.Quit != (c.line == "quit") {
			t.Errorf("%s\n got %q %v, did %s\nwant %q, did %s", c.line, r.Text, err, f.log(), c.text, c.did)
		}
	}
}

// TestCards: every rule is explained, with what it is good for, what switches it off and a lesson.
func TestCards(t *testing.T) {
	for _, c := range rules.Cards() {
		for _, name := range []string{string(c.Ref), strings.ToLower(string(c.Ref))} {
			r, err := (&Session{Engine: newFake()}).Run(t.Context(), "help "+name)
			if err != nil || r.Card != c.Ref || !strings.HasPrefix(r.Text, string(c.Ref)+" "+c.Title+". "+c.Says+"\nWithout it: "+c.Without) {
				t.Errorf("help %s: %v, %v, %s", name, err, r.Card, r.Text)
			}
			if !strings.Contains(r.Text, "\nLesson: ") {
				t.Errorf("%s has no lesson", name)
			}
		}
		if n := strings.Count(c.Says, ". ") + 1; n > 2 || utf8.RuneCountInString(c.Says+c.Without) > 330 {
			t.Errorf("%s is told in %d sentences, of %d characters: it must fit a small screen", c.Ref, n, utf8.RuneCountInString(c.Says+c.Without))
		}
	}
	for _, r := range rules.All() {
		if told, _ := (&Session{Engine: newFake()}).Run(t.Context(), "help "+string(r.Refs()[0])); !strings.Contains(told.Text, "rule "+r.String()+" off") {
			t.Errorf("no card names the switch %v: %s", r, told.Text)
		}
	}
}

func TestMistakes(t *testing.T) {
	long := strings.Repeat("z", 100)
	for line, want := range map[string]string{
		"help V77":             `help: word 2 "V77" is no rule: there are V1–V11, S1–S13, C1–C3 (help help)`,
		"kil s1":               `no command "kil": did you mean kill? (usage: kill NODE)`,
		"KILL s1":              `no command "KILL": did you mean kill? (usage: kill NODE)`,
		"partion s1":           `no command "partion": did you mean partition? (help partition)`,
		"frobnicate":           `no command "frobnicate": help lists all`,
		`""`:                   `no command "": help lists all`,
		long:                   `no command "` + long[:40] + `"… (100 bytes): help lists all`,
		"kill":                 `kill: NODE is missing (usage: kill NODE)`,
		"kill s1 s2":           `kill: word 3 "s2" is too many (usage: kill NODE)`,
		"kill s9":              `kill: word 2: no node "s9": did you mean s1? there are vs, s1–s3, c1, c2`,
		"load c3":              `load: word 2: no node "c3": did you mean c1? there are vs, s1–s3, c1, c2`,
		"kill sun":             `kill: word 2: no node "sun": there are vs, s1–s3, c1, c2`,
		"kill \x1b[2J":         `kill: word 2: no node "\x1b[2J": there are vs, s1–s3, c1, c2`,
		`kill ""`:              `kill: word 2 "" is not a node (usage: kill NODE)`,
		"put a":                `put: VALUE is missing (usage: put KEY VALUE [@CLIENT])`,
		"put a @c2":            `put: word 3 "@c2" stands where VALUE should: quote it if it is one`,
		"get @c2":              `get: word 2 "@c2" stands where KEY should: quote it if it is one (help get)`,
		"put a 1 2":            `put: word 4 "2" is too many: quote texts, write clients as @c1 (help put)`,
		"put a 1 @":            `put: word 4 "@" names no client (usage: put KEY VALUE [@CLIENT])`,
		"put a 1 @c1 @c2":      `put: word 5 "@c2" is too many (usage: put KEY VALUE [@CLIENT])`,
		"put a 1 @c9":          `put: no client "@c9": there are c1, c2`,
		"get a @s1":            `get: no client "@s1": there are c1, c2`,
		`put a "1`:             `the quote " is not closed`,
		"put a it's":           `the quote ' is not closed`,
		`put a \`:              `nothing follows the backslash at the end`,
		`put a "\e[31m"`:       `\e in double quotes means nothing: write \\e, or as in \n, \t, \x1b`,
		`put a "\xg"`:          `\x in double quotes is not complete: write it as in \x1b, \033 or \u00e9`,
		"put a 1\nput b 2":     `one line at a time: in a value, write a newline as "\n" in double quotes`,
		"add s7":               `add: word 2 "s7": the next server is s4 (usage: add [NAME])`,
		"cut s1":               `cut: NODE is missing (usage: cut NODE [>] NODE)`,
		"cut s1 >":             `cut: NODE is missing (usage: cut NODE [>] NODE)`,
		"cut > s1":             `cut: word 2 ">" is not a node (usage: cut NODE [>] NODE)`,
		"cut s1 > > s2":        `cut: word 4 ">" is not a node (usage: cut NODE [>] NODE)`,
		"cut s1 s1":            `cut: word 3 "s1" is both ends of the link (usage: cut NODE [>] NODE)`,
		"cut s1>s5":            `cut: word 2: no node "s5": did you mean s1? there are vs, s1–s3, c1, c2`,
		"heal s1 >":            `heal: NODE is missing (usage: heal [NODE [[>] NODE]])`,
		"heal <":               `heal: word 2 "<" is not a node (usage: heal [NODE [[>] NODE]])`,
		"partition":            `partition: NODE is missing (usage: partition NODE... [| NODE...])`,
		"partition s1 |":       `partition: NODE is missing (usage: partition NODE... [| NODE...])`,
		"partition | s1":       `partition: word 2 "|" is not a node (usage: partition NODE... [| NODE...])`,
		"partition s1 || s2":   `partition: word 3 "|" is not a node (usage: partition NODE... [| NODE...])`,
		"partition s1 | s1":    `partition: word 4 "s1" is named twice (usage: partition NODE... [| NODE...])`,
		"partition s1 | s2 x1": `partition: word 5: no node "x1": did you mean s1? there are vs, s1–s3, c1, c2`,
		"delay s1 s2":          `delay: TIME is missing (usage: delay NODE [>] NODE TIME[±JITTER])`,
		"delay s1 s2 200":      `delay: word 4 "200" is not a time like 200ms, 1.5s or 200ms±50ms`,
		"delay s1 s2 1s±":      `delay: word 4 "1s±" is not a time like 200ms, 1.5s or 200ms±50ms`,
		"delay s1 s2 -1s":      `delay: word 4 "-1s" is negative: a delay is 0 or more (help delay)`,
		"delay s1 s2 25h":      `delay: word 4 "25h" is too long: a delay is at most 24h0m0s (help delay)`,
		"loss s1 s2":           `loss: PERCENT is missing (usage: loss NODE [>] NODE PERCENT [replies])`,
		"loss s1 s2 30":        `loss: word 4 "30" is not a percentage like 30% (help loss)`,
		"loss s1 s2 101%":      `loss: word 4 "101%" is not one of 0% to 100% (help loss)`,
		"loss s1 s2 NaN%":      `loss: word 4 "NaN%" is not one of 0% to 100% (help loss)`,
		"loss s1 s2 5% all":    `loss: word 5 "all" is too many: only replies may follow (help loss)`,
		"reorder s1 s2 fast":   `reorder: word 4 "fast" is not a time like 200ms, 1.5s or 200ms±50ms`,
		"hold s1 s9":           `hold: word 3: no node "s9": did you mean s1? there are vs, s1–s3, c1, c2`,
		"deliver all":          `deliver: word 2 "all" is no message number like 17, nor first or last`,
		"step ping 3":          `step: word 3 "3" is too many (usage: step [ping|message|event])`,
		"step pong":            `step: word 2 "pong" is not ping, message or event (as in: step ping)`,
		"speed fast":           `speed: word 2 "fast" is not a speed like 0.1, 1/10 or x10 (as in: speed 0.1)`,
		"speed 1/0":            `speed: word 2 "1/0" is not a speed like 0.1, 1/10 or x10 (as in: speed 0.1)`,
		"speed 0":              `speed: word 2 "0" is not one of 0.01 to 1000 (usage: speed SPEED)`,
		"speed NaN":            `speed: word 2 "NaN" is not one of 0.01 to 1000 (usage: speed SPEED)`,
		"search":               "no command search: on the screen of a simulated cluster the key S searches from here, and splitbrain search from the beginning",
		"help kil":             `no command "kil": did you mean kill? (usage: kill NODE)`,
		"quit now":             `quit: word 2 "now" is too many (usage: quit)`,
	} {
		f := newFake()
		r, err := (&Session{Engine: f}).Run(t.Context(), line)
		if err == nil || err.Error() != want || r != (Result{}) {
			t.Errorf("%s\n got %v\nwant %s", line, err, want)
		}
		if did := f.log(); did != "" {
			t.Errorf("%s: did %s", line, did)
		}
	}
}

func TestOutcomes(t *testing.T) {
	op := pbservice.Op{Kind: pbservice.Put, Key: "a"}
	for want, err := range map[string]error{
		"put a 1: refused, nothing changed: a key of 5000 bytes: at most 4096 (S13)": &pbservice.RefusedError{
			Op: op, Why: pbservice.Cause{Code: pbservice.KeyTooLong, N: 5000}},
		"put a 1: outcome unknown: s1 does not answer, and it was cancelled (C2)": &pbservice.UnknownOutcomeError{
			Op: op, Why: "s1 does not answer", Err: context.Canceled},
		"put a 1: outcome unknown: s1 does not answer, and its time was over (C2)": &pbservice.UnknownOutcomeError{
			Op: op, Why: "s1 does not answer", Err: context.DeadlineExceeded},
		"put a 1: outcome unknown: no view is known, and the cluster was closed (C2)": &pbservice.UnknownOutcomeError{
			Op: op, Why: "no view is known", Err: env.ErrClosed},
		"put a 1: no answer yet where the world was: it belongs to the branch or step that was left": &pbservice.UnknownOutcomeError{
			Op: op, Why: "s1 does not answer", Err: engine.ErrRewound},
		`put a 1: two\nlines`: errors.New("two\nlines"),
	} {
		_, got := (&Session{Engine: &fake{nodes: []string{"c1"}, fails: err}}).Run(t.Context(), "put a 1")
		if got == nil || got.Error() != want || !errors.Is(got, err) {
			t.Errorf("got  %v\nwant %s", got, want)
		}
	}
}

func TestEngineRefusals(t *testing.T) {
	f := newFake()
	f.fails = errors.New("c1 is a client: only servers and vs can be killed")
	for line, want := range map[string]string{
		"kill s1":         "kill: c1 is a client: only servers and vs can be killed",
		"heal":            "heal: c1 is a client: only servers and vs can be killed",
		"cut s1 s2":       "cut: c1 is a client: only servers and vs can be killed",
		"add":             "add: c1 is a client: only servers and vs can be killed",
		"delay s1 s2 1s":  "delay: c1 is a client: only servers and vs can be killed",
		"partition s1 s2": "partition: c1 is a client: only servers and vs can be killed",
		"loss s1 s2 5%":   "loss: c1 is a client: only servers and vs can be killed",
		"dup s1 s2 5%":    "dup: c1 is a client: only servers and vs can be killed",
		"reorder s1 s2":   "reorder: c1 is a client: only servers and vs can be killed",
		"hold s1 s2":      "hold: c1 is a client: only servers and vs can be killed",
		"release":         "release: c1 is a client: only servers and vs can be killed",
		"release s1 s2":   "release: c1 is a client: only servers and vs can be killed",
		"drop 1":          "drop: c1 is a client: only servers and vs can be killed",
		"duplicate 1":     "duplicate: c1 is a client: only servers and vs can be killed",
		"pause":           "pause: c1 is a client: only servers and vs can be killed",
		"step":            "step: c1 is a client: only servers and vs can be killed",
		"speed 1":         "speed: c1 is a client: only servers and vs can be killed",
		"heal s1 s2":      "heal: c1 is a client: only servers and vs can be killed",
	} {
		if _, err := (&Session{Engine: f}).Run(t.Context(), line); err == nil || err.Error() != want || !errors.Is(err, f.fails) {
			t.Errorf("%s: %v", line, err)
		}
	}
}

func TestDefaultClient(t *testing.T) {
	f := newFake()
	s := &Session{Engine: f, Client: "c2"}
	for _, line := range []string{"get a", "get a @c1"} {
		if _, err := s.Run(t.Context(), line); err != nil {
			t.Fatal(err)
		}
	}
	if want := `c2 get "a" ""; c1 get "a" ""`; f.log() != want {
		t.Errorf("did %s, want %s", f.log(), want)
	}
}

// TestOwnTime: a result tells the time that the operation ran, not that of the whole line.
func TestOwnTime(t *testing.T) {
	for runs, want := range map[time.Duration]string{
		900 * time.Microsecond: "put a 1: ok, 900 µs", 3200 * time.Microsecond: "put a 1: ok, 3.2 ms", 320 * time.Millisecond: "put a 1: ok, 320 ms",
	} {
		f := newFake()
		f.runs = runs
		got, err := (&Session{Engine: f}).Run(t.Context(), "put a 1")
		if err != nil || got.Text != want {
			t.Errorf("%q, %v, want %q", got.Text, err, want)
		}
	}
}

// TestStatus: it tells of each node, of what the maps hold and of what is broken, in lines that can be shown.
func TestStatus(t *testing.T) {
	f := newFake()
	f.seen = engine.Snapshot{
		Viewservice: engine.ViewserviceState{State: netsim.Up, Status: viewservice.Status{View: viewservice.View{Viewnum: 2, Primary: "s1", Backup: "s2"}}},
		Servers: []engine.ServerState{
			{Name: "s1", State: netsim.Up, PingAge: 20 * time.Millisecond, Status: pbservice.Status{Role: pbservice.Primary, View: viewservice.View{Viewnum: 2}, Entered: 2, Keys: 9}},
			{Name: "s2", State: netsim.Crashed},
			{Name: "s3", State: netsim.Up, PingAge: -1, Status: pbservice.Status{Role: pbservice.Primary, View: viewservice.View{Viewnum: 3}, Entered: 2, Keys: 1}},
		},
		Clients: []engine.ClientState{
			{Name: "c1", Running: true, Op: pbservice.Op{Kind: pbservice.Put, Key: "a b", Value: "1"}, Since: 2 * time.Second, Waits: engine.Wait{Text: "s1 waits for s2 (S5)"}},
			{Name: "c2", Last: []engine.Done{{Op: pbservice.Op{Kind: pbservice.Get, Key: "a"}, Reply: pbservice.Reply{Value: "\x1b"}}}},
		},
		Map: engine.Map{Keys: []string{"a"}, Total: 9, Rows: map[string][]pbservice.Row{
			"s1": {{Key: "a", Value: "1", Size: 700}}, "s2": {{Size: -1}},
		}},
		Faults: []netsim.Fault{{Kind: netsim.FaultCut, From: "s1", To: "vs"}}, Disabled: rules.Without(rules.AckRule), Paused: true,
		Why: engine.Why{Now: "c1 waits"},
	}
	s := &Session{Engine: f}
	r, err := s.Run(t.Context(), "status")
	if err != nil || strings.ContainsRune(r.Text, 0x1b) {
		t.Fatalf("%q %v", r.Text, err)
	}
	for _, want := range []string{
		"vs up, view 2 s1 s2, not acknowledged\n", "s1 up, primary, view 2, 9 keys, last ping 20 ms ago\n", "s2 crashed\n", "s3 up, primary, view 3, 1 key, has entered view 2\n",
		`put "a b" 1 for 2.0 s: s1 waits for s2 (S5)`, "\nkey a: s1 has 1… (700 bytes)\n", "\nand 8 keys more\n",
		"broken: cut s1 > vs, rules off: ack-rule, paused",
	} {
		if !strings.Contains(r.Text, want) {
			t.Errorf("%q is not told:\n%s", want, r.Text)
		}
	}
	if r, err := s.Run(t.Context(), "why"); err != nil || r.Text != "c1 waits" {
		t.Errorf("why: %q %v", r.Text, err)
	}
}

// TestSavedLesson: a session in which texts were told is saved with them, and with what was answered, as a script that runs.
func TestSavedLesson(t *testing.T) {
	onLive(t, func(s *Session, live *cluster.Cluster, run func(string) string) {
		file := filepath.Join(t.TempDir(), "lesson.sb")
		for _, line := range []string{
			`then "before any text"`, "put a 1", "note one", "put b 1", "wait 20ms", `then "So b is there."`, "look maps a", "wait 30ms", `ask "And c?" yes | *no`,
			"put c 1", `then "It is."`, `then "Twice told."`, "put d 1", "save " + file,
		} {
			run(line)
			if line == "put c 1" {
				s.remark("predicted yes; right is no")
			}
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		saved, err := ParseScript("saved", string(text))
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		for _, want := range []string{
			"note \"before any text\"\nput a 1\n", "then \"So b is there.\"\nlook maps a\n", "ask \"And c?\" yes | *no\n", "put c 1\n# predicted yes; right is no\n",
			"then \"It is.\"\nthen \"Twice told.\"\nnote \"What was done after that.\"\nput d 1\nexpect view",
		} {
			if !strings.Contains(string(text), want) {
				t.Errorf("%q is not in it:\n%s", want, text)
			}
		}
		if len(saved.Steps) != 6 {
			t.Errorf("%d steps:\n%s", len(saved.Steps)-1, text)
		}
	})
}
