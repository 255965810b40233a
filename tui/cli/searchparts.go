package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"syscall"

	"cluster/splitbrain/netsim/engine/lex"
	"cluster/splitbrain/netsim/search"
	"cluster/splitbrain/tui/script"
	"cluster/splitbrain/tui/wholefile"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// readState reads how the search goes on, if it was begun before.
func (o *searchUse) readState() error {
	if o.state == "" {
		return nil
	}
	if err := wholefile.Check(o.state); err != nil {
		return o.ofState(err)
	}
	f, err := os.Open(o.state)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		defer f.Close()
		o.Resume, err = search.ReadState(f)
	}
	return o.ofState(err)
}

// ofState says that an error is about the state, if there is one to go on with.
func (o *searchUse) ofState(err error) error {
	if err == nil || o.state == "" {
		return err
	}
	return fmt.Errorf("--state %s: %w", o.state, err)
}

// writeState writes how the search goes on, if it was ended before its end.
func (o *searchUse) writeState(out io.Writer, r search.Result) error {
	if r.State == nil {
		return nil
	}
	if err := wholefile.Write(o.state, r.State.Write); err != nil {
		return o.ofState(err)
	}
	_, err := fmt.Fprintf(out, "how the search goes on is in %s: the same command again goes on there\n", lex.Safe(o.state))
	return err
}

// saving writes every now and then how the search goes on, for one that nobody gets to say so any more. An error is told, and the
// search goes on: perhaps there is room on the disk later.
func (o *searchUse) saving(out io.Writer) func(*search.State) {
	return func(s *search.State) {
		if err := wholefile.Write(o.state, s.Write); err != nil {
			fmt.Fprintln(out, "splitbrain:", lex.Safe(o.ofState(err).Error()))
		}
	}
}

// fold tells what the results in files come to together.
func (o *searchUse) fold(c *cobra.Command, files []string) error {
	if err := onlyMerges(c.Flags()); err != nil {
		return err
	}
	var all []search.Report
	for _, name := range files {
		some, err := reportsIn(name)
		if err != nil {
			return err
		}
		all = append(all, some...)
	}
	whole, err := search.Merge(all)
	if err != nil {
		return fmt.Errorf("--merge: %w", err)
	}
	if o.json {
		err = json.NewEncoder(c.OutOrStdout()).Encode(whole)
	} else {
		err = tellWhole(c.OutOrStdout(), whole)
	}
	if err != nil {
		return err
	}
	return mergedTo(whole)
}

// mergedTo is what a command ends with that has told what shards came to. Nothing that lacks some of them is complete, but a find.
func mergedTo(whole search.Report) error {
	var missing error
	if text := whole.Incomplete(); text != "" {
		missing = fmt.Errorf("--merge: %s", text)
	}
	switch {
	case missing != nil && whole.Violation == nil:
		return missing
	case whole.Violation == nil && whole.Ended == search.Interrupted: // not all was tried
		return &exit{code: (&interrupted{syscall.SIGINT}).code()}
	case whole.Broken() && missing == nil:
		return errBroken
	case whole.Broken():
		return &exit{code: errBroken.code, err: missing}
	case missing != nil: // a goal that was reached is reached
		return &exit{code: 0, err: missing}
	}
	return nil
}

// tellWhole prints what shards came to together. The story of a find is in its file, if that is here.
func tellWhole(out io.Writer, whole search.Report) error {
	if whole.Script != nil && script.IsWorld(*whole.Script) {
		for _, line := range script.Story(*whole.Script) {
			fmt.Fprintln(out, line)
		}
	}
	for line := range strings.Lines(whole.Summary()) {
		if _, err := fmt.Fprintln(out, lex.Safe(strings.TrimRight(line, "\n"))); err != nil {
			return err
		}
	}
	return nil
}

// onlyMerges refuses flags that mean nothing where nothing is searched.
func onlyMerges(flags *pflag.FlagSet) (err error) {
	flags.Visit(func(f *pflag.Flag) {
		if err == nil && f.Name != "merge" && f.Name != "json" {
			err = fmt.Errorf("--%s: --merge folds what was searched before, with --json or without", f.Name)
		}
	})
	return err
}

func reportsIn(name string) ([]search.Report, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("--merge: %w", err)
	}
	defer f.Close()
	all, err := search.ReadReports(f)
	if err != nil {
		return nil, fmt.Errorf("--merge %s: %w", name, err)
	}
	return all, nil
}
