package invariant

import (
	"fmt"

	"cluster/splitbrain/viewservice"
)

func (w *Watcher) serviceForward(x *sight) []finding {
	now := x.Viewservice.Status.View.Viewnum
	if x.Viewservice.Boots != w.viewBoot || now >= w.current {
		return nil
	}
	return []finding{{fmt.Sprint(w.viewBoot, now), fmt.Sprintf("the viewservice went back from view %d to %d", w.current, now)}}
}

// eachChange makes a check of one that holds each remembered view, b, against the one before, a. It says what is wrong,
// or "".
func eachChange(wrong func(a, b viewservice.View) string) func(*Watcher, *sight) []finding {
	return func(_ *Watcher, x *sight) []finding {
		var found []finding
		changes := x.Viewservice.Status.Changes
		for i := 1; i < len(changes); i++ {
			a, b := changes[i-1].View, changes[i].View
			if text := wrong(a, b); text != "" {
				found = append(found, finding{fmt.Sprint(x.Viewservice.Boots, b), text})
			}
		}
		return found
	}
}

func viewsDiffer(a, b viewservice.View) string {
	switch {
	case b.Viewnum != a.Viewnum+1:
		return fmt.Sprintf("view %d follows on view %d", b.Viewnum, a.Viewnum)
	case a.Primary == b.Primary && a.Backup == b.Backup:
		return fmt.Sprintf("views %d and %d are the same", a.Viewnum, b.Viewnum)
	}
	return ""
}

func continuity(a, b viewservice.View) string {
	if b.Primary == a.Primary || b.Primary == a.Backup {
		return ""
	}
	return fmt.Sprintf("%s is primary of view %d, and had no data of view %d", b.Primary, b.Viewnum, a.Viewnum)
}
