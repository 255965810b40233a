package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"cluster/splitbrain/netsim/engine/lex"
	"cluster/splitbrain/tui/export"
	"cluster/splitbrain/tui/script"
	"cluster/splitbrain/tui/wholefile"
)

// checkFiles refuses to write two things to one file, or one to what is read.
func (c capture) checkFiles(names []string) error {
	var reads []fileUse
	for _, name := range names {
		if _, err := os.Stat(name); err == nil { // and not only a lesson
			reads = append(reads, fileUse{as: script.Quote(name), file: name})
		}
	}
	return apart(reads, fileUse{"--page", c.Page}, fileUse{"--picture", c.Picture}, fileUse{"--cast", c.Cast})
}

// fileUse is a file, and what a user knows it as.
type fileUse struct{ as, file string }

// apart refuses to write to a file that is read, or written to for something else. Without a name there is no file.
func apart(reads []fileUse, writes ...fileUse) error {
	for i, w := range writes {
		for _, o := range slices.Concat(reads, writes[:i]) {
			if w.file != "" && o.file != "" && sameFile(w.file, o.file) {
				return fmt.Errorf("%s %s: the same file as %s", w.as, script.Quote(w.file), o.as)
			}
		}
	}
	return nil
}

// sameFile reports whether two names are of one file, by links too.
func sameFile(a, b string) bool {
	one, err := os.Stat(a)
	other, otherErr := os.Stat(b)
	if err == nil && otherErr == nil {
		return os.SameFile(one, other)
	}
	return err != nil && otherErr != nil && absolute(a) == absolute(b)
}

// absolute is a file's name as all would write it, however it was given.
func absolute(file string) string {
	if full, err := filepath.Abs(file); err == nil {
		return full
	}
	return file
}

// checkPage says why the page that is wanted can't be written.
func (c capture) checkPage(names []string) error {
	switch {
	case c.Page == "":
		return nil
	case len(names) > 1:
		return errors.New("--page: a page tells of one script or lesson, not of several")
	case !strings.EqualFold(filepath.Ext(c.Page), ".html"):
		return fmt.Errorf("--page %q: must end in .html", c.Page)
	}
	if err := wholefile.Check(c.Page); err != nil {
		return fmt.Errorf("--page: %w", err)
	}
	return nil
}

// keepPage writes the page of what a session has come to, if one is wanted. A world tells a story of its own.
func (c capture) keepPage(ctx context.Context, session *script.Session, world *export.Story) error {
	if c.Page == "" || ctx.Err() != nil {
		return nil
	}
	src, err := session.Source(ctx)
	if world != nil {
		src.Story = world
	}
	if err == nil {
		err = export.Page(c.Page, src)
	}
	if err != nil {
		return fmt.Errorf("--page: %w", err)
	}
	return nil
}

// storyOf is what a saved world tells of itself.
func storyOf(file string) *export.Story {
	name := lex.Safe(script.Quote(file))
	return &export.Story{
		Title: lex.Safe(filepath.Base(file)), About: strings.Join(script.Story(file), "\n"),
		Replay: []string{"splitbrain --open " + name, "splitbrain run " + name},
	}
}
