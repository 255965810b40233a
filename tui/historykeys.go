package tui

func (p *operations) actions() []action {
	violated := func(at place) (string, bool) {
		return "", at.front == p.name() && at.shows(p.name()) && p.verdict.Blame != nil
	}
	return []action{{
		keys: []string{"w"}, shown: "w", name: "whom to blame", help: "in the history: go to the operation that can't be explained",
		works: violated, do: inPane(p.toCulprit),
		urgent: func(place) bool { return !p.reading },
	}, {
		keys: []string{"v"}, shown: "v", help: "in the history: all operations, or those around a violation",
		works: violated, do: inPane(func() { p.all, p.stale = !p.all, true }),
	}}
}
