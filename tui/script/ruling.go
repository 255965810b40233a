package script

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/engine/spelling"
	"cluster/splitbrain/netsim/history"
	"cluster/splitbrain/viewservice/rules"
)

// ruling are the commands about the rules and whether they are kept.
func ruling() []Command {
	return []Command{{
		Name: "rules", Help: "lists the rules that can be switched off, and which of them are", Example: "rules", run: listRules, unsaved: true,
	}, {
		Name: "check", Help: "judges all that clients saw so far", Example: "check", run: check,
	}}
}

func listRules(ctx context.Context, s *Session, inv Invocation) (Result, error) {
	seen, err := s.look(ctx, engine.Window{})
	if err != nil {
		return Result{}, of(inv, err)
	}
	var on []string
	for _, r := range rules.All() {
		if !seen.Disabled.Has(r) {
			on = append(on, r.String())
		}
	}
	text := "on: " + strings.Join(on, ", ")
	if seen.Disabled != 0 {
		text = "off: " + seen.Disabled.String() + "; " + text
	}
	return Result{Text: text, List: RuleList}, nil
}

// keepRule is what a command about a rule comes to under KeepRules, if it is one that must not be carried out.
func (s *Session) keepRule(c engine.Command) (r Result, kept bool) {
	if c.Kind != engine.SetRule || !s.KeepRules {
		return Result{}, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case !c.On:
		s.kept = s.kept.Set(c.Rule, true)
		return Result{Text: fmt.Sprintf("%v stays on", c.Rule)}, true
	case s.kept.Has(c.Rule):
		return Result{Text: fmt.Sprintf("%v was on all the time: what follows would be the same again", c.Rule), Quit: true}, true
	}
	return Result{}, false
}

// RulesOff are the rules of these names, as a flag --without gives them. The error names the one that does not exist, and
// which one was probably meant.
func RulesOff(names []string) (off rules.Disabled, err error) {
	for _, name := range names {
		r, ok := rules.Named(name)
		if !ok {
			return 0, fmt.Errorf("--without %s: no such rule: %s", strconv.Quote(name), spelling.Meant(name, engine.RuleNames()))
		}
		off = off.Set(r, true)
	}
	return off, nil
}

// judging is how long a history may be judged, in real time.
const judging = 10 * time.Second

// Violation says that a promise was broken. Its text is one line that can be shown on a terminal.
type Violation struct {
	Line string // the command that found it
	What string
}

func (v *Violation) Error() string { return v.Line + ": " + v.What }

// finding is what is known of the promises that were made.
type finding struct {
	broken    bool
	undecided bool
	text      string
}

// find judges what the clients saw, and tells of the first invariant that did not hold. The error says that ctx has ended.
func (s *Session) find(ctx context.Context, inv Invocation) (finding, error) {
	v := s.Engine.History().Decide(ctx, judging)
	if v.Result == history.Undecided && ctx.Err() != nil {
		return finding{}, of(inv, ctx.Err())
	}
	f := finding{broken: v.Result == history.Violated, undecided: v.Result == history.Undecided, text: v.String() + ", " + extent(v)}
	if v.Blame != nil {
		f.text = printable(v.String() + ": " + v.Blame.Text)
	}
	if broken := s.Broken(); len(broken) > 0 {
		f.broken = true
		f.text += printable("; " + broken[0].Text)
	}
	return f, nil
}

// extent says of how many operations a verdict is, and why it is not of all of them where that matters.
func extent(v history.Verdict) string {
	switch {
	case v.Result != history.Undecided || v.Judged >= v.Total:
		return engine.Plural(v.Judged, "operation")
	case v.Unjudged:
		return fmt.Sprintf("%s of %s judged", engine.Count(v.Judged), engine.Plural(v.Total, "operation"))
	}
	return fmt.Sprintf("%s of %s judged in time: too many were under way at once", engine.Count(v.Judged), engine.Plural(v.Total, "operation"))
}

func check(ctx context.Context, s *Session, inv Invocation) (Result, error) {
	f, err := s.find(ctx, inv)
	if err != nil {
		return Result{}, err
	}
	if f.broken {
		return Result{}, &Violation{Line: inv.String(), What: f.text}
	}
	return Result{Text: f.text}, nil
}

func expectLinearizable(ctx context.Context, s *Session, inv Invocation) (Result, error) {
	f, err := s.find(ctx, inv)
	if err != nil {
		return Result{}, err
	}
	if f.broken || f.undecided {
		return Result{}, &ExpectError{Line: inv.String(), Saw: f.text}
	}
	return Result{Text: fmt.Sprintf("%s: yes: %s", inv, f.text)}, nil
}

// expectViolation demands that something broke: that is what the rule is for.
func expectViolation(ctx context.Context, s *Session, inv Invocation) (Result, error) {
	f, err := s.find(ctx, inv)
	if err != nil {
		return Result{}, err
	}
	if s.KeepRules {
		if f.broken || f.undecided {
			return Result{}, &ExpectError{Line: inv.String(), Saw: "with all rules on, nothing may break: " + f.text}
		}
		return Result{Text: fmt.Sprintf("%s: nothing broke, since %v is on", inv, inv.Args.Rule)}, nil
	}
	seen, err := s.look(ctx, engine.Window{})
	switch {
	case err != nil:
		return Result{}, of(inv, err)
	case !seen.Disabled.Has(inv.Args.Rule):
		return Result{}, of(inv, errors.New("that rule is on: switch it off first, with rule "+inv.Args.Rule.String()+" off"))
	case !f.broken:
		return Result{}, &ExpectError{Line: inv.String(), Saw: f.text}
	}
	return Result{Text: fmt.Sprintf("%s: yes: %s", inv, f.text)}, nil
}
