package world

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/engine/lex"
	"cluster/splitbrain/netsim/env"
	"cluster/splitbrain/pbservice"
)

// kindNames are the first words of those actions that are no commands. An operation begins with its own name.
var kindNames = [...]string{
	Tick: "tick", Deliver: "deliver", Lose: "lose", Duplicate: "duplicate", Fail: "fail", Timer: "timer", ViewTimeout: "unheard",
	ViewserviceTick: "views", DeclareDead: "silence", Quiet: "quiet", Cancel: "abort", Command: "",
}

var opKinds = []pbservice.OpKind{pbservice.Get, pbservice.Put, pbservice.Append}

// String is the action as one line: "tick s1", "deliver 17", "put a 1 @c1", "cut s1 > s2". ParseEvent reads it.
func (e Action) String() string {
	d := e.Details
	if d == nil {
		d = &noDetails
	}
	switch e.Kind {
	case Deliver, Lose, Duplicate, Fail:
		return fmt.Sprintf("%s %d", kindNames[e.Kind], e.Msg)
	case ViewserviceTick:
		return kindNames[e.Kind]
	case Crash:
		return engine.Command{Kind: engine.Kill, Node: e.Node.String()}.String()
	case Restart:
		return engine.Command{Kind: engine.Restart, Node: e.Node.String()}.String()
	case Invoke:
		return opText(d.Op) + " @" + e.Node.String()
	case Cancel:
		return fmt.Sprintf("%s %s %q", kindNames[e.Kind], e.Node, d.Text)
	case Command:
		return d.Command.String()
	}
	if int(e.Kind) >= len(kindNames) {
		return fmt.Sprintf("event(%d)", e.Kind)
	}
	return kindNames[e.Kind] + " " + e.Node.String()
}

func opText(op pbservice.Op) string {
	text := op.Kind.String() + " " + lex.Quote(op.Key)
	if op.Kind != pbservice.Get {
		text += " " + lex.Quote(op.Value)
	}
	return text
}

// ParseEvent reads what String wrote. The error says what is wrong with the line.
func ParseEvent(line string) (Action, error) {
	words, err := lex.Split(line)
	if err != nil || len(words) == 0 {
		return Action{}, fmt.Errorf("%.80q is no event", line)
	}
	name, r := words[0].Text, &lex.Reader{Words: words[1:]}
	var e Action
	if i := slices.IndexFunc(opKinds, func(k pbservice.OpKind) bool { return k.String() == name }); i >= 0 {
		e, err = parseOp(opKinds[i], r)
	} else if i := slices.Index(kindNames[:], name); i >= 0 && name != "" {
		e, err = parse(ActionKind(i), r)
	} else {
		var c engine.Command
		if c, err = engine.ParseCommand(line); err == nil {
			e, err = Do(c)
		}
		r.Words = nil
	}
	if err == nil && len(r.Words) > 0 {
		err = lex.Wrong(r.Words[0], "is too many")
	}
	if err != nil {
		return Action{}, fmt.Errorf("%.80q is no event: %w", line, err)
	}
	return e, nil
}

// parse reads what stands behind the name of an action that is neither a command nor an operation.
func parse(kind ActionKind, r *lex.Reader) (Action, error) {
	e := Action{Kind: kind}
	if kind == ViewserviceTick {
		return e, nil
	}
	w, err := r.Next("NODE")
	if err != nil {
		return e, err
	}
	switch kind {
	case Deliver, Lose, Duplicate, Fail:
		if e.Msg, err = strconv.ParseUint(w.Text, 10, 64); err != nil {
			return e, lex.Wrong(w, "is no number of a message")
		}
		return e, nil
	case Cancel:
		why, err := r.Next("REASON")
		if err != nil {
			return e, err
		}
		e.Details = &Details{Text: why.Text}
	}
	return e, e.parseNode(w, w.Text)
}

func (e *Action) parseNode(w lex.Word, name string) (err error) {
	ok := false
	if e.Node, ok = ParseNode(name); !ok {
		return lex.Wrong(w, "is no node")
	}
	return nil
}

func parseOp(kind pbservice.OpKind, r *lex.Reader) (Action, error) {
	e := Action{Kind: Invoke, Details: &Details{Op: pbservice.Op{Kind: kind}}}
	key, err := r.Next("KEY")
	if err != nil {
		return e, err
	}
	e.Op.Key = key.Text
	if kind != pbservice.Get {
		value, err := r.Next("VALUE")
		if err != nil {
			return e, err
		}
		e.Op.Value = value.Text
	}
	w, err := r.Next("@CLIENT")
	if err != nil {
		return e, err
	}
	client, ok := w.Option()
	if !ok {
		return e, lex.Wrong(w, "is not @CLIENT")
	}
	return e, e.parseNode(w, client)
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
