package tui

import (
	"slices"
	"strings"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/history"
	"cluster/splitbrain/netsim/history/invariant"
	"cluster/splitbrain/tui/canvas"
	"cluster/splitbrain/tui/pane"
	"cluster/splitbrain/tui/script"
	"cluster/splitbrain/tui/transcript"
	"cluster/splitbrain/viewservice/rules"
)

// overview is what the screen shows of the cluster beside its panes: the title, the tables of servers and clients, the
// line that says why.
type overview struct {
	now       *pane.Index
	selected  string            // the node that keys act on
	trouble   error             // why the engine could not be looked at
	load      *script.LoadState // that runs; nil while none does
	slow      slowMotion
	recording string // the file that is recorded to; "" while none is

	ago      string // how long ago all that was; "" if it is so now
	subtitle string // what a replay tells of it; "" while none is played

	violated      string // the promise that was found broken, in words; "" while all hold
	putAway       string // the violation whose row is not wanted any more: its mark in the title stays
	seenByClients bool
	brokenWithout rules.Disabled // the rules that could be to blame when it was found
}

// violation is what is broken, as far as it may be shown. It is past once the rules are on again that were off then.
func (o *overview) violation() (text string, past bool) {
	if o.now.Covered {
		return "", false
	}
	return o.violated, o.brokenWithout != 0 && o.now.Disabled == 0
}

// violationLine tells of a violation where there is room for a sentence; "" if there is nothing to tell.
func (o *overview) violationLine() (string, canvas.Style) {
	switch text, past := o.violation(); {
	case text == "" || text == o.putAway:
		return "", canvas.Plain
	case past:
		return "earlier, with rules off: " + text, canvas.Muted
	default:
		return "✗ " + o.violationWord(each) + ": " + text, canvas.Alarm
	}
}

// violationWord names what is broken: what a client was told, or what only the servers say of themselves.
func (o *overview) violationWord(c detail) string {
	switch {
	case o.seenByClients:
		return transcript.AlarmWord
	case c < untimed:
		return transcript.InvariantWord
	}
	return "INVARIANT"
}

// judge notes the first promise that was found broken by what servers say of themselves, and then, in its place, the
// one that clients saw broken. It returns what is to be told, without a text for nothing new.
func (o *overview) judge(v history.Verdict, broken []invariant.Violation) transcript.Event {
	if o.violated != "" && (o.seenByClients || v.Result != history.Violated) {
		return transcript.Event{}
	}
	found := brokenPromise(v, broken)
	if found.Text != "" {
		o.violated, o.seenByClients, o.brokenWithout = found.Text, found.Kind == transcript.Alarm, o.now.WereOff
	}
	return found
}

// brokenPromise says what promise was broken; without a text if none was.
func brokenPromise(v history.Verdict, broken []invariant.Violation) transcript.Event {
	switch {
	case v.Result == history.Violated && v.Blame != nil && v.Blame.Text != "":
		return transcript.Event{Kind: transcript.Alarm, Text: v.Blame.Text}
	case v.Result == history.Violated:
		return transcript.Event{Kind: transcript.Alarm, Text: v.String()}
	case len(broken) > 0:
		return transcript.Event{Kind: transcript.Invariant, Text: broken[0].Text}
	}
	return transcript.Event{}
}

// whyLabel is the column of the labels before what is so, in cells; partLabel where each of its parts has one.
const whyLabel, partLabel = 5, 8

func (o *overview) whyWords() (string, canvas.Style) {
	switch {
	case o.subtitle != "":
		return o.subtitle, canvas.Strong
	case o.trouble != nil:
		return "the cluster can't be looked at: " + o.trouble.Error(), canvas.Warning
	case o.now.Covered:
		return pane.CoveredWords, canvas.Muted
	case o.now.Why.Now == "":
		return "the cluster starts", canvas.Muted
	}
	return o.now.Why.String(), pane.RoleOf(o.now.Why.Level)
}

// tellsWhy reports whether it is known what is so, and may be seen.
func (o *overview) tellsWhy() bool {
	return o.trouble == nil && !o.now.Covered && o.now.Why.Now != "" && o.subtitle == ""
}

// nowLabel is the label before what is so, or was; none before what is told of it.
func (o *overview) nowLabel() string {
	switch {
	case o.subtitle != "":
		return ""
	case o.ago != "":
		return "was"
	}
	return "now"
}

// whyRow is one row of what is so: its label, its words, and the names of rules, which are quiet.
type whyRow struct{ label, text, rules string }

// whyLines are what is so, and what was found broken, in rows of w cells, most of them at most.
func (o *overview) whyLines(k *canvas.Styles, w, most int) (broken []string, why []whyRow) {
	text, _ := o.whyWords()
	if violation, _ := o.violationLine(); violation != "" {
		room := most - 1
		if _, past := o.violation(); past { // what is so now goes before what was
			room = most - len(k.Wrap(text, w-whyLabel, max(most-1, 1)))
		}
		broken = k.Wrap(violation, w-1, max(room, 1))
	}
	left := max(most-len(broken), 1)
	if w >= sideFromW && left >= whyParts && o.tellsWhy() {
		return broken, o.whyInParts(k, w)
	}
	refs := o.now.Why.Rules.String()
	for i, line := range k.Wrap(text, w-whyLabel, left) {
		row := whyRow{text: line}
		if i == 0 {
			row.label = o.nowLabel()
		}
		if head, ok := strings.CutSuffix(line, refs); ok && o.tellsWhy() {
			row.text, row.rules = head, refs
		}
		why = append(why, row)
	}
	return broken, why
}

// whyInParts are what is so, why, and what comes next, a row for each.
func (o *overview) whyInParts(k *canvas.Styles, w int) []whyRow {
	why := &o.now.Why
	var rows []whyRow
	for _, part := range []whyRow{{label: o.nowLabel(), text: why.Now}, {label: why.Tie.String(), text: why.More}, {label: "next", text: why.Next}} {
		if part.text != "" {
			part.text = k.Wrap(part.text, w-partLabel-1, 1)[0]
			rows = append(rows, part)
		}
	}
	if refs := why.Rules.String(); refs != "" {
		last := &rows[len(rows)-1]
		last.text, last.rules = last.text+" ", refs
	}
	return rows
}

// whyRows is how many rows of w cells what is so needs.
func (o *overview) whyRows(k *canvas.Styles, w int) int {
	broken, why := o.whyLines(k, w, whyInNeed)
	return len(broken) + len(why)
}

// drawWhy says what is so now, below what was found broken.
func (o *overview) drawWhy(b *canvas.Canvas) {
	broken, why := o.whyLines(b.Styles, b.W, b.H)
	_, look := o.violationLine()
	for _, line := range broken {
		b.Next().Space(1).Put(look, line)
	}
	_, look = o.whyWords()
	label := whyLabel
	if len(why) > 1 && why[1].label != "" {
		label = partLabel + 1
	}
	for i, row := range why {
		if i > 0 && row.label != "" {
			look = canvas.Plain
		}
		b.Next().Space(1).Col(canvas.Muted, row.label, label-1).Put(look, row.text).Put(canvas.Muted, row.rules)
	}
}

// selectable are the nodes in the order of the screen.
func (o *overview) selectable() []string {
	var all []string
	for i := range o.now.Servers {
		all = append(all, o.now.Servers[i].Name)
	}
	all = append(all, engine.ViewAddr)
	for i := range o.now.Clients {
		all = append(all, o.now.Clients[i].Name)
	}
	return all
}

func (o *overview) moveSelection(by int) {
	all := o.selectable()
	at := slices.Index(all, o.selected)
	o.selected = all[min(max(at+by, 0), len(all)-1)]
}
