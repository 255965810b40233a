package env

// Says is what a message tells, for people, as somebody says it who sees it pass: "put a 2". It is short, whatever the message
// carries, and has no control characters.
type Says struct {
	Words  string // "" if the message has none
	Answer Answer // of a reply: what it tells
}

// Answer is what a reply tells.
type Answer uint8

// The answers.
const (
	Tells Answer = iota // something of its own, as requests do: a view, or why nothing was done
	Done                // what was asked is done, and there is no more to tell
	Found               // the value that was asked for
)

// SaysOf is what the body of a message says, as its method Says tells; nothing if it has no such method.
func SaysOf(body any) Says {
	if b, ok := body.(interface{ Says() Says }); ok {
		return b.Says()
	}
	return Says{}
}
