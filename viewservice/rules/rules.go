package rules

import "strings"

// Rule is one of the rules that can be switched off, to see what breaks without it (docs/protocol.md, its last section but one).
// Some are the viewservice's, some the servers', some both's.
type Rule uint8

// The rules.
const (
	AckRule Rule = iota
	AckAfterTransfer
	Continuity
	RestartDetection
	ForwardGets
	WaitForBackup
	BackupChecksView
	FilterDuplicates
	ReplicateFilter
	TransferState

	ruleCount
)

var ruleWords = [ruleCount]struct {
	name           string
	refs           Refs
	effect, damage string
}{
	AckRule: {"ack-rule", Refs{"V3", "S2"}, "views change without waiting for the acknowledgement, and state of any earlier view will do",
		"the primary answers alone beyond what it has transferred, and the backup is promoted: lost writes"},
	AckAfterTransfer: {"ack-after-transfer", Refs{"S4", "S2"}, "the primary acknowledges at once and goes on as before, and a promoted backup trusts that",
		"a crash in mid-transfer promotes a backup that lacks answered writes: lost writes"},
	Continuity: {"continuity", Refs{"V5", "S2"}, "any live server may become primary, and a primary without the data serves all the same",
		"an empty server serves: lost writes"},
	RestartDetection: {"restart-detection", Refs{"V7", "S2"}, "a new boot is taken for the old one, and trusts the view",
		"the restarted primary serves an empty map: lost writes"},
	ForwardGets: {"forward-gets", Refs{"S5"}, "the primary answers Gets alone",
		"a cut-off old primary returns stale values"},
	WaitForBackup: {"wait-for-backup", Refs{"S5"}, "the client is answered before the backup confirms",
		"acknowledged writes vanish in a failover"},
	BackupChecksView: {"backup-checks-view", Refs{"S7"}, "the backup takes messages of views that it has left",
		"two primaries at once: split brain"},
	FilterDuplicates: {"filter-duplicates", Refs{"S10"}, "repeats are applied",
		"a lost reply doubles an Append"},
	ReplicateFilter: {"replicate-filter", Refs{"S10"}, "the filter stays on the primary",
		"a lost reply doubles an Append, after a failover"},
	TransferState: {"transfer-state", Refs{"S3"}, "a new backup counts as complete at once",
		"the next failover promotes a backup that was never filled: lost writes"},
}

// All are all of them, in the order of docs/protocol.md.
func All() []Rule {
	all := make([]Rule, ruleCount)
	for i := range all {
		all[i] = Rule(i)
	}
	return all
}

// Named finds a rule by its name.
func Named(name string) (Rule, bool) {
	for r, words := range ruleWords {
		if words.name == name {
			return Rule(r), true
		}
	}
	return 0, false
}

// String is the rule's name in commands and flags.
func (r Rule) String() string { return ruleWords[r].name }

// Refs are the names of what it enforces in docs/protocol.md.
func (r Rule) Refs() Refs { return ruleWords[r].refs }

// Effect is what happens instead while it is off.
func (r Rule) Effect() string { return ruleWords[r].effect }

// Damage is what then goes wrong.
func (r Rule) Damage() string { return ruleWords[r].damage }

// Disabled is the set of rules that are switched off. The zero value keeps them all.
type Disabled uint16

const _ Disabled = 1 << (ruleCount - 1) // there is a bit for every rule

// Without is a set of rules.
func Without(rules ...Rule) Disabled {
	var off Disabled
	for _, r := range rules {
		off = off.Set(r, true)
	}
	return off
}

// Has reports whether r is off.
func (o Disabled) Has(r Rule) bool { return o&(1<<r) != 0 }

// Set returns the set with r off, or with r on.
func (o Disabled) Set(r Rule, off bool) Disabled {
	if off {
		return o | 1<<r
	}
	return o &^ (1 << r)
}

// Rules are those that are off, in the order of docs/protocol.md.
func (o Disabled) Rules() []Rule {
	var all []Rule
	for r := range ruleCount {
		if o.Has(r) {
			all = append(all, r)
		}
	}
	return all
}

// String names the rules that are off, with commas between them.
func (o Disabled) String() string {
	var names []string
	for _, r := range o.Rules() {
		names = append(names, r.String())
	}
	return strings.Join(names, ", ")
}
