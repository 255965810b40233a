package script

import (
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
var library embed.FS

// Lessons returns the lessons about the protocol, in the order in which they are taken. The first one has the number 0: it is
// for who knows nothing yet.
func Lessons() []*Script { return scripts("lessons") }

// RuleScripts returns for each rule that can be switched off the lesson that shows what breaks without it, and what does
// not with it. Its name is that of the rule.
func RuleScripts() []*Script { return scripts("rules") }

// Group are lessons that belong together.
type Group struct {
	Name    string
	Lessons []*Script
}

// Groups are all lessons there are.
func Groups() []Group {
	return []Group{{"the protocol", Lessons()}, {"what each rule is for", RuleScripts()}}
}

func scripts(dir string) []*Script {
	var all []*Script
	for _, file := range list(dir) {
		name := scriptName(file)
		text, _ := embedded(name)
		s, err := ParseScript(name, text)
		if err != nil {
			panic(err) // a test holds that they are all well-formed
		}
		all = append(all, s)
	}
	return all
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
			data, err := library.ReadFile(file)
			return string(data), err == nil
		}
	}
	return "", false
}
