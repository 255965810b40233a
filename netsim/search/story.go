package search

import (
	"fmt"
	"io"
	"strings"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/world"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/viewservice"
)

// Tell writes the find as a story: the state at first, and for each event a line with what happens, and one for each node with
// what comes of it there, and by which rule. The lines have the numbers of the steps in the world that Write writes.
func (f *Find) Tell(out io.Writer) {
	st, steps := f.first, f.recording.past.Steps
	fmt.Fprintf(out, "%3d  at first: %s\n", steps, f.beginning(st.world))
	for i, e := range f.Events {
		next, err := f.after(st, e)
		if err != nil {
			panic("search: " + err.Error())
		}
		fmt.Fprintf(out, "%3d  %s\n", steps+i+1, head(st.world, e))
		for _, line := range f.effects(st, next, e) {
			fmt.Fprintf(out, "       %s\n", line)
		}
		st = next
	}
}

// Conclusion says what the story comes to, line by line: the violation, what is bad about it, and the rules that are off and
// would have prevented it.
func (f *Find) Conclusion() []string {
	lines := []string{f.Violation}
	for p, moral := range morals {
		if strings.HasPrefix(f.Violation, property(p).String()+": ") {
			lines = append(lines, "so "+moral)
		}
	}
	for _, rule := range f.off.Rules() {
		lines = append(lines, fmt.Sprintf("%s %s is off: %s: %s", rule, rule.Refs(), rule.Effect(), rule.Damage()))
	}
	return lines
}

// morals say what is bad about a property that is violated.
var morals = [propertyCount]string{
	viewsForward:   "a server may serve in a view that is over, beside its successor",
	onePrimary:     "a write to one of them is missing from the other",
	completeBackup: "promoted now it would serve without what clients were told is stored",
	linearizable:   "somebody relied on an answer that never was true",
	nothingLost:    "the next get misses what a client was told is stored, or returns what never was",
	knownRepeats:   "a client that asks once more has its operation done twice",
	heirsLive:      "the last copy of the data is dropped for a server that is gone",
	idleEmpty:      "a client waits for an answer that does not come, and old data may be taken for new",
	answered:       "a client waits for ever for a service that could serve",
	redundant:      "one crash more loses everything",
}

// beginning describes w, the world before the first event.
func (f *Find) beginning(w *world.World) string {
	text := "nobody has pinged"
	if v := viewOf(w); v.Viewnum > 0 {
		text = "view " + v.String()
		for _, key := range f.keys {
			text += f.holding(w, key)
		}
	}
	if f.off != 0 {
		text += "; without " + f.off.String()
	}
	return text
}

// holding tells what a key holds in w: where two servers can complete operations and differ, on each of them.
func (f *Find) holding(w *world.World, key string) string {
	all := f.valuesNow(w, key)
	switch {
	case len(all) == 0 && key == firstKey:
		return fmt.Sprintf("; key %q holds nothing", key)
	case len(all) == 1 && (all[0].found || key == firstKey):
		return fmt.Sprintf("; key %q holds %s", key, all[0].register)
	case len(all) < 2:
		return ""
	}
	var each []string
	for _, h := range all {
		each = append(each, fmt.Sprintf("%s on %s", h.register, h.by))
	}
	return fmt.Sprintf("; key %q holds %s", key, strings.Join(each, ", "))
}

// What happens to the node of an event, and to the receiver of an event's message, which is told then.
var (
	onNode = map[world.ActionKind]string{
		world.Tick:        "an interval passes on %s",
		world.DeclareDead: "the viewservice has not heard %s for too long",
		world.Quiet:       "the viewservice has not heard %s lately",
		world.Timer:       "%s has waited long enough",
		world.ViewTimeout: "%s no longer waits for the view",
		world.Crash:       "%s crashes",
		world.Restart:     "%s restarts, with nothing",
	}
	onMessage = map[world.ActionKind]string{
		world.Deliver: "%s hears %s", world.Lose: "%s never hears %s", world.Duplicate: "%s will hear it twice: %s",
	}
)

// head says what happens in w by e.
func head(w *world.World, e world.Action) string {
	switch msg := w.Message(e.Msg); {
	case e.Kind == world.Restart && w.State(e.Node) == netsim.Up:
		return fmt.Sprintf("%s crashes and is back, with nothing", e.Node)
	case onNode[e.Kind] != "":
		return fmt.Sprintf(onNode[e.Kind], e.Node)
	case onMessage[e.Kind] != "":
		return fmt.Sprintf(onMessage[e.Kind], msg.To, said(msg))
	case e.Kind == world.Invoke:
		return fmt.Sprintf("%s begins %s", e.Node, opWords(e.Op))
	}
	return e.String()
}

func opWords(op pbservice.Op) string {
	if op.Kind == pbservice.Get {
		return fmt.Sprintf("get %q", op.Key)
	}
	return fmt.Sprintf("%s %q %q", op.Kind, op.Key, op.Value)
}

// said tells who sent msg, and what msg says.
func said(msg *world.Message) string {
	kinds := map[world.MessageKind]string{
		world.PingReply: "the answer to its ping", world.ViewGet: "a question for the view", world.ViewGetReply: "the view",
		world.RequestReply: "the answer", world.ForwardReply: "the answer",
	}
	what := msg.Summary()
	if kind := kinds[msg.Kind]; kind != "" {
		what = kind
		if text := msg.Summary(); text != "" {
			what += ", " + text
		}
	}
	return fmt.Sprintf("%s: %s", msg.From, what)
}

// effects says what changed by e, from state before to state after, a line for each node to which anything happened.
func (s *scope) effects(before, after *state, e world.Action) (lines []string) {
	for _, n := range after.world.Nodes() {
		var what []string
		switch {
		case n.IsServer():
			what = s.serverEffects(n, before.world.ServerCore(n), after.world.ServerCore(n))
		case n.IsClient():
			what = clientEffects(before.world.ClerkCore(n), after.world.ClerkCore(n), e)
		default:
			what = viewEffects(before.world.ViewCore(), after.world.ViewCore(), after.world.ViewserviceTime())
		}
		for _, msg := range after.world.Transit() {
			if msg.From == n && before.world.Message(msg.ID) == nil && e.Kind != world.Duplicate {
				what = append(what, sends(msg))
			}
		}
		if len(what) > 0 {
			lines = append(lines, n.String()+" "+strings.Join(what, "; "))
		}
	}
	return lines
}

func clientEffects(before, after *pbservice.ClerkCore, e world.Action) (all []string) {
	if op := before.Progress().Op; op.Seq > 0 && after.Progress().Op.Seq != op.Seq && e.Kind == world.Deliver {
		all = append(all, fmt.Sprintf("has its answer to %s", opWords(op)))
	}
	if v := after.View(); v != before.View() {
		all = append(all, "learns view "+v.String())
	}
	return all
}

// sends says what msg is to who gets it: a request, or an answer.
func sends(msg *world.Message) string {
	what := msg.Summary()
	switch body := msg.Body.(type) {
	case pbservice.Reply:
		if body.Why.Code != pbservice.CodeNone {
			return fmt.Sprintf("refuses %s: %s", msg.To, body.Why)
		}
	case pbservice.ForwardReply:
		if body.Refused.Code != pbservice.CodeNone {
			return fmt.Sprintf("refuses %s: %s", msg.To, body.Refused)
		}
	}
	if msg.Asks != nil {
		return fmt.Sprintf("answers %s: %s", msg.To, what)
	}
	return fmt.Sprintf("asks %s: %s", msg.To, what)
}

func viewEffects(before, after *viewservice.Core, now time.Duration) (all []string) {
	if before == after || before == nil || after == nil {
		return nil
	}
	from, wasAcked := before.Current()
	to, acked := after.Current()
	if acked && !wasAcked && from == to {
		return []string{fmt.Sprintf("has view %d acknowledged (V2)", to.Viewnum)}
	}
	if from == to {
		return nil
	}
	for _, change := range after.Clone().Status(now).Changes {
		if change.View.Viewnum > from.Viewnum {
			all = append(all, fmt.Sprintf("forms view %s: %s", change.View, change.Reasons(", ")))
		}
	}
	return all
}

func (s *scope) serverEffects(n world.Node, before, after *pbservice.Core) (all []string) {
	if before == after || before == nil || after == nil || before.Boot() != after.Boot() {
		return nil
	}
	x, y := before.Status(), after.Status()
	if x.View != y.View {
		all = append(all, fmt.Sprintf("learns view %s", y.View))
	}
	if before.Holds() > 0 && after.Holds() == 0 {
		all = append(all, "drops its data (S9)")
	}
	for _, key := range s.keys {
		was, has := valueOf(before, key), valueOf(after, key)
		if was != has && (has.found || after.Holds() > 0) {
			all = append(all, fmt.Sprintf("holds %q: %s", key, has))
		}
	}
	if y.Complete && !x.Complete {
		all = append(all, fmt.Sprintf("has all data of view %d", y.View.Viewnum))
	}
	if x.Phase != y.Phase && y.Phase != "" {
		all = append(all, fmt.Sprintf("is primary, %s%s", y.Phase, phaseRule(y.Phase)))
	}
	if y.Entered > x.Entered {
		all = append(all, fmt.Sprintf("enters view %d (S4)", y.Entered))
	}
	return all
}

func valueOf(core *pbservice.Core, key string) (r register) {
	r.value, r.found = core.Value(key)
	return r
}

func phaseRule(phase string) string {
	switch phase {
	case pbservice.PhaseTransferring:
		return " to its backup, answering alone meanwhile (S6)"
	case pbservice.PhaseWaiting:
		return " for its backup to confirm everything (S5)"
	case pbservice.PhaseGivenUp:
		return ": it answers alone from now on (S4)"
	case pbservice.PhaseRefused:
		return " (S8)"
	}
	return ""
}
