package script

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/engine/lex"
)

// past are the commands of worlds whose past can be returned to.
func past() []Command {
	branch := param{usage: "BRANCH", takes: 1, read: readBranch}
	all := []Command{{
		Name: "rewind", Help: "goes back to a step of the simulated world", Example: "rewind 120",
		params: []param{{usage: "STEP", takes: 1, read: readStepNumber}}, run: replaying(rewind),
	}, {
		Name: "branch", Help: "names the present branch of the simulated world", Example: "branch split",
		params: []param{branch}, run: replaying(rename),
	}, {
		Name: "branches", Help: "lists the branches of the simulated world", Example: "branches", run: replaying(branches), unsaved: true,
	}, {
		Name: "visit", Help: "goes to the end of a branch", Example: "visit main", params: []param{branch}, run: replaying(visit),
	}, {
		Name: "compare", Help: "says what differs between the ends of two branches", Example: "compare main split",
		params: []param{branch, branch}, run: replaying(compare), unsaved: true,
	}, {
		Name: "choices", Help: "lists what can happen next in the simulated world", Example: "choices", run: replaying(choices), unsaved: true,
	}, {
		Name: "choose", Help: "lets one of the choices happen now", Example: `choose "deliver 17"`,
		params: []param{{usage: "CHOICE", takes: 1, read: readText}}, run: replaying(chooseNext),
	}, {
		Name: "save world", Help: "writes the simulated world with its branches to a file, which open reads", Example: "save world demo.sb",
		params: []param{{usage: "FILE", takes: 1, read: readFile}}, run: saveWorld, unsaved: true,
	}}
	for i := range all {
		all[i].replays = true
	}
	return all
}

func saveWorld(ctx context.Context, s *Session, inv Invocation) (Result, error) {
	return replaying(func(e engine.Replayer, a Args) (string, error) {
		return "the world with its branches is in " + a.File, s.creator(inv).Write(a.File, e.Save)
	})(ctx, s, inv)
}

var readBranch = lex.OneWord("BRANCH", func(w word, a *Args) error {
	if w.Text == "" || lex.Safe(w.Text) != w.Text {
		return errors.New("is no name of a branch")
	}
	a.Names = append(a.Names, w.Text)
	return nil
})

var readStepNumber = lex.OneWord("STEP", func(w word, a *Args) (err error) {
	if a.Count, err = strconv.Atoi(w.Text); err != nil || a.Count < 0 {
		return errors.New("is not the number of a step")
	}
	return nil
})

var errNoPast = errors.New("only with --sim is there a past, with branches and choices")

// replaying runs do on a world whose past can be returned to.
func replaying(do func(e engine.Replayer, a Args) (string, error)) func(context.Context, *Session, Invocation) (Result, error) {
	return func(_ context.Context, s *Session, inv Invocation) (Result, error) {
		e, ok := s.Engine.(engine.Replayer)
		if !ok {
			return Result{}, of(inv, errNoPast)
		}
		text, err := do(e, inv.Args)
		if err != nil {
			return Result{}, of(inv, err)
		}
		return Result{Text: printable(text)}, nil
	}
}

func rewind(e engine.Replayer, a Args) (string, error) {
	if err := e.Rewind(a.Count); err != nil {
		return "", err
	}
	t := e.Timeline()
	text := fmt.Sprintf("at step %d of %d of branch %s", t.Step, t.Length, t.Branch)
	for _, k := range t.Marks {
		if k.Step == t.Step {
			text += ", after " + k.Text
		}
	}
	return text, nil
}

func rename(e engine.Replayer, a Args) (string, error) {
	before := e.Timeline().Branch
	return fmt.Sprintf("branch %s is now called %s", before, a.Names[0]), e.Rename(before, a.Names[0])
}

func branches(e engine.Replayer, _ Args) (string, error) {
	t := e.Timeline()
	var all []string
	for _, b := range t.Branches {
		text := fmt.Sprintf("%s (%d steps", b.Name, b.Length)
		if b.Parent != "" {
			text += fmt.Sprintf(", from %s at %d", b.Parent, b.From)
		}
		if b.Name == t.Branch {
			text += ", here"
		}
		all = append(all, text+")")
	}
	return "branches: " + strings.Join(all, ", "), nil
}

func visit(e engine.Replayer, a Args) (string, error) {
	return "at the end of branch " + a.Names[0], e.Visit(a.Names[0])
}

func compare(e engine.Replayer, a Args) (string, error) {
	lines, err := e.Compare(a.Names[0], a.Names[1])
	if err == nil && len(lines) == 0 {
		return "no difference", nil
	}
	return strings.Join(lines, "; "), err
}

func choices(e engine.Replayer, _ Args) (string, error) {
	const most = 12
	var all []string
	for i, c := range e.Choices() {
		if i == most {
			all = append(all, strconv.Itoa(len(e.Choices())-most)+" more")
			break
		}
		all = append(all, c.Name)
	}
	if len(all) == 0 {
		return "nothing can happen", nil
	}
	return "choices: " + strings.Join(all, ", "), nil
}

func chooseNext(e engine.Replayer, a Args) (string, error) {
	happened, err := e.Choose(a.Text)
	return "chosen: " + happened, err
}
