package search

import (
	"errors"
	"strconv"
	"strings"

	"cluster/splitbrain/netsim/sim"
	"cluster/splitbrain/viewservice"
)

// goal is a state that is looked for instead of a broken promise.
type goal struct {
	text    string
	reached func(w *sim.World) bool
}

var errGoal = errors.New("a goal is one of: view N, primary SERVER, stuck RULE (like: stuck V3)")

// parseGoal reads "view 3", "primary s2" or "stuck V3". Every one speaks of the viewservice's view.
func parseGoal(text string, servers int) (*goal, error) {
	what, of, _ := strings.Cut(strings.TrimSpace(text), " ")
	of = strings.TrimSpace(of)
	switch what {
	case "view":
		n, err := strconv.ParseUint(of, 10, 32)
		if err != nil || n == 0 {
			return nil, errGoal
		}
		return &goal{text, func(w *sim.World) bool { return viewOf(w).Viewnum == viewservice.Number(n) }}, nil
	case "primary":
		n, ok := sim.ParseNode(of)
		if !ok || !n.IsServer() || index(n) >= servers {
			return nil, errGoal
		}
		return &goal{text, func(w *sim.World) bool { return viewOf(w).Primary == of }}, nil
	case "stuck":
		if of == "" {
			return nil, errGoal
		}
		return &goal{text, func(w *sim.World) bool {
			views := w.ViewCore()
			return views != nil && strings.EqualFold(views.Clone().Status(w.ViewsTime()).Blocked.Rule(), of)
		}}, nil
	}
	return nil, errGoal
}

func viewOf(w *sim.World) viewservice.View {
	if w.ViewCore() == nil {
		return viewservice.View{}
	}
	v, _ := w.ViewCore().Current()
	return v
}
