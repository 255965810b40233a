package invariant

import (
	"fmt"
	"slices"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/viewservice"
	"cluster/splitbrain/viewservice/rules"
)

// completes reports whether the server could end an operation, as far as its own answer and its backup's say.
func completes(s engine.Snapshot, server engine.ServerState) bool {
	status := server.Status
	if status.Role != pbservice.Primary || status.Refuses.Code != pbservice.CodeNone {
		return false
	}
	switch status.Phase {
	case pbservice.PhaseAlone, pbservice.PhaseGivenUp, pbservice.PhaseTransferring:
		return true
	case pbservice.PhaseWaiting:
		return s.Disabled.Has(rules.WaitForBackup) || s.Disabled.Has(rules.ForwardGets) || confirms(s, status.View)
	}
	return false
}

// confirms reports whether the backup of view v would confirm what the primary of v sends it.
func confirms(s engine.Snapshot, v viewservice.View) bool {
	backup, ok := find(answered(s), v.Backup)
	if !ok || !backup.Status.Complete {
		return false
	}
	return s.Disabled.Has(rules.BackupChecksView) || backup.Status.View == v
}

// oneServes: who is seen in an older view now was in no newer one when that was served.
func (w *Watcher) oneServes(s engine.Snapshot) []finding {
	var found []finding
	for _, server := range answered(s) {
		v := server.Status.View.Viewnum
		if v < w.newest && completes(s, server) {
			other := w.served[w.newest]
			found = append(found, finding{fmt.Sprint(lifeOf(server), v), fmt.Sprintf(
				"%s can still complete operations in view %d, although %s has served view %d", server.Name, v, other.name, w.newest)})
		}
	}
	return found
}

func (w *Watcher) onePerView(s engine.Snapshot) []finding {
	var found []finding
	for _, server := range answered(s) {
		v := server.Status.View.Viewnum
		first, served := w.served[v]
		if !served || first == lifeOf(server) || !completes(s, server) {
			continue
		}
		text := fmt.Sprintf("%s can complete operations in view %d, which %s has served", server.Name, v, first.name)
		if first.name == server.Name {
			text = fmt.Sprintf("%s was started again and completes operations in view %d, which its earlier boot has served", server.Name, v)
		}
		found = append(found, finding{fmt.Sprint(lifeOf(server), v), text})
	}
	return found
}

// backupComplete: who lacks data of a view now lacked it when the view was known to be acknowledged, since data is
// given up only for a newer view.
func (w *Watcher) backupComplete(s engine.Snapshot) []finding {
	before := w.last.Viewservice.Status
	i := slices.IndexFunc(before.Servers, func(m viewservice.Member) bool { return m.Name == before.View.Backup })
	if !before.Acked || i < 0 || before.Servers[i].Restarted {
		return nil
	}
	backup, ok := find(answered(s), before.View.Backup)
	if !ok || backup.Status.Boot != before.Servers[i].Boot {
		return nil
	}
	v := backup.Status.View.Viewnum
	if v > before.View.Viewnum || v == before.View.Viewnum && backup.Status.Complete {
		return nil
	}
	return []finding{{fmt.Sprint(lifeOf(backup), before.View.Viewnum), fmt.Sprintf(
		"view %d is acknowledged, and its backup %s, which may be promoted at any time, lacks data", before.View.Viewnum, backup.Name)}}
}

// sameData compares the answers of a primary and its backup that have done as many operations.
func (w *Watcher) sameData(s engine.Snapshot) []finding {
	var found []finding
	servers := answered(s)
	for _, p := range servers {
		if p.Status.Role != pbservice.Primary || !p.Status.Complete {
			continue
		}
		b, ok := find(servers, p.Status.View.Backup)
		if !ok || !b.Status.Complete || b.Status.View != p.Status.View || b.Status.Position != p.Status.Position {
			continue
		}
		if what := difference(s.Map, p, b); what != "" {
			found = append(found, finding{fmt.Sprint(p.Status.View, p.Status.Position), fmt.Sprintf(
				"primary %s and backup %s of view %d differ after %d operations: %s",
				p.Name, b.Name, p.Status.View.Viewnum, p.Status.Position, what)})
		}
	}
	return found
}

// difference says what two servers hold differently; "" if nothing is seen of it. Rows that did not come say nothing.
func difference(m engine.Map, p, b engine.ServerState) string {
	if p.Status.Keys != b.Status.Keys {
		return fmt.Sprintf("%d keys and %d", p.Status.Keys, b.Status.Keys)
	}
	ours, theirs := m.Rows[p.Name], m.Rows[b.Name]
	has := func(rows []pbservice.Row) bool {
		return len(rows) == len(m.Keys) && slices.ContainsFunc(rows, func(r pbservice.Row) bool { return r.Size >= 0 })
	}
	if !has(ours) || !has(theirs) {
		return ""
	}
	for i, key := range m.Keys {
		if ours[i].Size != theirs[i].Size || ours[i].Sum != theirs[i].Sum {
			return fmt.Sprintf("key %.40q", key)
		}
	}
	return ""
}

func (w *Watcher) viewsForward(s engine.Snapshot) []finding {
	var found []finding
	for _, server := range answered(s) {
		p, v, entered := w.known[lifeOf(server)], server.Status.View.Viewnum, server.Status.Entered
		switch {
		case v < p.view:
			found = append(found, finding{fmt.Sprint(lifeOf(server), v), fmt.Sprintf("%s went back from view %d to %d", server.Name, p.view, v)})
		case entered < p.entered:
			found = append(found, finding{fmt.Sprint(lifeOf(server), entered), fmt.Sprintf(
				"%s had entered view %d, and says that it has entered view %d only", server.Name, p.entered, entered)})
		}
	}
	return found
}

func (w *Watcher) enteredComplete(s engine.Snapshot) []finding {
	var found []finding
	for _, server := range answered(s) {
		status := server.Status
		if v := status.View.Viewnum; status.Role != pbservice.Idle && status.Entered == v && !status.Complete {
			found = append(found, finding{fmt.Sprint(lifeOf(server), v), fmt.Sprintf(
				"%s has entered view %d as %s without all the data", server.Name, v, status.Role)})
		}
	}
	return found
}

func (w *Watcher) idleEmpty(s engine.Snapshot) []finding {
	var found []finding
	for _, server := range answered(s) {
		status := server.Status
		if status.Role == pbservice.Idle && (status.Keys > 0 || status.Complete || status.Waiting > 0) {
			found = append(found, finding{fmt.Sprint(lifeOf(server), status.View.Viewnum), fmt.Sprintf(
				"%s is neither primary nor backup of view %d and yet keeps %d keys and %d waiting operations",
				server.Name, status.View.Viewnum, status.Keys, status.Waiting)})
		}
	}
	return found
}
