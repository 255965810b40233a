package invariant

import (
	"fmt"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/viewservice"
)

func (w *Watcher) serviceForward(s engine.Snapshot) []finding {
	now := s.Viewservice.Status.View.Viewnum
	if s.Viewservice.Incarnation != w.start || now >= w.service {
		return nil
	}
	return []finding{{fmt.Sprint(w.start, now), fmt.Sprintf("the viewservice went back from view %d to %d", w.service, now)}}
}

func (w *Watcher) viewsDiffer(s engine.Snapshot) []finding {
	return successive(s, func(a, b viewservice.View) string {
		switch {
		case b.Viewnum != a.Viewnum+1:
			return fmt.Sprintf("view %d follows on view %d", b.Viewnum, a.Viewnum)
		case a.Primary == b.Primary && a.Backup == b.Backup:
			return fmt.Sprintf("views %d and %d are the same", a.Viewnum, b.Viewnum)
		}
		return ""
	})
}

func (w *Watcher) continuity(s engine.Snapshot) []finding {
	return successive(s, func(a, b viewservice.View) string {
		if b.Primary == a.Primary || b.Primary == a.Backup {
			return ""
		}
		return fmt.Sprintf("%s is primary of view %d, and had no data of view %d", b.Primary, b.Viewnum, a.Viewnum)
	})
}

// successive holds each remembered view against the one before.
func successive(s engine.Snapshot, wrong func(a, b viewservice.View) string) []finding {
	var found []finding
	changes := s.Viewservice.Status.Changes
	for i := 1; i < len(changes); i++ {
		a, b := changes[i-1].View, changes[i].View
		if text := wrong(a, b); text != "" {
			found = append(found, finding{fmt.Sprint(s.Viewservice.Incarnation, b), text})
		}
	}
	return found
}
