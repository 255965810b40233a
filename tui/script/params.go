package script

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
)

// param is one argument of a command: how it is called, read and completed.
type param struct {
	usage    string
	optional bool
	takes    int // words, without marks; 0: all there are
	// marked says that > and | are words of their own in this argument.
	marked bool
	read   func(r *reader, a *Args) error
	// unfit, if not nil, says what is wrong with a node of that name here; "" for nothing.
	unfit  func(name string) string
	absent func(a *Args) // if not nil: what it means that an optional argument is missing
	// offers are the words that could stand here, of those that are known.
	offers func(n Names) []string
}

// endings takes off what may end any line of the command: & for one that may go on by itself, within TIME.
func (r *reader) endings(a *Args) error {
	if n := len(r.words); r.command.detached && n > 0 && r.words[n-1].Is("&") {
		a.Detached = true
		r.words = r.words[:n-1]
	}
	n := len(r.words)
	if !r.command.timed || n == 0 {
		return nil
	}
	if r.words[n-1].Text == "within" && (n == 1 || r.words[n-2].Text != "=") {
		return r.command.mistake(r.command.Name + ": TIME is missing after within")
	}
	if n < 2 || r.words[n-2].Text != "within" {
		return nil
	}
	d, err := duration(r.words[n-1].Text)
	if err != nil {
		return r.wrong(r.words[n-1], err.Error())
	}
	a.Within, a.Timed = d, true
	r.words = r.words[:n-2]
	return nil
}

// reader hands out the words of a line to the parameters of its command.
type reader struct {
	command Command
	words   []word // not read yet
	nodes   []word // read, and must name nodes
}

// next returns the word for what, or says that it is missing.
func (r *reader) next(what string) (word, error) {
	if len(r.words) == 0 {
		return word{}, r.command.mistake(fmt.Sprintf("%s: %s is missing", r.command.Name, what))
	}
	w := r.words[0]
	r.words = r.words[1:]
	return w, nil
}

func (r *reader) node() (string, error) {
	w, err := r.next("NODE")
	if err != nil {
		return "", err
	}
	if w.Text == "" || w.Is(">") || w.Is("|") {
		return "", r.wrong(w, "is not a node")
	}
	r.nodes = append(r.nodes, w)
	return w.Text, nil
}

// wrong says what is wrong with one word.
func (r *reader) wrong(w word, how string) error {
	return r.command.mistake(fmt.Sprintf("%s: word %d %s %s", r.command.Name, w.At, show(w), how))
}

// show is a word as it appears in an error.
func show(w word) string {
	const most = 40 // bytes
	shown, more := clip(w.Text, most)
	return strconv.Quote(shown) + more
}

var (
	keyParam   = param{usage: "KEY", takes: 1, read: readKey, offers: func(n Names) []string { return n.Keys }}
	valueParam = param{usage: "VALUE", takes: 1, read: readValue}
	// clientParam stands behind the arguments that must be there.
	clientParam = param{usage: "@CLIENT", takes: 1, optional: true, read: readClient, offers: Names.options}

	nodeParam    = param{usage: "NODE", takes: 1, read: readNode, offers: Names.all}
	processParam = param{usage: "NODE", takes: 1, read: readNode, unfit: noProcess, offers: Names.processes}
	serverParam  = param{usage: "SERVER", takes: 1, read: readNode, unfit: noServer, offers: Names.servers}
	newParam     = param{usage: "NAME", takes: 1, optional: true, read: readNew, offers: Names.next}

	linkParam   = param{usage: "NODE [>] NODE", takes: 2, marked: true, read: readLink, offers: Names.all}
	someLink    = param{usage: "NODE [>] NODE", takes: 2, optional: true, marked: true, read: readLink, offers: Names.all}
	groupsParam = param{usage: "NODE... [| NODE...]", marked: true, read: readGroups, offers: Names.all}
	timeParam   = param{usage: "TIME[±JITTER]", read: readTime}

	percentParam = param{usage: "PERCENT", takes: 1, read: readPercent}
	repliesParam = param{usage: "replies", takes: 1, optional: true, read: readReplies,
		offers: func(Names) []string { return []string{"replies"} }}
	windowParam = param{usage: "WINDOW", takes: 1, optional: true, read: readWindow,
		absent: func(a *Args) { a.Window = netsim.DefaultWindow }}
	messageParam = param{usage: "MESSAGE|first|last", takes: 1, read: readMessage, offers: Names.messages}
)

func noProcess(name string) string {
	if isClient(name) {
		return "is a client: only servers and vs fit here"
	}
	return ""
}

func noServer(name string) string {
	if isClient(name) || name == engine.ViewAddr {
		return "is no server"
	}
	return ""
}

func noClientHere(name string) string {
	if strings.HasPrefix(name, "s") || name == engine.ViewAddr {
		return "is no client"
	}
	return ""
}

func readKey(r *reader, a *Args) error {
	w, err := r.next("KEY")
	if err != nil {
		return err
	}
	if _, option := w.Option(); option {
		return r.wrong(w, "stands where KEY should: quote it if it is one")
	}
	a.Key = w.Text
	return nil
}

func readValue(r *reader, a *Args) error {
	w, err := r.next("VALUE")
	if err != nil {
		return err
	}
	if _, option := w.Option(); option {
		return r.wrong(w, "stands where VALUE should: quote it if it is one")
	}
	a.Value = w.Text
	return nil
}

func readClient(r *reader, a *Args) error {
	w, err := r.next("@CLIENT")
	if err != nil {
		return err
	}
	name, ok := w.Option()
	if !ok {
		return r.wrong(w, "is too many: quote texts, write clients as @c1")
	}
	if name == "" {
		return r.wrong(w, "names no client")
	}
	a.Client = name
	return nil
}

func readNode(r *reader, a *Args) (err error) {
	a.Node, err = r.node()
	return err
}

func readNew(r *reader, a *Args) error {
	w, err := r.next("NAME")
	a.Node = w.Text
	return err
}

// readLink reads A B, which means both directions, or A > B.
func readLink(r *reader, a *Args) (err error) {
	if a.From, err = r.node(); err != nil {
		return err
	}
	if len(r.words) > 0 && r.words[0].Is(">") {
		a.OneWay = true
		r.words = r.words[1:]
	}
	if a.To, err = r.node(); err != nil {
		return err
	}
	if a.From == a.To {
		return r.wrong(r.nodes[len(r.nodes)-1], "is both ends of the link")
	}
	return nil
}

func readGroups(r *reader, a *Args) error {
	group := []string{}
	grouped := map[string]bool{}
	for {
		name, err := r.node()
		if err != nil {
			return err
		}
		if grouped[name] {
			return r.wrong(r.nodes[len(r.nodes)-1], "is named twice")
		}
		grouped[name] = true
		group = append(group, name)
		if len(r.words) > 0 && !r.words[0].Is("|") {
			continue
		}
		a.Groups = append(a.Groups, group)
		group = nil
		if len(r.words) == 0 {
			return nil
		}
		r.words = r.words[1:]
	}
}

// readTime reads 200ms, 200ms±50ms, 200ms+-50ms, and all of them with blanks around the sign.
func readTime(r *reader, a *Args) error {
	first, err := r.next("TIME")
	if err != nil {
		return err
	}
	text := first.Text
	for _, w := range r.words {
		text += w.Text
	}
	r.words = nil
	first.Text = text
	text = strings.Replace(text, "+-", "±", 1)
	base, jitter, jitters := strings.Cut(text, "±")
	if a.Delay, err = duration(base); err != nil {
		return r.wrong(first, err.Error())
	}
	if !jitters {
		return nil
	}
	if a.Jitter, err = duration(jitter); err != nil {
		return r.wrong(first, err.Error())
	}
	return nil
}

func readWindow(r *reader, a *Args) error {
	w, err := r.next("WINDOW")
	if err != nil {
		return err
	}
	if a.Window, err = duration(w.Text); err != nil {
		return r.wrong(w, err.Error())
	}
	return nil
}

// readPercent reads 30% and 0.5%, and 0 for none.
func readPercent(r *reader, a *Args) error {
	w, err := r.next("PERCENT")
	if err != nil {
		return err
	}
	number, signed := strings.CutSuffix(w.Text, "%")
	p, err := strconv.ParseFloat(number, 64)
	switch {
	case err != nil || !signed && p != 0:
		return r.wrong(w, "is not a percentage like 30%")
	case !(p >= 0 && p <= 100):
		return r.wrong(w, "is not one of 0% to 100%")
	}
	a.Probability = p / 100
	return nil
}

func readReplies(r *reader, a *Args) error {
	w, err := r.next("replies")
	if err != nil {
		return err
	}
	if w.Text != "replies" {
		return r.wrong(w, "is too many: only replies may follow")
	}
	a.Replies = true
	return nil
}

// The held messages that are told by no number.
const (
	pickFirst = "first"
	pickLast  = "last"
)

func readMessage(r *reader, a *Args) error {
	w, err := r.next("MESSAGE")
	if err != nil {
		return err
	}
	if w.Text == pickFirst || w.Text == pickLast {
		a.Pick = w.Text
		return nil
	}
	if a.Message, err = strconv.ParseUint(w.Text, 10, 64); err != nil {
		return r.wrong(w, "is no message number like 17, nor first or last")
	}
	return nil
}

func duration(s string) (time.Duration, error) {
	d, err := time.ParseDuration(s)
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

func readTopic(r *reader, a *Args) error {
	w, err := r.next("COMMAND")
	if err != nil {
		return err
	}
	words := []word{w}
	if len(r.words) > 0 {
		words = append(words, r.words[0])
		if _, ok := lookup(w.Text + " " + r.words[0].Text); ok {
			a.Topic, r.words = w.Text+" "+r.words[0].Text, r.words[1:]
			return nil
		}
	}
	if len(words) == 1 && len(forms(w.Text)) > 0 {
		a.Topic = w.Text
		return nil
	}
	c, err := choose(words)
	a.Topic = c.Name
	return err
}
