package logs

import (
	"errors"
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
	said    []saying       // of each operation
	keys    map[string]*of // by name
	open    map[string]int // by process: the operation that it waits for
	crashed map[string]bool
	events  int
	at      time.Duration // of the last one
}

// saying is what the events of an operation say of values. What a text means only its key as a whole tells.
type saying struct {
	wrote, expected, got any
	end                  int // line
}

// of is what is known of all values of a key.
type of struct {
	list bool // they are lists
	none bool // somebody was told that there is none, so that an empty one is another
}

func newBuilder() *builder {
	return &builder{keys: map[string]*of{}, open: map[string]int{}, crashed: map[string]bool{}}
}

// latest bounds times: a century.
const latest = 100 * 365 * 24 * time.Hour

// untimed is how long after the one before an event is that has no time.
const untimed = time.Millisecond

// event takes in the map of an event in a line.
func (b *builder) event(line int, t table) error {
	fail := func(format string, args ...any) error { return &Error{line, fmt.Sprintf(format, args...)} }
	process, kind := textOf(t.get("process")), textOf(t.get("type"))
	if !b.tick(t) {
		return fail("nothing can have happened at that time")
	}
	if n, err := strconv.Atoi(textOf(t.get("earlier"))); err == nil {
		b.all.Earlier = max(n, b.all.Earlier)
	}
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
	return b.end(line, i, kind, t)
}

// tick gives the event a time that is later than the one before, since the order of lines is what counts. It reports whether
// there can be such a time.
func (b *builder) tick(t table) bool {
	next := b.at + untimed
	if at, err := strconv.ParseInt(textOf(t.get("time")), 10, 64); err == nil {
		next, b.all.Timed = max(time.Duration(at), b.at+1), true
	}
	b.at = next
	return next <= latest
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
	said, err := takeRequest(&o, t)
	if err != nil {
		return &Error{line, err.Error()}
	}
	key := b.key(o.Key)
	key.see(said.wrote)
	key.see(said.expected)
	if _, text := said.wrote.(string); o.Kind == pbservice.Append && !text {
		key.list = true
	}
	b.open[process] = len(b.all.Ops)
	b.all.Ops, b.all.Lines, b.said = append(b.all.Ops, o), append(b.all.Lines, line), append(b.said, said)
	return nil
}

func (b *builder) key(name string) *of {
	k := b.keys[name]
	if k == nil {
		k = &of{}
		b.keys[name] = k
	}
	return k
}

// see takes in a value.
func (k *of) see(v any) {
	if _, ok := v.([]any); ok {
		k.list = true
	}
}

// end takes in how operation i ended.
func (b *builder) end(line, i int, kind string, t table) error {
	o := &b.all.Ops[i]
	o.Return, o.Returned, b.said[i].end = b.at, b.events, line
	switch kind {
	case "info": // it may have happened, or happen yet
		b.crashed[textOf(t.get("process"))] = true
		return nil
	case "fail": // it has not happened
		o.Outcome = history.Outcome{Known: true, Refused: true}
		return nil
	}
	o.Known = true
	key := b.key(o.Key)
	if o.Kind != pbservice.Get {
		key.none = key.none || o.If.Demanded && b.said[i].expected == nil
		return nil
	}
	name, value := keyAndValue(t)
	if name != o.Key && name != register {
		return &Error{line, fmt.Sprintf("key %q is read, and %q was asked for", name, o.Key)}
	}
	b.said[i].got = value
	key.see(value)
	key.none = key.none || value == nil
	return nil
}

// log ends what is built: now it is known what the values mean. Where nobody was ever told that there is none, an empty value and
// none are the same.
func (b *builder) log() (*Log, error) {
	for i := range b.all.Ops {
		o, said, key := &b.all.Ops[i], &b.said[i], b.keys[b.all.Ops[i].Key]
		o.EmptyIsNone = key.list || !key.none
		var err error
		switch {
		case o.Kind != pbservice.Get:
			o.Value, _, err = key.text(said.wrote, o.Kind == pbservice.Append)
			if err == nil && o.If.Demanded {
				o.If.Text, o.If.Found, err = key.text(said.expected, false)
				o.If.Found = o.If.Found && !(o.EmptyIsNone && o.If.Text == "")
			}
			if err != nil {
				return nil, &Error{b.all.Lines[i], err.Error()}
			}
		case o.Known && !o.Refused:
			if o.Got, o.Found, err = key.text(said.got, false); err != nil {
				return nil, &Error{said.end, err.Error()}
			}
			o.Found = o.Found && !(o.EmptyIsNone && o.Got == "")
		}
	}
	return &b.all, nil
}

// text is a value of the key; false if there is none. A list is the texts of its elements, each with an end; element says that v
// is one.
func (k *of) text(v any, element bool) (text string, found bool, err error) {
	list, isList := v.([]any)
	switch {
	case v == nil:
		return "", false, nil
	case !k.list:
		return textOf(v), true, nil
	case element:
		list = []any{v}
	case !isList:
		return "", false, fmt.Errorf("the value %.40q is no list, and others of that key are", textOf(v))
	}
	var b strings.Builder
	for _, e := range list {
		one := textOf(e)
		if one == "" || strings.ContainsAny(one, listEnd+`"`) {
			one = quoted(one)
		}
		b.WriteString(one + listEnd)
	}
	return b.String(), len(list) > 0, nil
}

// takeRequest understands what is invoked.
func takeRequest(o *history.Operation, t table) (said saying, err error) {
	f := textOf(t.get("f"))
	key, value := keyAndValue(t)
	o.Key = key
	switch f {
	case "read", "get":
		return said, nil
	case "write", "put":
		o.Kind, said.wrote = pbservice.Put, value
	case "append":
		o.Kind, said.wrote = pbservice.Append, value
	case "cas":
		both, ok := value.([]any)
		if !ok || len(both) != 2 {
			return said, errors.New(":cas has no :value [old new]")
		}
		o.Kind, o.If.Demanded = pbservice.Put, true
		said.expected, said.wrote = both[0], both[1]
	default:
		return said, fmt.Errorf(":f %q can't be judged: read, get, write, put, append and cas can", f)
	}
	if said.wrote == nil {
		return said, fmt.Errorf(":%s has no :value", f)
	}
	return said, nil
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
