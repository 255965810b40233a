package pane

import (
	"strings"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/tui/canvas"
)

// Lamp is how the whole service fares, in a word and in a few more.
type Lamp struct {
	Word string
	Look canvas.Style
	Text string // who serves, or who waits for what
}

// The words of a lamp.
const (
	Starting = "STARTING"
	Serving  = "SERVING"
	Waiting  = "WAITING"
	Stuck    = "STUCK FOR EVER"
	Unsound  = "BROKEN" // a promise was
	Unknown  = "?"      // a question is open that it would answer
)

// LampOf says how the service fares. violation is the promise that was found broken, "" while all hold.
func LampOf(now *Index, violation string) Lamp {
	sure, perhaps := now.Answering()
	waits := now.latest()
	switch {
	case now.Covered:
		return Lamp{Unknown, canvas.Muted, CoveredWords}
	case violation != "":
		return Lamp{Unsound, canvas.Alarm, violation}
	case now.View.Viewnum == 0 && now.Why.Level <= engine.Busy:
		return Lamp{Starting, canvas.Muted, now.Why.Now}
	case len(sure) == 0 && now.Why.Level == engine.Lost:
		return Lamp{Stuck, canvas.Dead, now.Why.Now}
	case waits != nil:
		text := waits.Waits.Plain
		if !strings.HasPrefix(text, waits.Name+" ") {
			text = waits.Name + ": " + text
		}
		return Lamp{Waiting, canvas.Warning, text}
	case len(sure) == 0 && len(perhaps) == 0, now.Why.Level >= engine.Stuck:
		return Lamp{Waiting, canvas.Warning, "nobody is answered: " + now.Why.Now}
	case len(sure) == 0 && !now.Viewservice.Status.Acked:
		return Lamp{Waiting, canvas.Warning, "no answer is sure yet: " + now.Why.Now}
	case now.Why.Level == engine.AtRisk:
		return Lamp{Serving, canvas.Warning, now.Why.Now}
	}
	return Lamp{Serving, canvas.Good, now.servingWords(sure)}
}

// latest is the client that waits longest of those that wait longer than a healthy cluster needs; nil if none does.
func (s *Index) latest() *engine.ClientState {
	var longest *engine.ClientState
	for i := range s.Clients {
		if c := &s.Clients[i]; s.Late(c) && (longest == nil || c.Since > longest.Since) {
			longest = c
		}
	}
	return longest
}

// servingWords say who answers clients.
func (s *Index) servingWords(sure []string) string {
	if len(sure) != 1 || sure[0] != s.Primary {
		return s.Why.Now
	}
	switch v := s.Server(s.Primary); {
	case s.Backup == "":
		return s.Primary + " answers alone"
	case v.Status.Phase == pbservice.PhaseWaiting && v.Status.Entered == v.Status.View.Viewnum:
		return s.Primary + " answers what " + s.Backup + " has confirmed"
	}
	return s.Why.Now
}
