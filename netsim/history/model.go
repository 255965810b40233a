package history

import (
	"fmt"
	"hash/maphash"
	"strconv"
	"strings"

	"cluster/splitbrain/pbservice"

	"github.com/anishathalye/porcupine"
)

// value is what one key holds: a text, or nothing.
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

// after returns the value of a key that held v once op has happened.
func (v value) after(op *Operation) value {
	switch {
	case op.Kind == pbservice.Get, op.If.Demanded && op.If.value() != v:
		return v
	case op.Kind == pbservice.Append:
		v.text += op.Value
	default:
		v.text = op.Value
	}
	v.found = v.text != "" || !op.EmptyIsNone
	return v
}

// got returns the value that a get with this outcome returned.
func (o *Outcome) got() value { return value{o.Found, o.Got} }

var seed = maphash.MakeSeed()

// register is porcupine's model of the service as its users think of it, for one key. Its states are values, or nil where
// the value is not known, because the beginning of the history is missing.
var register = porcupine.Model{
	Init: func() any { return value{} },
	Step: func(state, input, output any) (bool, any) {
		v, known := state.(value)
		switch op := input.(Operation); {
		case op.Kind == pbservice.Get:
			out := output.(Outcome)
			return !known || v == out.got(), out.got()
		case known && op.If.Demanded && output.(Outcome).Known && v != op.If.value():
			return false, state
		case known, op.Kind == pbservice.Put && !op.If.Demanded:
			return true, v.after(&op)
		case op.If.Demanded && output.(Outcome).Known:
			return true, value{}.after(&Operation{Kind: op.Kind, Value: op.Value, EmptyIsNone: op.EmptyIsNone})
		}
		return true, state
	},
	Equal: func(a, b any) bool { return a == b },
	Hash: func(state any) uint64 {
		v, _ := state.(value)
		return maphash.String(seed, v.text)
	},
	DescribeOperation: func(input, output any) string { return describe(input.(Operation), output.(Outcome)) },
	DescribeState: func(state any) string {
		if v, ok := state.(value); ok {
			return v.String()
		}
		return "not known"
	},
}

// Name is what the operation is called: put, get, append or, of a put with a condition, cas.
func (o *Operation) Name() string {
	if o.If.Demanded {
		return "cas"
	}
	return o.Kind.String()
}

// describe tells an operation and how it ended in a few words: `c1 get a → "1"`.
func describe(op Operation, out Outcome) string {
	text := fmt.Sprintf("%s %s %s", op.Client, op.Name(), name(op.Key))
	if op.If.Demanded {
		text += " " + op.If.value().String()
	}
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

// shown is how many characters of a key or value a text contains at most.
const shown = 32

// quoted returns s in quotes, with control characters escaped, and shortened.
func quoted(s string) string { return strconv.Quote(shortened(s)) }

// name returns a key for a text: quoted only where it would be misread without quotes.
func name(key string) string {
	if q := quoted(key); key == "" || strings.ContainsAny(key, ` "`) || q != `"`+key+`"` {
		return q
	}
	return key
}

// shortened cuts the middle out of a long text. The end stays, because what was appended last tells most.
func shortened(s string) string {
	runes := []rune(s)
	if len(runes) <= shown {
		return s
	}
	return string(runes[:shown/2]) + "…" + string(runes[len(runes)-shown/2+1:])
}
