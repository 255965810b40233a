package engine

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"cluster/splitbrain/netsim"
)

// Form is how the commands of one name are written, and what they come to in words: a row of the table of all of them.
type Form struct {
	Name    string // the verb
	Help    string // what the command does, in one line
	Example string // a line that works in a cluster of three servers and two clients
	Params  []Param

	kind  CommandKind
	fault netsim.FaultKind
	node  CommandKind // what is meant where one node stands in the link's place
	whole CommandKind // what is meant where the optional link is missing
	done  func(c Command, came string) string
}

// Forms are all, in the order in which help shows them. They must not be changed.
func Forms() []Form { return forms }

var forms = slices.Concat(
	nodeForms, faultForms(netsim.FaultCut, netsim.FaultDelay), cutForms, faultForms(netsim.FaultDelay, netsim.FaultHold),
	[]Form{{
		Name: "unreliable", Help: "makes a node lose 10% of the requests to it and 20% of its replies", Example: "unreliable s1",
		kind: Unreliable, Params: []Param{nodeParam}, done: nodeIs("unreliable: 10% of requests to it and 20% of its replies get lost"),
	}},
	faultForms(netsim.FaultHold, netsim.FaultFrozen), messageForms, timeForms, ruleForms,
)

var nodeForms = []Form{{
	Name: "kill", Help: "crashes a server or vs: connections reset, memory gone", Example: "kill s1",
	kind: Kill, Params: []Param{processParam}, done: nodeIs("killed: its memory is gone"),
}, {
	Name: "restart", Help: "starts a server or vs anew, empty, under its old name", Example: "restart s1",
	kind: Restart, Params: []Param{processParam}, done: nodeIs("restarted: it knows nothing"),
}, {
	Name: "freeze", Help: "makes any node stand still; it keeps its memory", Example: "freeze s2",
	kind: Freeze, Params: []Param{nodeParam}, done: nodeIs("frozen: it stands still"),
}, {
	Name: "thaw", Help: "lets a frozen node go on", Example: "thaw s2",
	kind: Thaw, Params: []Param{nodeParam}, done: nodeIs("thawed: it goes on where it stood"),
}, {
	Name: "add", Help: "adds one more server", Example: "add",
	kind: Add, Params: []Param{newParam}, done: nodeIs("added: an empty server"),
}}

var cutForms = []Form{{
	Name: "heal", Help: "undoes the cut of one link, or all that is wrong with a node's links, or with all: what is frozen goes on", Example: "heal s1",
	kind: ClearFault, fault: netsim.FaultCut, node: HealNode, whole: HealAll, Params: []Param{healParam},
	done: linkIs("all links are whole, nothing is held or frozen"),
}, {
	Name: "isolate", Help: "cuts a node from all others", Example: "isolate s1",
	kind: Isolate, Params: []Param{nodeParam}, done: nodeIs("isolated: no message comes or goes"),
}, {
	Name: "partition", Help: "cuts groups from one another; nodes in no group form one more", Example: "partition s1 c1 | s2 s3 c2 vs",
	kind: Partition, Params: []Param{groupsParam}, done: func(c Command, _ string) string { return "partitioned: " + c.groupsText() },
}}

var messageForms = []Form{{
	Name: "release", Help: "ends the hold of one link, or all, and delivers what waits", Example: "release",
	kind: ClearFault, fault: netsim.FaultHold, whole: ReleaseAll, Params: []Param{someLinkParam}, done: linkIs("nothing is held any more"),
}, {
	Name: "deliver", Help: "delivers a held message: by its number, the first, or the last", Example: "deliver 17",
	kind: Deliver, Params: []Param{messageParam}, done: messageIs("delivered"),
}, {
	Name: "drop", Help: "loses a held message", Example: "drop 18",
	kind: Drop, Params: []Param{messageParam}, done: messageIs("dropped: it is lost"),
}, {
	Name: "duplicate", Help: "copies a held message; the copy is held too", Example: "duplicate 17",
	kind: Duplicate, Params: []Param{messageParam}, done: messageIs("duplicated: its copy %s is held too"),
}}

var timeForms = []Form{{
	Name: "pause", Help: "makes time stand: nothing ages, no message moves", Example: "pause",
	kind: Pause, done: says(ErrPaused.Error()),
}, {
	Name: "resume", Help: "lets paused time go on", Example: "resume", kind: Resume, done: says("time goes on"),
}, {
	Name: "step", Help: "lets paused time go on to the next event, message or ping", Example: "step ping",
	kind: Step, Params: []Param{stepParam}, done: func(_ Command, came string) string { return "step: " + came },
}, {
	Name: "speed", Help: "sets how fast time goes, from 1/100 to 10, simulated to 1000", Example: "speed 0.1",
	kind: SetSpeed, Params: []Param{speedParam}, done: func(c Command, _ string) string { return fmt.Sprintf("time goes at ×%.6g", c.Speed) },
}}

var ruleForms = []Form{{
	Name: "rule", Help: "switches a rule off, to see what breaks, or on again", Example: "rule ack-rule off",
	kind: SetRule, Params: []Param{ruleParam, onParam}, done: func(c Command, _ string) string {
		refs := c.Rule.Refs().List(", ")
		if c.On {
			return fmt.Sprintf("%v is on again (%s)", c.Rule, refs)
		}
		return fmt.Sprintf("%v is off: %s (%s)", c.Rule, c.Rule.Effect(), refs)
	},
}}

// faultForms are those of the faults of links from one kind up to another. Kinds that share a command are one form.
func faultForms(from, until netsim.FaultKind) []Form {
	var all []Form
	for k := from; k < until; k++ {
		row := k.Row()
		i := slices.IndexFunc(all, func(f Form) bool { return f.Name == row.Command })
		if i >= 0 {
			all[i].Params = append(all[i].Params, optionParam(k))
			continue
		}
		all = append(all, Form{
			Name: row.Command, Help: row.Help, Example: row.Example, kind: SetFault, fault: k, done: linkIs(""),
			Params: append([]Param{linkParam}, degreeParams(row.Degree)...),
		})
	}
	return all
}

// form is the row of a command, nil if there is none.
func form(c Command) *Form {
	name := ""
	switch row := c.Fault.Kind.Row(); c.Kind {
	case SetFault:
		name = row.Command
	case ClearFault:
		name = cmp.Or(row.EndedBy, row.Command)
	}
	for i := range forms {
		f := &forms[i]
		if f.Name == name || name == "" && (f.kind == c.Kind || c.Kind != 0 && (f.whole == c.Kind || f.node == c.Kind)) {
			return f
		}
	}
	return nil
}

// Help is what the command does, in one line.
func (c Command) Help() string {
	if f := form(c); f != nil {
		return f.Help
	}
	return ""
}

// Begin is the command of that form of which no argument has been read.
func (f *Form) Begin() Command { return Command{Kind: f.kind, Fault: netsim.Fault{Kind: f.fault}} }

// End is the command whose arguments have all been read.
func (f *Form) End(c Command) Command {
	none := netsim.Fault{Kind: c.Fault.Kind, From: c.Fault.From, To: c.Fault.To}
	switch {
	case f.node != 0 && c.Node != "":
		return Command{Kind: f.node, Node: c.Node}
	case f.whole != 0 && c.Fault.From == "":
		return Command{Kind: f.whole}
	case c.Kind == SetFault && c.Fault == none && none.Kind.Row().Degree != netsim.NoDegree:
		c.Kind = ClearFault
	}
	return c
}

func says(text string) func(Command, string) string {
	return func(Command, string) string { return text }
}

func nodeIs(text string) func(Command, string) string {
	return func(c Command, _ string) string { return c.Node + " " + text }
}

func messageIs(text string) func(Command, string) string {
	return func(c Command, came string) string {
		return fmt.Sprintf("message %d ", c.Message) + strings.Replace(text, "%s", came, 1)
	}
}

// linkIs says what a link does from now on, or whole of all.
func linkIs(whole string) func(Command, string) string {
	return func(c Command, _ string) string {
		does := c.Fault.Effect()
		switch c.Kind {
		case HealAll, ReleaseAll:
			return whole
		case HealNode:
			return c.Node + " has all its links, nothing is held there, and it is not frozen"
		case ClearFault:
			does = c.Fault.Kind.Row().Ends
		}
		if c.BothWays {
			return c.Fault.From + " and " + c.Fault.To + " " + does
		}
		return c.Fault.From + " > " + c.Fault.To + " " + does
	}
}
