package logs

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"cluster/splitbrain/netsim/history"
	"cluster/splitbrain/pbservice"
)

// builder makes operations of events.
type builder struct {
	all     Log
	open    map[string]int // by process: the operation that it waits for
	crashed map[string]bool
	events  int
	at      time.Duration   // of the last one
	emptied map[string]bool // keys of which a write has made an empty value
}

func newBuilder() *builder {
	return &builder{open: map[string]int{}, crashed: map[string]bool{}, emptied: map[string]bool{}}
}

// untimed is how long after the one before an event is that has no time.
const untimed = time.Millisecond

// event takes in the map of an event in a line.
func (b *builder) event(line int, t table) error {
	fail := func(format string, args ...any) error { return &Error{line, fmt.Sprintf(format, args...)} }
	process, kind := textOf(t.get("process")), textOf(t.get("type"))
	b.tick(t)
	if _, client := t.get("process").(literal); !client || strings.Trim(process, "0123456789") != "" {
		if process == "" {
			return fail("an event has a :process")
		}
		b.mark(t)
		return nil
	}
	b.events++
	i, waits := b.open[process]
	switch {
	case kind == "invoke" && waits:
		return fail("process %s invokes something, and still waits for line %d", process, b.all.Lines[i])
	case kind == "invoke" && b.crashed[process]:
		return fail("process %s invokes something after an :info: nobody knows when that ended", process)
	case kind == "invoke":
		return b.invoke(line, process, t)
	case kind != "ok" && kind != "fail" && kind != "info":
		return fail(":type %q is none of :invoke, :ok, :fail and :info", kind)
	case !waits:
		return fail("process %s ends with :%s what it has not invoked", process, kind)
	}
	delete(b.open, process)
	return b.end(line, &b.all.Ops[i], kind, t)
}

// tick gives the event a time that is later than the one before, since the order of lines is what counts.
func (b *builder) tick(t table) {
	next := b.at + untimed
	if at, err := strconv.ParseInt(textOf(t.get("time")), 10, 64); err == nil {
		next, b.all.Timed = max(time.Duration(at), b.at+1), true
	}
	b.at = next
}

// mark keeps what is no client's.
func (b *builder) mark(t table) {
	text := textOf(t.get("f"))
	if v := textOf(t.get("value")); v != "" {
		text += " " + v
	}
	b.all.Marks = append(b.all.Marks, history.Mark{At: b.at, Row: "faults", Text: text})
}

func (b *builder) invoke(line int, process string, t table) error {
	if len(b.all.Ops) == MaxOps {
		return &Error{line, fmt.Sprintf("more than %d operations", MaxOps)}
	}
	client := textOf(t.get("client"))
	if client == "" {
		client = "p" + process
	}
	o := history.Operation{Client: client, Call: b.at, Called: b.events}
	if err := takeRequest(&o, t); err != nil {
		return &Error{line, err.Error()}
	}
	if o.Kind != pbservice.Get && o.Value == "" {
		b.emptied[o.Key] = true
	}
	b.open[process] = len(b.all.Ops)
	b.all.Ops, b.all.Lines = append(b.all.Ops, o), append(b.all.Lines, line)
	return nil
}

// end takes in how an operation ended.
func (b *builder) end(line int, o *history.Operation, kind string, t table) error {
	o.Return, o.Returned = b.at, b.events
	switch kind {
	case "info": // it may have happened, or happen yet
		b.crashed[textOf(t.get("process"))] = true
		return nil
	case "fail": // it has not happened
		o.Outcome = history.Outcome{Known: true, Refused: true}
		return nil
	}
	o.Known = true
	if o.Kind != pbservice.Get {
		return nil
	}
	key, value := keyAndValue(t)
	if key != o.Key && key != register {
		return &Error{line, fmt.Sprintf("key %q is read, and %q was asked for", key, o.Key)}
	}
	o.Got, o.Found = valueOf(value)
	return nil
}

// log ends what is built. Where nobody wrote an empty value, one that was read means that there was none.
func (b *builder) log() (*Log, error) {
	for i := range b.all.Ops {
		if o := &b.all.Ops[i]; o.Kind == pbservice.Get && o.Got == "" && !b.emptied[o.Key] {
			o.Found = false
		}
	}
	return &b.all, nil
}

// takeRequest understands what is invoked.
func takeRequest(o *history.Operation, t table) error {
	f := textOf(t.get("f"))
	key, value := keyAndValue(t)
	o.Key = key
	var written bool
	switch f {
	case "read", "get":
		return nil
	case "write", "put":
		o.Kind = pbservice.Put
		o.Value, written = valueOf(value)
	case "append":
		o.Kind = pbservice.Append
		if o.Value, written = valueOf(value); written {
			if _, text := value.(string); !text { // to a list
				o.Value += listEnd
			}
		}
	case "cas":
		both, ok := value.([]any)
		if !ok || len(both) != 2 {
			return fmt.Errorf(":cas has no :value [old new]")
		}
		o.Kind, o.If.Demanded = pbservice.Put, true
		o.If.Text, o.If.Found = valueOf(both[0])
		o.Value, written = valueOf(both[1])
	default:
		return fmt.Errorf(":f %q can't be judged: read, get, write, put, append and cas can", f)
	}
	if !written {
		return fmt.Errorf(":%s has no :value", f)
	}
	return nil
}

// register is the key where none is told: there is only one then.
const register = "register"

// keyAndValue are those that an event is about. A key stands in :key, or before the value as in [k v].
func keyAndValue(t table) (key string, value any) {
	value = t.get("value")
	if k := t.get("key"); k != nil {
		return textOf(k), value
	}
	both, ok := value.([]any)
	if !ok || len(both) != 2 {
		return register, value
	}
	if inner, nested := both[1].([]any); textOf(t.get("f")) == "cas" && (!nested || len(inner) != 2) {
		return register, value
	}
	return textOf(both[0]), both[1]
}

// listEnd stands behind each element of a list.
const listEnd = " "

// valueOf is a value as a text; false if there is none. A list is the texts of its elements, each with an end.
func valueOf(v any) (text string, found bool) {
	switch v := v.(type) {
	case nil:
		return "", false
	case []any:
		for _, e := range v {
			text += textOf(e) + listEnd
		}
		return text, len(v) > 0
	}
	return textOf(v), true
}

// textOf is what a single value says; "" of nil.
func textOf(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case keyword:
		return string(v)
	case literal:
		return string(v)
	case []any:
		var all []string
		for _, e := range v {
			all = append(all, textOf(e))
		}
		return "[" + strings.Join(all, " ") + "]"
	case table:
		var all []string
		for _, p := range v {
			all = append(all, textOf(p.key)+" "+textOf(p.value))
		}
		return "{" + strings.Join(all, ", ") + "}"
	}
	return ""
}
