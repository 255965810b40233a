// Package search is a model checker: it looks for an order of events that breaks a promise of the service, shortens
// it, and tells it as a story. `splitbrain search` (tui/cli) and the playground's search call it.
//
//	r, err := search.Search(ctx, search.Defaults, nil)
//	if r.Find != nil {
//		r.Find.Tell(os.Stdout)  // each event with its cause and rule
//		r.Find.Write(file)      // a world that sim.Open and the playground open
//	}
//
// What is searched are states (state.go): untimed worlds of package world, with what clients may see from now on (judge.go)
// and what is left of the budget. States consist of few parts, each of which is there once (stock.go). Transitions (steps.go, transition.go) lead from one to the next; properties (property.go)
// must hold in each. The search itself knows nothing of all that: explore.go goes breadth-first, randomwalk.go at random,
// through any Space. docs/search.md says what may be left out, and why nothing is missed by it.
package search
