package script

import (
	"fmt"
	"slices"
)

// Parse understands one line, without looking at any cluster: whether its names exist is seen when it runs. An error
// is one line that says what is wrong, at which word, and what would be right.
func Parse(line string) (Invocation, error) {
	words, err := split(line)
	if err != nil || len(words) == 0 {
		return Invocation{}, err
	}
	command, ok := lookup(words[0].text)
	if !ok {
		return Invocation{}, unknown(words[0])
	}
	inv := Invocation{Command: command}
	r := reader{command: command, words: words[1:]}
	if command.marked() {
		r.words = cutAll(r.words)
	}
	inv.words = slices.Concat(words[:1], r.words)
	for _, p := range command.params {
		if p.optional && len(r.words) == 0 {
			if p.absent != nil {
				p.absent(&inv.Args)
			}
			continue
		}
		if err := p.read(&r, &inv.Args); err != nil {
			return Invocation{}, err
		}
	}
	if len(r.words) > 0 {
		return Invocation{}, r.wrong(r.words[0], "is too many")
	}
	inv.nodes = r.nodes
	return inv, nil
}

func (c Command) marked() bool {
	return slices.ContainsFunc(c.params, func(p param) bool { return p.marked })
}

func cutAll(words []word) []word {
	var all []word
	for _, w := range words {
		all = append(all, w.cut()...)
	}
	return all
}

// unknown says that a word is no command, and which one was probably meant.
func unknown(w word) error {
	near, ok := nearest(w.text, verbs())
	if !ok {
		return fmt.Errorf("no command %s: help lists all", show(w))
	}
	c, _ := lookup(near)
	return fmt.Errorf("no command %s: did you mean %s? (usage: %s)", show(w), near, c.Usage)
}

func verbs() []string {
	var names []string
	for _, c := range Commands() {
		names = append(names, c.Name)
	}
	return names
}
