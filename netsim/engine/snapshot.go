package engine

import (
	"errors"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/history"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/viewservice"
	"cluster/splitbrain/viewservice/rules"
)

// Window is the part of the maps that is wanted: up to Limit keys from From on and up to Back keys before it, of
// those that contain Contains. Limits are those of pbservice.InspectArgs.
type Window = pbservice.InspectArgs

// Snapshot is what was seen of a cluster at one moment. It must not be changed.
type Snapshot struct {
	At          time.Duration // since the cluster began, in its own time
	Config      Config
	Viewservice ViewserviceState
	// Servers and Clients are in the order of their names' numbers.
	Servers  []ServerState
	Clients  []ClientState
	Map      Map
	Faults   []netsim.Fault
	Held     []netsim.Held  // in the order in which they were sent
	Disabled rules.Disabled // rules that are switched off
	WereOff  rules.Disabled // rules that are, or were at any time so far
	Paused   bool
	Speed    float64       // of the cluster's time, relative to real time
	Standing bool          // time is led, and nobody waits for it
	Pace     float64       // of Speed, at which time goes: 1 unless it is led; 0 is as fast as it can
	Latency  time.Duration // that a message takes on a whole link
	Why      Why
}

// ViewserviceState is the viewservice's node. Status is its own answer, or the last one from before it was killed.
type ViewserviceState struct {
	State  netsim.State
	Boots  int
	Status viewservice.Status
}

// ServerState is one server's node. Status is its own answer; the zero Status while it is crashed.
type ServerState struct {
	Name   string
	State  netsim.State
	Boots  int
	Status pbservice.Status
	// PingAge is how long the viewservice has not heard the server, as it says itself; negative if it never has.
	PingAge time.Duration
}

// ClientState is one client's node.
type ClientState struct {
	Name    string
	State   netsim.State
	View    viewservice.Number // the newest that it knows; 0 if it knows none
	Running bool
	Op      pbservice.Op  // that runs
	Since   time.Duration // how long it has been running
	Waits   Wait          // what for; the zero Wait while none runs
	Last    []Done        // the newest results, newest first, KeptResults at most
}

// KeptResults is how many results of a client are remembered.
const KeptResults = 8

// Done is an operation that ended.
type Done struct {
	At      time.Duration
	Took    time.Duration
	Op      pbservice.Op
	Reply   pbservice.Reply // if it was answered
	Outcome Outcome
}

// Outcome is how an operation ended.
type Outcome struct {
	Kind    OutcomeKind
	Refused pbservice.Cause // why it was Refused
	Why     string          // what the client was waiting for when the outcome became Unknown, in words
}

// OutcomeKind says whether an operation was answered.
type OutcomeKind uint8

// The outcomes.
const (
	OK      OutcomeKind = iota // answered: a Put or Append happened, a Get found a value
	Absent                     // answered: a Get found no value
	Unknown                    // not answered: a Put or Append may have happened, and may still happen (C2)
	Refused                    // for good, and nothing changed (S13)
)

// OutcomeOf is how an operation ended whose Clerk returned r and err.
func OutcomeOf(r pbservice.Reply, err error) Outcome {
	if refused, ok := errors.AsType[*pbservice.RefusedError](err); ok {
		return Outcome{Kind: Refused, Refused: refused.Why}
	}
	if unknown, ok := errors.AsType[*pbservice.UnknownOutcomeError](err); ok {
		return Outcome{Kind: Unknown, Why: unknown.Why}
	}
	switch {
	case err != nil:
		return Outcome{Kind: Unknown, Why: err.Error()}
	case r.Err == pbservice.NoKey:
		return Outcome{Kind: Absent}
	}
	return Outcome{}
}

// Seen is the outcome as a history keeps it, of an operation whose Clerk returned r.
func (o Outcome) Seen(r pbservice.Reply) history.Outcome {
	known := o.Kind != Unknown
	return history.Outcome{Known: known, Refused: o.Kind == Refused, Found: known && r.Err == pbservice.OK, Got: r.Value}
}

// Failure tells in a line why there is no answer, to those who see the operation beside it; "" if it was answered.
func (o Outcome) Failure() string {
	switch o.Kind {
	case Refused:
		return "refused: " + o.Refused.String()
	case Unknown:
		return "outcome unknown: " + o.Why
	}
	return ""
}

// Map is the window of the maps, aligned: Keys[i] is in Rows[server][i], whose Key is "" and Size -1 where the
// server does not have it.
type Map struct {
	Keys   []string
	Rows   map[string][]pbservice.Row // by server
	Before int                        // keys hidden before Keys[0], by the server that has the most
	Total  int                        // keys that match, likewise
}
