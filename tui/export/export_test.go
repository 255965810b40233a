package export

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/history"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/tui/wholefile"
	"cluster/splitbrain/viewservice"
)

var update = flag.Bool("update", false, "rewrite the golden files")

const ms = time.Millisecond

// nasty is what a client can put into a key.
const nasty = "<script>\"&'#;%%\x1b[31m\n\u202e]]>\xff`{}\\end"

// story is a trace in which everything happens once.
func story() []netsim.TraceEvent {
	var seq uint64
	var all []netsim.TraceEvent
	tell := func(at time.Duration, k netsim.EventKind, e netsim.TraceEvent) {
		seq++
		e.Seq, e.At, e.Kind = seq, at, k
		all = append(all, e)
	}
	request := func(id uint64, from, to, method, text string) netsim.TraceEvent {
		return netsim.TraceEvent{Direction: netsim.Request, Msg: id, From: from, To: to, Method: method, Summary: text}
	}
	reply := func(id, answers uint64, from, to, method, text string) netsim.TraceEvent {
		return netsim.TraceEvent{Direction: netsim.Reply, Msg: id, Answers: answers, From: from, To: to, Method: method, Summary: text}
	}
	because := func(e netsim.TraceEvent, why string) netsim.TraceEvent { e.Why = why; return e }

	tell(0, netsim.NodeStarted, netsim.TraceEvent{From: "s1"})
	ping := request(1, "s1", "vs", "ViewServer.Ping", "Ping(2)")
	tell(1*ms, netsim.MsgSent, ping)
	tell(2*ms, netsim.MsgDelivered, ping)
	put := request(2, "c1", "s1", "PBServer.PutAppend", `put "a" "1" c1/1`)
	tell(3*ms, netsim.MsgSent, put)
	tell(4*ms, netsim.MsgDelivered, put)
	forward := request(3, "s1", "s2", "PBServer.Forward", `view 2: op 1 put "a" "1"`)
	tell(5*ms, netsim.MsgSent, forward)
	tell(5*ms, netsim.MsgHeld, because(forward, "s1 > s2 holds messages"))
	tell(6*ms, netsim.FaultHold.Begins(), netsim.TraceEvent{From: "s1", To: "s2"})
	again := request(4, "s1", "s2", "PBServer.Forward", `view 2: op 1 put "a" "1"`)
	again.CopyOf = 3
	tell(7*ms, netsim.MsgDuplicated, again)
	tell(9*ms, netsim.MsgDelivered, again)
	confirm := reply(5, 4, "s2", "s1", "PBServer.Forward", "confirmed up to 1")
	tell(10*ms, netsim.MsgSent, confirm)
	tell(11*ms, netsim.MsgDelayed, because(confirm, "for 5ms"))
	get := request(6, "c2", "s1", "PBServer.Get", "get \""+nasty+"\" c2/1")
	tell(12*ms, netsim.MsgSent, get)
	tell(13*ms, netsim.MsgDelivered, get)
	tell(15*ms, netsim.MsgDelivered, confirm)
	done := reply(7, 2, "s1", "c1", "PBServer.PutAppend", "OK")
	tell(16*ms, netsim.MsgSent, done)
	tell(17*ms, netsim.MsgLost, because(done, "s1 > c1 is cut"))
	tell(18*ms, netsim.NodeCrashed, netsim.TraceEvent{From: "s1"})
	tell(19*ms, netsim.DialRefused, netsim.TraceEvent{From: "c1", To: "s1"})
	tell(20*ms, netsim.TimePaused, netsim.TraceEvent{From: "time"})
	late := reply(9, 0, "s2", "c1", "PBServer.Get", "no such key")
	tell(22*ms, netsim.MsgDelivered, late)
	tell(23*ms, netsim.MsgSent, request(10, "c2", "s2", "PBServer.Get", `get "b" c2/2`))
	return all
}

func changes() []Change {
	return []Change{{21 * ms, "view 3 s2 ·: s1 silent for 512 ms (V5)"}}
}

func operations() []history.Operation {
	return []history.Operation{
		{Client: "c1", Kind: pbservice.Put, Key: nasty, Value: nasty, Call: 1 * ms, Return: 2 * ms, Outcome: history.Outcome{Known: true}},
		{Client: "c1", Kind: pbservice.Append, Key: "a", Value: "1", Call: 3 * ms},
		{Client: "c2", Kind: pbservice.Get, Key: "a", Call: 4 * ms, Return: 5 * ms, Outcome: history.Outcome{Known: true, Found: true, Got: "1"}},
		{Client: "c2", Kind: pbservice.Get, Key: "a", Call: 6 * ms, Return: 7 * ms, Outcome: history.Outcome{Known: true}},
	}
}

func source() Source {
	blame := &history.Blame{Culprit: operations()[3], Text: "c2 get a returned no value, after it had been there"}
	return Source{
		Bars: bars(operations()), Events: story(), Changes: changes(), Lanes: []string{"vs", "s1", "s2", "c1", "c2"}, At: 23 * ms,
		Verdict: history.Verdict{Result: history.Violated, Key: "a", Blame: blame},
		Config:  engine.Config{Servers: 2, Clients: 2, PingInterval: 100 * ms, DeadPings: 5},
		Done:    []Command{{At: 6 * ms, End: 6 * ms, Line: "hold s1 s2", Text: "s1 > s2: hold"}, {At: 8 * ms, End: 8 * ms, Line: "rule forward-gets off"}},
		Broken:  []string{"two servers took themselves for the primary (S7)"},
		Story:   told().with(story()), Script: "put a 1\n", Picture: frame,
	}
}

// frame is a small screen.
const frame = "\x1b[1ms1\x1b[0m \x1b[34mP primary\x1b[0m ██····\n» \x1b[31m✗ s2\x1b[0m <script>"

// with lets the steps of a story have the events that happened meanwhile.
func (t *Story) with(events []netsim.TraceEvent) *Story {
	var before uint64
	for i := range t.Steps {
		step := &t.Steps[i]
		step.Events[0] = before
		for _, e := range events {
			if e.At <= step.To {
				step.Events[1] = e.Seq
			}
		}
		before = step.Events[1]
	}
	return t
}

// told is a story in which there is everything once.
func told() *Story {
	return &Story{
		Title: "The <b>title</b>", About: nasty, Replay: []string{"splitbrain run x"}, Over: true, Score: "1 of 2 questions answered correctly.", Tries: []string{nasty},
		Steps: []Step{
			{Commands: []Command{{Line: "put a 1", Text: "ok"}}, To: 2 * ms},
			{
				Number: 1, Text: nasty, Question: true, Because: nasty, Then: nasty, From: 2 * ms, To: 10 * ms, Picture: frame,
				Choices:  []Choice{{Text: nasty, Said: true}, {Text: "right", Right: true}},
				Commands: []Command{{Line: "expect view 2", Text: "no", Failed: true}, {Line: "put a " + nasty, Text: nasty}, {Line: "hold s1 s2"}, {Line: "rule forward-gets off"}},
			},
			{Number: 2, Text: "Next?", Question: true, Because: "Nothing.", From: 10 * ms, To: 20 * ms, Choices: []Choice{{Text: "yes", Right: true, Said: true}, {Text: "no"}}},
			{Number: 3, Text: "And then?", Question: true, From: 20 * ms, To: 23 * ms, Choices: []Choice{{Text: "yes", Right: true}, {Text: "no"}}},
		},
	}
}

// bars are operations of which the last two are to blame.
func bars(ops []history.Operation) []history.Bar {
	var all []history.Bar
	for i, o := range ops {
		all = append(all, history.Bar{ID: i, Operation: o, Open: !o.Known, Blamed: i >= 2})
	}
	return all
}

func TestGolden(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"diagram.svg", "diagram.mmd", "diagram.txt", "diagram.puml", "trace.jsonl", "trace.shiviz", "history.html", "page.html"} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(dir, name)
			if err := File(wholefile.Create, path, source()); err != nil {
				t.Fatal(err)
			}
			golden(t, name, path)
		})
	}
}

func golden(t *testing.T, name, path string) {
	t.Helper()
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs; got\n%s", file, got)
	}
}

// TestEscapes: no text of a client changes what a file means.
func TestEscapes(t *testing.T) {
	for _, f := range []string{".svg", ".mmd", ".txt", ".puml", ".shiviz"} {
		var b bytes.Buffer
		if err := formatOf(f).write(&b, Source{Events: story(), Changes: []Change{{0, nasty}}, Lanes: []string{nasty}}); err != nil {
			t.Fatal(err)
		}
		for _, r := range b.String() {
			if r != '\n' && !unicode.IsPrint(r) || r == utf8.RuneError {
				t.Errorf("%s has the character %q", f, r)
			}
		}
		for line := range strings.Lines(b.String()) {
			if f == ".puml" && !strings.HasPrefix(line, "participant") && strings.ContainsAny(line[strings.LastIndex(line, ": ")+1:], "\"%~\\") {
				t.Errorf("PlantUML would take something for its own: %s", line)
			}
			if f == ".mmd" && strings.Count(line, ";") != strings.Count(line, "#") {
				t.Errorf("mermaid would end a statement early: %s", line)
			}
		}
		if f != ".svg" {
			continue
		}
		d := xml.NewDecoder(&b)
		for {
			token, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			if e, ok := token.(xml.StartElement); ok && e.Name.Local == "script" {
				t.Error("a key became an element")
			}
		}
	}
	var page bytes.Buffer
	if err := writePage(&page, source()); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"<script", "<b>title", "<img", "onerror=\"", "url(", "src=", "href="} {
		if strings.Contains(page.String(), bad) {
			t.Errorf("the page has %s: a text became an element, or it needs something from elsewhere", bad)
		}
	}
	page.Reset()
	if err := writeHistory(&page, source()); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(page.String(), `<script>\"`) || strings.Contains(page.String(), "<script>\"") {
		t.Error("a key became a script")
	}
}

func TestTraceIsJSON(t *testing.T) {
	var b bytes.Buffer
	if err := writeTrace(&b, source()); err != nil {
		t.Fatal(err)
	}
	n := 0
	for line := range strings.Lines(b.String()) {
		var l map[string]any
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			t.Fatal(err)
		}
		n++
		if l["seq"] != float64(n) || l["kind"] == "" || l["from"] == "" {
			t.Errorf("line %d: %v", n, l)
		}
	}
	if n != len(story()) {
		t.Errorf("%d lines for %d events", n, len(story()))
	}
}

func TestFileRefuses(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "d.svg"), 0o755); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		filepath.Join(dir, "x.gif"): "diagram.svg", filepath.Join(dir, "x"): "history.html",
		filepath.Join(dir, "d.svg"): "no file", filepath.Join(dir, "none", "x.svg"): "none",
	} {
		err := File(wholefile.Create, path, source())
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", path, err)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestMostMessages(t *testing.T) {
	if got := newDiagram(Source{Events: story()}, 2).text(); !strings.Contains(got, "(6 earlier messages are left out)") || strings.Contains(got, "put") {
		t.Error(got)
	}
}

// TestExcerpt: what was there before the first operation that is kept is no violation.
func TestExcerpt(t *testing.T) {
	ops := []history.Operation{{Client: "c1", Key: "a", Call: 1, Return: 2, Outcome: history.Outcome{Known: true, Found: true, Got: "old"}}}
	for earlier, want := range map[int]bool{0: false, 7: true} {
		var b bytes.Buffer
		if err := writeHistory(&b, Source{Bars: bars(ops), Earlier: earlier}); err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(b.String(), `"StateDescription":"\u0026#34;old\u0026#34;"`); got != want {
			t.Errorf("%d earlier operations: explained %v", earlier, got)
		}
	}
}

// TestHistoryHasNoHTML: keys and values are text on the page, wherever its script takes text for HTML.
func TestHistoryHasNoHTML(t *testing.T) {
	const evil = `<img src=x onerror=alert(1)><script>alert(2)</script>`
	ops := []history.Operation{
		{Client: evil, Kind: pbservice.Put, Key: evil, Value: evil, Call: 1, Return: 2, Outcome: history.Outcome{Known: true}},
		{Client: evil, Kind: pbservice.Get, Key: evil, Call: 3, Return: 4, Outcome: history.Outcome{Known: true, Found: true, Got: "other"}},
	}
	var b bytes.Buffer
	if err := writeHistory(&b, Source{Bars: bars(ops)}); err != nil {
		t.Fatal(err)
	}
	page := b.String()
	if n := strings.Count(page, "<script"); n != 1 || strings.Contains(page, "<img") {
		t.Errorf("%d scripts, or an image, in the page", n)
	}
	states := regexp.MustCompile(`"StateDescription":"([^"]*)"`).FindAllStringSubmatch(page, -1)
	if len(states) == 0 {
		t.Fatal("the page describes no state")
	}
	for _, s := range states {
		var text string
		if err := json.Unmarshal([]byte(`"`+s[1]+`"`), &text); err != nil || strings.ContainsAny(text, "<>") {
			t.Errorf("%v: %s", err, text)
		}
	}
	// The script shows descriptions of operations as text.
	if all, text := strings.Count(page, ".Description"), strings.Count(page, ".textContent = element.Description"); all != text || all == 0 {
		t.Errorf("the script uses %d descriptions, %d of them as text", all, text)
	}
}

// TestHistoryNames: lanes have the names of clients, and what befell the cluster stands below.
func TestHistoryNames(t *testing.T) {
	const script = "? i : sortedTags" // a key that looks like what is replaced
	s := source()
	s.Bars[1].Key = script
	var b bytes.Buffer
	if err := writeHistory(&b, s); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]int{`? ["c1","c2","c1 ?"][i] : sortedTags`: 2, `"Tag":"rules"`: 1, `"Tag":"views"`: 1, `"Tag":"faults"`: 2, "Porcupine</title>": 0, script: 1} {
		if got := strings.Count(b.String(), text); got != want {
			t.Errorf("%s stands there %d times, not %d", text, got, want)
		}
	}
}

func TestChanges(t *testing.T) {
	s := engine.Snapshot{At: 10 * time.Second}
	s.Viewservice.Status = viewservice.Status{Up: 4 * time.Second, Changes: []viewservice.Change{{
		View: viewservice.View{Viewnum: 2, Primary: "s1", Backup: "s2"}, At: time.Second,
	}}}
	if got := Changes(s, nil); len(got) != 1 || got[0].At != 7*time.Second || got[0].Text != "view 2 s1 s2" {
		t.Errorf("%v", got)
	}
	// Where the trace tells when the viewservice was started, it does not matter when it was asked.
	s.Viewservice.Boots = 2
	started := []netsim.TraceEvent{
		{At: time.Second, Kind: netsim.NodeStarted, From: engine.ViewAddr, Boots: 1}, {At: 5 * time.Second, Kind: netsim.NodeStarted, From: engine.ViewAddr, Boots: 2},
		{At: 8 * time.Second, Kind: netsim.NodeStarted, From: "s1", Boots: 2},
	}
	for range 2 {
		if got := Changes(s, started); got[0].At != 6*time.Second {
			t.Errorf("%v", got)
		}
		s.At += ms
	}
}

// TestNewest: of a world that went back only what was told since then counts.
func TestNewest(t *testing.T) {
	rewound := netsim.TraceEvent{Kind: netsim.TimeRewound}
	s := Source{Events: []netsim.TraceEvent{{Msg: 1}, rewound, {Msg: 1}, rewound, {Msg: 2, At: ms}, {Msg: 3}}, Since: time.Hour}
	if s.forgetUndone(); len(s.Events) != 2 || s.Events[0].Msg != 2 || s.Since != ms {
		t.Errorf("%v, since %v", s.Events, s.Since)
	}
}

// TestForgotten: each file says what is missing from it.
func TestForgotten(t *testing.T) {
	s := Source{Earlier: 5, Since: time.Second, Pings: time.Minute, Verdict: history.Verdict{Total: 5}}
	for path, want := range map[string]string{
		"history.jsonl": "5 earlier operations are forgotten", "history.html": "5 earlier operations are forgotten", "x.edn": "5 earlier operations are forgotten",
		"page.html": "5 earlier operations are forgotten, what happened before 1s is forgotten",
		"x.jsonl":   "what happened before 1s is forgotten, pings before 1m0s are forgotten",
		"x.shiviz":  "what happened before 1s is forgotten, pings before 1m0s are forgotten",
		"x.svg":     "what happened before 1s is forgotten", "x.mmd": "what happened before 1s is forgotten", "x.puml": "what happened before 1s is forgotten", "x.txt": "what happened before 1s is forgotten",
	} {
		if got := s.Forgotten(path); got != want {
			t.Errorf("%s: %s", path, got)
		}
		if got := (&Source{Pings: 1, Since: 1}).Forgotten(path); strings.Contains(got, "pings") || strings.Contains(got, "0s ") {
			t.Errorf("%s: %s", path, got)
		}
	}
	if p := newPage(&s); p.Forgotten != "Not all is here: "+s.Forgotten("page.html")+"." {
		t.Error(p.Forgotten)
	}
}

// TestUndoneRules: a rule that was switched in a past that is none any more is not marked.
func TestUndoneRules(t *testing.T) {
	s := Source{Done: []Command{{Line: "rule S5 off", Undone: true}, {Line: "rule S6 off", At: ms}}}
	if got := happenings(&s); len(got) != 1 || got[0].at != ms {
		t.Errorf("%v", got)
	}
}

// recorded is an engine of which only what was recorded is asked.
type recorded struct {
	engine.Engine
	log *history.Recorder
}

func (r recorded) History() *history.Recorder { return r.log }
func (r recorded) Trace() *netsim.Trace       { return nil }
func (r recorded) Nodes() []string            { return []string{"vs", "s1", "c1"} }

func TestOf(t *testing.T) {
	r := recorded{log: new(history.Recorder)}
	r.log.Keep(10)
	for range 25 {
		r.log.Return(r.log.Call("c1", pbservice.Op{Key: "a"}, 1), 2, history.Outcome{Known: true})
	}
	s := Of(t.Context(), r, engine.Snapshot{})
	if len(s.Bars)+s.Earlier != 25 || s.Earlier == 0 || len(s.Lanes) != 3 || len(s.Events) != 0 {
		t.Errorf("%d operations, %d earlier, %v", len(s.Bars), s.Earlier, s.Lanes)
	}
}
