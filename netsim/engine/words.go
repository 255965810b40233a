package engine

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// Count writes 100000 as 100,000.
func Count(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// Plural is "1 key", "2 keys".
func Plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return Count(n) + " " + what + "s"
}

// CheckNodes says that one of the names is none of all nodes'.
func CheckNodes(all []string, names ...string) error {
	for _, name := range names {
		if !slices.Contains(all, name) {
			return fmt.Errorf("no node %s: %s", shown(name), Listing(all))
		}
	}
	return nil
}

// shown quotes a name that is none.
func shown(name string) string {
	odd := func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }
	if name == "" || strings.ContainsFunc(name, odd) {
		return fmt.Sprintf("%q", name)
	}
	return name
}

// Listing joins names for a sentence: three or more that count up are shortened, as in "vs, s1–s3, c1, c2".
func Listing(names []string) string {
	var parts []string
	for i := 0; i < len(names); {
		run := countsUp(names[i:])
		if run < 3 {
			parts = append(parts, names[i])
			i++
			continue
		}
		parts = append(parts, names[i]+"–"+names[i+run-1])
		i += run
	}
	return strings.Join(parts, ", ")
}

// countsUp is how many of the first names are one series, such as s1, s2, s3.
func countsUp(names []string) int {
	letters := strings.TrimRight(names[0], "0123456789")
	first, err := strconv.Atoi(names[0][len(letters):])
	if err != nil {
		return 1
	}
	n := 1
	for n < len(names) && names[n] == fmt.Sprint(letters, first+n) {
		n++
	}
	return n
}
