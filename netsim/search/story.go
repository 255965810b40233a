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

// Tell writes the find as a story: the state at first, and one line for each event with what happens, what comes of it,
// and by which rule. The lines have the numbers of the steps in the world that Write writes.
func (f *Find) Tell(out io.Writer) {
	st, steps := f.first, f.recording.past.Steps
	fmt.Fprintf(out, "%3d  at first: %s\n", steps, f.beginning(st.world))
	for i, e := range f.Events {
		next, err := f.after(st, e)
		if err != nil {
			panic("search: " + err.Error())
		}
		line := head(st.world, e)
		if what := f.effects(st, next, e); len(what) > 0 {
			line += ": " + strings.Join(what, "; ")
		}
		fmt.Fprintf(out, "%3d  %s\n", steps+i+1, line)
		st = next
	}
}

// Conclusion says what the story comes to, line by line: the violation, and the rules that are off and would have
// prevented it.
func (f *Find) Conclusion() []string {
	lines := []string{f.Violation}
	for _, rule := range f.off.Rules() {
		lines = append(lines, fmt.Sprintf("%s %s is off: %s: %s", rule, rule.Refs(), rule.Effect(), rule.Damage()))
	}
	return lines
}

// beginning describes w, the world before the first event.
func (f *Find) beginning(w *world.World) string {
	text := "nobody has pinged"
	if v := viewOf(w); v.Viewnum > 0 {
		text = fmt.Sprintf("view %s; key %q holds %s", v, firstKey, f.currentValue(w, firstKey))
	}
	if f.off != 0 {
		text += "; without " + f.off.String()
	}
	return text
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
		world.RequestReply: "the answer", world.ForwardReply: "the reply",
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

// effects says what changed by e, from state before to state after.
func (s *scope) effects(before, after *state, e world.Action) (all []string) {
	all = viewEffects(before.world.ViewCore(), after.world.ViewCore(), after.world.ViewserviceTime())
	for i := range s.servers {
		n := world.Server(i + 1)
		all = append(all, serverEffects(n, before.world.ServerCore(n), after.world.ServerCore(n))...)
	}
	for _, msg := range after.world.Transit() {
		if before.world.Message(msg.ID) == nil && e.Kind != world.Duplicate {
			all = append(all, sends(msg))
		}
	}
	for i := range s.clients {
		n := world.Client(i + 1)
		op := before.world.ClerkCore(n).Progress().Op
		if op.Seq > 0 && after.world.ClerkCore(n).Progress().Op.Seq != op.Seq && e.Kind == world.Deliver {
			all = append(all, fmt.Sprintf("%s %q of %s is done", op.Kind, op.Key, n))
		}
	}
	return all
}

func sends(msg *world.Message) string {
	switch body := msg.Body.(type) {
	case pbservice.Reply:
		if body.Why.Code != pbservice.CodeNone {
			return fmt.Sprintf("%s refuses %s: %s", msg.From, msg.To, body.Why)
		}
		return fmt.Sprintf("%s answers %s: %s", msg.From, msg.To, msg.Summary())
	case pbservice.ForwardReply:
		if body.Refused.Code != pbservice.CodeNone {
			return fmt.Sprintf("it refuses: %s", body.Refused)
		}
		return fmt.Sprintf("it confirms %d operations", body.Position)
	case viewservice.PingReply:
		return "it answers"
	}
	return fmt.Sprintf("%s asks %s: %s", msg.From, msg.To, msg.Summary())
}

func viewEffects(before, after *viewservice.Core, now time.Duration) (all []string) {
	if before == after || before == nil || after == nil {
		return nil
	}
	from, wasAcked := before.Current()
	to, acked := after.Current()
	if acked && !wasAcked && from == to {
		return []string{fmt.Sprintf("view %d is acknowledged (V2)", to.Viewnum)}
	}
	if from == to {
		return nil
	}
	for _, change := range after.Clone().Status(now).Changes {
		if change.View.Viewnum > from.Viewnum {
			all = append(all, fmt.Sprintf("view %s: %s", change.View, change.Reasons(", ")))
		}
	}
	return all
}

func serverEffects(n world.Node, before, after *pbservice.Core) (all []string) {
	if before == after || before == nil || after == nil || before.Boot() != after.Boot() {
		return nil
	}
	x, y := before.Status(), after.Status()
	if x.View != y.View {
		all = append(all, fmt.Sprintf("%s learns view %s", n, y.View))
	}
	if x.Phase != y.Phase && y.Phase != "" {
		all = append(all, fmt.Sprintf("%s is primary, %s%s", n, y.Phase, phaseRule(y.Phase)))
	}
	if y.Entered > x.Entered {
		all = append(all, fmt.Sprintf("%s enters view %d (S4)", n, y.Entered))
	}
	return all
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
