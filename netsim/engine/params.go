package engine

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine/lex"
	"cluster/splitbrain/netsim/engine/spelling"
	"cluster/splitbrain/viewservice/rules"
)

// Param is one argument of a command: how it is called, read and written.
type Param struct {
	Usage    string
	Optional bool
	Takes    int   // words, without marks; 0: all there are
	Marked   bool  // > and | are words of their own in this argument
	Offers   Offer // what could stand here
	Words    []string

	read   func(r *lex.Reader, c *Command) error
	write  func(c Command) string // "" if the argument is missing
	absent func(c *Command)       // what it means that the argument is missing; nil: nothing
}

// Offer says of what the words are that can stand where a Param does.
type Offer uint8

// The offers.
const (
	Words      Offer = iota // Param.Words
	AnyNode                 // the names of all nodes
	AnyProcess              // of the servers and the viewservice
	NewServer               // the name of the server that would be added
	AnyMessage              // the numbers of what is held
)

// Take reads the argument. The error is an *lex.Error.
func (p *Param) Take(r *lex.Reader, c *Command) error {
	if p.Optional && len(r.Words) == 0 {
		if p.absent != nil {
			p.absent(c)
		}
		return nil
	}
	return p.read(r, c)
}

func writeNode(c Command) string {
	if c.Node == "" {
		return ""
	}
	return lex.Quote(c.Node)
}

var (
	nodeParam    = Param{Usage: "NODE", Takes: 1, Offers: AnyNode, read: readNode, write: writeNode}
	processParam = Param{Usage: "NODE", Takes: 1, Offers: AnyProcess, read: readProcess, write: writeNode}
	newParam     = Param{Usage: "NAME", Takes: 1, Optional: true, Offers: NewServer, read: lex.OneWord("NAME", setName), write: writeNode}

	linkParam     = Param{Usage: "NODE [>] NODE", Takes: 2, Marked: true, Offers: AnyNode, read: readLink, write: Command.linkText}
	someLinkParam = Param{Usage: "NODE [>] NODE", Takes: 2, Optional: true, Marked: true, Offers: AnyNode, read: readLink, write: Command.linkText}
	healParam     = Param{Usage: "NODE [[>] NODE]", Takes: 2, Optional: true, Marked: true, Offers: AnyNode, read: readNodeOrLink, write: Command.nodeOrLinkText}
	groupsParam   = Param{Usage: "NODE... [| NODE...]", Marked: true, Offers: AnyNode, read: readGroups, write: Command.groupsText}

	messageParam = Param{Usage: "MESSAGE|first|last", Takes: 1, Offers: AnyMessage, read: lex.OneWord("MESSAGE", setMessage), write: writeMessage}
	stepParam    = Param{Usage: "ping|message|event", Takes: 1, Optional: true, Words: stepNames(), read: lex.OneWord("KIND", setStep), write: writeStep}
	// speedParam offers those that keys and lessons use.
	speedParam = Param{Usage: "SPEED", Takes: 1, Words: []string{"0.01", "0.1", "1", "10", "100"}, read: lex.OneWord("SPEED", setSpeed),
		write: func(c Command) string { return strconv.FormatFloat(c.Speed, 'g', -1, 64) }}
	ruleParam = Param{Usage: "RULE", Takes: 1, Words: RuleNames(), read: lex.OneWord("RULE", setRule), write: func(c Command) string { return c.Rule.String() }}
	onParam   = Param{Usage: "off|on", Takes: 1, Words: onWords, read: lex.OneWord("off|on", setOn), write: func(c Command) string {
		if c.On {
			return "on"
		}
		return "off"
	}}

	onWords = []string{"off", "on"}
)

// degreeParams read how bad a fault is.
func degreeParams(form netsim.DegreeForm) []Param {
	switch form {
	case netsim.DelayDegree:
		return []Param{{Usage: "TIME[±JITTER]", read: readDelay, write: Command.degree}}
	case netsim.PercentDegree:
		return []Param{{Usage: "PERCENT", Takes: 1, read: lex.OneWord("PERCENT", setProbability), write: Command.degree}}
	case netsim.WindowDegree:
		return []Param{{Usage: "WINDOW", Takes: 1, Optional: true, read: lex.OneWord("WINDOW", setWindow), write: Command.degree,
			absent: func(c *Command) { c.Fault.Window = netsim.DefaultWindow }}}
	}
	return nil
}

// optionParam is the word by which the fault of one kind is told from the other of the same command.
func optionParam(k netsim.FaultKind) Param {
	option := k.Row().Option
	return Param{Usage: option, Takes: 1, Optional: true, Words: []string{option},
		read: lex.OneWord(option, func(w lex.Word, c *Command) error {
			if w.Text != option {
				return errors.New("is too many: only " + option + " may follow")
			}
			c.Fault.Kind = k
			return nil
		}),
		write: func(c Command) string {
			if c.Fault.Kind == k {
				return option
			}
			return ""
		}}
}

func readNode(r *lex.Reader, c *Command) (err error) {
	c.Node, err = r.Node()
	return err
}

func readProcess(r *lex.Reader, c *Command) error {
	if err := readNode(r, c); err != nil {
		return err
	}
	if IsClient(c.Node) {
		return lex.Wrong(r.Nodes[len(r.Nodes)-1], "is a client: only servers and vs fit here")
	}
	return nil
}

func setName(w lex.Word, c *Command) error {
	c.Node = w.Text
	return nil
}

// readLink reads A > B, or A B, which means both directions of those faults that go both ways.
func readLink(r *lex.Reader, c *Command) (err error) {
	f := &c.Fault
	if f.From, err = r.Node(); err != nil {
		return err
	}
	from, to := r.Skip("<"), r.Skip(">")
	c.BothWays = from == to && f.Kind.Row().BothWays
	if f.To, err = r.Node(); err != nil {
		return err
	}
	if from && !to {
		f.From, f.To = f.To, f.From
	}
	if f.From == f.To {
		return lex.Wrong(r.Nodes[len(r.Nodes)-1], "is both ends of the link")
	}
	return nil
}

// readNodeOrLink reads a link, or one node.
func readNodeOrLink(r *lex.Reader, c *Command) (err error) {
	if len(r.Words) == 1 {
		c.Node, err = r.Node()
		return err
	}
	return readLink(r, c)
}

func (c Command) nodeOrLinkText() string {
	if c.Node != "" {
		return writeNode(c)
	}
	return c.linkText()
}

func (c Command) linkText() string {
	between := " "
	switch {
	case c.Fault.From == "":
		return ""
	case c.Fault.Kind.Row().BothWays && !c.BothWays:
		between = " > "
	}
	return lex.Quote(c.Fault.From) + between + lex.Quote(c.Fault.To)
}

func readGroups(r *lex.Reader, c *Command) error {
	group := []string{}
	for {
		name, err := r.Node()
		if err != nil {
			return err
		}
		if slices.Contains(slices.Concat(append(c.Groups, group)...), name) {
			return lex.Wrong(r.Nodes[len(r.Nodes)-1], "is named twice")
		}
		group = append(group, name)
		if len(r.Words) > 0 && !r.Words[0].Is("|") {
			continue
		}
		c.Groups = append(c.Groups, group)
		group = nil
		if !r.Skip("|") {
			return nil
		}
	}
}

func (c Command) groupsText() string {
	var words []string
	for i, group := range c.Groups {
		if i > 0 {
			words = append(words, "|")
		}
		for _, name := range group {
			words = append(words, lex.Quote(name))
		}
	}
	return strings.Join(words, " ")
}

// degree is how bad the fault is, as a line has it.
func (c Command) degree() string {
	if c.Kind == SetFault && c.Fault.Kind.Row().Degree == netsim.WindowDegree && c.Fault.Window == netsim.DefaultWindow {
		return ""
	}
	return c.Fault.Number()
}

// readDelay reads 200ms, 200ms±50ms, 200ms+-50ms, and all of them with blanks around the sign.
func readDelay(r *lex.Reader, c *Command) error {
	w, err := r.Next("TIME")
	if err != nil {
		return err
	}
	for _, more := range r.Words {
		w.Text += more.Text
	}
	r.Words = nil
	base, jitter, jitters := strings.Cut(strings.Replace(w.Text, "+-", "±", 1), "±")
	c.Fault.Delay, err = ParseTime(base)
	if err == nil && jitters {
		c.Fault.Jitter, err = ParseTime(jitter)
	}
	if err != nil {
		return lex.Wrong(w, err.Error())
	}
	return nil
}

func setWindow(w lex.Word, c *Command) (err error) {
	c.Fault.Window, err = ParseTime(w.Text)
	return err
}

func setProbability(w lex.Word, c *Command) (err error) {
	c.Fault.Probability, err = ParsePercent(w.Text)
	return err
}

// ParseTime reads how long something takes, 0 to netsim.MaxDelay. The error goes on behind the word.
func ParseTime(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	switch {
	case err != nil:
		return 0, errors.New("is not a time like 200ms, 1.5s or 200ms±50ms")
	case d < 0:
		return 0, errors.New("is negative: a delay is 0 or more")
	case d > netsim.MaxDelay:
		return 0, fmt.Errorf("is too long: a delay is at most %v", netsim.MaxDelay)
	}
	return d, nil
}

// ParsePercent reads 30% and 0.5%, and 0 for none, as a probability. The error goes on behind the word.
func ParsePercent(text string) (float64, error) {
	if text == "0" {
		return 0, nil
	}
	p, err := netsim.ParsePercent(text)
	switch {
	case err != nil:
		return 0, errors.New("is not a percentage like 30%")
	case !(p >= 0 && p <= 1):
		return 0, errors.New("is not one of 0% to 100%")
	}
	return p, nil
}

// messageNames are of the held messages that are told by no number.
var messageNames = map[uint64]string{FirstHeld: "first", LastHeld: "last"}

func setMessage(w lex.Word, c *Command) (err error) {
	for id, name := range messageNames {
		if w.Text == name {
			c.Message = id
			return nil
		}
	}
	if c.Message, err = strconv.ParseUint(w.Text, 10, 63); err != nil {
		return errors.New("is no message number like 17, nor first or last")
	}
	return nil
}

func writeMessage(c Command) string {
	return cmp.Or(messageNames[c.Message], strconv.FormatUint(c.Message, 10))
}

func stepNames() []string {
	var names []string
	for _, k := range []netsim.StepKind{netsim.StepPing, netsim.StepMessage, netsim.StepEvent} {
		names = append(names, k.String())
	}
	return names
}

func setStep(w lex.Word, c *Command) error {
	for k := netsim.StepEvent; k <= netsim.StepPing; k++ {
		if w.Text == k.String() {
			c.Step = k
			return nil
		}
	}
	return errors.New("is not ping, message or event")
}

func writeStep(c Command) string {
	if c.Step == netsim.StepEvent {
		return ""
	}
	return c.Step.String()
}

func setSpeed(w lex.Word, c *Command) (err error) {
	if c.Speed, err = ratio(w.Text); err == nil && netsim.CheckSpeed(c.Speed) != nil {
		err = fmt.Errorf("is not one of %v to %v", netsim.MinSpeed, netsim.MaxSpeed)
	}
	return err
}

// ratio reads 0.1, 1/10, x10 and ×10.
func ratio(text string) (float64, error) {
	text = strings.TrimPrefix(strings.TrimPrefix(text, "x"), "×")
	above, below, divided := strings.Cut(text, "/")
	if !divided {
		below = "1"
	}
	a, errA := strconv.ParseFloat(above, 64)
	b, errB := strconv.ParseFloat(below, 64)
	if errA != nil || errB != nil || b == 0 {
		return 0, errors.New("is not a speed like 0.1, 1/10 or x10")
	}
	return a / b, nil
}

// RuleNames are those of the rules that can be switched off.
func RuleNames() []string {
	var names []string
	for _, r := range rules.All() {
		names = append(names, r.String())
	}
	return names
}

// ParseRule reads the name of a rule that can be switched off. The error goes on behind the word.
func ParseRule(name string) (rules.Rule, error) {
	if rule, ok := rules.Named(name); ok {
		return rule, nil
	}
	if card, ok := rules.CardOf(name); ok {
		return 0, noSwitch(card.Ref)
	}
	if near, ok := spelling.Nearest(name, RuleNames()); ok {
		return 0, errors.New("can't be switched off: did you mean " + near + "?")
	}
	return 0, errors.New("can't be switched off: rules lists what can")
}

// noSwitch says what switches off a rule that was named as the protocol does.
func noSwitch(ref rules.Ref) error {
	own, weakens := ref.Switches()
	listed := func(all []rules.Rule) string {
		var names []string
		for _, r := range all {
			names = append(names, r.String())
		}
		return strings.Join(names, " or ")
	}
	switch {
	case len(own) > 0:
		return errors.New("is switched off by " + listed(own))
	case len(weakens) > 0:
		return errors.New("is only weakened, by " + listed(weakens))
	}
	return fmt.Errorf("can't be switched off: help %s explains it", ref)
}

func setRule(w lex.Word, c *Command) (err error) {
	c.Rule, err = ParseRule(w.Text)
	return err
}

func setOn(w lex.Word, c *Command) error {
	if !slices.Contains(onWords, w.Text) {
		return errors.New("is none of " + strings.Join(onWords, ", "))
	}
	c.On = w.Text == "on"
	return nil
}
