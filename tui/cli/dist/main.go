// Dist makes the archives that are given away: `make dist` runs it in the project's folder. For each system there is one with
// the program, its manual pages, what shells complete, the documentation, and the licences of all that the program contains;
// SHA256SUMS names them. Nothing in the archives depends on when, where or by whom they were made: the same source and the same
// Go give the same bytes. With the word check it says whether all compiles on a system of each kind.
package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"cmp"
	"compress/gzip"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"cluster/splitbrain/tui/cli"

	"github.com/spf13/cobra/doc"
)

// systems are those that the program is given away for.
var systems = []string{
	"darwin/amd64", "darwin/arm64", "freebsd/amd64", "freebsd/arm64", "linux/386", "linux/amd64", "linux/arm64", "windows/amd64",
	"windows/arm64",
}

const folder = "dist"

// written is when all files claim to have been written, and what the manual pages are dated: a day in the year of this version.
var written = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func main() {
	log.SetFlags(0)
	do := dist
	if len(os.Args) > 1 && os.Args[1] == "check" {
		do = check
	}
	if err := do(); err != nil {
		log.Fatal("dist: ", err)
	}
}

// file is one in an archive.
type file struct {
	name string
	mode fs.FileMode
	text []byte
}

func dist() error {
	everywhere, err := collect(documents, manuals, completions)
	if err != nil {
		return err
	}
	return anew(folder, func(dir string) error { return fill(dir, everywhere) })
}

// anew makes a folder, which takes the place of the one before once it is filled.
func anew(folder string, fill func(dir string) error) error {
	part := folder + ".part"
	if err := errors.Join(os.RemoveAll(part), os.Mkdir(part, 0o755)); err != nil {
		return err
	}
	defer os.RemoveAll(part)
	if err := fill(part); err != nil {
		return err
	}
	if err := os.RemoveAll(folder); err != nil {
		return err
	}
	return os.Rename(part, folder)
}

// fill makes the archives in a folder, and the file of their sums.
func fill(dir string, everywhere []file) error {
	var sums bytes.Buffer
	for _, system := range systems {
		name, archive, err := pack(system, everywhere)
		if err != nil {
			return fmt.Errorf("%s: %w", system, err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), archive, 0o644); err != nil {
			return err
		}
		fmt.Fprintf(&sums, "%x  %s\n", sha256.Sum256(archive), name)
		fmt.Printf("%s  %d bytes\n", name, len(archive))
	}
	return os.WriteFile(filepath.Join(dir, "SHA256SUMS"), sums.Bytes(), 0o644)
}

// collect is what all of these collect.
func collect(kinds ...func() ([]file, error)) (all []file, err error) {
	for _, kind := range kinds {
		files, err := kind()
		if err != nil {
			return nil, err
		}
		all = append(all, files...)
	}
	return all, nil
}

// documents are what there is to read.
func documents() ([]file, error) { return documentsIn(os.DirFS(".")) }

// documentsIn are those in the project's folder. What somebody else has left there is not one by its name, such as what an editor
// or a recording leaves.
func documentsIn(project fs.FS) (all []file, err error) {
	for _, root := range []string{"README.md", "LICENSE", "docs"} {
		err := fs.WalkDir(project, root, func(name string, entry fs.DirEntry, err error) error {
			given := slices.Contains([]string{".md", ".sb", ".svg"}, path.Ext(name)) && !strings.HasPrefix(path.Base(name), ".")
			if err != nil || entry.IsDir() || !given && name != "LICENSE" {
				return err
			}
			text, err := fs.ReadFile(project, name)
			all = append(all, file{name, 0o644, text})
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}

// manuals are a page for each command.
func manuals() (all []file, err error) {
	dir, err := os.MkdirTemp("", "splitbrain-man")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	root := cli.Root()
	root.DisableAutoGenTag = true
	header := doc.GenManHeader{Section: "1", Date: &written, Source: "splitbrain " + cli.Version, Manual: "splitbrain"}
	if err := doc.GenManTree(root, &header, dir); err != nil {
		return nil, err
	}
	pages, err := os.ReadDir(dir)
	for _, page := range pages {
		text, bad := os.ReadFile(filepath.Join(dir, page.Name()))
		err = cmp.Or(err, bad)
		all = append(all, file{"man/man1/" + page.Name(), 0o644, text})
	}
	return all, err
}

// completions are what shells read to complete the program's words.
func completions() (all []file, err error) {
	root := cli.Root()
	for _, shell := range []struct {
		name  string
		write func(io.Writer) error
	}{
		{"bash/splitbrain", func(w io.Writer) error { return root.GenBashCompletionV2(w, true) }}, {"zsh/_splitbrain", root.GenZshCompletion},
		{"fish/splitbrain.fish", func(w io.Writer) error { return root.GenFishCompletion(w, true) }},
		{"powershell/splitbrain.ps1", root.GenPowerShellCompletionWithDesc},
	} {
		var text bytes.Buffer
		err = cmp.Or(err, shell.write(&text))
		all = append(all, file{"completions/" + shell.name, 0o644, text.Bytes()})
	}
	return all, err
}

// pack builds the program for a system, and makes its archive.
func pack(system string, everywhere []file) (name string, archive []byte, err error) {
	goos, goarch, _ := strings.Cut(system, "/")
	name = fmt.Sprintf("splitbrain-%s-%s-%s", cli.Version, goos, goarch)
	env := environment(goos, goarch)
	program, err := build(env)
	if err != nil {
		return "", nil, err
	}
	licences, err := licences(env)
	if err != nil {
		return "", nil, err
	}
	files := append(slices.Clone(everywhere), file{"LICENSES.txt", 0o644, licences})
	write, ending := tarred, ".tar.gz"
	if program := (file{"splitbrain", 0o755, program}); goos == "windows" {
		program.name += ".exe"
		files = append(files, program)
		write, ending = zipped, ".zip"
	} else {
		files = append(files, program)
	}
	for i := range files {
		files[i].name = path.Join(name, files[i].name)
	}
	slices.SortFunc(files, func(a, b file) int { return strings.Compare(a.name, b.name) })
	archive, err = write(files)
	return name + ending, archive, err
}

// environment is that of a build for a system: whatever changes a program there is set. What is not empty goes before what
// go env -w has written.
func environment(goos, goarch string) []string {
	return append(os.Environ(), "CGO_ENABLED=0", "GOOS="+goos, "GOARCH="+goarch, "GOAMD64=v1", "GOARM64=v8.0", "GO386=sse2", "GOEXPERIMENT=",
		"GOFLAGS=-trimpath", "GOFIPS140=off", "GOWORK=off")
}

// build is the program. The revision of the source stays out of it, since an archive of the source knows none.
func build(env []string) ([]byte, error) {
	dir, err := os.MkdirTemp("", "splitbrain-build")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	name := filepath.Join(dir, "splitbrain")
	if _, err := run(env, "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w", "-o", name, "."); err != nil {
		return nil, err
	}
	return os.ReadFile(name)
}

// run runs the go command.
func run(env []string, args ...string) (string, error) {
	c := exec.Command(cmp.Or(os.Getenv("GO"), "go"), args...)
	c.Env, c.Stderr = env, os.Stderr
	out, err := c.Output()
	return strings.TrimSpace(string(out)), err
}

var isLicence = regexp.MustCompile(`(?i)^(licen[sc]e|copying|notice|patents|unlicense)`)

// licences are those of all modules of which something is in the program, and of Go's own library.
func licences(env []string) ([]byte, error) {
	root, err := run(env, "env", "GOROOT")
	if err != nil {
		return nil, err
	}
	deps, err := run(env, "list", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}}|{{.Dir}}{{end}}{{end}}", ".")
	if err != nil {
		return nil, err
	}
	modules := append(strings.Split(deps, "\n"), "the Go standard library|"+root)
	slices.Sort(modules)
	var all bytes.Buffer
	fmt.Fprintln(&all, "splitbrain contains these, under the licences that follow each name. Its own is in LICENSE.")
	for _, module := range slices.Compact(modules) {
		name, dir, _ := strings.Cut(module, "|")
		texts, err := licencesIn(dir)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		fmt.Fprintf(&all, "\n\n%s\n%s\n\n%s", name, strings.Repeat("=", len(name)), texts)
	}
	return all.Bytes(), nil
}

// licencesIn are the files of a module that are licences or, where there are none, those that tell which one holds.
func licencesIn(dir string) (texts []byte, err error) {
	texts, err = filesIn(dir, isLicence)
	if err != nil || len(texts) > 0 {
		return texts, err
	}
	texts, err = filesIn(dir, regexp.MustCompile(`^README`))
	if err == nil && !bytes.Contains(bytes.ToLower(texts), []byte("license")) {
		err = fmt.Errorf("no licence in %s", dir)
	}
	return texts, err
}

// filesIn are those with such names, one after the other.
func filesIn(dir string, wanted *regexp.Regexp) (texts []byte, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if !wanted.MatchString(e.Name()) || e.IsDir() {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return nil, err
		}
		texts = append(texts, bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))...)
	}
	return texts, nil
}

func tarred(files []file) ([]byte, error) {
	var out bytes.Buffer
	packed, _ := gzip.NewWriterLevel(&out, gzip.BestCompression)
	w := tar.NewWriter(packed)
	for _, f := range files {
		err := w.WriteHeader(&tar.Header{Name: f.name, Mode: int64(f.mode), Size: int64(len(f.text)), ModTime: written, Format: tar.FormatUSTAR})
		if err != nil {
			return nil, err
		}
		if _, err := w.Write(f.text); err != nil {
			return nil, err
		}
	}
	err := cmp.Or(w.Close(), packed.Close())
	return out.Bytes(), err
}

func zipped(files []file) ([]byte, error) {
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, f := range files {
		h := &zip.FileHeader{Name: f.name, Method: zip.Deflate, Modified: written}
		h.SetMode(f.mode)
		to, err := w.CreateHeader(h)
		if err != nil {
			return nil, err
		}
		if _, err := to.Write(f.text); err != nil {
			return nil, err
		}
	}
	err := w.Close()
	return out.Bytes(), err
}
