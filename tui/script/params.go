package script

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/engine/lex"
	"cluster/splitbrain/viewservice/rules"
)

// param is one argument of a command: how it is called, read and completed.
type param struct {
	usage    string
	optional bool
	takes    int // words, without marks; 0: all there are
	// marked says that > and | are words of their own in this argument.
	marked bool
	read   func(r *reader, a *Args) error
	always bool // it is read even where no word is left: it is optional, and says what it means that it is missing
	// offers are the words that could stand here, of those that are known.
	offers func(n Names) []string
}

// endings takes off what may end any line of the command: & for one that may go on by itself, within TIME.
func (c Command) endings(r *reader, a *Args) error {
	if n := len(r.Words); c.detached && n > 0 && r.Words[n-1].Is("&") {
		a.Detached = true
		r.Words = r.Words[:n-1]
	}
	n := len(r.Words)
	if !c.timed || n == 0 {
		return nil
	}
	if r.Words[n-1].Text == "within" && (n == 1 || r.Words[n-2].Text != "=") {
		return c.mistake(c.Name + ": TIME is missing after within")
	}
	if n < 2 || r.Words[n-2].Text != "within" {
		return nil
	}
	d, err := engine.ParseTime(r.Words[n-1].Text)
	if err != nil {
		return lex.Wrong(r.Words[n-1], err.Error())
	}
	a.Within, a.Timed = d, true
	r.Words = r.Words[:n-2]
	return nil
}

// reader hands out the words of a line to the parameters of its command.
type reader = lex.Reader

// anyText reads a text that stands where a @client could.
func anyText(what string, kept func(a *Args) *string) func(*reader, *Args) error {
	return lex.OneWord(what, func(w word, a *Args) error {
		if _, option := w.Option(); option {
			return fmt.Errorf("stands where %s should: quote it if it is one", what)
		}
		*kept(a) = w.Text
		return nil
	})
}

// aTime reads a length of time.
func aTime(kept func(a *Args) *time.Duration) func(*reader, *Args) error {
	return lex.OneWord("TIME", func(w word, a *Args) (err error) {
		*kept(a), err = engine.ParseTime(w.Text)
		return err
	})
}

var (
	keyParam   = param{usage: "KEY", takes: 1, read: readKey, offers: func(n Names) []string { return n.Keys }}
	valueParam = param{usage: "VALUE", takes: 1, read: readValue}
	// clientParam stands behind the arguments that must be there.
	clientParam = param{usage: "@CLIENT", takes: 1, optional: true, read: readClient, offers: Names.options}

	nodeParam    = param{usage: "NODE", takes: 1, read: readNode(anyNode), offers: Names.all}
	processParam = param{usage: "NODE", takes: 1, read: readNode(noProcess), offers: Names.processes}
	serverParam  = param{usage: "SERVER", takes: 1, read: readNode(noServer), offers: Names.servers}

	readKey    = anyText("KEY", func(a *Args) *string { return &a.Key })
	readValue  = anyText("VALUE", func(a *Args) *string { return &a.Value })
	readClient = lex.OneWord("@CLIENT", func(w word, a *Args) error {
		name, ok := w.Option()
		switch {
		case !ok:
			return errors.New("is too many: quote texts, write clients as @c1")
		case name == "":
			return errors.New("names no client")
		}
		a.Client = name
		return nil
	})
)

func anyNode(string) string { return "" }

func noProcess(name string) string {
	if engine.IsClient(name) {
		return "is a client: only servers and vs fit here"
	}
	return ""
}

func noServer(name string) string {
	if engine.IsClient(name) || name == engine.ViewAddr {
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

// node reads the name of a node. unfit says what is wrong with a node of that name here; "" for nothing.
func node(r *reader, unfit func(name string) string) (string, error) {
	name, err := r.Node()
	if err != nil {
		return "", err
	}
	if how := unfit(name); how != "" {
		return "", lex.Wrong(r.Nodes[len(r.Nodes)-1], how)
	}
	return name, nil
}

func readNode(unfit func(name string) string) func(*reader, *Args) error {
	return func(r *reader, a *Args) (err error) {
		a.Node, err = node(r, unfit)
		return err
	}
}

func readTopic(r *reader, a *Args) error {
	w, err := r.Next("COMMAND")
	if err != nil {
		return err
	}
	words := []word{w}
	if ref, ok := rules.CardOf(w.Text); ok {
		a.Cites = ref.Ref
		return nil
	}
	if len(w.Text) > 1 && strings.ContainsAny(w.Text[:1], "VSCvsc") && strings.Trim(w.Text[1:], "0123456789") == "" {
		return lex.Wrong(w, "is no rule: there are "+theRules)
	}
	if len(r.Words) > 0 {
		words = append(words, r.Words[0])
		if _, ok := lookup(w.Text + " " + r.Words[0].Text); ok {
			a.Text, r.Words = w.Text+" "+r.Words[0].Text, r.Words[1:]
			return nil
		}
	}
	if len(words) == 1 && len(forms(registry, w.Text)) > 0 {
		a.Text = w.Text
		return nil
	}
	if _, command := lookup(w.Text); !command && len(words) == 1 && aboutPanes[w.Text] != "" {
		a.Word = w.Text
		return nil
	}
	c, err := choose(words)
	a.Text = c.Name
	return err
}

// ofCommand is an argument of a command to a cluster.
func ofCommand(p engine.Param) param {
	return param{
		usage: p.Usage, optional: p.Optional, takes: p.Takes, marked: p.Marked, always: p.Optional,
		read: func(r *reader, a *Args) error { return p.Take(r, &a.Command) },
		offers: map[engine.Offer]func(Names) []string{
			engine.Words: offering(p.Words...), engine.AnyNode: Names.all, engine.AnyProcess: Names.processes,
			engine.NewServer: Names.next, engine.AnyMessage: Names.messages,
		}[p.Offers],
	}
}
