package search

import (
	"fmt"
	"strings"
	"time"

	"cluster/splitbrain/netsim/world"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/viewservice"
)

// behind says why a ping names an older view than its sender knows; "" if it does not.
func behind(w *world.World, ping *world.Message) string {
	core := w.ServerCore(ping.From)
	if core == nil || core.View().Viewnum <= core.Entered() {
		return ""
	}
	return fmt.Sprintf(", since it has not entered view %d yet (S4)", core.View().Viewnum)
}

// viewEffects says what changed on the viewservice by e.
func viewEffects(before, after *world.World, e world.Action) (all []string) {
	from, to := before.ViewCore(), after.ViewCore()
	if from == to || from == nil || to == nil {
		return nil
	}
	x, y := from.Clone().Status(before.ViewserviceTime()), to.Clone().Status(after.ViewserviceTime())
	if x.View == y.View && y.Acked && !x.Acked {
		all = append(all, fmt.Sprintf("has view %d acknowledged (V2)", y.View.Viewnum))
	}
	for _, change := range y.Changes {
		if change.View.Viewnum > x.View.Viewnum {
			all = append(all, fmt.Sprintf(formsView+"%s: %s", change.View, reasons(change)))
		}
	}
	for _, m := range y.Servers {
		was := x.Member(m.Name)
		if m.Restarted && (was == nil || !was.Restarted) {
			all = append(all, fmt.Sprintf("knows that %s has lost its data (V7)", m.Name))
		}
		if m.Place > 0 && (was == nil || was.Place == 0) {
			all = append(all, fmt.Sprintf("has a volunteer in %s (V8)", m.Name))
		}
	}
	if b := y.Blocked; b.Code != viewservice.CodeNone && !alike(b, x.Blocked) {
		further := ""
		if y.View != x.View {
			further = "further "
		}
		all = append(all, formsNo+further+"view: "+b.String())
	} else if len(all) == 0 && e.Kind == world.DeclareDead {
		all = append(all, formsNo+"view")
	}
	return all
}

// What the viewservice decides begins with these words.
const (
	formsView = "forms view "
	formsNo   = "forms no "
)

// alike reports whether two causes differ in nothing but times.
func alike(a, b viewservice.Cause) bool {
	a.Silent, a.Allowed, b.Silent, b.Allowed = 0, 0, 0, 0
	return a == b
}

// reasons tells why a view was formed. A search lets the viewservice count servers as dead whatever the time is: who is told to
// have been silent for just as long as is allowed was not silent at all.
func reasons(change viewservice.Change) string {
	var all []string
	for _, c := range change.Causes {
		text := c.String()
		switch place := ""; c.Code {
		case viewservice.BackupSilent, viewservice.PrimarySilent:
			if place = "primary"; c.Code == viewservice.BackupSilent {
				place = "backup"
			}
			if c.Silent-c.Allowed < time.Millisecond {
				text = fmt.Sprintf("%s %s counts as dead (%s)", place, c.Server, c.Rule())
			}
		}
		all = append(all, text)
	}
	return strings.Join(all, ", ")
}

// serverEffects says what changed on server n.
func (s *scope) serverEffects(n world.Node, st, next *state) (all []string) {
	before, after := st.world.ServerCore(n), next.world.ServerCore(n)
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
			all = append(all, fmt.Sprintf("now has %s = %s", key, has))
		}
	}
	if y.Complete && !x.Complete {
		all = append(all, s.completeWords(next, after))
	}
	if x.Phase != y.Phase && y.Phase != "" {
		all = append(all, fmt.Sprintf("is primary, %s%s", y.Phase, phaseRule(y.Phase)))
	}
	if y.Entered > x.Entered {
		all = append(all, fmt.Sprintf("enters view %d (S4)", y.Entered))
	}
	return all
}

// completeWords says of a server that counts itself complete what is true of that.
func (s *scope) completeWords(st *state, core *pbservice.Core) string {
	number := core.View().Viewnum
	lost, lacks := s.lost(st, core)
	othersHave := false
	for i := range s.servers {
		other := st.world.ServerCore(world.Server(i + 1))
		othersHave = othersHave || other != nil && other.Keys() > 0
	}
	switch {
	case core.Keys() == 0 && (lacks || othersHave):
		return fmt.Sprintf("counts itself complete in view %d, though it has nothing", number)
	case lacks && !lost.found:
		return fmt.Sprintf("counts itself complete in view %d, though it has %s", number, lost)
	case lacks:
		return fmt.Sprintf("counts itself complete in view %d, though what it has, %s, is not all that was stored", number, lost)
	}
	return fmt.Sprintf("has all data of view %d", number)
}

// newlyWaits says that an operation waits since it arrived, and for what; nothing if none does.
func newlyWaits(before, after *pbservice.Core) []string {
	if before == nil || after == nil || before.Boot() != after.Boot() || after.Waiting() <= before.Waiting() {
		return nil
	}
	return []string{"lets it wait: " + after.Status().Waits.String()}
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
