package engine

import (
	"fmt"
	"strings"

	"cluster/splitbrain/viewservice"
	"cluster/splitbrain/viewservice/rules"
)

// Why is what is true now: what is so, why it is so or what else is, and what comes next or can be done, in plain words.
type Why struct {
	Now    string // never empty
	Brief  string // Now where there is little room: without how long somebody is silent; "" if Now is that
	More   string // why that is so, or what else is so, as Tie says; "" if Now says it all
	Tie    Tie
	Next   string // "" if nothing follows
	Rules  rules.Refs
	Level  Level
	Cause  Cause
	Claims []Claim // what the words promise
}

// Tie is how the second part of a Why belongs to the first.
type Tie uint8

// The ties.
const (
	Because Tie = iota // it is the cause of what is so
	And                // it is so besides
	Yet                // it is so nevertheless
)

// String is the word that stands before the second part.
func (t Tie) String() string { return [...]string{"because", "and", "yet"}[t] }

// String is the whole of it in one line, the rules last.
func (w Why) String() string {
	text := w.Now
	for _, part := range []string{w.More, w.Next} {
		if part != "" {
			text += " · " + part
		}
	}
	if len(w.Rules) > 0 {
		text += " " + w.Rules.String()
	}
	return text
}

// Level is how bad it is.
type Level uint8

// The levels.
const (
	Calm   Level = iota // all is well
	Busy                // something is under way and will end by itself
	AtRisk              // clients are answered, but the next failure may end that
	Stuck               // clients wait, or would, until someone helps
	Lost                // for ever, by design
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
	Unnoticed           // Server came back empty, and the viewservice takes it for the boot before
	Unheard             // Server answers clients, and the viewservice does not hear it: no view can follow
	TakesOver           // Server is failing, and Other will be primary
	Refuses             // Server refuses clients
	BackupFails         // Other is failing: Server will go on without it
	BackupFailsUnacked  // Other is failing: Server will acknowledge View without it
	BackupUnfillable    // Server will give Other up and go on without it
	BackupReturns       // Server can't fill Other, gives it up, and gets it again: views follow each other
	BackupUnreachable   // Server can answer nobody, since Other can't confirm, and the view stays
	BackupHeld          // messages between Server and Other wait for a person
	FillsBackup         // Server fills Other and answers alone meanwhile
	ViewUnlearnt        // Server can't acknowledge View, since it does not learn of it
	BackupGivenUp       // Server has given Other up, and will acknowledge View
	AckComes            // Server will acknowledge View
	ClientWaits         // Server, a client, waits for long
	OldPrimary          // Server takes itself for the primary of View, which is past; Other was its backup then
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
	Slow                     // time, or an end of the delay of From > To
)

// is reports whether there is one.
func (o Obstacle) is() bool { return o.Kind != NoObstacle }

// now begins the Why that tells c.
func (c Cause) now(level Level, format string, args ...any) Why {
	return Why{Now: fmt.Sprintf(format, args...), Level: level, Cause: c}
}

// because adds the cause of what is so.
func (w Why) because(format string, args ...any) Why { return w.more(Because, format, args...) }

// and adds what is so besides, and causes nothing of it.
func (w Why) and(format string, args ...any) Why { return w.more(And, format, args...) }

// yet adds what is so nevertheless.
func (w Why) yet(format string, args ...any) Why { return w.more(Yet, format, args...) }

func (w Why) more(tie Tie, format string, args ...any) Why {
	w.Tie, w.More = tie, fmt.Sprintf(format, args...)
	return w
}

func (w Why) next(format string, args ...any) Why {
	w.Next = fmt.Sprintf(format, args...)
	return w
}

// cite names rules that the words follow.
func (w Why) cite(refs ...rules.Ref) Why {
	w.Rules = cited(w.Rules, refs)
	return w
}

// claim says what the words promise.
func (w Why) claim(claims ...Claim) Why {
	w.Claims = append(w.Claims[:len(w.Claims):len(w.Claims)], claims...)
	return w
}

// cited adds rules to others, each once.
func cited(to, refs rules.Refs) rules.Refs {
	for _, r := range refs {
		if !to.Has(r) {
			to = append(to[:len(to):len(to)], r)
		}
	}
	return to
}

// words are a text with the rules that it cites, each where it stands, and the same without them.
type words struct {
	text, plain string
	rules       rules.Refs
}

func say(format string, args ...any) words { return words{}.then(format, args...) }

// told are the words of a cause that a service gave.
func told(c interface {
	String() string
	Rule() rules.Ref
}) words {
	refs := rules.Refs{c.Rule()}
	return words{c.String(), strings.TrimSuffix(c.String(), " "+refs.String()), refs}
}

// cite ends the text with the names of rules, as in "(V4 V5)".
func (w words) cite(refs ...rules.Ref) words {
	w.text += " " + rules.Refs(refs).String()
	w.rules = cited(w.rules, refs)
	return w
}

func (w words) then(format string, args ...any) words {
	more := fmt.Sprintf(format, args...)
	w.text += more
	w.plain += more
	return w
}
