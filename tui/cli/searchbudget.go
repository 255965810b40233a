package cli

import (
	"fmt"
	"slices"
	"strings"

	"cluster/splitbrain/netsim/search"

	"github.com/spf13/cobra"
)

// readBudget understands the budget, in words or in flags. Narrow rounds come first where no fault of it is given.
func (o *searchUse) readBudget(given func(flag string) bool) (err error) {
	flags := search.BudgetNames()
	if !given("budget") {
		o.Rounds = !slices.ContainsFunc(flags, func(flag string) bool { return flag != "ops" && given(flag) })
		if o.Random {
			o.Budget = wildBut(o.Budget, given)
		}
		return nil
	}
	if i := slices.IndexFunc(flags, given); i >= 0 {
		return fmt.Errorf("--budget, --%s: --budget says all of it, like %q", flags[i], "ops 1, silences 1")
	}
	if o.Budget, err = search.ParseBudget(o.budget); err != nil {
		return fmt.Errorf("--budget %q: %w", o.budget, err)
	}
	if o.Rounds = false; o.Random && o.Budget.Late > 0 {
		return fmt.Errorf("--budget %q: in a random search any message may be late", o.budget)
	}
	return nil
}

// wildBut is the budget of random walks, but for what is given of b.
func wildBut(b search.Budget, given func(flag string) bool) search.Budget {
	wild := search.WildBudget
	to := wild.Parts()
	for i, of := range b.Parts() {
		if given(of.Name) {
			*to[i].N = *of.N
		}
	}
	return wild
}

// budgetOffers completes the words of a budget, each part of which may be there once.
func budgetOffers(_ *cobra.Command, _ []string, begun string) ([]string, cobra.ShellCompDirective) {
	before := begun[:strings.LastIndexByte(begun, ',')+1]
	if before != "" {
		before += " "
	}
	there := strings.FieldsFunc(before, func(r rune) bool { return r == ',' || r == ' ' })
	var words []string
	for _, name := range search.BudgetNames() {
		if !slices.Contains(there, name) {
			words = append(words, before+name+" 1")
		}
	}
	return beginning(words, begun), cobra.ShellCompDirectiveNoFileComp
}
