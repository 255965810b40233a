package script

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"cluster/splitbrain/viewservice/rules"
)

// lessonsOnce are all lessons: to read them for each card would take longer than a key may.
var lessonsOnce = sync.OnceValue(Lessons)

// LessonsOn are the lessons that name a rule, the one that names it most often first.
func LessonsOn(ref rules.Ref) []*Script {
	var all []*Script
	often := map[*Script]int{}
	name := regexp.MustCompile(`\b` + string(ref) + `\b`)
	for _, s := range lessonsOnce() {
		if n := s.cites(name); n > 0 {
			all, often[s] = append(all, s), n
		}
	}
	slices.SortStableFunc(all, func(a, b *Script) int { return often[b] - often[a] })
	return all
}

// cites counts how often the texts of a script have a rule's name.
func (s *Script) cites(name *regexp.Regexp) int {
	n := len(name.FindAllString(s.About, -1))
	for _, text := range s.Tries {
		n += len(name.FindAllString(text, -1))
	}
	for i := range s.Steps {
		n += len(name.FindAllString(s.Steps[i].Text+"\n"+s.Steps[i].After(), -1))
	}
	return n
}

// CardText tells what there is to know of a rule in a few lines, each safe to show. open is what a lesson's name is put behind
// to play it.
func CardText(c rules.Card, open string) string {
	lines := []string{
		fmt.Sprintf("%s %s. %s", c.Ref, c.Title, c.Says),
		"Without it: " + c.Without,
	}
	own, weakens := c.Ref.Switches()
	for _, r := range own {
		lines = append(lines, fmt.Sprintf("Switch: rule %v off. What then happens: %s%v", r, open, r))
	}
	if len(own) == 0 && len(weakens) > 0 {
		lines = append(lines, "It has no switch of its own. "+strings.Join(ruleNames(weakens), ", ")+" weaken it.")
	}
	if lessons := LessonsOn(c.Ref); len(lessons) > 0 {
		lines = append(lines, fmt.Sprintf("Lesson: %s. To play it: %s%s", lessons[0].Heading(), open, lessons[0].Name))
	}
	return strings.Join(lines, "\n")
}

func ruleNames(all []rules.Rule) []string {
	var names []string
	for _, r := range all {
		names = append(names, r.String())
	}
	return names
}

// cardNames are the names of all rules that have a card.
func cardNames() []string {
	var names []string
	for _, c := range rules.Cards() {
		names = append(names, string(c.Ref))
	}
	return names
}
