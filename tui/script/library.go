package script

import (
	"cmp"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"cluster/splitbrain/netsim/engine/spelling"
)

// Lessons are numbered, so that the order of their files is the order in which they are taken.
//
//go:embed lessons/*.sb rules/*.sb
var builtIn embed.FS

// library is builtIn, but in tests.
var library fs.FS = builtIn

// Lessons returns the lessons about the protocol, in the order in which they are taken. The first one has the number 0: it is
// for who knows nothing yet. One that is malformed is left out.
func Lessons() []*Script {
	all, _ := scripts("lessons")
	return all
}

// RuleScripts returns for each rule that can be switched off the lesson that shows what breaks without it, and what does
// not with it. Its name is that of the rule.
func RuleScripts() []*Script {
	all, _ := scripts("rules")
	return all
}

// Group are lessons that belong together.
type Group struct {
	Name    string
	Lessons []*Script
}

// Groups are all lessons there are.
func Groups() []Group {
	return []Group{{"the protocol", Lessons()}, {"what each rule is for", RuleScripts()}}
}

// CheckLibrary says in one line which lesson is malformed, if one is: a mistake of ours, for which nobody should lose the
// others.
func CheckLibrary() error {
	_, err := scripts("lessons")
	_, stories := scripts("rules")
	return cmp.Or(err, stories)
}

// scripts are those of a folder that are well-formed, with what is wrong with the first that isn't.
func scripts(dir string) (all []*Script, bad error) {
	for _, file := range list(dir) {
		name := scriptName(file)
		text, _ := embedded(name)
		s, err := ParseScript(name, text)
		if err != nil {
			bad = cmp.Or(bad, err)
			continue
		}
		all = append(all, s)
	}
	return all, bad
}

// list are the files of a folder of the library.
func list(dir string) []string {
	names, err := fs.Glob(library, dir+"/*.sb")
	if err != nil {
		panic(err) // the pattern is well-formed
	}
	return names
}

// scriptName is the name of a file without its folder, its number and its ending.
func scriptName(file string) string {
	name := strings.TrimSuffix(path.Base(file), ".sb")
	return strings.TrimLeft(name, "0123456789-")
}

// lessonNames are the names of all lessons, of both groups.
func lessonNames() []string {
	var names []string
	for _, file := range append(list("lessons"), list("rules")...) {
		names = append(names, scriptName(file))
	}
	return names
}

// Source is the text of a lesson.
func Source(name string) (string, error) {
	text, ok := embedded(name)
	if ok {
		return text, nil
	}
	err := fmt.Sprintf("no lesson %s", brief(name, 80))
	if near, ok := spelling.Nearest(name, lessonNames()); ok {
		err += ": did you mean " + near + "?"
	}
	return "", errors.New(err)
}

// embedded is the text of a lesson.
func embedded(name string) (text string, ok bool) {
	for _, file := range append(list("lessons"), list("rules")...) {
		if scriptName(file) == name {
			data, err := fs.ReadFile(library, file)
			return string(data), err == nil
		}
	}
	return "", false
}
