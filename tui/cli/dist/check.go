package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/tools/go/packages"
)

// checked are a system of each kind, with words of both sizes: to types, processors of one size are the same.
var checked = []string{"darwin/arm64", "freebsd/amd64", "linux/386", "windows/amd64"}

// check says whether program and tests compile on every kind of system. It looks at types only, so that nothing has to be compiled for
// that: it takes seconds where building for a system takes minutes the first time.
func check() error {
	wrong := 0
	for _, system := range checked {
		goos, goarch, _ := strings.Cut(system, "/")
		all, err := packages.Load(&packages.Config{
			Mode: packages.NeedName | packages.NeedImports | packages.NeedDeps | packages.NeedTypes | packages.NeedTypesSizes |
				packages.NeedCompiledGoFiles | packages.NeedSyntax,
			Tests: true, Env: append(os.Environ(), "CGO_ENABLED=0", "GOOS="+goos, "GOARCH="+goarch), ParseFile: parse,
		}, "./...")
		if err != nil {
			return err
		}
		for _, p := range all {
			for _, e := range p.Errors {
				if !strings.HasSuffix(p.ID, ".test") { // a test's own main function has no source
					fmt.Printf("%s: %v\n", system, e)
					wrong++
				}
			}
		}
	}
	if wrong > 0 {
		return fmt.Errorf("%d lines do not compile everywhere", wrong)
	}
	fmt.Println("it compiles for", strings.Join(checked, ", "))
	return nil
}

// parse reads a file. What functions of others do is left out.
func parse(files *token.FileSet, name string, source []byte) (*ast.File, error) {
	f, err := parser.ParseFile(files, name, source, parser.SkipObjectResolution)
	if here, _ := os.Getwd(); f == nil || strings.HasPrefix(name, here+string(filepath.Separator)) {
		return f, err
	}
	for _, d := range f.Decls {
		if d, ok := d.(*ast.FuncDecl); ok {
			d.Body = nil
		}
	}
	return f, err
}
