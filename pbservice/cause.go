package pbservice

import (
	"strconv"

	"cluster/splitbrain/viewservice"
	"cluster/splitbrain/viewservice/rules"
)

// Code names one thing that a server can have to say.
type Code uint8

// Why a client is refused, why one waits, and why a backup refuses its primary.
const (
	CodeNone Code = iota

	Replaced     // V7: another boot of Server is newer
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
	LongAgo      // S10: the filter, which has forgotten the client, can't say whether the operation was done
	OtherCluster // S13: Server belongs to another cluster than the caller

	AwaitsBackup   // S5: Server waits for Other to confirm
	AwaitsTransfer // S6: too much waits to be sent to Other while its state is transferred

	UnknownView  // S7: Server has not learnt view View yet
	OldView      // S7: Server is past view View
	NotMyPrimary // S7: in view View, Server is not backup of Other
	OtherBoot    // S7: meant for another boot of Server
	Gap          // S7: a message before it is missing
	NoTransfer   // S7: nothing was transferred that it could continue
	Complete     // S3: Server is complete in view View and takes no transfer again
	TellsBoot    // S7: the answer to a message for no boot, which only asks for that

	codes // how many there are
)

// Codes are all codes but CodeNone.
func Codes() []Code {
	all := make([]Code, 0, codes)
	for c := CodeNone + 1; c < codes; c++ {
		all = append(all, c)
	}
	return all
}

// String is what a cause of that code says, with {names} where its facts stand.
func (c Code) String() string { return phrases[min(c, codes)].words }

// Cause explains one decision of a server: the rule and the facts.
type Cause struct {
	Code   Code
	Server string
	Other  string
	View   viewservice.Number
	N      int // bytes, for what is too long
}

// phrases are the rule that each code follows, and its words.
var phrases = [codes + 1]struct {
	rule  rules.Ref
	words string
}{
	Replaced:     {"V7", "{server} is out: a newer process of that name pings the viewservice. The outcome of what waited is unknown"},
	NoView:       {"S1", "{server} knows no view yet"},
	Elsewhere:    {"S9", "{server} is not the primary of view {view}, {other} is"},
	NoState:      {"S2", "{server} is primary of view {view} but has no state: it refuses, and never enters the view"},
	Unconfirmed:  {"S2", "{server} serves nothing before it knows that view 1 is acknowledged"},
	Deposed:      {"S9", "{server} learnt view {view} while the operation waited: outcome unknown"},
	BackupRefuse: {"S8", "{other} refused {server}, which completes nothing before a newer view: outcome unknown"},
	Superseded:   {"S10", "a newer request of the same client came: outcome unknown"},
	KeyTooLong:   {"S13", "a key of {n} bytes: at most " + strconv.Itoa(MaxKey)},
	ValueTooLong: {"S13", "a value of {n} bytes: at most " + strconv.Itoa(MaxValue)},
	LongAgo:      {"S10", "so many clients came since this one's last operation that the filter has forgotten it: outcome unknown"},
	BadClient:    {"S10", "a request needs a client's name and a number from 1"},
	OtherCluster: {"S13", "{server} belongs to another cluster than the caller"},

	AwaitsBackup:   {"S5", "{server} waits for {other} to confirm"},
	AwaitsTransfer: {"S6", "{server} sends {other} what has gathered during the transfer"},

	UnknownView:  {"S7", "{server} has not learnt view {view} yet"},
	OldView:      {"S7", "{server} is past view {view}"},
	NotMyPrimary: {"S7", "{server} is not the backup of {other} in view {view}"},
	OtherBoot:    {"S7", "meant for another boot of {server}"},
	Gap:          {"S7", "{server} misses a message before this one"},
	NoTransfer:   {"S7", "{server} was not filled from the beginning"},
	Complete:     {"S3", "{server} is complete in view {view} and takes no transfer again"},
	TellsBoot:    {"S7", "{server} tells which boot it is"},

	codes: {"", "unknown cause"}, // of a server that knows more
}

// Rule is the name of the rule in docs/protocol.md that the decision follows; "" of no cause.
func (c Cause) Rule() rules.Ref { return phrases[min(c.Code, codes)].rule }

// String tells the cause in plain words, its rule last; "" if there is none.
func (c Cause) String() string {
	if c.Code == CodeNone {
		return ""
	}
	return rules.Fill(phrases[min(c.Code, codes)].words, c.fact) + " " + rules.Refs{c.Rule()}.String()
}

// fact is what stands for a name in the words.
func (c Cause) fact(name string) string {
	switch name {
	case "server":
		return c.Server
	case "other":
		return c.Other
	case "view":
		return strconv.Itoa(int(c.View))
	}
	return strconv.Itoa(c.N)
}
