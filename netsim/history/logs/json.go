package logs

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"reflect"
	"strings"
	"time"
	"unicode/utf8"

	"cluster/splitbrain/netsim/history"
	"cluster/splitbrain/pbservice"
)

// object is one operation as docs/json.md describes it. A text that is no UTF-8 stands as bytes, which JSON writes in base64.
type object struct {
	Client   string  `json:"client"`
	Op       string  `json:"op"`
	Key      string  `json:"key"`
	KeyB64   []byte  `json:"key_base64,omitempty"`
	If       *string `json:"if,omitempty"`
	IfB64    []byte  `json:"if_base64,omitempty"`
	Value    *string `json:"value,omitempty"`
	ValueB64 []byte  `json:"value_base64,omitempty"`
	Call     int     `json:"call,omitempty"`
	CallMS   float64 `json:"call_ms"`
	Return   int     `json:"return,omitempty"`
	ReturnMS float64 `json:"return_ms,omitempty"`
	Outcome  string  `json:"outcome"`
	Got      *string `json:"got,omitempty"`
	GotB64   []byte  `json:"got_base64,omitempty"`
	Earlier  int     `json:"earlier,omitempty"`
}

// The outcomes.
const (
	outcomeOK      = "ok"
	outcomeAbsent  = "absent"
	outcomeUnknown = "unknown"
	outcomeRefused = "refused"
	outcomeRunning = "running"
)

// WriteJSON writes an object per operation and line. The first one says how many operations were earlier, and are missing.
func WriteJSON(w io.Writer, bars []history.Bar, earlier int) error {
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	for i := range bars {
		o := objectOf(&bars[i])
		if i == 0 {
			o.Earlier = earlier
		}
		if err := out.Encode(o); err != nil {
			return err
		}
	}
	return nil
}

func objectOf(b *history.Bar) object {
	o := object{Client: strings.ToValidUTF8(b.Client, "\ufffd"), Op: b.Name(), Call: b.Called, CallMS: ms(b.Call), Outcome: outcomeOf(b)}
	key, raw := asText(b.Key)
	if o.KeyB64 = raw; key != nil {
		o.Key = *key
	}
	if b.Kind != pbservice.Get {
		o.Value, o.ValueB64 = asText(b.Value)
	}
	if b.If.Found {
		o.If, o.IfB64 = asText(b.If.Text)
	}
	if b.Known {
		o.Return, o.ReturnMS = b.Returned, ms(b.Return)
	}
	if b.Known && b.Found {
		o.Got, o.GotB64 = asText(b.Got)
	}
	return o
}

func outcomeOf(b *history.Bar) string {
	switch {
	case b.Running:
		return outcomeRunning
	case !b.Known:
		return outcomeUnknown
	case b.Refused:
		return outcomeRefused
	case b.Kind == pbservice.Get && !b.Found:
		return outcomeAbsent
	}
	return outcomeOK
}

func asText(s string) (text *string, raw []byte) {
	if utf8.ValidString(s) {
		return &s, nil
	}
	return nil, []byte(s)
}

func ofText(text *string, raw []byte) (s string, there bool) {
	switch {
	case text != nil:
		return *text, true
	case raw != nil:
		return string(raw), true
	}
	return "", false
}

func ms(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e6 }

func ofMS(ms float64) time.Duration { return time.Duration(math.Round(ms * 1e6)) }

// readJSON reads an object per line.
func readJSON(text string) (*Log, error) {
	all := Log{Timed: true}
	lines := bufio.NewScanner(strings.NewReader(text))
	lines.Buffer(nil, MaxBytes+1)
	for n := 1; lines.Scan(); n++ {
		if strings.TrimSpace(lines.Text()) == "" {
			continue
		}
		if len(all.Ops) == MaxOps {
			return nil, &Error{n, fmt.Sprintf("more than %d operations", MaxOps)}
		}
		var o object
		if err := json.Unmarshal(lines.Bytes(), &o); err != nil {
			return nil, &Error{n, unread(err)}
		}
		op, what := o.operation()
		if what != "" && isTrace(lines.Bytes()) {
			return nil, &Error{What: "this is a trace of messages, and no history: export history.jsonl writes one"}
		}
		if what != "" {
			return nil, &Error{n, what}
		}
		all.Earlier = max(o.Earlier, all.Earlier)
		all.Ops, all.Lines = append(all.Ops, op), append(all.Lines, n)
	}
	return &all, lines.Err()
}

// isTrace reports whether a line is an event of a trace, as docs/json.md describes it.
func isTrace(line []byte) bool {
	var e struct{ Seq, Kind, From, Client any }
	return json.Unmarshal(line, &e) == nil && e.Seq != nil && e.Kind != nil && e.From != nil && e.Client == nil
}

// unread says in terms of docs/json.md why a line is no operation.
func unread(err error) string {
	wrong, ok := errors.AsType[*json.UnmarshalTypeError](err)
	if !ok {
		return "this is no operation in JSON: " + err.Error()
	}
	if wrong.Field == "" {
		return "this is JSON, but no object: one object a line is read, as docs/json.md describes it"
	}
	due := "a number"
	switch wrong.Type.Kind() {
	case reflect.String:
		due = "a text in quotes"
	case reflect.Slice:
		due = "a text in base64"
	case reflect.Int:
		due = "a whole number"
	}
	is, _, _ := strings.Cut(wrong.Value, " ")
	return fmt.Sprintf("%s is of type %s, and must be %s: one object a line is read, as docs/json.md describes it", wrong.Field, is, due)
}

var kinds = map[string]pbservice.OpKind{"get": pbservice.Get, "put": pbservice.Put, "append": pbservice.Append, "cas": pbservice.Put}

// operation understands an object, or says what is wrong with it.
func (o *object) operation() (op history.Operation, wrong string) {
	kind, ok := kinds[o.Op]
	key := o.Key
	if o.KeyB64 != nil {
		key = string(o.KeyB64)
	}
	value, written := ofText(o.Value, o.ValueB64)
	op = history.Operation{Client: o.Client, Kind: kind, Key: key, Value: value, Call: ofMS(o.CallMS), Called: o.Call}
	switch {
	case o.Client == "":
		return op, "an operation has a client, and this has none: export history.jsonl writes what is read, as docs/json.md describes it"
	case !ok:
		return op, fmt.Sprintf("op %q is none of get, put, append and cas", o.Op)
	case kind != pbservice.Get && !written:
		return op, o.Op + " has no value"
	case o.Call < 0 || o.CallMS < 0 || o.CallMS > mostMS || o.ReturnMS > mostMS:
		return op, "nothing can have happened at that time"
	}
	if o.Op == "cas" {
		op.If.Demanded = true
		op.If.Text, op.If.Found = ofText(o.If, o.IfB64)
	}
	return op, o.end(&op)
}

// mostMS bounds times.
const mostMS = float64(latest / time.Millisecond)

// end takes in how the operation ended.
func (o *object) end(op *history.Operation) (wrong string) {
	switch o.Outcome {
	case outcomeUnknown, outcomeRunning:
		return ""
	case outcomeOK, outcomeAbsent, outcomeRefused:
	default:
		return fmt.Sprintf("outcome %q is none of ok, absent, refused, unknown and running", o.Outcome)
	}
	op.Return, op.Returned = ofMS(o.ReturnMS), o.Return
	op.Known, op.Refused = true, o.Outcome == outcomeRefused
	if op.Kind == pbservice.Get && o.Outcome == outcomeOK {
		if op.Got, op.Found = ofText(o.Got, o.GotB64); !op.Found {
			return "a get that is ok has got something"
		}
	}
	if op.Return < op.Call || op.Called > 0 && op.Returned <= op.Called {
		return "it ends before it is called"
	}
	return ""
}
