package pbservice

import (
	"cmp"
	"strings"

	"github.com/tidwall/btree"
)

// CompareKeys orders keys as people list them: k2 before k10. Digits that follow one another count as a number, whatever zeros it
// begins with; all else is compared byte by byte, and what is the same so far by all its bytes. It returns -1, 0 or 1.
func CompareKeys(a, b string) int {
	i, j := 0, 0
	for i < len(a) && j < len(b) {
		if !digit(a[i]) || !digit(b[j]) {
			if c := cmp.Compare(a[i], b[j]); c != 0 {
				return c
			}
			i, j = i+1, j+1
			continue
		}
		x, y := numberAt(a[i:]), numberAt(b[j:])
		i, j = i+x.end, j+y.end
		if c := cmp.Or(cmp.Compare(len(x.digits), len(y.digits)), strings.Compare(x.digits, y.digits)); c != 0 {
			return c
		}
	}
	return cmp.Or(cmp.Compare(len(a)-i, len(b)-j), strings.Compare(a, b)) // one of them is at its end
}

func digit(c byte) bool { return '0' <= c && c <= '9' }

// run is a number at the beginning of a text.
type run struct {
	digits string // without the zeros that it begins with
	end    int
}

func numberAt(s string) run {
	from := 0
	for from < len(s) && s[from] == '0' {
		from++
	}
	end := from
	for end < len(s) && digit(s[end]) {
		end++
	}
	return run{s[from:end], end}
}

// listOf returns the keys of data in the order of CompareKeys.
func listOf(data *btree.Map[string, string]) *btree.BTreeG[string] {
	listed := btree.NewBTreeGOptions(func(a, b string) bool { return CompareKeys(a, b) < 0 }, btree.Options{NoLocks: true})
	data.Scan(func(key, _ string) bool {
		listed.Set(key)
		return true
	})
	return listed
}

// list is listOf the data. From the first call on the keys are kept in that order, so that only that call looks at all of them.
func (s *state) list() *btree.BTreeG[string] {
	if s.listed == nil {
		s.listed = listOf(&s.data)
	}
	return s.listed
}

// listAtOnce is a copy of list, or nil if it would take long.
func (s *state) listAtOnce() *btree.BTreeG[string] {
	const soon = 10_000 // keys
	if s.listed == nil && s.data.Len() > soon {
		return nil
	}
	return s.list().Copy()
}

// set sets the value of a key.
func (s *state) set(key, value string) {
	if _, had := s.data.Set(key, value); !had && s.listed != nil {
		s.listed.Set(key)
	}
}
