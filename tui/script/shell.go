package script

import (
	"cluster/splitbrain/viewservice/rules"
)

// What a shell may complete: each is a word, a tab, and what it stands for.

// LibraryOffers are the lessons.
func LibraryOffers() []string {
	var all []string
	for _, s := range append(Lessons(), RuleScripts()...) {
		all = append(all, s.Name+"\t"+s.Title)
	}
	return all
}

// RuleOffers are the rules that can be switched off.
func RuleOffers() []string {
	var all []string
	for _, r := range rules.All() {
		all = append(all, r.String()+"\tswitched off: "+r.Effect())
	}
	return all
}
