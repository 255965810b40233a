package cli

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"cluster/splitbrain/netsim/engine/spelling"
	"cluster/splitbrain/netsim/search"
	"cluster/splitbrain/netsim/world"
	"cluster/splitbrain/viewservice"
)

// goalExamples are one goal of each form that parseGoal reads.
var goalExamples = []string{"view 3", "primary s2", "stuck V3"}

// parseGoal reads "view 3", "primary s2" or "stuck V3", of a world with so many servers; "" is none.
func parseGoal(text string, servers int) (*search.Goal, error) {
	if text == "" {
		return nil, nil
	}
	what, of, _ := strings.Cut(strings.TrimSpace(text), " ")
	of = strings.TrimSpace(of)
	switch what {
	case "view":
		n, err := strconv.ParseUint(of, 10, 32)
		if err != nil || n == 0 {
			return nil, noGoal(text, of, "is no number of a view: view 3")
		}
		return search.ViewGoal(viewservice.Number(n)), nil
	case "primary":
		n, ok := world.ParseNode(of)
		if !ok || !n.IsServer() || n > world.Server(servers) {
			return nil, noGoal(text, of, fmt.Sprintf("is no server: there are s1 to s%d", servers))
		}
		return search.PrimaryGoal(of), nil
	case "stuck":
		if !slices.ContainsFunc(search.Obstacles(), func(rule string) bool { return strings.EqualFold(rule, of) }) {
			return nil, noGoal(text, of, "is no rule that holds views up: "+spelling.Meant(of, search.Obstacles()))
		}
		return search.StuckGoal(of), nil
	}
	return nil, unknownGoal(text, what)
}

// noGoal says what is wrong with a word of a goal.
func noGoal(text, word, how string) error {
	return fmt.Errorf("--goal %q: %q %s", text, word, how)
}

// unknownGoal says that a goal begins with none of the words that it could.
func unknownGoal(text, verb string) error {
	var verbs []string
	for _, example := range goalExamples {
		word, _, _ := strings.Cut(example, " ")
		verbs = append(verbs, word)
	}
	if near, ok := spelling.Nearest(verb, verbs); ok {
		return noGoal(text, verb, "is no goal: did you mean "+near+"?")
	}
	return noGoal(text, verb, "is no goal: there are "+strings.Join(goalExamples, ", "))
}
