package script

import (
	"slices"
	"strconv"
	"strings"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/engine/lex"
)

// Names are what a completion can know of a cluster.
type Names struct {
	Nodes    []string
	Keys     []string
	Messages []uint64 // that are held
	Replays  bool     // the engine is an engine.Replayer
}

func (n Names) all() []string { return n.Nodes }

// servers are the nodes that can be primary.
func (n Names) servers() []string {
	return slices.DeleteFunc(n.processes(), func(name string) bool { return name == engine.ViewAddr })
}

// processes are the nodes that can be killed.
func (n Names) processes() []string { return slices.DeleteFunc(slices.Clone(n.Nodes), engine.IsClient) }

func (n Names) messages() []string {
	var all []string
	for _, m := range n.Messages {
		all = append(all, strconv.FormatUint(m, 10))
	}
	return all
}

// options name the clients as @c1.
func (n Names) options() []string {
	var all []string
	for _, name := range n.Nodes {
		if engine.IsClient(name) {
			all = append(all, "@"+name)
		}
	}
	return all
}

// next is the name of the server that would be added, if one still fits.
func (n Names) next() []string {
	if name := engine.NextServer(n.Nodes); name != "" {
		return []string{name}
	}
	return nil
}

// Complete returns the lines that line could become with its last word completed, in the order of help and of names.
// Each begins with line; line itself is one of them if its last word could stay as it is, or go on. A line that ends in a blank is offered its next word.
func Complete(line string, n Names) []string {
	command := begun(line)
	ends := " \t"
	if command.marked() {
		ends += "<>|"
	}
	begin := strings.LastIndexAny(line, ends) + 1
	before, part := line[:begin], line[begin:]
	var lines []string
	for _, offer := range offers(before, n) {
		if !strings.HasPrefix(offer, "@") {
			offer = Quote(offer)
		}
		if strings.HasPrefix(offer, part) {
			lines = append(lines, before+offer)
		}
	}
	if len(lines) == 1 && lines[0] == line {
		return nil
	}
	return lines
}

// Usage says how the command that a line begins with is used; "" for none.
func Usage(line string) string { return begun(line).Usage }

// begun is the command of a line that may not be finished.
func begun(line string) Command {
	words, err := lex.Split(line)
	if err != nil { // a quote is still open
		words = nil
		for _, field := range strings.Fields(line) {
			words = append(words, word{Text: field})
		}
	}
	return named(words)
}

// named is the command that words begin with.
func named(words []word) Command {
	if len(words) == 0 {
		return Command{}
	}
	if len(words) > 1 {
		if c, ok := lookup(words[0].Text + " " + words[1].Text); ok {
			return c
		}
	}
	c, _ := lookup(words[0].Text)
	if c.words() > 1 { // a quoted word
		return Command{}
	}
	return c
}

// offers are the words that could follow what is before; none inside quotes or a comment.
func offers(before string, n Names) []string {
	const next = "x"
	words, err := lex.Split(before + next)
	switch {
	case err != nil || len(words) == 0 || !strings.HasSuffix(words[len(words)-1].Text, next):
		return nil
	case len(words) == 1:
		return verbs(commandsFor(n.Replays))
	}
	command := named(words[:len(words)-1])
	var more []string
	if len(words) == 2 {
		more = forms(commandsFor(n.Replays), words[0].Text)
	}
	if command.Name == "" {
		return more
	}
	words = words[command.words():]
	if command.marked() {
		words = lex.CutAll(words)
	}
	return append(command.offers(words[:len(words)-1], n), more...)
}

// offers are the words that could follow those words of the command's arguments.
func (c Command) offers(words []word, n Names) []string {
	p, ok := c.expects(words)
	var all []string
	if ok && p.offers != nil {
		all = slices.Clone(p.offers(n))
	}
	if c.timed && (!ok || p.optional || p.takes == 0) && !slices.ContainsFunc(words, func(w word) bool { return w.Text == "within" }) {
		all = append(all, "within")
	}
	taken := func(offer string) bool {
		return p.marked && slices.ContainsFunc(words, func(w word) bool { return w.Text == offer })
	}
	return slices.DeleteFunc(all, taken)
}

// expects returns the parameter that a further word would belong to.
func (c Command) expects(words []word) (param, bool) {
	words = slices.DeleteFunc(slices.Clone(words), func(w word) bool { return w.Is(">") || w.Is("<") || w.Is("|") })
	for _, p := range c.params {
		if p.takes == 0 || len(words) < p.takes {
			return p, true
		}
		words = words[p.takes:]
	}
	return param{}, false
}
