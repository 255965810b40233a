package script

import (
	"fmt"
	"slices"
	"strings"

	"cluster/splitbrain/netsim/engine/lex"
	"cluster/splitbrain/tui/script/spelling"
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
	r := reader{command: command, words: words[verb:]}
	if command.marked() {
		r.words = lex.CutAll(r.words)
	}
	inv.words = slices.Concat(words[:verb], r.words)
	if err := r.endings(&inv.Args); err != nil {
		return Invocation{}, err
	}
	for _, p := range command.params {
		if p.optional && len(r.words) == 0 {
			if p.absent != nil {
				p.absent(&inv.Args)
			}
			continue
		}
		if err := p.take(&r, &inv.Args); err != nil {
			return Invocation{}, err
		}
	}
	if len(r.words) > 0 {
		return Invocation{}, r.wrong(r.words[0], "is too many")
	}
	inv.nodes = r.nodes
	return inv, nil
}

// take reads the argument, and says which node can't be one.
func (p param) take(r *reader, a *Args) error {
	before := len(r.nodes)
	if err := p.read(r, a); err != nil || p.unfit == nil {
		return err
	}
	for _, w := range r.nodes[before:] {
		if how := p.unfit(w.Text); how != "" {
			return r.wrong(w, how)
		}
	}
	return nil
}

// words is of how many words the command's name is.
func (c Command) words() int { return 1 + strings.Count(c.Name, " ") }

func (c Command) marked() bool {
	return slices.ContainsFunc(c.params, func(p param) bool { return p.marked })
}

// choose finds the command that a line begins with.
func choose(words []word) (Command, error) {
	verb := words[0].Text
	if len(words) > 1 {
		if c, ok := lookup(verb + " " + words[1].Text); ok && !strings.Contains(words[1].Text, " ") {
			return c, nil
		}
	}
	if c, ok := lookup(verb); ok && !strings.Contains(verb, " ") {
		return c, nil
	}
	second := forms(verb)
	switch {
	case len(second) == 0:
		return Command{}, unknown(words[0])
	case len(words) == 1:
		return Command{}, among(verb+" what? ", second, verb)
	}
	if near, ok := spelling.Nearest(words[1].Text, second); ok {
		c, _ := lookup(verb + " " + near)
		return Command{}, c.mistake(fmt.Sprintf("%s: word 2 %s: did you mean %s?", verb, show(words[1]), near))
	}
	return Command{}, among(fmt.Sprintf("%s: word 2 %s is none of ", verb, show(words[1])), second, verb)
}

// forms are the words that may follow a verb whose commands have names of two words.
func forms(verb string) []string {
	var all []string
	for _, c := range registry {
		if first, second, two := strings.Cut(c.Name, " "); two && first == verb {
			all = append(all, second)
		}
	}
	return all
}

// unknown says that a word is no command, and which one was probably meant.
func unknown(w word) error {
	near, ok := spelling.Nearest(w.Text, verbs())
	if !ok {
		return fmt.Errorf("no command %s: help lists all", show(w))
	}
	if c, ok := lookup(near); ok {
		return c.mistake(fmt.Sprintf("no command %s: did you mean %s?", show(w), near))
	}
	return among(fmt.Sprintf("no command %s: did you mean %s? It goes on with ", show(w), near), forms(near), near)
}

// verbs are the first words of all commands.
func verbs() []string {
	var names []string
	for _, c := range registry {
		verb, _, _ := strings.Cut(c.Name, " ")
		if !slices.Contains(names, verb) {
			names = append(names, verb)
		}
	}
	return names
}
