package engine

import (
	"slices"

	"cluster/splitbrain/pbservice"
)

// Align puts the servers' windows side by side. A key that is shown is in the window of each server that has it: its
// place among that server's keys is no further from w.From than among all.
func Align(answers map[string]pbservice.InspectReply, w Window) Map {
	m := Map{Keys: union(answers, w), Rows: make(map[string][]pbservice.Row, len(answers))}
	for name, answer := range answers {
		m.Rows[name] = aligned(answer.Rows, m.Keys)
		before := answer.Before
		for _, r := range answer.Rows {
			if len(m.Keys) > 0 && pbservice.CompareKeys(r.Key, m.Keys[0]) < 0 {
				before++
			}
		}
		m.Before = max(m.Before, before)
		m.Total = max(m.Total, answer.Total)
	}
	return m
}

// union are the keys of all servers in their order, the w.Back before w.From and the w.Limit from there on.
func union(answers map[string]pbservice.InspectReply, w Window) []string {
	var keys []string
	for _, answer := range answers {
		for _, r := range answer.Rows {
			keys = append(keys, r.Key)
		}
	}
	slices.SortFunc(keys, pbservice.CompareKeys)
	keys = slices.Compact(keys)
	from, _ := slices.BinarySearchFunc(keys, w.From, pbservice.CompareKeys)
	return keys[max(from-w.Back, 0):min(from+w.Limit, len(keys))]
}

// aligned has rows[i] for keys[i]. Both are in their order.
func aligned(rows []pbservice.Row, keys []string) []pbservice.Row {
	all := make([]pbservice.Row, len(keys))
	for i, key := range keys {
		for len(rows) > 0 && pbservice.CompareKeys(rows[0].Key, key) < 0 {
			rows = rows[1:]
		}
		all[i] = pbservice.Row{Size: -1}
		if len(rows) > 0 && rows[0].Key == key {
			all[i] = rows[0]
		}
	}
	return all
}
