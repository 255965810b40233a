package viewservice

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"cluster/splitbrain/viewservice/rules"
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
	PromotedUnacked  // V3 is off: Server, the backup, is alive, and the view in which it was backup was never acknowledged
	PromotedUnfilled // Other, a rule of S3 or S4, is off: Server, the backup, is alive, and may never have been filled
	PromotedUnseen   // V7 is off: Server, the backup, is alive, and may have restarted

	NameTwice     // V7: two processes ping as Server at once
	Unreached     // S4: Other, the primary, gets no answer from Server
	OtherInterval // V8: Server pings every Silent, not every Allowed

	NoServer       // V1: nobody has pinged yet
	Amnesia        // V9: the viewservice was restarted
	Stranger       // V9: Server is in view View, which the viewservice did not form
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
	Off     string        // the rule that is off by which a server may serve without the data; "" if none may
}

// phrase is the rule that a code follows, its words, and its words where a screen has little room.
type phrase struct {
	rule        rules.Ref
	long, short string
}

var phrases = [codes + 1]phrase{
	FirstPing:        {"V1", "{server} pinged first: primary of view 1", "{server} pinged first"},
	PrimarySilent:    {"V4", "primary {server} silent for {silent}, {allowed} allowed", "{server} silent {pings}"},
	PrimaryRestarted: {"V7", "primary {server} restarted and came back empty", "{server} came back empty"},
	BackupSilent:     {"V4", "backup {server} silent for {silent}, {allowed} allowed", "{server} silent {pings}"},
	BackupRestarted:  {"V7", "backup {server} restarted and came back empty", "{server} came back empty"},
	BackupGivenUp:    {"V10", "primary {other} can't fill backup {server} and gave it up", "{other} gave {server} up"},
	NoBackup:         {"V4", "no backup, and {server} volunteers", "{server} volunteers"},
	Promoted:         {"V5", "{server} becomes primary: the backup is alive, complete, not restarted", "{server} promoted"},
	Appointed:        {"V6", "{server} becomes backup: first of the volunteers", "{server} joins"},
	Usurped:          {"V5", "{server} becomes primary without the data: the continuity rule is off", "{server} promoted without data"},
	PromotedUnacked: {"V5", "{server} becomes primary: the backup is alive and not restarted; nobody knows whether it is complete, since the ack rule is off",
		"{server} promoted, complete or not"},
	PromotedUnfilled: {"V5", "{server} becomes primary: the backup is alive and not restarted; nobody knows whether it is complete, since {other} is off",
		"{server} promoted, complete or not"},
	PromotedUnseen: {"V5", "{server} becomes primary: the backup is alive; nobody knows whether it has restarted, since restart-detection is off",
		"{server} promoted, restarted or not"},

	NameTwice: {"V7", "two processes ping as {server}: only the newer one counts, and whoever calls {server} may reach either",
		"two processes ping as {server}"},
	Unreached: {"S4", "primary {other} gets no answer from {server}, which gives that as its address: it can't be filled",
		"{other} can't reach {server}"},
	OtherInterval: {"V8", "{server} pings every {silent}, and this viewservice counts intervals of {allowed}: give both the same",
		"{server} pings every {silent}, not {allowed}"},

	NoServer: {"V1", "no server has pinged yet", "nobody has pinged"},
	Amnesia: {"V9", "the viewservice was restarted and remembers nothing: it forms no view, lest an empty server serve",
		"vs has forgotten all views"},
	Stranger: {"V9", "{server} is in view {view}, which this viewservice did not form: it changes no view any more, lest an empty server serve",
		"vs does not know view {view} of {server}"},
	UnackedDead: {"V3", "view {view} is not acknowledged: {server} fell silent before Ping({view}). The ack rule forbids moving on: " +
		"stuck until it returns{or for ever}", "{server} silent before Ping({view})"},
	UnackedRestart: {"V3", "view {view} is not acknowledged: {server} crashed before Ping({view}). The ack rule forbids moving on: " +
		"stuck for ever, by design", "{server} crashed before Ping({view})"},
	UnackedLoss: {"V3", "backup {other} is lost, and view {view} waits for Ping({view}) from {server}: only then may it change",
		"{other} lost, Ping({view}) awaited"},
	UnackedJoin: {"V3", "{other} volunteers, and view {view} waits for Ping({view}) from {server}: only then may it change",
		"{other} volunteers, Ping({view}) awaited"},
	LoneLost: {"V5", "{server} is silent, and nobody else has the data: stuck until it returns, for ever if it crashed, by design",
		"{server}, alone with the data, is silent"},
	LoneRestarted: {"V5", "{server} came back empty, and nobody else had the data: it is lost, and nobody may serve any more, by design",
		"{server}, alone with the data, came back empty"},
	BothLost: {"V5", "{server} and {other} are both lost, and nobody else has the data: " +
		"stuck until one returns with it, for ever if both crashed, by design", "{server} and {other} lost"},
	BothRestarted: {"V5", "{server} and {other} both came back empty, and nobody else had the data: " +
		"it is lost, and nobody may serve any more, by design", "{server} and {other} came back empty"},
	NextUnheard: {"V5", "{server} is to be primary of the next view, and was not heard for {silent}: its next ping decides",
		"{server} to lead, its ping awaited"},

	codes: {"", "unknown cause", "unknown cause"}, // of a viewservice that knows more
}

// lawless are the words of codes where a rule is off by which a server may serve without the data: nothing is for ever then.
var lawless = map[Code]string{
	UnackedDead: "view {view} is not acknowledged: {server} fell silent before Ping({view}). The ack rule forbids moving on: " +
		"stuck until it returns, be it without the data, since {off} is off",
	UnackedRestart: "view {view} is not acknowledged: {server} crashed before Ping({view}). The ack rule forbids moving on, " +
		"but {server} may serve without the data, since {off} is off",
	LoneLost:      "{server} is silent, and nobody else has the data: stuck until {any} pings, be it without the data, since {off} is off",
	LoneRestarted: "{server} came back empty, and nobody else had the data: it is lost, and a server may serve without it, since {off} is off",
	BothLost: "{server} and {other} are both lost, and nobody else has the data: " +
		"stuck until {any} pings, be it without the data, since {off} is off",
	BothRestarted: "{server} and {other} both came back empty, and nobody else had the data: " +
		"it is lost, and a server may serve without it, since {off} is off",
}

func (c Cause) phrase() phrase { return phrases[min(c.Code, codes)] }

// Rule is the name of the rule in docs/protocol.md that the decision follows; "" of no cause.
func (c Cause) Rule() rules.Ref { return c.phrase().rule }

// ForEver reports whether no event can ever end what the cause describes.
func (c Cause) ForEver() bool {
	switch c.Code {
	case Amnesia, Stranger:
		return true
	case UnackedRestart, LoneRestarted, BothRestarted:
		return c.Off == ""
	}
	return false
}

// Codes are all codes but CodeNone.
func Codes() []Code {
	all := make([]Code, 0, codes)
	for c := CodeNone + 1; c < codes; c++ {
		all = append(all, c)
	}
	return all
}

// Obstacles are the codes that say why a view that is needed can't be formed.
func Obstacles() []Code { return Codes()[NoServer-1:] }

// String is what a cause of that code says, with {names} where its facts stand.
func (c Code) String() string { return phrases[min(c, codes)].long }

// String tells the cause in plain words, its rule last; "" if there is none.
func (c Cause) String() string {
	if c.Code == CodeNone {
		return ""
	}
	words := c.phrase().long
	if c.Off != "" {
		words = lawless[c.Code]
	}
	return c.fill(words, 0) + " " + rules.Refs{c.Rule()}.String()
}

// fill puts the facts into words. Silence is counted in intervals; an interval of 0 is not known.
func (c Cause) fill(words string, interval time.Duration) string {
	return rules.Fill(words, func(name string) string {
		switch name {
		case "server":
			return c.Server
		case "other":
			return c.Other
		case "view":
			return strconv.Itoa(int(c.View))
		case "silent":
			return SilenceWords(c.Silent)
		case "allowed":
			return SilenceWords(c.Allowed)
		case "pings":
			return intervals(c.Silent, interval)
		case "off":
			return c.Off
		case "any":
			return c.whoseReturn()
		}
		if c.View == 1 { // its primary may still acknowledge after a crash (V7)
			return ""
		}
		return ", for ever if it crashed, by design"
	})
}

// whoseReturn is who may serve once it pings, while a rule is off.
func (c Cause) whoseReturn() string {
	switch {
	case c.Off == rules.Continuity.String():
		return "any server"
	case c.Other != "":
		return "one of them"
	}
	return "it"
}

// intervals tells a silence in pings that were missed, as long as somebody could count them.
func intervals(silent, interval time.Duration) string {
	const countable = 1000
	if interval <= 0 || silent/interval >= countable {
		return SilenceWords(silent)
	}
	if n := int(silent / interval); n != 1 {
		return strconv.Itoa(n) + " pings"
	}
	return "1 ping"
}

// SilenceWords tells how long a server was silent: 512 ms, and from a minute on 2m05s or 3h20m.
func SilenceWords(d time.Duration) string {
	switch {
	case d < time.Minute:
		return strconv.FormatInt(d.Milliseconds(), 10) + " ms"
	case d < time.Hour:
		return fmt.Sprintf("%dm%02ds", int(d.Minutes()), int(d.Seconds())%60)
	}
	return fmt.Sprintf("%dh%02dm", int(d.Hours()), int(d.Minutes())%60)
}

// Change is one view with the causes that formed it. At is the viewservice's time.
type Change struct {
	View   View
	At     time.Duration
	Causes []Cause
}

// Reasons tells the causes in one line, with separator between them.
func (c Change) Reasons(separator string) string {
	words := make([]string, len(c.Causes))
	for i, cause := range c.Causes {
		words[i] = cause.String()
	}
	return strings.Join(words, separator)
}
