package script

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/engine/lex"
	"cluster/splitbrain/viewservice"
	"cluster/splitbrain/viewservice/rules"
)

// The arguments of expectations.
var (
	viewParam = param{usage: "NUMBER|any [PRIMARY [BACKUP|none]] [acked]", read: readView,
		offers: func(n Names) []string { return append(n.servers(), "none", "acked") }}
	equalsParam  = param{usage: "= VALUE|absent", takes: 2, read: readEquals, offers: offering("=", absent)}
	roleParam    = oneOf("primary", "backup", "idle").as("primary|backup|idle")
	stateParam   = oneOf("up", "crashed", "frozen").as("up|crashed|frozen")
	countParam   = param{usage: "COUNT[+]", takes: 1, read: readCount}
	clientNode   = param{usage: "CLIENT", takes: 1, read: readClientNode, offers: Names.clients}
	resultParam  = param{usage: "= VALUE|ok|absent|unknown|refused", takes: 2, read: readResult, offers: offering(append([]string{"="}, results...)...)}
	becauseParam = param{usage: "because RULE", takes: 2, optional: true, read: readBecause, offers: offering("because")}
	citeParam    = param{usage: "RULE", takes: 1, read: readCite}
	citeOrNone   = param{usage: "RULE", takes: 1, optional: true, read: readCite}
	ruleParam    = param{usage: "RULE", takes: 1, read: readRule, offers: offering(engine.RuleNames()...)}

	// results are the words for how an operation can end. Of a Get that found a value that is demanded, and no word.
	results = []string{engine.OK: "ok", engine.Absent: absent, engine.Unknown: "unknown", engine.Refused: "refused"}
)

// absent is the word for a key that is not there.
const absent = "absent"

func offering(all ...string) func(Names) []string { return func(Names) []string { return all } }

// oneOf reads one of a few words.
func oneOf(all ...string) param {
	return param{takes: 1, offers: offering(all...), read: lex.OneWord(strings.Join(all, "|"), func(w word, a *Args) error {
		if !slices.Contains(all, w.Text) {
			return errors.New("is none of " + strings.Join(all, ", "))
		}
		a.Word = w.Text
		return nil
	})}
}

func (p param) as(usage string) param {
	p.usage = usage
	return p
}

func readView(r *reader, a *Args) error {
	w, err := r.Next("NUMBER")
	if err != nil {
		return err
	}
	v := &a.View
	n, err := strconv.ParseUint(w.Text, 10, 32)
	if err != nil && w.Text != "any" {
		return lex.Wrong(w, "is not the number of a view, nor any")
	}
	v.Number, v.Any = viewservice.Number(n), err != nil
	if len(r.Words) > 0 && r.Words[len(r.Words)-1].Text == "acked" {
		v.Acked = true
		r.Words = r.Words[:len(r.Words)-1]
	}
	if len(r.Words) > 0 {
		if v.Primary, err = node(r, noServer); err != nil {
			return err
		}
	}
	if len(r.Words) == 0 {
		return nil
	}
	if r.Words[0].Text == "none" || r.Words[0].Text == "·" {
		v.Alone, r.Words = true, r.Words[1:]
		return nil
	}
	v.Backup, err = node(r, noServer)
	return err
}

func readEquals(r *reader, a *Args) error {
	w, err := r.Next("= VALUE")
	if err != nil {
		return err
	}
	switch w.Text {
	case absent:
		a.Word = absent
		return nil
	case "=":
		return readValue(r, a)
	}
	return lex.Wrong(w, "is neither = with a value nor absent")
}

func readResult(r *reader, a *Args) error {
	w, err := r.Next("= VALUE")
	switch {
	case err != nil:
		return err
	case w.Text == "=":
		return readValue(r, a)
	case slices.Contains(results, w.Text):
		a.Word = w.Text
		return nil
	}
	return lex.Wrong(w, "is neither = with a value nor one of "+strings.Join(results, ", "))
}

var readCount = lex.OneWord("COUNT", func(w word, a *Args) (err error) {
	var text string
	text, a.More = strings.CutSuffix(w.Text, "+")
	if a.Count, err = strconv.Atoi(text); err != nil || a.Count < 0 {
		return errors.New("is not a number like 3, nor 3+ for that or more")
	}
	return nil
})

func readClientNode(r *reader, a *Args) (err error) {
	a.Client, err = node(r, noClientHere)
	return err
}

func readBecause(r *reader, a *Args) error {
	w, err := r.Next("because")
	if err != nil {
		return err
	}
	if w.Text != "because" {
		return lex.Wrong(w, "is too many: only because may follow")
	}
	return readCite(r, a)
}

var readCite = lex.OneWord("RULE", func(w word, a *Args) error {
	if c, ok := rules.CardOf(w.Text); !ok || string(c.Ref) != w.Text {
		return errors.New("is not a rule's name: " + theRules)
	}
	a.Cites = rules.Ref(w.Text)
	return nil
})

// theRules are all rules of the protocol, in short.
const theRules = "V1–V11, S1–S13, C1–C3"

var readRule = lex.OneWord("RULE", func(w word, a *Args) (err error) {
	a.Rule, err = engine.ParseRule(w.Text)
	return err
})

// clients are the nodes that are clients.
func (n Names) clients() []string {
	return slices.DeleteFunc(slices.Clone(n.Nodes), func(name string) bool { return !engine.IsClient(name) })
}
