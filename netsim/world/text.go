package world

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/env"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/viewservice/rules"
)

// kindNames are the first words of events as text. Operations and faults of links begin with
// the words of the command language.
var kindNames = [...]string{
	Tick: "tick", Deliver: "deliver", Lose: "lose", Duplicate: "duplicate", Timer: "timer", ViewTimeout: "unheard",
	ViewserviceTick: "views", DeclareDead: "silence", Crash: "crash", Restart: "restart", Freeze: "freeze", Thaw: "thaw",
	Add: "add", Cancel: "abort", HealAll: "heal", ReleaseAll: "release",
	Isolate: "isolate", Partition: "partition", Unreliable: "unreliable", SetDisabled: "rules",
}

var opKinds = []pbservice.OpKind{pbservice.Get, pbservice.Put, pbservice.Append}

// String is the event as one line: "tick s1", "deliver 17", `put "a" "1" @c1`. ParseEvent reads it.
func (e Action) String() string {
	if int(e.Kind) >= len(kindNames) {
		return fmt.Sprintf("event(%d)", e.Kind)
	}
	name := kindNames[e.Kind]
	d := e.Details
	if d == nil {
		d = &noDetails
	}
	switch e.Kind {
	case Deliver, Lose, Duplicate:
		return fmt.Sprintf("%s %d", name, e.Msg)
	case ViewserviceTick, Add, HealAll, ReleaseAll:
		return name
	case Invoke:
		return opText(d.Op) + " @" + e.Node.String()
	case Cancel:
		return fmt.Sprintf("%s %s %q", name, e.Node, d.Text)
	case SetFault:
		return d.Fault.String()
	case ClearFault:
		return d.Fault.ClearText()
	case Partition:
		return name + " " + groupsText(d.Groups)
	case SetDisabled:
		return strings.TrimSpace(name + " " + strings.ReplaceAll(d.Disabled.String(), ",", ""))
	}
	return name + " " + e.Node.String()
}

func opText(op pbservice.Op) string {
	if op.Kind == pbservice.Get {
		return fmt.Sprintf("get %q", op.Key)
	}
	return fmt.Sprintf("%v %q %q", op.Kind, op.Key, op.Value)
}

func groupsText(groups [][]Node) string {
	var words []string
	for i, g := range groups {
		if i > 0 {
			words = append(words, "|")
		}
		for _, n := range g {
			words = append(words, n.String())
		}
	}
	return strings.Join(words, " ")
}

// ParseEvent reads what String wrote. The error says what is wrong with the line.
func ParseEvent(line string) (Action, error) {
	if e, ok := parseFault(line); ok {
		return e, nil
	}
	words, err := split(line)
	if err != nil || len(words) == 0 {
		return Action{}, fmt.Errorf("%q is no event", line)
	}
	e, ok := parse(words[0], words[1:])
	if !ok {
		return Action{}, fmt.Errorf("%q is no event", line)
	}
	return e, nil
}

// split cuts a line into words, some of them in Go's quotes.
func split(line string) (words []string, err error) {
	for line = strings.TrimLeft(line, " "); line != ""; line = strings.TrimLeft(line, " ") {
		if line[0] != '"' {
			word, rest, _ := strings.Cut(line, " ")
			words, line = append(words, word), rest
			continue
		}
		quoted, err := strconv.QuotedPrefix(line)
		if err != nil {
			return nil, err
		}
		word, err := strconv.Unquote(quoted)
		if err != nil {
			return nil, err
		}
		words, line = append(words, word), line[len(quoted):]
	}
	return words, nil
}

func parse(name string, words []string) (Action, bool) {
	if i := slices.IndexFunc(opKinds, func(k pbservice.OpKind) bool { return k.String() == name }); i >= 0 {
		return parseOp(opKinds[i], words)
	}
	i := slices.Index(kindNames[:], name)
	if i < 0 || name == "" {
		return Action{}, false
	}
	e := Action{Kind: ActionKind(i)}
	switch e.Kind {
	case Deliver, Lose, Duplicate:
		return parseMessage(e, words)
	case ViewserviceTick, Add, HealAll, ReleaseAll:
		return e, len(words) == 0
	case Partition:
		return parseGroups(e, words)
	case SetDisabled:
		return parseRules(e, words)
	}
	return parseNode(e, words)
}

func parseOp(kind pbservice.OpKind, words []string) (Action, bool) {
	args := 2
	if kind == pbservice.Get {
		args = 1
	}
	if len(words) != args+1 || !strings.HasPrefix(words[args], "@") {
		return Action{}, false
	}
	n, ok := ParseNode(words[args][1:])
	op := pbservice.Op{Kind: kind, Key: words[0]}
	if args == 2 {
		op.Value = words[1]
	}
	return Action{Kind: Invoke, Node: n, Details: &Details{Op: op}}, ok
}

func parseMessage(e Action, words []string) (Action, bool) {
	if len(words) != 1 {
		return e, false
	}
	id, err := strconv.ParseUint(words[0], 10, 64)
	e.Msg = id
	return e, err == nil
}

func parseNode(e Action, words []string) (Action, bool) {
	switch {
	case e.Kind == Cancel && len(words) == 2:
		e.Details = &Details{Text: words[1]}
	case e.Kind == Cancel || len(words) != 1:
		return e, false
	}
	n, ok := ParseNode(words[0])
	e.Node = n
	return e, ok
}

// parseFault reads a fault of a link that begins or ends. Those of nodes are actions of their own.
func parseFault(line string) (e Action, ok bool) {
	f, ends, err := netsim.ParseFault(line)
	e = Action{Kind: SetFault, Details: &Details{Fault: f}}
	if ends {
		e.Kind = ClearFault
	}
	return e, err == nil && !f.Kind.Row().OnNode
}

func parseGroups(e Action, words []string) (Action, bool) {
	groups := [][]Node{{}}
	for _, word := range words {
		if word == "|" {
			groups = append(groups, []Node{})
			continue
		}
		n, ok := ParseNode(word)
		if !ok {
			return e, false
		}
		last := &groups[len(groups)-1]
		*last = append(*last, n)
	}
	e.Details = &Details{Groups: groups}
	return e, true
}

func parseRules(e Action, words []string) (Action, bool) {
	e.Details = &Details{}
	for _, word := range words {
		r, ok := rules.Named(word)
		if !ok {
			return e, false
		}
		e.Disabled = e.Disabled.Set(r, true)
	}
	return e, true
}

// reasons are why an operation can be given up, by what is written of them.
var reasons = []error{context.Canceled, context.DeadlineExceeded, env.ErrClosed}

func reasonFor(text string) error {
	for _, err := range reasons {
		if err.Error() == text {
			return err
		}
	}
	return errors.New(text)
}
