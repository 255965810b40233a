package pane

import (
	"strings"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/tui/canvas"
	"cluster/splitbrain/viewservice/rules"

	"github.com/charmbracelet/x/ansi"
)

// Lamp is how the whole service fares, in a word and in a few more.
type Lamp struct {
	Word  string
	Look  canvas.Style
	Text  string // who serves, or who waits for what
	Brief string // the same in fewer words, if there are any
}

// Fitting is what the lamp says in w cells.
func (l Lamp) Fitting(w int) string {
	if l.Brief != "" && ansi.StringWidth(l.Text) > w {
		return l.Brief
	}
	return l.Text
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
		return Lamp{Word: Unknown, Look: canvas.Muted, Text: CoveredWords}
	case violation != "":
		return Lamp{Word: Unsound, Look: canvas.Alarm, Text: violation}
	case now.View.Viewnum == 0 && now.Why.Level <= engine.Busy:
		return now.lamp(Starting, canvas.Muted, "")
	case now.Why.Level == engine.Lost:
		return now.lamp(Stuck, canvas.Dead, "")
	case waits != nil:
		text := waits.Waits.Plain
		if !strings.HasPrefix(text, waits.Name+" ") {
			text = waits.Name + ": " + text
		}
		return Lamp{Word: Waiting, Look: canvas.Warning, Text: text}
	case len(sure) == 0 && len(perhaps) == 0, now.Why.Level >= engine.Stuck:
		return now.lamp(Waiting, canvas.Warning, "nobody is answered: ")
	case len(sure) == 0 && !now.Viewservice.Status.Acked:
		return now.lamp(Waiting, canvas.Warning, "no answer is sure yet: ")
	case now.Why.Level == engine.AtRisk:
		return now.lamp(Serving, canvas.Warning, "")
	}
	look := canvas.Good
	if now.Disabled.Has(rules.WaitForBackup) || now.Disabled.Has(rules.ForwardGets) {
		look = canvas.Warning // what it answers may be lost, or stale
	}
	return Lamp{Word: Serving, Look: look, Text: now.servingWords(sure)}
}

// lamp says what is so now, after what that means.
func (s *Index) lamp(word string, look canvas.Style, means string) Lamp {
	l := Lamp{Word: word, Look: look, Text: means + s.Why.Now}
	if s.Why.Brief != "" {
		l.Brief = means + s.Why.Brief
	}
	return l
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
	v := s.Server(s.Primary)
	switch waits := v.Status.Phase == pbservice.PhaseWaiting && v.Status.Entered == v.Status.View.Viewnum; {
	case s.Backup == "":
		return s.Primary + " answers alone"
	case !waits:
		return s.Why.Now
	case s.Disabled.Has(rules.WaitForBackup):
		return s.Primary + " answers before " + s.Backup + " has confirmed: wait-for-backup off"
	case s.Disabled.Has(rules.ForwardGets):
		return s.Primary + " answers Gets alone, the rest once " + s.Backup + " has confirmed"
	}
	return s.Primary + " answers what " + s.Backup + " has confirmed"
}
