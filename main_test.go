package main

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// TestImportsPointOneWay holds main → tui → netsim → pbservice → viewservice, with netsim/env as ground floor, that only tui
// knows the screen, and only tui/cli the command line.
func TestImportsPointOneWay(t *testing.T) {
	floors := []string{"netsim/env", "viewservice/rules", "viewservice", "pbservice", "netsim", "tui", ""}
	floor := func(name string) int {
		return slices.IndexFunc(floors, func(f string) bool { return f == "" || name == f || strings.HasPrefix(name, f+"/") })
	}
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}} {{join .Deps " "}}`, "./...").Output()
	if err != nil {
		t.Fatal(err)
	}
	const module = "cluster/splitbrain"
	for line := range strings.Lines(string(out)) {
		names := strings.Fields(line)
		name := strings.TrimPrefix(strings.TrimPrefix(names[0], module), "/")
		for _, dep := range names[1:] {
			own, ours := strings.CutPrefix(dep, module+"/")
			if ours && floor(own) > floor(name) {
				t.Errorf("%s depends on %s", name, own)
			}
			if screen := strings.HasPrefix(dep, "github.com/charmbracelet/"); screen && floor(name) < floor("tui") {
				t.Errorf("%s depends on %s", name, dep)
			}
			if flags := strings.HasPrefix(dep, "github.com/spf13/"); flags && name != "" && !strings.HasPrefix(name+"/", "tui/cli/") {
				t.Errorf("%s depends on %s", name, dep)
			}
		}
	}
}

// TestPackagesAreTold holds that each package says what it is, and has its line in docs/DEVELOPMENT.md.
func TestPackagesAreTold(t *testing.T) {
	page := fileText(t, "docs/DEVELOPMENT.md")
	out, err := exec.Command("go", "list", "-f", `{{.Dir}}|{{.Doc}}`, "./...").Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(out)) {
		dir, doc, _ := strings.Cut(strings.TrimSpace(line), "|")
		name := filepath.Base(dir)
		if doc == "" {
			t.Errorf("%s has no package comment", dir)
		}
		if _, err := os.Stat(filepath.Join(dir, "main.go")); err != nil && !regexp.MustCompile(`(?m)^[^|]*\b`+name+`/ `).MatchString(page) {
			t.Errorf("the layout in docs/DEVELOPMENT.md has no %s/", name)
		}
	}
}

// TestDevelopmentPageIsTrue holds that the files, folders and identifiers exist that docs/DEVELOPMENT.md names.
func TestDevelopmentPageIsTrue(t *testing.T) {
	files := "/"               // each begins with a slash
	words := map[string]bool{} // of all code
	err := fs.WalkDir(os.DirFS("."), ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case name == ".git" && entry.IsDir():
			return fs.SkipDir
		case !entry.IsDir():
			files += name + "\n/"
		}
		if strings.HasSuffix(name, ".go") && name != "main_test.go" {
			for word := range strings.FieldsFuncSeq(fileText(t, name), func(r rune) bool { return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
				words[word] = true
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	text := regexp.MustCompile("(?s)```.*?```").ReplaceAllString(fileText(t, "docs/DEVELOPMENT.md"), "")
	for _, match := range regexp.MustCompile("`([\\w./]+)`").FindAllStringSubmatch(text, -1) {
		switch name := match[1]; {
		case strings.HasPrefix(name, "testing/"): // of the standard library
		case strings.Contains(name, "/") || regexp.MustCompile(`\.(go|golden|mod)$`).MatchString(name):
			if !strings.Contains(files, "/"+name+"\n") && !strings.Contains(files, "/"+name+"/") {
				t.Errorf("no file or folder %s", name)
			}
		case !words[name[strings.LastIndex(name, ".")+1:]]:
			t.Errorf("nothing is called %s", name)
		}
	}
}

// TestEveryRuleHasATest holds that each rule of docs/protocol.md has a test that is named after it.
func TestEveryRuleHasATest(t *testing.T) {
	var tests strings.Builder
	for _, folder := range []string{"viewservice", "pbservice"} {
		files, err := filepath.Glob(filepath.Join(folder, "*_test.go"))
		if err != nil || len(files) == 0 {
			t.Fatal(folder, err)
		}
		for _, file := range files {
			tests.WriteString(fileText(t, file))
		}
	}
	bold := strings.Join(regexp.MustCompile(`\*\*[^*]+\*\*`).FindAllString(fileText(t, "docs/protocol.md"), -1), " ")
	for _, rule := range regexp.MustCompile(`\b[VSC][0-9]+\b`).FindAllString(bold, -1) {
		if !strings.Contains(tests.String(), "\nfunc Test"+rule+"_") {
			t.Errorf("no test is called Test%s_…", rule)
		}
	}
}

func fileText(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
