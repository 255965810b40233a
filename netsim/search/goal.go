package search

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"cluster/splitbrain/netsim/world"
	"cluster/splitbrain/tui/script/spelling"
	"cluster/splitbrain/viewservice"
)

// goal is a state that is looked for instead of a broken promise.
type goal struct {
	text    string
	reached func(w *world.World) bool
}

// goals are their forms, with examples.
var goals = []struct{ verb, example string }{{"view", "view 3"}, {"primary", "primary s2"}, {"stuck", "stuck V3"}}

// goalExamples are one goal of each form.
func goalExamples() (all []string) {
	for _, g := range goals {
		all = append(all, g.example)
	}
	return all
}

// noGoal says what is wrong with a word of a goal.
func noGoal(text, word, how string) error {
	return fmt.Errorf("--goal %q: %q %s", text, word, how)
}

// unknownGoal says that a goal begins with none of the words that it could.
func unknownGoal(text, verb string) error {
	var verbs []string
	for _, g := range goals {
		verbs = append(verbs, g.verb)
	}
	if near, ok := spelling.Nearest(verb, verbs); ok {
		return noGoal(text, verb, "is no goal: did you mean "+near+"?")
	}
	return noGoal(text, verb, "is no goal: there are "+strings.Join(goalExamples(), ", "))
}

// stuckBy are the rules that can hold the viewservice up.
func stuckBy() (rules []string) {
	for _, code := range viewservice.Obstacles() {
		if rule := (viewservice.Cause{Code: code}).Rule(); !slices.Contains(rules, rule) {
			rules = append(rules, rule)
		}
	}
	return rules
}

// parseGoal reads "view 3", "primary s2" or "stuck V3". Every one speaks of the viewservice's view.
func parseGoal(text string, servers int) (*goal, error) {
	what, of, _ := strings.Cut(strings.TrimSpace(text), " ")
	of = strings.TrimSpace(of)
	switch what {
	case "view":
		n, err := strconv.ParseUint(of, 10, 32)
		if err != nil || n == 0 {
			return nil, noGoal(text, of, "is no number of a view: view 3")
		}
		return &goal{text, func(w *world.World) bool { return viewOf(w).Viewnum == viewservice.Number(n) }}, nil
	case "primary":
		n, ok := world.ParseNode(of)
		if !ok || !n.IsServer() || index(n) >= servers {
			return nil, noGoal(text, of, fmt.Sprintf("is no server: there are s1 to s%d", servers))
		}
		return &goal{text, func(w *world.World) bool { return viewOf(w).Primary == of }}, nil
	case "stuck":
		if !slices.ContainsFunc(stuckBy(), func(rule string) bool { return strings.EqualFold(rule, of) }) {
			return nil, noGoal(text, of, "is no rule that holds views up: "+spelling.Meant(of, stuckBy()))
		}
		return &goal{text, func(w *world.World) bool {
			views := w.ViewCore()
			return views != nil && strings.EqualFold(views.Clone().Status(w.ViewserviceTime()).Blocked.Rule(), of)
		}}, nil
	}
	return nil, unknownGoal(text, what)
}

func viewOf(w *world.World) viewservice.View {
	if w.ViewCore() == nil {
		return viewservice.View{}
	}
	v, _ := w.ViewCore().Current()
	return v
}
