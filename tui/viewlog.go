package tui

import (
	"time"

	"cluster/splitbrain/viewservice"
)

// formed is a view with its causes and when it was formed, in the cluster's time.
type formed struct {
	at time.Duration
	viewservice.Change
}

// viewLog tells new views from those that were seen.
type viewLog struct {
	seen  viewservice.Number
	epoch int // the viewservice's incarnation that formed it
}

// fresh are the views that have been formed since the last snapshot, oldest first.
func (l *viewLog) fresh(now *scene) []formed {
	s := &now.Viewservice.Status
	if l.epoch != now.Viewservice.Incarnation {
		l.epoch, l.seen = now.Viewservice.Incarnation, 0
	}
	var all []formed
	for _, c := range s.Changes {
		if c.View.Viewnum > l.seen {
			l.seen = c.View.Viewnum
			all = append(all, formed{now.At - (s.Up - c.At), c})
		}
	}
	return all
}
