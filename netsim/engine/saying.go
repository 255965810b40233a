package engine

import (
	"cluster/splitbrain/netsim"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/viewservice/rules"
)

// Saying is what a server does now, in a few plain words with the rules.
type Saying struct {
	Text   string // "" if there is nothing to say
	Tone   Tone
	Claims []Claim // what the words promise
}

// Tone is how much it matters.
type Tone uint8

// The tones.
const (
	Quiet  Tone = iota // as it should be
	Notice             // something is under way, or waits
	Still              // the process stands still
	Alarm              // a rule that is off lets it do what it must not
)

// Says is what a server does now.
func (x *Index) Says(s *ServerState) Saying {
	nothing := []Claim{{Code: Silent, Who: s.Name, View: x.View.Viewnum}}
	switch t := s.Status.Transfer; {
	case s.State == netsim.Crashed:
		return Saying{Text: "its memory is gone", Claims: nothing}
	case s.State == netsim.Frozen:
		return Saying{Text: "does nothing until it thaws", Tone: Still, Claims: nothing}
	case s.State != netsim.Up:
		return Saying{}
	case t.Keys > 0:
		return Saying{Text: say("copied %s of %s keys, %d%%", Count(t.Done), Count(t.Keys), min(100*t.Done/t.Keys, 100)).text, Tone: Notice}
	case s.Status.Role == pbservice.Primary:
		return x.primarySays(s)
	case s.Status.Role == pbservice.Backup:
		return Saying{Text: x.backupSays(s)}
	}
	return Saying{}
}

// primarySays is how a server answers that takes itself for the primary.
func (x *Index) primarySays(s *ServerState) Saying {
	v, off, view, b := x.voiceOf(s), x.Disabled, s.Status.View, s.Status.View.Backup
	silent := []Claim{{Code: Silent, Who: s.Name, View: view.Viewnum}}
	confirmed := Claim{Code: Confirmed, Who: s.Name, Other: b, View: view.Viewnum}
	old := view.Viewnum < x.View.Viewnum
	if off.Has(rules.BackupChecksView) {
		confirmed = Claim{}
	}
	waits := s.Status.Phase == pbservice.PhaseWaiting && s.Status.Complete && s.Status.Entered == view.Viewnum
	switch {
	case waits && off.Has(rules.WaitForBackup):
		return Saying{Text: "answers alone: wait-for-backup off", Tone: Alarm}
	case waits && off.Has(rules.ForwardGets):
		return Saying{Text: "answers Gets alone: forward-gets off", Tone: Alarm}
	case s.Status.Waiting > 0 && v.fate >= uncertain && !waits:
		return Saying{Text: s.Status.Waits.String(), Tone: Notice}
	case s.Status.Waiting > 0 && v.fate >= uncertain:
		return Saying{Text: s.Status.Waits.String(), Tone: Notice, Claims: []Claim{confirmed}}
	case s.Status.Waiting > 0:
		return Saying{Text: s.Status.Waits.String(), Tone: Notice, Claims: silent}
	case v.fate == mute && s.Status.Refuses.Code != pbservice.CodeNone:
		return Saying{Text: s.Status.Refuses.String(), Claims: silent}
	case v.fate == uncertain && s.Status.Refuses.Code != pbservice.CodeNone:
		return Saying{Text: s.Status.Refuses.String()}
	case v.fate == alone && old:
		return Saying{Text: say("answers alone in view %d, which is past", view.Viewnum).text, Tone: Alarm, Claims: v.claims()}
	case v.fate == uncertain && off.Has(rules.BackupChecksView) && old:
		return Saying{Text: "its backup still confirms (S7 is off)", Tone: Alarm}
	case v.fate == mute && old:
		return Saying{Text: say("completes nothing in view %d (S7)", view.Viewnum).text, Claims: silent}
	case v.fate == mute:
		return Saying{Text: say("answers nobody: %s can't confirm (S5)", b).text, Tone: Notice, Claims: silent}
	case v.fate == barred:
		return Saying{Text: say("answers nobody: %s", v.barrier.Text).text, Tone: Notice, Claims: silent}
	case v.fate == withBackup:
		return Saying{Text: say("answers once %s confirms (S5)", b).text, Claims: append(v.claims(), confirmed)}
	case waits:
		return Saying{Text: say("answers once %s confirms (S5)", b).text, Claims: []Claim{confirmed}}
	case s.Status.Phase == pbservice.PhaseAlone:
		return Saying{Text: "answers alone: it has no backup", Claims: v.claims()}
	case s.Status.Phase == pbservice.PhaseGivenUp:
		return Saying{Text: say("answers alone: it gave %s up (V10)", b).text, Claims: v.claims()}
	}
	switch s.Status.Phase {
	case pbservice.PhaseTransferring:
		return Saying{Text: say("fills %s (S3)", b).text}
	case pbservice.PhaseWaiting:
		return Saying{Text: say("answers once %s confirms (S5)", b).text}
	}
	return Saying{Text: s.Status.Phase}
}

// backupSays is what a backup does for the primary that it knows.
func (x *Index) backupSays(s *ServerState) string {
	from := s.Status.View.Primary
	switch p := x.Server(from); {
	case p != nil && p.Status.Phase == pbservice.PhaseGivenUp && p.Status.View == s.Status.View:
		return from + " gave it up (V10)"
	case p != nil && p.Status.View.Viewnum > s.Status.View.Viewnum && p.Status.View.Backup != s.Name:
		return say("%s went on without it in view %d", from, p.Status.View.Viewnum).text
	case x.Cut(from, s.Name):
		return "hears nothing from " + from
	case !s.Status.Complete && p != nil && p.State == netsim.Crashed:
		return "never got the data of " + from + " (S6)"
	case !s.Status.Complete:
		return "waits for the data of " + from + " (S6)"
	case p == nil || p.State != netsim.Up:
		return "has all that " + from + " had"
	}
	return "confirms what " + from + " sends (S7)"
}
