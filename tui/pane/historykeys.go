package pane

func (p *History) Actions() []Action {
	violated := func(at Place) (string, bool) {
		return "", at.Front == p.Name() && at.shows(p.Name()) && p.verdict.Blame != nil
	}
	return []Action{{
		Keys: []string{"w"}, Shown: "w", Name: "whom to blame", Help: "in the history: go to the operation that can't be explained",
		Works: violated, Do: InPane(p.toCulprit),
		Urgent: func(Place) bool { return !p.reading },
	}, {
		Keys: []string{"v"}, Shown: "v", Help: "in the history: all operations, or those around a violation",
		Works: violated, Do: InPane(func() { p.all, p.stale = !p.all, true }),
	}}
}
