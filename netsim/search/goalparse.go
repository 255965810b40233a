package search

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"cluster/splitbrain/netsim/engine/lex"
	"cluster/splitbrain/netsim/engine/spelling"
	"cluster/splitbrain/netsim/world"
	"cluster/splitbrain/viewservice"
)

// goalWord is one kind of condition of which goals are made.
type goalWord struct {
	name     string
	examples []string // one of each form
	read     func(p *goalParser) (distance, error)
}

// goalWords are all of them. The conditions that need no further word may be followed by anything.
var goalWords = []goalWord{
	{"view", []string{"view 3", "view 3+"}, (*goalParser).view},
	{"acked", []string{"acked"}, func(p *goalParser) (distance, error) {
		p.is.facts = fact(factOfVs, runs)
		return inView(func(_ viewservice.View, acked bool) bool { return acked }), nil
	}},
	{"primary", []string{"primary s2"}, (*goalParser).primary},
	{"backup", []string{"backup s2", "backup none"}, (*goalParser).backup},
	{"complete", []string{"complete s2"}, (*goalParser).complete},
	{"crashed", []string{"crashed s2", "crashed vs"}, (*goalParser).crashed},
	{"data", []string{"data s2 k = 1", "data s2 k absent"}, (*goalParser).data},
	{"done", []string{"done", "done c1"}, (*goalParser).done},
	{"stuck", []string{"stuck V3", "stuck"}, (*goalParser).stuck},
	{"broken", []string{"broken one-primary", "broken"}, (*goalParser).broken},
}

// GoalExamples are one goal of each form.
func GoalExamples() (examples []string) {
	for _, w := range goalWords {
		examples = append(examples, w.examples...)
	}
	return examples
}

// goalParser reads a goal from left to right.
type goalParser struct {
	words            []lex.Word
	servers, clients int
	goal             Goal
	is               implied // by the condition that was read last
	nested           int     // how many of not and ( are open
	dear             int     // how many conditions were read that are tried in a fair future
}

// ParseGoal reads a condition: those of goalWords, joined with and, or, not and parentheses, of a cluster of that size. "not"
// binds closest, then "and". The error names the word that is wrong.
func ParseGoal(text string, servers, clients int) (*Goal, error) {
	words, err := lex.SplitAt(text, "()")
	if err != nil {
		return nil, err
	}
	p := goalParser{words: words, servers: servers, clients: clients}
	p.goal.Text = strings.TrimSpace(text)
	if p.goal.far, err = p.either(); err != nil {
		return nil, err
	}
	if len(p.words) > 0 {
		return nil, fmt.Errorf(`%s is too many: conditions are joined with "and", "or", "not" and parentheses`, lex.Show(p.words[0]))
	}
	p.goal.implied = p.is
	return &p.goal, nil
}

// ends reports whether a condition ends here.
func (p *goalParser) ends() bool {
	return len(p.words) == 0 || p.words[0].Is("and") || p.words[0].Is("or") || p.words[0].Is(")")
}

// next takes the next word, "" at the end.
func (p *goalParser) next() (word string) {
	if len(p.words) > 0 {
		word, p.words = p.words[0].Text, p.words[1:]
	}
	return word
}

// took takes the next word if it is that one.
func (p *goalParser) took(word string) bool {
	if len(p.words) == 0 || !p.words[0].Is(word) {
		return false
	}
	p.words = p.words[1:]
	return true
}

func (p *goalParser) either() (distance, error) { return p.joined("or", p.both, some, implied.or) }

func (p *goalParser) both() (distance, error) { return p.joined("and", p.single, all, implied.and) }

// joined reads conditions that stand between words like and. imply joins what they imply.
func (p *goalParser) joined(word string, read func() (distance, error), join func(of, late []distance) distance, imply func(a, b implied) implied) (distance, error) {
	dear := p.dear
	one, err := read()
	var of, late []distance // those that are dear come last
	keep := func() {
		if p.dear == dear {
			of = append(of, one)
		} else {
			late, dear = append(late, one), p.dear
		}
	}
	for keep(); err == nil && p.took(word); keep() {
		before := p.is
		one, err = read()
		if why := before.facts.excludes(p.is.facts); why != "" && word == "and" && err == nil {
			err = fmt.Errorf("it can never hold: %s", why)
		}
		p.is = imply(before, p.is)
	}
	if len(of)+len(late) == 1 || err != nil {
		return one, err
	}
	if word == "or" && p.nested == 0 {
		p.goal.parts = nil
	}
	return join(of, late), nil
}

// single reads one condition, perhaps with not or in parentheses.
func (p *goalParser) single() (distance, error) {
	from := p.words
	p.nested++
	of, err := p.one()
	if p.nested--; p.nested == 0 && err == nil {
		var text []string
		for _, w := range from[:len(from)-len(p.words)] {
			text = append(text, w.Text)
		}
		p.goal.parts = append(p.goal.parts, goalPart{strings.Join(text, " "), of})
	}
	return of, err
}

func (p *goalParser) one() (distance, error) {
	switch {
	case p.took("not"):
		of, err := p.single()
		if err != nil {
			return nil, err
		}
		p.is = implied{}
		return not(of), nil
	case p.took("("):
		of, err := p.either()
		if err == nil && !p.took(")") {
			err = fmt.Errorf("a parenthesis is not closed before %s", p.here())
		}
		return of, err
	}
	word := p.next()
	i := slices.IndexFunc(goalWords, func(w goalWord) bool { return w.name == word })
	if i < 0 {
		return nil, noGoal(word)
	}
	p.is = implied{}
	return goalWords[i].read(p)
}

// noGoal says that a condition begins with none of the words that it could.
func noGoal(word string) error {
	var names []string
	for _, w := range goalWords {
		names = append(names, w.name)
	}
	if near, ok := spelling.Nearest(word, names); ok {
		return fmt.Errorf("%q is no goal: did you mean %s?", word, near)
	}
	return fmt.Errorf("%q is no goal: there are %s", word, strings.Join(GoalExamples(), ", "))
}

// here is where the parser is, for an error.
func (p *goalParser) here() string {
	if len(p.words) == 0 {
		return "the end"
	}
	return lex.Show(p.words[0])
}

func (p *goalParser) view() (distance, error) {
	word := p.next()
	number, more := strings.CutSuffix(word, "+")
	n, err := strconv.ParseUint(number, 10, 32)
	if err != nil {
		return nil, fmt.Errorf("%q is no number of a view: view 3, or view 3+ for that or a later one", word)
	}
	if p.is.facts = viewFacts(n); more {
		delete(p.is.facts, factOfView)
		if n == 0 {
			p.is.facts = fact(factOfVs, runs)
		}
	}
	return viewNumber(viewservice.Number(n), more), nil
}

// server reads the name of a server.
func (p *goalParser) server() (world.Node, error) {
	word := p.next()
	n, ok := world.ParseNode(word)
	if !ok || !n.IsServer() || n > world.Server(p.servers) {
		return 0, fmt.Errorf("%q is no server: there are s1 to s%d", word, p.servers)
	}
	p.goal.names = true
	return n, nil
}

func (p *goalParser) primary() (distance, error) {
	n, err := p.server()
	p.is.facts = inAView(factOfPrimary, n.String())
	return inView(func(v viewservice.View, _ bool) bool { return v.Primary == n.String() }), err
}

func (p *goalParser) backup() (distance, error) {
	if p.took("none") {
		p.is.facts = inAView(factOfBackup, "none")
		return inView(func(v viewservice.View, _ bool) bool { return v.Viewnum > 0 && v.Backup == "" }), nil
	}
	n, err := p.server()
	p.is.facts = inAView(factOfBackup, n.String())
	return inView(func(v viewservice.View, _ bool) bool { return v.Backup == n.String() }), err
}

func (p *goalParser) complete() (distance, error) {
	n, err := p.server()
	p.is.facts = inAView(n.String(), runs)
	return completeIn(n), err
}

func (p *goalParser) crashed() (distance, error) {
	if p.took(world.Viewservice.String()) {
		p.is.facts = fact(factOfVs, crashed)
		return crashedNode(world.Viewservice), nil
	}
	n, err := p.server()
	p.is.facts = fact(n.String(), crashed)
	return crashedNode(n), err
}

// data reads "data s2 k = 1", "data s2 k 1" or "data s2 k absent".
func (p *goalParser) data() (distance, error) {
	n, err := p.server()
	if err != nil {
		return nil, err
	}
	if len(p.words) < 2 {
		return nil, fmt.Errorf(`"data %s" lacks a key and what it holds: data %s k = 1, or data %[1]s k absent`, n, n)
	}
	p.is.facts = fact(n.String(), runs)
	key := p.next()
	if p.took("absent") {
		return dataIs(n, key, register{}), nil
	}
	p.goal.keys = append(p.goal.keys, key)
	p.took("=")
	if len(p.words) == 0 {
		return nil, fmt.Errorf(`"data %s %s" lacks what the key holds: = 1, or absent`, n, key)
	}
	return dataIs(n, key, register{value: p.next(), found: true}), nil
}

func (p *goalParser) done() (distance, error) {
	if p.ends() {
		p.is.done = true
		return allDone, nil
	}
	word := p.next()
	n, ok := world.ParseNode(word)
	if !ok || !n.IsClient() || n > world.Client(p.clients) {
		return nil, fmt.Errorf("%q is no client: there are c1 to c%d", word, p.clients)
	}
	p.goal.names = true
	return clientDone(n), nil
}

func (p *goalParser) stuck() (distance, error) {
	if p.is.facts = fact(factOfVs, runs); p.ends() {
		return stuckBy(""), nil
	}
	word := p.next()
	if !slices.ContainsFunc(Obstacles(), func(rule string) bool { return strings.EqualFold(rule, word) }) {
		return nil, fmt.Errorf("%q is no rule that holds views up: there are %s", word, strings.Join(slices.Sorted(slices.Values(Obstacles())), ", "))
	}
	if p.is.needsVs, p.is.view0 = strings.EqualFold(word, "V9"), strings.EqualFold(word, "V1"); p.is.view0 {
		p.is.facts = viewFacts(0)
	}
	return stuckBy(word), nil
}

func (p *goalParser) broken() (distance, error) {
	if p.ends() {
		return brokenPromise(allProperties &^ inTheEnd), nil
	}
	word := p.next()
	one, ok := PropertyNamed(word)
	if !ok {
		return nil, fmt.Errorf("%q is no promise: %s", word, spelling.Meant(word, PropertyNames()))
	}
	if one&ofSteps != 0 {
		p.goal.step = word
	}
	if one&inTheEnd != 0 {
		p.goal.fair = word
		p.dear++
	}
	return brokenPromise(one), nil
}
