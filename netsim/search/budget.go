package search

import (
	"cmp"
	"fmt"
	"strings"
)

// Budget says how many faults and operations a search may use, each 0 to 99. Everything else is free and may happen
// without end: ticks of servers, retries of clients, messages that arrive in any order, late or never.
type Budget struct {
	Ops        int // operations that clients begin
	Crashes    int // crashes of servers
	Losses     int // pings, replies to pings, and results on their way to clients that get lost
	Duplicates int // messages that arrive twice
	Silences   int // running servers that the viewservice, or their primary, wrongly counts as dead
	Late       int // pings and replies to pings that arrive after what happened in between
	VsCrashes  int // crashes of the viewservice
}

const maxBudget = 99

// budgeted is one part of a budget, under the name of its flag.
type budgeted struct {
	name string
	n    int
}

func (b Budget) parts() []budgeted {
	return []budgeted{
		{"ops", b.Ops}, {"crashes", b.Crashes}, {"losses", b.Losses}, {"duplicates", b.Duplicates},
		{"silences", b.Silences}, {"late", b.Late}, {"vs-crashes", b.VsCrashes},
	}
}

// Words tell what the budget allows for, in the names of the flags: "ops 1, silences 2".
func (b Budget) Words() string {
	var all []string
	for _, one := range b.parts() {
		if one.n > 0 {
			all = append(all, fmt.Sprintf("%s %d", one.name, one.n))
		}
	}
	return cmp.Or(strings.Join(all, ", "), "no operation and no fault")
}

func (b Budget) validate() error {
	for _, one := range b.parts() {
		if one.n < 0 || one.n > maxBudget {
			return fmt.Errorf("--%s %d: must be 0 to %d", one.name, one.n, maxBudget)
		}
	}
	return nil
}

// budget is what is left of a Budget in a state.
type budget struct{ ops, crashes, losses, duplicates, silences, late, vsCrashes uint8 }

func (b Budget) start() budget {
	return budget{
		uint8(b.Ops), uint8(b.Crashes), uint8(b.Losses), uint8(b.Duplicates), uint8(b.Silences), uint8(b.Late), uint8(b.VsCrashes),
	}
}

// spend takes one from left, and reports whether there was one.
func spend(left *uint8) bool {
	if *left == 0 {
		return false
	}
	*left--
	return true
}
