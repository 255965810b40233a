package tui

import (
	"slices"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/history"
	"cluster/splitbrain/netsim/history/invariant"
	"cluster/splitbrain/tui/canvas"
	"cluster/splitbrain/tui/pane"
	"cluster/splitbrain/tui/script"
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

	violated      string // the promise that was found broken, in words; "" while all hold
	seenByClients bool
	brokenWithout rules.Disabled // what was off when it was found
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
	case text == "":
		return "", canvas.Plain
	case past:
		return "earlier, with rules off: " + text, canvas.Muted
	default:
		return "✗ VIOLATION: " + text, canvas.Alarm
	}
}

// judge notes the first promise that was found broken by what servers say of themselves, and then, in its place, the
// one that clients saw broken. It returns what is to be told; "" for nothing new.
func (o *overview) judge(v history.Verdict, broken []invariant.Violation) string {
	if o.violated != "" && (o.seenByClients || v.Result != history.Violated) {
		return ""
	}
	text := brokenPromise(v, broken)
	if text != "" {
		o.violated, o.seenByClients, o.brokenWithout = text, v.Result == history.Violated, o.now.Disabled
	}
	return text
}

// brokenPromise says in words what promise was broken; "" if none was.
func brokenPromise(v history.Verdict, broken []invariant.Violation) string {
	switch {
	case v.Result == history.Violated && v.Blame != nil && v.Blame.Text != "":
		return v.Blame.Text
	case v.Result == history.Violated:
		return v.String()
	case len(broken) > 0:
		return broken[0].Text
	}
	return ""
}

// whyLabel is the column of the word why, in cells.
const whyLabel = 5

func (o *overview) whyWords() (string, canvas.Style) {
	switch {
	case o.trouble != nil:
		return "the cluster can't be looked at: " + o.trouble.Error(), canvas.Warning
	case o.now.Covered:
		return pane.CoveredWords, canvas.Muted
	case o.now.Why.Text == "":
		return "the cluster starts", canvas.Muted
	}
	return o.now.Why.Text, pane.RoleOf(o.now.Why.Level)
}

// whyLines are the why line, and what was found broken, in rows of w cells, most of them at most.
func (o *overview) whyLines(k *canvas.Styles, w, most int) (broken, why []string) {
	if violation, _ := o.violationLine(); violation != "" {
		broken = k.Wrap(violation, w-1, max(most/2, 1))
	}
	text, _ := o.whyWords()
	return broken, k.Wrap(text, w-whyLabel, max(most-len(broken), 1))
}

// whyRows is how many rows of w cells the why line needs.
func (o *overview) whyRows(k *canvas.Styles, w int) int {
	broken, why := o.whyLines(k, w, whyInNeed)
	return len(broken) + len(why)
}

// drawWhy says why it is so now, below what was found broken.
func (o *overview) drawWhy(b *canvas.Canvas) {
	broken, why := o.whyLines(b.Styles, b.W, b.H)
	_, look := o.violationLine()
	for _, line := range broken {
		b.Next().Space(1).Put(look, line)
	}
	_, look = o.whyWords()
	for i, line := range why {
		head := ""
		if i == 0 {
			head = "why"
		}
		b.Next().Space(1).Col(canvas.Muted, head, whyLabel-1).Put(look, line)
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
