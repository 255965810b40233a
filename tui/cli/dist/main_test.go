package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
)

var some = []file{{"x/README", 0o644, []byte("read")}, {"x/program", 0o755, bytes.Repeat([]byte("run"), 100_000)}}

// unpacked reads an archive to its end.
func unpacked(t *testing.T, name string, archive []byte) (all []file) {
	t.Helper()
	if name == "zip" {
		r, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range r.File {
			in, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			if !f.Modified.Equal(written) {
				t.Errorf("%s was written at %v", f.Name, f.Modified)
			}
			all = append(all, file{f.Name, f.Mode(), readAll(t, in)})
		}
		return all
	}
	unzipped, err := gzip.NewReader(bytes.NewReader(archive))
	if err != nil {
		t.Fatal(err)
	}
	r := tar.NewReader(bytes.NewReader(readAll(t, unzipped)))
	for {
		h, err := r.Next()
		if err == io.EOF {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		if !h.ModTime.Equal(written) {
			t.Errorf("%s was written at %v", h.Name, h.ModTime)
		}
		all = append(all, file{h.Name, fs.FileMode(h.Mode), readAll(t, r)})
	}
}

func readAll(t *testing.T, r io.Reader) []byte {
	t.Helper()
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// TestArchives: an archive is whole, and twice the same.
func TestArchives(t *testing.T) {
	for name, write := range map[string]func([]file) ([]byte, error){"tar": tarred, "zip": zipped} {
		archive, err := write(some)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := write(some); err != nil || !bytes.Equal(again, archive) {
			t.Errorf("%s: twice the same files make two archives, %v", name, err)
		}
		got := unpacked(t, name, archive)
		for i, f := range some {
			if len(got) != len(some) || got[i].name != f.name || got[i].mode != f.mode || !bytes.Equal(got[i].text, f.text) {
				t.Errorf("%s: %s is not as it was", name, f.name)
			}
		}
	}
}

// TestDocuments: what lies about is not packed.
func TestDocuments(t *testing.T) {
	project := fstest.MapFS{}
	for _, name := range []string{"README.md", "LICENSE", "docs/a.md", "docs/demo/b.svg", "docs/demo/b.sb", "docs/a.md~", "docs/#a.md#", "docs/.#a.md", "docs/demo/b.cast", "docs/b.svg.x1.part", "go.mod"} {
		project[name] = &fstest.MapFile{Data: []byte(name)}
	}
	all, err := documentsIn(project)
	names := ""
	for _, f := range all {
		names += f.name + " "
	}
	if want := "README.md LICENSE docs/a.md docs/demo/b.sb docs/demo/b.svg "; err != nil || names != want {
		t.Errorf("%v: packed is %s, want %s", err, names, want)
	}
}

// TestEnvironment: what somebody has set for his own builds changes nothing.
func TestEnvironment(t *testing.T) {
	t.Setenv("GOFLAGS", "-tags=mine")
	t.Setenv("GOFIPS140", "latest")
	if got, err := run(environment("linux", "386"), "env", "GOOS", "GOARCH", "GOFLAGS", "GOFIPS140", "GOWORK"); err != nil || got != "linux\n386\n-trimpath\noff\noff" {
		t.Errorf("%q, %v", got, err)
	}
}

// TestAnew: a folder is filled as a whole, or stays as it was.
func TestAnew(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "dist")
	broken := errors.New("broken")
	for _, c := range []struct {
		name, has string
		err       error
	}{{"first", "first", nil}, {"second", "second", nil}, {"third", "second", broken}, {"fourth", "fourth", nil}} {
		err := anew(dir, func(dir string) error {
			return errors.Join(os.WriteFile(filepath.Join(dir, c.name), nil, 0o600), c.err)
		})
		if all, _ := filepath.Glob(dir + "*/*"); !errors.Is(err, c.err) || len(all) != 1 || all[0] != filepath.Join(dir, c.has) {
			t.Errorf("after the %s there are %q, %v", c.name, all, err)
		}
	}
}

// TestManualsAndCompletions: there is a page for each command, which names no date of its making, and a file for each shell.
func TestManualsAndCompletions(t *testing.T) {
	all, err := collect(manuals, completions)
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	for _, f := range all {
		texts[f.name] = string(f.text)
	}
	for name, says := range map[string]string{
		"man/man1/splitbrain.1": "--allow-files", "man/man1/splitbrain-run.1": "run scripts and lessons", "completions/bash/splitbrain": "__start_splitbrain",
		"completions/zsh/_splitbrain": "#compdef splitbrain", "completions/fish/splitbrain.fish": "complete", "completions/powershell/splitbrain.ps1": "splitbrain",
	} {
		if !strings.Contains(texts[name], says) || strings.Contains(texts[name], "Auto generated") {
			t.Errorf("%s has no %q, or tells when it was made", name, says)
		}
	}
}

// TestLicences: a module's licence is its own file, or what its README says of it; without any nothing is packed.
func TestLicences(t *testing.T) {
	for names, want := range map[string]string{"LICENSE README.md": "of LICENSE", "README.md": "of README.md, license", "COPYING": "of COPYING", "main.go": ""} {
		dir := t.TempDir()
		for name := range strings.FieldsSeq(names) {
			text := "of " + name
			if name == "README.md" {
				text += ", license"
			}
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := licencesIn(dir); string(got) != want || (err == nil) != (want != "") {
			t.Errorf("%s: %q, %v", names, got, err)
		}
	}
}
