package engine

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/viewservice"
)

// Count writes 100000 as 100,000.
func Count(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
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

// ShortError tells an error to those who see the operation beside it.
func ShortError(err error) string {
	if err == nil {
		return ""
	}
	if refused, ok := errors.AsType[*pbservice.RefusedError](err); ok {
		return "refused: " + refused.Why.String()
	}
	if unknown, ok := errors.AsType[*pbservice.UnknownOutcomeError](err); ok {
		return "outcome unknown: " + unknown.Why
	}
	return err.Error()
}

// PingAge is how long the viewservice has not heard a server; negative if it never has.
func PingAge(views viewservice.Status, name string) time.Duration {
	for _, m := range views.Servers {
		if m.Name == name {
			return m.Silent
		}
	}
	return -1
}

// CutOff are those of the other nodes with whom messages don't pass in one direction at least.
func CutOff(faults []netsim.Fault, name string, others []string) []string {
	var off []string
	for _, other := range others {
		if cuts(faults, name, other) || cuts(faults, other, name) {
			off = append(off, other)
		}
	}
	return off
}

func cuts(faults []netsim.Fault, from, to string) bool {
	for _, f := range faults {
		if f.Kind == netsim.FaultCut && f.From == from && f.To == to {
			return true
		}
	}
	return false
}
