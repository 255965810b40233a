package engine

import (
	"fmt"

	"cluster/splitbrain/viewservice"
	"cluster/splitbrain/viewservice/rules"
)

// Why is the one line that is true now.
type Why struct {
	Text  string     // in plain words with the rules; never empty
	Rules rules.Refs // that the text cites
	Level Level
	Cause Cause
}

// Level is how bad it is.
type Level uint8

// The levels.
const (
	Calm  Level = iota // all is well
	Busy               // something is under way and will end by itself
	Stuck              // clients wait until someone helps
	Lost               // for ever, by design
)

// Cause is what a Why says, as data: a claim that what comes can be held against.
type Cause struct {
	Code   Code
	View   viewservice.Number // in which it is so
	Server string             // whom it is about
	Other  string             // who acts next, is acted on, or is waited for
	// Needs are what must end before it goes on, as far as that is known. None: time alone decides, or nothing can help.
	Needs []Obstacle
}

// Code names one thing that a Why can say.
type Code uint8

// Causes of a Why. Server, Other and View are those of the Cause.
const (
	NoCode Code = iota

	ViewserviceDown     // no view will follow; Server, if set, answers clients nevertheless
	ViewserviceForgot   // likewise
	ViewserviceFrozen   // no view will follow before it thaws; Server, if set, answers clients nevertheless
	FirstPingComes      // the first server to ping becomes primary
	FirstPingBarred     // no server reaches the viewservice
	AckLost             // Server will never acknowledge View: no view will follow
	AckOfNextStart      // once Server is started again it may be primary again
	AckBarred           // Server alone can acknowledge View, and can't
	AckReturns          // Server will acknowledge View
	DataReturns         // Server has the data of View, will ping and be primary
	DataBarred          // nobody serves before one of those who have the data of View is back
	DataLost            // nobody will ever serve again
	PrimaryFailsUnacked // Server is failing, and nobody can follow it before it acknowledges View
	PrimaryFailsAlone   // Server is failing, and nobody else has the data
	PrimaryFailsToo     // Server and Other are failing, and nobody else has the data
	FirstHeardServes    // Server and Other are failing, and whichever is heard first with the data will be primary
	Usurps              // Server is failing, and a server without the data may become primary
	TakesOver           // Server is failing, and Other will be primary
	Refuses             // Server refuses clients
	BackupFails         // Other is failing: Server will go on without it
	BackupFailsUnacked  // Other is failing: Server will acknowledge View without it
	BackupUnfillable    // Server will give Other up and go on without it
	BackupUnreachable   // Server can answer nobody, since Other can't confirm, and the view stays
	BackupHeld          // messages between Server and Other wait for a person
	FillsBackup         // Server fills Other and answers alone meanwhile
	ViewUnlearnt        // Server can't acknowledge View, since it does not learn of it
	BackupGivenUp       // Server has given Other up, and will acknowledge View
	AckComes            // Server will acknowledge View
	ClientWaits         // Server, a client, waits for long
	OldPrimary          // Server takes itself for the primary of View, which is past; Other, its backup then, does not confirm
	DeafPrimary         // Server serves, and learns of no other view
	Joins               // Server serves alone, and Other will be its backup
	Alone               // Server serves alone, and nobody can join
	Serves              // Server answers clients, if there are one and a backup, Other
	TimePaused          // nothing moves

	codes // how many there are
)

// Obstacle is one thing that keeps messages from arriving, and so an operation, a ping or a view from going on.
type Obstacle struct {
	Kind     ObstacleKind
	From, To string // of the link; of a node, From alone
	Msg      uint64 // the message, if one is held
	Text     string
}

// ObstacleKind says what ends an obstacle.
type ObstacleKind uint8

// The obstacles.
const (
	NoObstacle  ObstacleKind = iota
	Crashed                  // a start of From, which comes back empty
	Frozen                   // a thaw of From
	CutLink                  // a heal of From > To
	Holding                  // a release of From > To
	HeldMessage              // a delivery of Msg
	Losing                   // luck, or a heal of From > To
)

// is reports whether there is one.
func (o Obstacle) is() bool { return o.Kind != NoObstacle }

// words are a text with the rules that it cites.
type words struct {
	text  string
	rules rules.Refs
}

func say(format string, args ...any) words { return words{text: fmt.Sprintf(format, args...)} }

// told are the words of a cause that a service gave.
func told(c interface {
	String() string
	Rule() rules.Ref
}) words {
	return words{c.String(), rules.Refs{c.Rule()}}
}

// cite ends the text with the names of rules, as in "(V4 V5)".
func (w words) cite(refs ...rules.Ref) words {
	return w.add(words{" " + rules.Refs(refs).String(), refs})
}

func (w words) then(format string, args ...any) words { return w.add(say(format, args...)) }

func (w words) add(next words) words {
	w.text += next.text
	for _, r := range next.rules {
		if !w.rules.Has(r) {
			w.rules = append(w.rules[:len(w.rules):len(w.rules)], r)
		}
	}
	return w
}

// why is the line that tells c.
func (c Cause) why(level Level, w words) Why { return Why{w.text, w.rules, level, c} }
