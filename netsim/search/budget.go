package search

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"cluster/splitbrain/netsim/engine/spelling"
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

// Budgeted is one part of a budget, under the name of its flag.
type Budgeted struct {
	Name string
	N    *int // that of the budget
}

// Parts are all parts of b.
func (b *Budget) Parts() []Budgeted {
	return []Budgeted{
		{"ops", &b.Ops}, {"crashes", &b.Crashes}, {"losses", &b.Losses}, {"duplicates", &b.Duplicates},
		{"silences", &b.Silences}, {"late", &b.Late}, {"vs-crashes", &b.VsCrashes},
	}
}

// noBudget is what the budget of nothing allows for, in words.
const noBudget = "no operation and no fault"

// ParseBudget reads what Words tell. What is not named there is 0. The error names the word that is wrong.
func ParseBudget(text string) (b Budget, err error) {
	if strings.TrimSpace(text) == noBudget {
		return b, nil
	}
	named := map[string]bool{}
	for part := range strings.SplitSeq(text, ",") {
		name, number, _ := strings.Cut(strings.TrimSpace(part), " ")
		n, err := strconv.ParseUint(strings.TrimSpace(number), 10, 16)
		one, ok := b.part(name)
		switch {
		case name == "":
			return b, errors.New("a budget is missing: it is like ops 1, silences 1")
		case !ok:
			return b, fmt.Errorf("%q is no budget: %s", name, spelling.Meant(name, BudgetNames()))
		case named[name]:
			return b, fmt.Errorf("%s is there twice", name)
		case number == "":
			return b, fmt.Errorf("%s lacks its number: %s 1", name, name)
		case err != nil || n > maxBudget:
			return b, fmt.Errorf("%s %q: must be 0 to %d", name, strings.TrimSpace(number), maxBudget)
		}
		named[name], *one = true, int(n)
	}
	return b, nil
}

// part is the part of that name.
func (b *Budget) part(name string) (n *int, ok bool) {
	for _, one := range b.Parts() {
		if one.Name == name {
			return one.N, true
		}
	}
	return nil, false
}

// BudgetNames are the names of all parts of a budget, which are those of their flags.
func BudgetNames() (names []string) {
	for _, one := range new(Budget).Parts() {
		names = append(names, one.Name)
	}
	return names
}

// Words tell what the budget allows for, in the names of the flags: "ops 1, silences 2".
func (b Budget) Words() string {
	var all []string
	for _, one := range b.Parts() {
		if *one.N > 0 {
			all = append(all, fmt.Sprintf("%s %d", one.Name, *one.N))
		}
	}
	return cmp.Or(strings.Join(all, ", "), noBudget)
}

func (b Budget) validate() error {
	for _, one := range b.Parts() {
		if *one.N < 0 || *one.N > maxBudget {
			return fmt.Errorf("--%s %d: must be 0 to %d", one.Name, *one.N, maxBudget)
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
