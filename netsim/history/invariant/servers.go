package invariant

import (
	"fmt"
	"slices"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/viewservice"
	"cluster/splitbrain/viewservice/rules"
)

// eachServer makes a check of one that looks at each server that has answered. It says what is wrong, or "", and the
// number of the view in which it is: one boot is reported once for each number.
func eachServer(wrong func(*Watcher, *sight, *engine.ServerState) (viewservice.Number, string)) func(*Watcher, *sight) []finding {
	return func(w *Watcher, x *sight) []finding {
		var found []finding
		for i := range x.answered {
			s := &x.answered[i]
			if n, text := wrong(w, x, s); text != "" {
				found = append(found, finding{fmt.Sprint(bootOf(s), n), text})
			}
		}
		return found
	}
}

// canComplete reports whether the server could end an operation, as far as its own answer and its backup's say. The promise
// one-primary of a search means the same.
func (x *sight) canComplete(s *engine.ServerState) bool {
	status := &s.Status
	if status.Role != pbservice.Primary || status.Refuses.Code != pbservice.CodeNone {
		return false
	}
	switch status.Phase {
	case pbservice.PhaseAlone, pbservice.PhaseGivenUp, pbservice.PhaseTransferring:
		return true
	case pbservice.PhaseWaiting:
		return x.Disabled.Has(rules.ForwardGets) || x.confirmed(status.View)
	}
	return false
}

// confirmed reports whether the primary of view v need not wait for its backup, or not for ever.
func (x *sight) confirmed(v viewservice.View) bool {
	return x.Disabled.Has(rules.WaitForBackup) || x.confirms(v)
}

// canDo says what a server can do that canComplete: with a rule off perhaps no more than answer gets.
func (x *sight) canDo(s *engine.ServerState) string {
	if s.Status.Phase == pbservice.PhaseWaiting && !x.confirmed(s.Status.View) {
		return "answer gets"
	}
	return "complete operations"
}

// confirms reports whether the backup of view v would confirm what the primary of v sends it. With the rule off one that has left
// v does, whatever its role is now.
func (x *sight) confirms(v viewservice.View) bool {
	backup := x.server(v.Backup)
	if backup == nil {
		return false
	}
	left := backup.Status.View.Viewnum > v.Viewnum
	return backup.Status.Complete && backup.Status.View == v || left && x.Disabled.Has(rules.BackupChecksView)
}

// oneServes: who is seen in an older view now was in no newer one when that was served.
func (w *Watcher) oneServes(x *sight, s *engine.ServerState) (viewservice.Number, string) {
	v := s.Status.View.Viewnum
	if v >= w.newest || !x.canComplete(s) {
		return 0, ""
	}
	return v, fmt.Sprintf("%s can still %s in view %d, although %s could do so in view %d already", s.Name, x.canDo(s), v, w.served[w.newest].name, w.newest)
}

func (w *Watcher) onePerView(x *sight, s *engine.ServerState) (viewservice.Number, string) {
	v := s.Status.View.Viewnum
	first, served := w.served[v]
	switch {
	case !served || first == bootOf(s) || !x.canComplete(s):
		return 0, ""
	case first.name == s.Name:
		return v, fmt.Sprintf("%s was started again and can %s in view %d, as its earlier boot could", s.Name, x.canDo(s), v)
	}
	return v, fmt.Sprintf("%s can %s in view %d, as %s could do already", s.Name, x.canDo(s), v, first.name)
}

// backupComplete: who lacks data of a view now lacked it when the view was known to be acknowledged, since data is
// given up only for a newer view.
func (w *Watcher) backupComplete(x *sight) []finding {
	if w.last == nil {
		return nil
	}
	before := &w.last.Viewservice.Status
	heard, backup := before.Member(before.View.Backup), x.server(before.View.Backup)
	if !before.Acked || heard == nil || heard.Restarted || backup == nil || backup.Status.Boot != heard.Boot {
		return nil
	}
	v := backup.Status.View.Viewnum
	if v > before.View.Viewnum || v == before.View.Viewnum && backup.Status.Complete {
		return nil
	}
	return []finding{{fmt.Sprint(bootOf(backup), before.View.Viewnum), fmt.Sprintf(
		"view %d is acknowledged, and its backup %s, which may be promoted at any time, lacks data", before.View.Viewnum, backup.Name)}}
}

// sameData compares the answers of a primary and its backup that have done as many operations.
func (w *Watcher) sameData(x *sight) []finding {
	var found []finding
	for i := range x.answered {
		p := &x.answered[i]
		b := x.server(p.Status.View.Backup)
		if p.Status.Role != pbservice.Primary || !p.Status.Complete || b == nil || !b.Status.Complete ||
			b.Status.View != p.Status.View || b.Status.Position != p.Status.Position {
			continue
		}
		if what := difference(x.Map, p, b); what != "" {
			found = append(found, finding{fmt.Sprint(p.Status.View, p.Status.Position), fmt.Sprintf(
				"primary %s and backup %s of view %d differ after %s: %s",
				p.Name, b.Name, p.Status.View.Viewnum, engine.Plural(int(p.Status.Position), "operation"), what)})
		}
	}
	return found
}

// difference says what two servers hold differently; "" if nothing is seen of it. Rows that did not come say nothing.
func difference(m engine.Map, p, b *engine.ServerState) string {
	if p.Status.Keys != b.Status.Keys {
		return engine.Plural(p.Status.Keys, "key") + " and " + engine.Count(b.Status.Keys)
	}
	ours, theirs := m.Rows[p.Name], m.Rows[b.Name]
	came := func(rows []pbservice.Row) bool {
		return len(rows) == len(m.Keys) && slices.ContainsFunc(rows, func(r pbservice.Row) bool { return r.Size >= 0 })
	}
	if !came(ours) || !came(theirs) {
		return ""
	}
	for i, key := range m.Keys {
		if ours[i].Size != theirs[i].Size || ours[i].Sum != theirs[i].Sum {
			return fmt.Sprintf("key %.40q", key)
		}
	}
	return ""
}

func (w *Watcher) viewsForward(_ *sight, s *engine.ServerState) (viewservice.Number, string) {
	before, v, entered := w.known[bootOf(s)], s.Status.View.Viewnum, s.Status.Entered
	switch {
	case v < before.known:
		return v, fmt.Sprintf("%s went back from view %d to %d", s.Name, before.known, v)
	case entered < before.entered:
		return entered, fmt.Sprintf("%s had entered view %d, and says that it has entered view %d only", s.Name, before.entered, entered)
	}
	return 0, ""
}

func (w *Watcher) enteredComplete(_ *sight, s *engine.ServerState) (viewservice.Number, string) {
	status := &s.Status
	if v := status.View.Viewnum; status.Role != pbservice.Idle && status.Entered == v && !status.Complete {
		return v, fmt.Sprintf("%s has entered view %d as %s without all the data", s.Name, v, status.Role)
	}
	return 0, ""
}

func (w *Watcher) idleEmpty(_ *sight, s *engine.ServerState) (viewservice.Number, string) {
	status := &s.Status
	if status.Role != pbservice.Idle || status.Keys == 0 && !status.Complete && status.Waiting == 0 {
		return 0, ""
	}
	return status.View.Viewnum, fmt.Sprintf("%s is neither primary nor backup of view %d and yet keeps %d keys and %d waiting operations",
		s.Name, status.View.Viewnum, status.Keys, status.Waiting)
}
