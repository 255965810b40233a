package history

import (
	"fmt"
	"hash/maphash"
	"strconv"
	"strings"

	"cluster/splitbrain/pbservice"

	"github.com/anishathalye/porcupine"
)

// value is the state of one key.
type value struct {
	found bool
	text  string
}

func (v value) String() string {
	if !v.found {
		return "no value"
	}
	return quoted(v.text)
}

// after is the value that op leaves where v was. A get leaves it.
func (v value) after(op *Operation) value {
	switch op.Kind {
	case pbservice.Put:
		return value{true, op.Value}
	case pbservice.Append:
		return value{true, v.text + op.Value}
	}
	return v
}

// got is what a get returned.
func (o *Outcome) got() value { return value{o.Found, o.Got} }

var seed = maphash.MakeSeed()

// register is the service as its users think of it, for one key.
var register = porcupine.Model{
	Init: func() any { return value{} },
	Step: func(state, input, output any) (bool, any) {
		v, op, out := state.(value), input.(Operation), output.(Outcome)
		if op.Kind == pbservice.Get {
			return v == out.got(), v
		}
		return true, v.after(&op)
	},
	Equal:             func(a, b any) bool { return a.(value) == b.(value) },
	Hash:              func(state any) uint64 { return maphash.String(seed, state.(value).text) },
	DescribeOperation: func(input, output any) string { return describe(input.(Operation), output.(Outcome)) },
	DescribeState:     func(state any) string { return state.(value).String() },
}

// describe tells an operation and how it ended in a few words: `c1 get a → "1"`.
func describe(op Operation, out Outcome) string {
	text := fmt.Sprintf("%s %s %s", op.Client, op.Kind, name(op.Key))
	if op.Kind != pbservice.Get {
		text += " " + quoted(op.Value)
	}
	switch {
	case !out.Known:
		return text + " → unknown"
	case out.Refused:
		return text + " → refused"
	case op.Kind == pbservice.Get:
		return text + " → " + out.got().String()
	}
	return text
}

// shown is how many characters of a key or value are told.
const shown = 32

// quoted is a value as it is told: control characters shown, a long one cut.
func quoted(s string) string { return strconv.Quote(shortened(s)) }

// name is a key as it is told: quoted only where it must be.
func name(key string) string {
	if q := quoted(key); key == "" || strings.ContainsAny(key, ` "`) || q != `"`+key+`"` {
		return q
	}
	return key
}

// shortened cuts a long text, its end kept: what was appended last tells most.
func shortened(s string) string {
	runes := []rune(s)
	if len(runes) <= shown {
		return s
	}
	return string(runes[:shown/2]) + "…" + string(runes[len(runes)-shown/2+1:])
}
