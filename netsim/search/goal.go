package search

import (
	"fmt"
	"slices"
	"strings"

	"cluster/splitbrain/netsim/world"
	"cluster/splitbrain/viewservice"
)

// Goal is a state that is looked for instead of a broken promise. Every one speaks of the viewservice's view.
type Goal struct {
	Text    string // such as "view 3"
	reached func(w *world.World) bool
}

// ViewGoal is reached in the view of that number.
func ViewGoal(n viewservice.Number) *Goal {
	return &Goal{fmt.Sprintf("view %d", n), func(w *world.World) bool { return viewOf(w).Viewnum == n }}
}

// PrimaryGoal is reached when that server is primary.
func PrimaryGoal(server string) *Goal {
	return &Goal{"primary " + server, func(w *world.World) bool { return viewOf(w).Primary == server }}
}

// StuckGoal is reached when that rule, one of Obstacles, holds the viewservice up.
func StuckGoal(rule string) *Goal {
	return &Goal{"stuck " + rule, func(w *world.World) bool {
		views := w.ViewCore()
		return views != nil && strings.EqualFold(string(views.Clone().Status(w.ViewserviceTime()).Blocked.Rule()), rule)
	}}
}

// Obstacles are the rules that can hold the viewservice up.
func Obstacles() (rules []string) {
	for _, code := range viewservice.Obstacles() {
		if rule := string(viewservice.Cause{Code: code}.Rule()); !slices.Contains(rules, rule) {
			rules = append(rules, rule)
		}
	}
	return rules
}

func viewOf(w *world.World) viewservice.View {
	if w.ViewCore() == nil {
		return viewservice.View{}
	}
	v, _ := w.ViewCore().Current()
	return v
}
