package search

import "fmt"

// Budget is how much of what costs something may still happen. What is free may happen without end: servers' ticks,
// clients' retries, messages that arrive in any order, late or never.
type Budget struct {
	Ops        int // that clients begin
	Crashes    int
	Losses     int // of pings, of replies to pings, of results on their way to clients
	Duplicates int // of messages that arrive twice
	Silences   int // of a running server that is wrongly counted as dead, by the viewservice or by its primary
	Late       int // replies to pings that arrive after what happened in between
}

const maxBudget = 99

func (b Budget) validate() error {
	for _, one := range []struct {
		name string
		n    int
	}{
		{"ops", b.Ops}, {"crashes", b.Crashes}, {"losses", b.Losses}, {"duplicates", b.Duplicates},
		{"silences", b.Silences}, {"late", b.Late},
	} {
		if one.n < 0 || one.n > maxBudget {
			return fmt.Errorf("--%s %d: must be 0 to %d", one.name, one.n, maxBudget)
		}
	}
	return nil
}

// purse is what is left of a Budget in a state.
type budget struct{ ops, crashes, losses, duplicates, silences, late uint8 }

func (b Budget) start() budget {
	return budget{uint8(b.Ops), uint8(b.Crashes), uint8(b.Losses), uint8(b.Duplicates), uint8(b.Silences), uint8(b.Late)}
}

// spend takes one from what is left, and reports whether there was one.
func spend(left *uint8) bool {
	if *left == 0 {
		return false
	}
	*left--
	return true
}
