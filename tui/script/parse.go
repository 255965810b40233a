package script

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"cluster/splitbrain/netsim/engine/lex"
	"cluster/splitbrain/netsim/engine/spelling"
)

// Parse understands one line, without looking at any cluster: whether its names exist is seen when it runs. An error
// is one line that says what is wrong, at which word, and what would be right.
func Parse(line string) (Invocation, error) {
	words, err := lex.Split(line)
	if err != nil || len(words) == 0 {
		return Invocation{}, err
	}
	command, err := choose(words)
	if err != nil {
		return Invocation{}, err
	}
	inv := Invocation{Command: command}
	verb := command.words()
	r := &reader{Words: words[verb:]}
	if command.marked() {
		r.Words = lex.CutAll(r.Words)
	}
	inv.words = slices.Concat(words[:verb], r.Words)
	if err := command.read(r, &inv.Args); err != nil {
		if bad, ok := errors.AsType[*lex.Error](err); ok {
			err = command.mistake(command.Name + ": " + bad.Error())
		}
		return Invocation{}, err
	}
	inv.nodes = r.Nodes
	return inv, nil
}

// read reads the arguments of the command, which must be all that there is.
func (c Command) read(r *reader, a *Args) error {
	if err := c.endings(r, a); err != nil {
		return err
	}
	if c.form != nil {
		a.Command = c.form.Begin()
	}
	for _, p := range c.params {
		if p.optional && !p.always && len(r.Words) == 0 {
			continue
		}
		if err := p.read(r, a); err != nil {
			return err
		}
	}
	if len(r.Words) > 0 {
		return lex.Wrong(r.Words[0], "is too many")
	}
	if c.form != nil {
		a.Command = c.form.End(a.Command)
	}
	return nil
}

// verb is the first word of the command's name.
func (c Command) verb() string {
	verb, _, _ := strings.Cut(c.Name, " ")
	return verb
}

// words is of how many words the command's name is.
func (c Command) words() int { return 1 + strings.Count(c.Name, " ") }

func (c Command) marked() bool {
	return slices.ContainsFunc(c.params, func(p param) bool { return p.marked })
}

// choose finds the command that a line begins with.
func choose(words []word) (Command, error) {
	if c := named(words); c.Name != "" {
		return c, nil
	}
	verb := words[0].Text
	second := forms(registry, verb)
	switch {
	case len(second) == 0:
		return Command{}, unknown(words[0])
	case len(words) == 1:
		return Command{}, among(verb+" what? ", second, verb)
	}
	if near, ok := spelling.Nearest(words[1].Text, second); ok {
		c, _ := lookup(verb + " " + near)
		return Command{}, c.mistake(fmt.Sprintf("%s: word 2 %s: did you mean %s?", verb, lex.Show(words[1]), near))
	}
	return Command{}, among(fmt.Sprintf("%s: word 2 %s is none of ", verb, lex.Show(words[1])), second, verb)
}

// forms are the words that may follow a verb, of those commands that have names of two words.
func forms(commands []Command, verb string) []string {
	var all []string
	for _, c := range commands {
		if first, second, two := strings.Cut(c.Name, " "); two && first == verb {
			all = append(all, second)
		}
	}
	return all
}

// unknown says that a word is no command, and which one was probably meant.
func unknown(w word) error {
	if w.Text == "search" {
		return errors.New("no command search: on the screen of a simulated cluster the key S searches from here, and splitbrain search from the beginning")
	}
	near, ok := spelling.Nearest(w.Text, verbs(registry))
	if !ok {
		return fmt.Errorf("no command %s: help lists all", lex.Show(w))
	}
	if c, ok := lookup(near); ok {
		return c.mistake(fmt.Sprintf("no command %s: did you mean %s?", lex.Show(w), near))
	}
	return among(fmt.Sprintf("no command %s: did you mean %s? It goes on with ", lex.Show(w), near), forms(registry, near), near)
}

// verbs are the first words of commands.
func verbs(commands []Command) []string {
	var names []string
	for _, c := range commands {
		if verb := c.verb(); !slices.Contains(names, verb) {
			names = append(names, c.verb())
		}
	}
	return names
}
