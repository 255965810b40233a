package search

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/world"
	"cluster/splitbrain/pbservice"
)

// Tell writes the find as a story: the state at first, and for each event a line with what happens, and one for each node with
// what comes of it there, and by which rule. The lines have the numbers of the steps in the world that Write writes.
func (f *Find) Tell(out io.Writer) {
	steps := f.recording.past.Steps
	for i, line := range f.beginning() {
		if i == 0 {
			line = fmt.Sprintf("%3d  at first: %s", steps, line)
		}
		fmt.Fprintln(out, line)
	}
	for i, t := range f.told() {
		fmt.Fprintf(out, "%3d  %s\n", steps+i+1, t.head)
		for _, e := range t.effects {
			fmt.Fprintf(out, "%s%s\n", effectIndent, e)
		}
	}
	_, future := f.played()
	for _, line := range future {
		fmt.Fprintln(out, line)
	}
}

// effectIndent is what a line begins with that has no number.
const effectIndent = "       "

// telling is one event of a find, as it is told.
type telling struct {
	head    string
	effects []effect // what comes of it, one for each node
	after   *state
}

// effect is what comes of an event on a node; of one without a node, on all.
type effect struct {
	node string
	what []string
}

func (e effect) String() string { return strings.TrimSpace(e.node + " " + strings.Join(e.what, "; ")) }

// told tells the events one by one.
func (f *Find) told() (all []telling) {
	st := f.first
	for _, e := range f.Events {
		next, err := f.after(st, e)
		if err != nil {
			panic("search: " + err.Error())
		}
		all = append(all, telling{st.world.Tell(e), f.effects(st, next, e), next})
		st = next
	}
	return all
}

// beginning describes the world before the first event: what it is like, and what it takes to read the story.
func (f *Find) beginning() (lines []string) {
	w := f.first.world
	text, known := viewWords(w)
	for _, key := range f.keys {
		if known {
			text += f.holding(w, key)
		}
	}
	if f.off != 0 {
		text += "; without " + f.off.String()
	}
	lines = append(lines, text)
	if lasts := whatLasts(w); lasts != "" {
		lines = append(lines, effectIndent+lasts)
	}
	if room := w.Config().FilterClients; room > 0 && room < f.clients {
		lines = append(lines, fmt.Sprintf("%sthe duplicate filter has room for %s only (S10)", effectIndent, engine.Plural(room, "client")))
	}
	if before := f.before(); before != "" {
		lines = append(lines, effectIndent+"before that: "+before)
	}
	if f.marked() {
		lines = append(lines, effectIndent+"a value like "+token(0, 2)+" is of the client that it names, and of one operation alone")
	}
	return lines
}

// viewWords tells the view of w and who is what in it. known is false if nobody has pinged yet, so that nothing else is known.
func viewWords(w *world.World) (text string, known bool) {
	v, acked := currentView(w)
	switch {
	case w.ViewCore() == nil:
		return "no view, since vs has crashed", true
	case v.Viewnum == 0 && w.Boots(world.Viewservice) > 1:
		return "no view, since vs has forgotten all of them", true
	case v.Viewnum == 0:
		return "nobody has pinged", false
	}
	text = "view " + v.String() + " (primary " + v.Primary
	if v.Backup != "" {
		text += ", backup " + v.Backup
	}
	text += ")"
	if !acked {
		text += ", not acknowledged"
	}
	return text, true
}

// whatLasts tells what goes on in w: faults and held messages, as a status does, but for links between clients, who say nothing to
// each other; who has crashed, and who knows an older view; "" if all is well.
func whatLasts(w *world.World) string {
	snap := w.Snapshot(engine.Window{})
	x := engine.NewIndex(snap)
	x.Faults = slices.DeleteFunc(slices.Clone(x.Faults), func(f netsim.Fault) bool { return x.Client(f.From) != nil && x.Client(f.To) != nil })
	faults := x.NetworkBroken()
	var behind []string
	for i := range snap.Servers {
		switch s := &snap.Servers[i]; {
		case s.State == netsim.Crashed:
			faults = append(faults, s.Name+" has crashed")
		case s.Status.View.Viewnum < viewOf(w).Viewnum:
			behind = append(behind, fmt.Sprintf("%s knows view %d only", s.Name, s.Status.View.Viewnum))
		}
	}
	if len(faults) > 0 {
		faults = []string{"faults: " + strings.Join(faults, "; ")}
	}
	if len(behind) > 0 {
		faults = append(faults, strings.Join(behind, ", "))
	}
	return strings.Join(faults, "; ")
}

// holding tells what a key holds in w: where two servers can complete operations and differ, on each of them.
func (f *Find) holding(w *world.World, key string) string {
	all := f.valuesNow(w, key)
	switch {
	case len(all) == 0 && key == firstKey:
		return fmt.Sprintf("; %s holds nothing", key)
	case len(all) == 1 && (all[0].found || key == firstKey):
		return fmt.Sprintf("; %s holds %s", key, all[0].register)
	case len(all) < 2:
		return ""
	}
	var each []string
	for _, h := range all {
		each = append(each, fmt.Sprintf("%s on %s", h.register, h.by))
	}
	return fmt.Sprintf("; %s holds %s", key, strings.Join(each, ", "))
}

// before tells what clients did before the first event, if that is little.
func (f *Find) before() string {
	const most = 4
	var all []string
	last := map[world.Node]int{}
	for _, c := range f.recording.past.Commands {
		if c.Action.Kind == world.Invoke {
			last[c.Action.Node] = len(all)
			all = append(all, fmt.Sprintf("%s did %s", c.Action.Node, c.Action.Op.Says().Words))
		}
	}
	for n, i := range last {
		if f.first.world.Running(n) {
			all[i] = strings.Replace(all[i], "did", "began", 1) + " and waits"
		}
	}
	if len(all) > most {
		return ""
	}
	return strings.Join(all, ", ")
}

// marked reports whether a client writes one of the values that a search gives to clients.
func (f *Find) marked() bool {
	return f.workload == nil && slices.ContainsFunc(f.Events, func(e world.Action) bool { return e.Kind == world.Invoke && writes(e.Op) })
}

// effects says what changed by e, from state before to state after, on each node to which anything happened.
func (s *scope) effects(before, after *state, e world.Action) (all []effect) {
	for _, n := range after.world.Nodes() {
		var what []string
		switch {
		case n.IsServer():
			what = s.serverEffects(n, before, after)
		case n.IsClient():
			what = clientEffects(before.world.ClerkCore(n), after.world.ClerkCore(n), e)
		default:
			what = viewEffects(before.world, after.world, e)
		}
		sent := 0
		for _, msg := range after.world.Transit() {
			if msg.From == n && before.world.Message(msg.ID) == nil && e.Kind != world.Duplicate {
				what = append(what, sends(after.world, msg))
				sent++
			}
		}
		if n.IsServer() && sent == 0 {
			what = append(what, newlyWaits(before.world.ServerCore(n), after.world.ServerCore(n))...)
		}
		if len(what) > 0 {
			all = append(all, effect{n.String(), what})
		}
	}
	if len(all) == 0 && e.Kind == world.Deliver {
		all = append(all, effect{what: []string{"nothing comes of it"}})
	}
	return all
}

func clientEffects(before, after *pbservice.ClerkCore, e world.Action) (all []string) {
	if op, ok := answeredOp(before, after, e); ok {
		all = append(all, "has its answer to "+op.Says().Words)
	}
	if v := after.View(); v != before.View() {
		all = append(all, "learns view "+v.String())
	}
	return all
}

// answeredOp is the operation to which e has brought its client the answer; ok is false if there is none.
func answeredOp(before, after *pbservice.ClerkCore, e world.Action) (op pbservice.Op, ok bool) {
	op = before.Progress().Op
	return op, op.Seq > 0 && after.Progress().Op.Seq != op.Seq && e.Kind == world.Deliver
}

// sends says what msg, which was sent in w, is to who gets it.
func sends(w *world.World, msg *world.Message) string {
	verb := "answers"
	switch body := msg.Body.(type) {
	case world.RequestArgs:
		verb = "asks"
	case *pbservice.ForwardArgs:
		switch verb = "forwards to"; {
		case body.Boot == 0:
			verb = "asks"
		case body.Chunk != nil:
			verb = "copies to"
		}
	}
	switch msg.Kind {
	case world.Reset:
		return fmt.Sprintf("loses its connection to %s", msg.To)
	case world.Ping:
		return fmt.Sprintf("pings %s: %s%s", msg.To, msg.Words(), behind(w, msg))
	case world.ViewGet:
		verb = "asks"
	}
	return fmt.Sprintf("%s %s: %s", verb, msg.To, msg.Words())
}
