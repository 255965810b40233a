// Package rules names the rules of the protocol, and says which of them are switched off. Both services, the engines and
// the screen use it. A rule that is off is one that the cores do not keep, so that people see what it is for.
package rules

import (
	"slices"
	"strings"
)

// Ref is the name of a rule in docs/protocol.md: V1 to V11, S1 to S13, C1 to C3.
type Ref string

// Refs are the rules that something cites, in the order in which it does.
type Refs []Ref

// Has reports whether a rule is cited.
func (r Refs) Has(name Ref) bool { return slices.Contains(r, name) }

// List names the rules with sep between them.
func (r Refs) List(sep string) string {
	names := make([]string, len(r))
	for i, ref := range r {
		names[i] = string(ref)
	}
	return strings.Join(names, sep)
}

// String is how sentences cite: "(V4 V5)", and "" for no rule.
func (r Refs) String() string {
	if len(r) == 0 {
		return ""
	}
	return "(" + r.List(" ") + ")"
}

// Fill puts facts into words that name them in braces, as in "{server} crashed". A search tells causes millions of times, so
// nothing is built for one text.
func Fill(words string, fact func(name string) string) string {
	var b strings.Builder
	for {
		before, rest, more := strings.Cut(words, "{")
		b.WriteString(before)
		if !more {
			return b.String()
		}
		name, after, _ := strings.Cut(rest, "}")
		b.WriteString(fact(name))
		words = after
	}
}
