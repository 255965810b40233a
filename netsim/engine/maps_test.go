package engine

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"cluster/splitbrain/pbservice"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

// TestAlignAgainstWholeMaps compares windows put together with a window cut out of whole maps.
func TestAlignAgainstWholeMaps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := Window{
			From:     rapid.StringMatching(`[a-c]?[0-2]{0,2}`).Draw(t, "from"),
			Limit:    rapid.IntRange(0, 6).Draw(t, "limit"),
			Back:     rapid.IntRange(0, 6).Draw(t, "back"),
			Contains: rapid.SampledFrom([]string{"", "a"}).Draw(t, "contains"),
		}
		maps := map[string]map[string]string{}
		for i := range rapid.IntRange(1, 3).Draw(t, "servers") {
			maps[fmt.Sprintf("s%d", i+1)] = rapid.MapOfN(
				rapid.StringMatching(`[a-c][0-2]{0,2}`), rapid.StringMatching(`[0-9]?`), 0, 12).Draw(t, "map")
		}
		answers := map[string]pbservice.InspectReply{}
		for name, data := range maps {
			answers[name] = inspect(data, w)
		}
		got, want := Align(answers, w), whole(maps, w)
		if len(got.Keys) == 0 {
			got.Before, want.Before = 0, 0 // nothing is shown that it could be before
		}
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("window %+v of %v:\n%s", w, maps, diff)
		}
	})
}

func matching(data map[string]string, contains string) []string {
	var keys []string
	for key := range data {
		if strings.Contains(key, contains) {
			keys = append(keys, key)
		}
	}
	slices.SortFunc(keys, pbservice.CompareKeys)
	return keys
}

// cutOut is the window of sorted keys.
func cutOut(keys []string, w Window) (shown []string, before int) {
	from, _ := slices.BinarySearchFunc(keys, w.From, pbservice.CompareKeys)
	first := max(from-w.Back, 0)
	return keys[first:min(from+w.Limit, len(keys))], first
}

// inspect is what a server with that map answers.
func inspect(data map[string]string, w Window) pbservice.InspectReply {
	keys := matching(data, w.Contains)
	shown, before := cutOut(keys, w)
	reply := pbservice.InspectReply{Before: before, Total: len(keys)}
	for _, key := range shown {
		reply.Rows = append(reply.Rows, pbservice.Row{Key: key, Value: data[key], Size: len(data[key])})
	}
	return reply
}

// whole looks at all keys of all servers.
func whole(maps map[string]map[string]string, w Window) Map {
	all := map[string]string{}
	for _, data := range maps {
		for key := range data {
			all[key] = ""
		}
	}
	m := Map{Rows: map[string][]pbservice.Row{}}
	m.Keys, _ = cutOut(matching(all, w.Contains), w)
	for name, data := range maps {
		keys := matching(data, w.Contains)
		m.Total = max(m.Total, len(keys))
		if len(m.Keys) > 0 {
			hidden, _ := slices.BinarySearchFunc(keys, m.Keys[0], pbservice.CompareKeys)
			m.Before = max(m.Before, hidden)
		}
		m.Rows[name] = []pbservice.Row{}
		for _, key := range m.Keys {
			r := pbservice.Row{Size: -1}
			if value, ok := data[key]; ok {
				r = pbservice.Row{Key: key, Value: value, Size: len(value)}
			}
			m.Rows[name] = append(m.Rows[name], r)
		}
	}
	return m
}
