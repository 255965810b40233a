package pbservice

import (
	"fmt"

	"cluster/splitbrain/viewservice"
)

// Code names one thing that a server can have to say.
type Code uint8

// Why a client is refused, why one waits, and why a backup refuses its primary.
const (
	CodeNone Code = iota

	NoView       // S1: Server knows no view yet
	Elsewhere    // S9: in view View the primary is Other
	NoState      // S2: Server is primary of view View without the state of the view before
	Unconfirmed  // S2: Server doesn't know yet that its view 1 is acknowledged
	Deposed      // S9: Server lost its place while the operation waited
	BackupRefuse // S8: the backup Other refused; Server completes nothing before a newer view
	Superseded   // S10: a newer request of the same client came
	KeyTooLong   // S13
	ValueTooLong // S13
	BadClient    // S10: a request without a client or number

	AwaitsBackup   // S5: Server waits for Other to confirm
	AwaitsTransfer // S6: too much waits to be sent to Other while its state is transferred

	UnknownView  // S7: Server has not learnt view View yet
	OldView      // S7: Server is past view View
	NotMyPrimary // S7: in view View, Server is not backup of Other
	OtherBoot    // S7: meant for another boot of Server
	Gap          // S7: a message before it is missing
	NoTransfer   // S7: nothing was transferred that it could continue
	Complete     // S3: Server is complete in view View and takes no transfer again
)

// Cause explains one decision of a server: the rule and the facts.
type Cause struct {
	Code   Code
	Server string
	Other  string
	View   viewservice.Number
	N      int // bytes, for what is too long
}

// Rule is the name of the rule in docs/protocol.md that the decision follows.
func (c Cause) Rule() string {
	switch c.Code {
	case NoView:
		return "S1"
	case NoState, Unconfirmed:
		return "S2"
	case Complete:
		return "S3"
	case AwaitsBackup:
		return "S5"
	case AwaitsTransfer:
		return "S6"
	case UnknownView, OldView, NotMyPrimary, OtherBoot, Gap, NoTransfer:
		return "S7"
	case BackupRefuse:
		return "S8"
	case Elsewhere, Deposed:
		return "S9"
	case Superseded, BadClient:
		return "S10"
	case KeyTooLong, ValueTooLong:
		return "S13"
	}
	return ""
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
	case NoView:
		return c.Server + " knows no view yet"
	case Elsewhere:
		return fmt.Sprintf("%s is not the primary of view %d, %s is", c.Server, c.View, c.Other)
	case NoState:
		return fmt.Sprintf("%s is primary of view %d but has no state: it refuses, and never enters the view", c.Server, c.View)
	case Unconfirmed:
		return c.Server + " serves nothing before it knows that view 1 is acknowledged"
	case Deposed:
		return fmt.Sprintf("%s learnt view %d while the operation waited: outcome unknown", c.Server, c.View)
	case BackupRefuse:
		return fmt.Sprintf("%s refused %s, which completes nothing before a newer view: outcome unknown", c.Other, c.Server)
	case Superseded:
		return "a newer request of the same client came: outcome unknown"
	case KeyTooLong:
		return fmt.Sprintf("a key of %d bytes: at most %d", c.N, MaxKey)
	case ValueTooLong:
		return fmt.Sprintf("a value of %d bytes: at most %d", c.N, MaxValue)
	case BadClient:
		return "a request needs a client's name and a number from 1"
	case AwaitsBackup:
		return fmt.Sprintf("%s waits for %s to confirm", c.Server, c.Other)
	case AwaitsTransfer:
		return fmt.Sprintf("%s sends %s what has gathered during the transfer", c.Server, c.Other)
	default:
		return c.refusal()
	}
}

func (c Cause) refusal() string {
	switch c.Code {
	case UnknownView:
		return fmt.Sprintf("%s has not learnt view %d yet", c.Server, c.View)
	case OldView:
		return fmt.Sprintf("%s is past view %d", c.Server, c.View)
	case NotMyPrimary:
		return fmt.Sprintf("%s is not the backup of %s in view %d", c.Server, c.Other, c.View)
	case OtherBoot:
		return "meant for another boot of " + c.Server
	case Gap:
		return c.Server + " misses a message before this one"
	case NoTransfer:
		return c.Server + " was not filled from the beginning"
	case Complete:
		return fmt.Sprintf("%s is complete in view %d and takes no transfer again", c.Server, c.View)
	}
	return "unknown cause"
}
