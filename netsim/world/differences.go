package world

import (
	"fmt"
	"slices"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/viewservice"
)

// Differences says in lines what differs between two worlds, called a and b: views, roles and maps.
func Differences(a, b string, x, y *World) []string {
	lines := differing(nil, "view", a, b, x.ViewText(), y.ViewText())
	for i := range max(len(x.servers), len(y.servers)) {
		n := Server(i + 1)
		lines = differing(lines, n.String(), a, b, x.serverText(n), y.serverText(n))
		lines = append(lines, mapsDiffer(n, a, b, x, y)...)
	}
	return lines
}

func differing(lines []string, what, a, b, x, y string) []string {
	if x == y {
		return lines
	}
	return append(lines, fmt.Sprintf("%s: %s has %s, %s has %s", what, a, x, b, y))
}

// ViewText is the present view, and whether it has yet to be acknowledged.
func (w *World) ViewText() string {
	v, acked := w.viewNode.core.Current()
	switch {
	case w.viewNode.state == netsim.Crashed:
		return "no viewservice"
	case acked || v == viewservice.View{}:
		return v.String()
	}
	return v.String() + ", not acknowledged"
}

func (w *World) serverText(n Node) string {
	if !w.has(n) {
		return "no such server"
	}
	s := w.servers[n.Index()]
	if s.core == nil {
		return "crashed"
	}
	status := s.core.Status()
	return fmt.Sprintf("%v in view %d, keys: %d", status.Role, status.View.Viewnum, status.Keys)
}

// mostDifferent bounds the keys that are named of one server.
const maxDifferent = 8

func mapsDiffer(n Node, a, b string, x, y *World) (lines []string) {
	left, right := x.data(n), y.data(n)
	var keys []string
	for key := range left {
		keys = append(keys, key)
	}
	for key := range right {
		if _, both := left[key]; !both {
			keys = append(keys, key)
		}
	}
	slices.SortFunc(keys, pbservice.CompareKeys)
	hidden := 0
	for _, key := range keys {
		v, ok := left[key]
		u, other := right[key]
		switch {
		case ok == other && v == u:
		case len(lines) == maxDifferent:
			hidden++
		default:
			lines = differing(lines, fmt.Sprintf("%s %q", n, key), a, b, shortValue(v, ok), shortValue(u, other))
		}
	}
	if hidden > 0 {
		lines = append(lines, fmt.Sprintf("%s: %d more keys differ", n, hidden))
	}
	return lines
}

func (w *World) data(n Node) map[string]string {
	all := map[string]string{}
	if w.has(n) && w.servers[n.Index()].core != nil {
		w.servers[n.Index()].core.Data().Scan(func(key, value string) bool {
			all[key] = value
			return true
		})
	}
	return all
}

func shortValue(v string, ok bool) string {
	const most = 32
	switch {
	case !ok:
		return "nothing"
	case len(v) > most:
		return fmt.Sprintf("%q… (%d bytes)", v[:most], len(v))
	}
	return fmt.Sprintf("%q", v)
}
