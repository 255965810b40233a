package viewservice

import (
	"fmt"
	"time"
)

// Code names one thing that the viewservice can have to say.
type Code uint8

// What happened, why a view was formed, and why a needed one can't be.
const (
	CodeNone Code = iota

	FirstPing        // V1: Server was the first to ping
	PrimarySilent    // V4: Server, the primary, was not heard for Silent
	PrimaryRestarted // V7: Server, the primary, came back empty
	BackupSilent     // V4
	BackupRestarted  // V7
	BackupGivenUp    // V10: the primary gave Server up
	NoBackup         // V4: there is no backup and Server volunteers
	Promoted         // V5: Server, the backup, is alive and has the data
	Appointed        // V6: Server is the first of the volunteers
	Usurped          // V5 is off: Server, a volunteer, is made primary

	NoServer       // V1: nobody has pinged yet
	Amnesia        // V9: the viewservice was restarted
	Stranger       // V9: Server knows view View, the viewservice none
	UnackedDead    // V3: Server, the primary, fell silent before Ping(View)
	UnackedRestart // V3: Server, the primary, restarted before Ping(View): stuck for ever
	UnackedLoss    // V3: Server, the primary, has not sent Ping(View) yet; Other, the backup, is lost
	UnackedJoin    // V3: Server, the primary, has not sent Ping(View) yet; Other volunteers
	LoneLost       // V5: Server, silent, is the only holder of the data
	LoneRestarted  // V5: Server was the only holder of the data
	BothLost       // V5: Server and Other are both lost; one that only fell silent may return with the data
	BothRestarted  // V5: Server and Other both came back empty
	NextUnheard    // V5: Server is to be the next primary, and was not heard for Silent, more than Allowed

	codes // how many there are
)

// Cause explains one decision of the viewservice, or why it can't decide: the rule and the facts.
type Cause struct {
	Code    Code
	Server  string
	Other   string
	View    Number
	Silent  time.Duration // how long Server was not heard
	Allowed time.Duration // how long it may be silent
}

// Rule is the name of the rule in docs/protocol.md that the decision follows.
func (c Cause) Rule() string {
	switch c.Code {
	case FirstPing, NoServer:
		return "V1"
	case UnackedDead, UnackedRestart, UnackedLoss, UnackedJoin:
		return "V3"
	case PrimarySilent, BackupSilent, NoBackup:
		return "V4"
	case Promoted, Usurped, LoneLost, LoneRestarted, BothLost, BothRestarted, NextUnheard:
		return "V5"
	case Appointed:
		return "V6"
	case PrimaryRestarted, BackupRestarted:
		return "V7"
	case Amnesia, Stranger:
		return "V9"
	case BackupGivenUp:
		return "V10"
	}
	return ""
}

// ForEver reports whether no event can ever end what the cause describes.
func (c Cause) ForEver() bool {
	switch c.Code {
	case UnackedRestart, LoneRestarted, BothRestarted, Amnesia, Stranger:
		return true
	}
	return false
}

// Obstacles are the codes that say why a view that is needed can't be formed.
func Obstacles() []Code {
	var all []Code
	for c := NoServer; c < codes; c++ {
		all = append(all, c)
	}
	return all
}

// String tells the cause in plain words, its rule last.
func (c Cause) String() string {
	if c.Code == CodeNone {
		return ""
	}
	return fmt.Sprintf("%s (%s)", c.words(), c.Rule())
}

func (c Cause) words() string {
	switch c.Code {
	case FirstPing:
		return c.Server + " pinged first: primary of view 1"
	case PrimarySilent:
		return fmt.Sprintf("primary %s silent for %s, %s allowed", c.Server, ms(c.Silent), ms(c.Allowed))
	case BackupSilent:
		return fmt.Sprintf("backup %s silent for %s, %s allowed", c.Server, ms(c.Silent), ms(c.Allowed))
	case PrimaryRestarted:
		return "primary " + c.Server + " restarted and came back empty"
	case BackupRestarted:
		return "backup " + c.Server + " restarted and came back empty"
	case BackupGivenUp:
		return fmt.Sprintf("primary %s can't fill backup %s and gave it up", c.Other, c.Server)
	case NoBackup:
		return "no backup, and " + c.Server + " volunteers"
	case Promoted:
		return c.Server + " becomes primary: the backup is alive, complete, not restarted"
	case Appointed:
		return c.Server + " becomes backup: first of the volunteers"
	case Usurped:
		return c.Server + " becomes primary without the data: the continuity rule is off"
	default:
		return c.obstacle()
	}
}

// unknownCause is what a Code without words would say.
const unknownCause = "unknown cause"

func (c Cause) obstacle() string {
	switch c.Code {
	case NoServer:
		return "no server has pinged yet"
	case Amnesia:
		return "the viewservice was restarted and remembers nothing: it forms no view, lest an empty server serve"
	case Stranger:
		return fmt.Sprintf("%s is in view %d, which this viewservice does not know: it forms no view, lest an empty server serve", c.Server, c.View)
	case UnackedDead:
		return c.unacked("fell silent") + ": stuck until it returns" + c.orForEver()
	case UnackedRestart:
		return c.unacked("crashed") + ": stuck for ever, by design"
	case UnackedLoss:
		return fmt.Sprintf("backup %s is lost, and view %d waits for Ping(%d) from %s: only then may it change", c.Other, c.View, c.View, c.Server)
	case UnackedJoin:
		return fmt.Sprintf("%s volunteers, and view %d waits for Ping(%d) from %s: only then may it change", c.Other, c.View, c.View, c.Server)
	case LoneLost:
		return c.Server + " is silent, and nobody else has the data: stuck until it returns, for ever if it crashed, by design"
	case LoneRestarted:
		return c.Server + " came back empty, and nobody else had the data: it is lost, and nobody may serve any more, by design"
	case BothLost:
		return fmt.Sprintf("%s and %s are both lost, and nobody else has the data: stuck until one returns with it, for ever if both crashed, by design",
			c.Server, c.Other)
	case BothRestarted:
		return fmt.Sprintf("%s and %s both came back empty, and nobody else had the data: it is lost, and nobody may serve any more, by design",
			c.Server, c.Other)
	case NextUnheard:
		return fmt.Sprintf("%s is to be primary of the next view, and was not heard for %s: its next ping decides", c.Server, ms(c.Silent))
	}
	return unknownCause
}

func (c Cause) unacked(what string) string {
	return fmt.Sprintf("view %d is not acknowledged: %s %s before Ping(%d). The ack rule forbids moving on", c.View, c.Server, what, c.View)
}

// orForEver: only the primary of view 1 may still acknowledge after a crash (V7).
func (c Cause) orForEver() string {
	if c.View == 1 {
		return ""
	}
	return ", for ever if it crashed, by design"
}

func ms(d time.Duration) string { return fmt.Sprintf("%d ms", d.Milliseconds()) }

// Change is one view with the causes that formed it. At is the viewservice's time.
type Change struct {
	View   View
	At     time.Duration
	Causes []Cause
}
