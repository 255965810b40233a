package logs

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cluster/splitbrain/netsim/history"
	"cluster/splitbrain/pbservice"

	"github.com/google/go-cmp/cmp"
)

// verdictOn reads and judges.
func verdictOn(t *testing.T, text string) history.Verdict {
	t.Helper()
	log, err := Read(strings.NewReader(text))
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	got, want := history.Decide(t.Context(), log.Ops, time.Minute), history.Check(log.Ops, time.Minute)
	if got.Result != want.Result {
		t.Errorf("judged %v, and porcupine says %v:\n%s", got, want, text)
	}
	return got
}

// events are maps of so many events, each "process type f value".
func events(lines ...string) string {
	text := ""
	for _, l := range lines {
		f := strings.SplitN(l, " ", 4)
		text += fmt.Sprintf("{:process %s, :type :%s, :f :%s, :value %s}\n", f[0], f[1], f[2], f[3])
	}
	return text
}

func TestVerdicts(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want history.Result
	}{
		"a register":             {events("0 invoke write 1", "0 ok write 1", "1 invoke read nil", "1 ok read 1"), history.Linearizable},
		"read too old":           {events("0 invoke write 1", "0 ok write 1", "0 invoke write 2", "0 ok write 2", "1 invoke read nil", "1 ok read 1"), history.Violated},
		"keys in values":         {events(`0 invoke write [7 1]`, `0 ok write [7 1]`, `1 invoke read [8 nil]`, `1 ok read [8 nil]`), history.Linearizable},
		"the other key":          {events(`0 invoke write [7 1]`, `0 ok write [7 1]`, `1 invoke read [7 nil]`, `1 ok read [7 nil]`), history.Violated},
		"cas":                    {events("0 invoke write 1", "0 ok write 1", "1 invoke cas [1 2]", "1 ok cas [1 2]", "0 invoke read nil", "0 ok read 2"), history.Linearizable},
		"cas of another":         {events("0 invoke write 1", "0 ok write 1", "1 invoke cas [2 3]", "1 ok cas [2 3]"), history.Violated},
		"cas with a key":         {events("0 invoke write [5 1]", "0 ok write [5 1]", "1 invoke cas [5 [1 2]]", "1 ok cas [5 [1 2]]", "0 invoke read [5 nil]", "0 ok read [5 1]"), history.Violated},
		"cas that failed":        {events("0 invoke write 1", "0 ok write 1", "1 invoke cas [2 3]", "1 fail cas [2 3]", "0 invoke read nil", "0 ok read 1"), history.Linearizable},
		"failed, and seen":       {events("0 invoke write 1", "0 fail write 1", "0 invoke read nil", "0 ok read 1"), history.Violated},
		"unknown, and seen":      {events("0 invoke write 1", "0 info write 1", "1 invoke read nil", "1 ok read nil", "1 invoke read nil", "1 ok read 1"), history.Linearizable},
		"never ended":            {events("0 invoke write 1", "1 invoke read nil", "1 ok read 1"), history.Linearizable},
		"lists":                  {events("0 invoke append [x 1]", "0 ok append [x 1]", "1 invoke append [x 12]", "1 ok append [x 12]", "0 invoke read [x nil]", "0 ok read [x [1 12]]"), history.Linearizable},
		"lists in another order": {events("0 invoke append [x 1]", "0 ok append [x 1]", "1 invoke append [x 12]", "1 ok append [x 12]", "0 invoke read [x nil]", "0 ok read [x [12 1]]"), history.Violated},
		"an element cut in two":  {events("0 invoke append [x 1]", "0 ok append [x 1]", "1 invoke append [x 2]", "1 ok append [x 2]", "0 invoke read [x nil]", "0 ok read [x [12]]"), history.Violated},
		"the nemesis":            {events("0 invoke write 1", ":nemesis info start-partition {:a [1 2]}", "0 ok write 1", "1 invoke read nil", "1 ok read 1"), history.Linearizable},
		"a key/value service": {`{:process 0, :type :invoke, :f :append, :key "0", :value "x"}
{:process 1, :type :invoke, :f :get, :key "1", :value nil}
{:process 1, :type :ok, :f :get, :key "1", :value ""}
{:process 0, :type :ok, :f :append, :key "0", :value "x"}
{:process 1, :type :invoke, :f :get, :key "0", :value nil}
{:process 1, :type :ok, :f :get, :key "0", :value "x"}`, history.Linearizable},
		"an empty value was put": {`{:process 0, :type :invoke, :f :put, :key "0", :value ""}
{:process 0, :type :ok, :f :put, :key "0", :value ""}
{:process 1, :type :invoke, :f :get, :key "0", :value nil}
{:process 1, :type :ok, :f :get, :key "0", :value ""}`, history.Linearizable},
		"an empty value was put later": {events(`0 invoke get [x nil]`, `0 ok get [x ""]`, `0 invoke put [x ""]`, `0 ok put [x ""]`, `0 invoke get [x nil]`, `0 ok get [x ""]`), history.Linearizable},
		"an empty value is another":    {events(`0 invoke get [x nil]`, `0 ok get [x nil]`, `0 invoke put [x ""]`, `0 ok put [x ""]`, `0 invoke get [x nil]`, `0 ok get [x nil]`), history.Violated},
		"cas of an empty value":        {events(`0 invoke get [x nil]`, `0 ok get [x ""]`, `1 invoke cas [x ["" "1"]]`, `1 ok cas [x ["" "1"]]`, `0 invoke get [x nil]`, `0 ok get [x "1"]`), history.Linearizable},
		"a list of strings":            {events(`0 invoke append [x "a"]`, `0 ok append [x "a"]`, `1 invoke read [x nil]`, `1 ok read [x ["a"]]`), history.Linearizable},
		"one element is not two":       {events(`0 invoke append [x 1]`, `0 ok append [x 1]`, `1 invoke append [x 2]`, `1 ok append [x 2]`, `0 invoke read [x nil]`, `0 ok read [x ["1 2"]]`), history.Violated},
		"two halves are a character":   {events(`0 invoke write "\ud83d\ude00"`, `0 ok write "\ud83d\ude00"`, `1 invoke read nil`, `1 ok read "😀"`), history.Linearizable},
		"two such are two":             {events(`0 invoke write "\ud83d\ude00"`, `0 ok write "\ud83d\ude00"`, `1 invoke read nil`, `1 ok read "\ud83d\ude01"`), history.Violated},
		"left out, and left out":       {"#_ #_ 1 2 " + events("0 invoke write 1", "0 ok write #_ 7 #_ #_ 8 9 1", "1 invoke read nil", "1 ok read 1"), history.Linearizable},
		"in one vector, with tags, comments and what is left out": {`; a history
[#jepsen.history.Op {:process 0 :type :invoke, :f :write :value "a\"\u00e9\n"} #_ {:left out}
 {:process 0, :type :ok, :f :write, :value "a\"é\n", :error nil, :set #{1 2} :at #inst "2020-01-01"}
 {:process 1, :type :invoke, :f :read, :value nil}{:process 1 :type :ok :f :read :value "a\"é
"}]`, history.Linearizable},
		"Jepsen's own log": {"INFO  jepsen.core - hello\nINFO  jepsen.util - 0\t:invoke\t:write\t1\nINFO  jepsen.util - 0\t:ok\t:write\t1\n" +
			"INFO  jepsen.util - :nemesis\t:info\t:start\tnil\nINFO  jepsen.util - 1\t:invoke\t:read\tnil\nINFO  jepsen.util - 1\t:ok\t:read\t2\n", history.Violated},
		"JSON": {`{"client":"c1","op":"put","key":"a","value":"1","call_ms":1,"return_ms":2,"outcome":"ok"}
{"client":"c1","op":"cas","key":"a","if":"1","value":"2","call_ms":3,"return_ms":4,"outcome":"ok"}

{"client":"c2","op":"get","key":"a","call_ms":5,"return_ms":6,"outcome":"ok","got":"1"}`, history.Violated},
	} {
		if got := verdictOn(t, c.text); got.Result != c.want {
			t.Errorf("%s: %v, not %v", name, got, c.want)
		}
	}
}

// TestOthers: the histories with which porcupine is tested are judged as porcupine's tests say.
func TestOthers(t *testing.T) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/anishathalye/porcupine").Output()
	if err != nil {
		t.Skipf("the sources of porcupine are not here: %v", err)
	}
	dir := filepath.Join(strings.TrimSpace(string(out)), "test_data")
	for file, want := range map[string]history.Result{
		"kv/c01-ok.txt": history.Linearizable, "kv/c01-bad.txt": history.Violated, "kv/c10-ok.txt": history.Linearizable, "kv/c10-bad.txt": history.Violated,
		"jepsen/etcd_002.log": history.Linearizable, "jepsen/etcd_005.log": history.Linearizable,
		"jepsen/etcd_102.log": history.Linearizable,
	} {
		f, err := os.Open(filepath.Join(dir, file))
		if err != nil {
			t.Skipf("not here: %v", err)
		}
		log, err := Read(f)
		f.Close()
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		if got := history.Decide(t.Context(), log.Ops, time.Minute); got.Result != want {
			t.Errorf("%s: %v, not %v", file, got, want)
		}
	}
}

func TestMistakes(t *testing.T) {
	deep := strings.Repeat("[", 40)
	for text, want := range map[string]string{
		"":                   "there is no operation",
		"title \"A lesson\"": "1: this is no history",
		"{:process 0":        "1: what line 1 opens is not closed",
		"\n\n{:process 0 :type :invoke :f :read :value \"a": "3: a string is not closed",
		"{:process 0 :type}": "1: a map has a key without a value",
		"{:process 0 :type :invoke :f :read :value " + deep:  "more than 16 values",
		"{:process 0 :type :invoke :f :read :value }":        "a key without a value",
		"{:process 0 :type :invoke :f :read :value \"\\q\"}": `no escape: "\\q"`,
		":invoke": "1: this is no history", "; only a comment": "there is no operation", "\"a\"": "1: this is no history",
		events("0 invoke write 1") + "7\n":                                                                      "2: an event of a history is a map",
		events("0 invoke write 1", "0 invoke write 2"):                                                          "2: process 0 invokes something, and still waits for line 1",
		events("0 ok write 1"):                                                                                  "1: process 0 ends with :ok what it has not invoked",
		events("0 invoke txn []"):                                                                               `1: :f "txn" can't be judged`,
		events("0 invoke cas 3"):                                                                                "1: :cas has no :value [old new]",
		events("0 invoke write nil"):                                                                            "1: :write has no :value",
		events("0 invoke write 1", "0 done write 1"):                                                            `2: :type "done" is none of`,
		events("0 invoke write 1", "0 info write 1", "0 invoke write 1"):                                        "3: process 0 invokes something after an :info",
		events("0 invoke read [1 nil]", "0 ok read [2 nil]"):                                                    `2: key "2" is read, and "1" was asked for`,
		"{:type :invoke :f :read}":                                                                              "1: an event has a :process",
		"{\"client\":\"c1\"}":                                                                                   "1: op \"\" is none of",
		"{\"client\":":                                                                                          "1: this is no operation in JSON",
		`{"client":"c1","op":"put","key":"a","value":1,"call_ms":1}`:                                            "1: value is of type number, and must be a text in quotes: one object a line",
		`{"client":"c1","op":"get","key":"a","outcome":"unknown"}` + "\n7":                                      "2: this is JSON, but no object",
		`{"client":"c1","op":"put","key":"a","value":"1","call":1.5}`:                                           "1: call is of type number, and must be a whole number",
		`{"client":"c1","op":"put","key":"a","call_ms":1,"outcome":"ok"}`:                                       "1: put has no value",
		`{"op":"put","key":"a","value":"1","call_ms":1,"outcome":"unknown"}`:                                    "1: an operation has a client, and this has none: export history.jsonl",
		`{"seq":1,"at_ms":0,"kind":"node started","from":"vs"}`:                                                 "this is a trace of messages, and no history: export history.jsonl",
		`{"client":"c1","op":"get","key":"a","call_ms":1,"return_ms":2,"outcome":"ok"}`:                         "1: a get that is ok has got something",
		`{"client":"c1","op":"get","key":"a","call_ms":3,"return_ms":2,"outcome":"absent"}`:                     "1: it ends before it is called",
		`{"client":"c1","op":"get","key":"a","call":3,"return":3,"call_ms":1,"return_ms":2,"outcome":"absent"}`: "1: it ends before it is called",
		`{"client":"c1","op":"get","key":"a","call_ms":1e300,"outcome":"unknown"}`:                              "1: nothing can have happened",
		`{"client":"c1","op":"get","key":"a","call_ms":1,"outcome":"fine"}`:                                     "1: outcome \"fine\" is none of",
		"INFO  jepsen.util - 0\t:invoke":                                                                        "1: an event has a process, a type, an f and a value",
		"[" + events("0 invoke write 1", "0 ok write 1"):                                                        "3: what line 1 opens is not closed",
		events("0 invoke write 1", "0 ok write 1") + "]":                                                        "3: ']' closes nothing",
		events(`0 invoke write "\ud83d"`):                                                                       "1: this is no escape",
		events("0 invoke write [x 5]", "1 invoke append [x 1]"):                                                 `1: the value "5" is no list`,
		"{:process 0, :type :invoke, :f :read, :value nil, :time 9223372036854775807}":                          "1: nothing can have happened",
		"{" + strings.Repeat("#_ ", 40) + "1":                                                                   "more than 16 values",
		"a\x00b":                                                                                                "this is no text",
	} {
		_, err := Read(strings.NewReader(text))
		if _, ok := errors.AsType[*Error](err); !ok || !strings.Contains(err.Error(), want) {
			t.Errorf("%.80s: %v, not %s", text, err, want)
		}
	}
	if _, err := Read(io.MultiReader(strings.NewReader("{"), endless{})); err == nil || !strings.Contains(err.Error(), "more than 64 MiB") {
		t.Errorf("a file without an end: %v", err)
	}
}

// endless are blanks.
type endless struct{}

func (endless) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = ' '
	}
	return len(b), nil
}

// TestWrittenIsRead: both forms keep all that is judged, whatever bytes keys and values have.
func TestWrittenIsRead(t *testing.T) {
	const nasty = "<\"\\\x00\x1b\n\u202eé\xff}"
	var r history.Recorder
	call := func(client string, kind pbservice.OpKind, key, value string, at int) int {
		return r.Call(client, pbservice.Op{Kind: kind, Key: key, Value: value}, time.Duration(at)*time.Millisecond)
	}
	end := func(id, at int, o history.Outcome) { r.Return(id, time.Duration(at)*time.Millisecond, o) }
	end(call("c1", pbservice.Put, nasty, nasty, 1), 2, history.Outcome{Known: true})
	end(call("c2", pbservice.Get, nasty, "", 2), 2, history.Outcome{Known: true, Found: true, Got: nasty})
	end(call("c1", pbservice.Append, "a", "x", 3), 4, history.Outcome{})
	end(call("c2", pbservice.Put, "a", "", 3), 5, history.Outcome{Known: true, Refused: true})
	end(call("c2", pbservice.Get, "a", "", 6), 7, history.Outcome{Known: true})
	end(call("c1", pbservice.Put, "a", "", 8), 9, history.Outcome{Known: true})
	end(call("c1", pbservice.Get, "a", "", 10), 11, history.Outcome{Known: true, Found: true})
	call("c2", pbservice.Append, "a", "z", 12)
	bars := r.Since(0, 100)
	for form, write := range map[string]func(io.Writer, []history.Bar, int) error{"JSON": WriteJSON, "EDN": WriteEDN} {
		var b bytes.Buffer
		if err := write(&b, bars, 0); err != nil {
			t.Fatal(err)
		}
		text := b.String()
		log, err := Read(&b)
		if err != nil {
			t.Fatalf("%s: %v\n%s", form, err, text)
		}
		want := history.Decide(t.Context(), r.Operations(), time.Minute)
		if got := history.Decide(t.Context(), log.Ops, time.Minute); got.Result != want.Result {
			t.Errorf("%s: %v, not %v", form, got, want)
		}
		var kept, read []string
		for _, o := range r.Operations() {
			kept = append(kept, fmt.Sprintf("%s %v %q %q %+v %d", o.Client, o.Kind, o.Key, o.Value, o.Outcome, o.Call))
		}
		for _, o := range log.Ops {
			if form == "EDN" { // no two events have one time
				o.Call = o.Call.Round(time.Millisecond)
			}
			read = append(read, fmt.Sprintf("%s %v %q %q %+v %d", o.Client, o.Kind, o.Key, o.Value, o.Outcome, o.Call))
		}
		if diff := cmp.Diff(kept, read); diff != "" {
			t.Errorf("%s: %s\n%s", form, diff, text)
		}
	}
}

// TestWithoutBeginning: of what is missing its beginning nothing can be said.
func TestWithoutBeginning(t *testing.T) {
	var r history.Recorder
	r.Keep(1)
	for i := range 10 {
		op := pbservice.Op{Kind: pbservice.Put, Key: "a", Value: "x"}
		o := history.Outcome{Known: true}
		if i > 0 {
			op, o.Found, o.Got = pbservice.Op{Kind: pbservice.Get, Key: "a"}, true, "x"
		}
		r.Return(r.Call("c1", op, time.Duration(i)), time.Duration(i), o)
	}
	bars := r.Since(0, 100)
	for form, write := range map[string]func(io.Writer, []history.Bar, int) error{"JSON": WriteJSON, "EDN": WriteEDN} {
		var b bytes.Buffer
		if err := write(&b, bars, r.Verdict().Total-len(bars)); err != nil {
			t.Fatal(err)
		}
		log, err := Read(&b)
		if err != nil {
			t.Fatal(err)
		}
		if v := log.Decide(t.Context(), time.Minute); v.Result != history.Undecided || !v.Unjudged || log.Earlier == 0 {
			t.Errorf("%s: %v, %d earlier", form, v, log.Earlier)
		}
	}
}

// TestManyLeftOut: what is left out is not counted in frames of a stack.
func TestManyLeftOut(t *testing.T) {
	text := "#_ " + strings.Repeat("#_x ", 4<<20) + "y " + events("0 invoke write 1")
	if log, err := Read(strings.NewReader(text)); err != nil || len(log.Ops) != 1 {
		t.Errorf("%v, %+v", err, log)
	}
}

// FuzzRead: whatever a file contains, it is read or refused with a line, and what was read can be written and read again.
func FuzzRead(f *testing.F) {
	f.Add(events("0 invoke write 1", "0 ok write 1", "1 invoke cas [1 2]", "1 info cas [1 2]"))
	f.Add(`[{:process 0 :type :invoke :f :append :value [x "\u0041" ]} #_ (1 #{2})]`)
	f.Add(`{"client":"c1","op":"put","key":"a","value_base64":"/w==","call":1,"call_ms":1,"return":2,"return_ms":2,"outcome":"ok"}`)
	f.Add("INFO  jepsen.util - 0\t:invoke\t:write\t1\n")
	f.Fuzz(func(t *testing.T, text string) {
		log, err := Read(strings.NewReader(text))
		if err != nil {
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("more than a line: %q", err)
			}
			return
		}
		var b bytes.Buffer
		if err := WriteJSON(&b, history.Verdict{}.Bars(log.Ops), 0); err != nil {
			t.Fatal(err)
		}
		again, err := Read(&b)
		if err != nil || len(again.Ops) != len(log.Ops) {
			t.Fatalf("written and not read: %v", err)
		}
	})
}
