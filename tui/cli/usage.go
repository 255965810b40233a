package cli

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"cluster/splitbrain/netsim/engine/spelling"
	"cluster/splitbrain/tui/script"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// noWords is for commands that take flags alone, and for those whose next word is a command of their own.
func noWords(c *cobra.Command, args []string) error {
	switch {
	case len(args) == 0:
		return nil
	case c.HasSubCommands():
		return noCommand(c, args[0])
	}
	text := fmt.Sprintf("%s takes no words, and %q is one", c.Name(), args[0])
	if near, ok := spelling.Nearest(strings.TrimLeft(args[0], "-"), flags(c)); ok {
		text += ": did you mean --" + near + "?"
	}
	return errors.New(text)
}

func noCommand(c *cobra.Command, word string) error {
	var names []string
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() || sub.Name() == "help" {
			names = append(names, sub.Name())
		}
	}
	of := ""
	if c.HasParent() {
		of = c.Name() + ": "
	} else if info, err := os.Stat(word); err == nil && info.Mode().IsRegular() {
		file := script.Quote(word)
		return fmt.Errorf("no command %q: splitbrain --open %s shows that file, splitbrain run %s tells it", word, file, file)
	}
	return fmt.Errorf("%sno command %q: %s", of, word, spelling.Meant(word, names))
}

// flags are the names of those that a command takes.
func flags(c *cobra.Command) []string {
	var names []string
	c.Flags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			names = append(names, f.Name)
		}
	})
	return names
}

// badFlag says what is wrong with a flag. A word before it that is no command says more.
func badFlag(c *cobra.Command, err error) error {
	if words := c.Flags().Args(); c.HasSubCommands() && len(words) > 0 {
		return noCommand(c, words[0])
	}
	if unknown, ok := errors.AsType[*pflag.NotExistError](err); ok {
		return noFlag(c, unknown)
	}
	if missing, ok := errors.AsType[*pflag.ValueRequiredError](err); ok {
		return fmt.Errorf("--%s: its value is missing", missing.GetFlag().Name)
	}
	if bad, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		return fmt.Errorf("--%s %q: %s", bad.GetFlag().Name, bad.GetValue(), wanted(bad))
	}
	return err
}

func noFlag(c *cobra.Command, unknown *pflag.NotExistError) error {
	name := unknown.GetSpecifiedName()
	if letters := unknown.GetSpecifiedShortnames(); letters != "" {
		name = letters
		if !slices.Contains(flags(c), letters) {
			return fmt.Errorf("no flag -%s: %s --help lists them", letters, c.CommandPath())
		}
		return fmt.Errorf("no flag -%s: did you mean --%s?", letters, letters)
	}
	if near, ok := spelling.Nearest(name, flags(c)); ok {
		return fmt.Errorf("no flag --%s: did you mean --%s?", name, near)
	}
	return fmt.Errorf("no flag --%s: %s --help lists them", name, c.CommandPath())
}

// wanted says what the value of a flag must be.
func wanted(bad *pflag.InvalidValueError) string {
	if errors.Is(bad, errTwice) {
		return errTwice.Error()
	}
	if errors.Is(bad, strconv.ErrRange) {
		return "too large"
	}
	switch bad.GetFlag().Value.Type() {
	case "int":
		return "must be a whole number"
	case "uint64":
		return "must be a whole number, 0 or more"
	case "float64":
		return "must be a number"
	case "duration":
		return "must be a time like 500ms or 2s"
	case "bool":
		return "must be true or false"
	}
	return bad.Unwrap().Error()
}

// missing says that a flag that must be there is not.
func missing(c *cobra.Command) (err error) {
	c.Flags().VisitAll(func(f *pflag.Flag) {
		if needed := f.Annotations[cobra.BashCompOneRequiredFlag]; err == nil && !f.Changed && slices.Equal(needed, []string{"true"}) {
			err = fmt.Errorf("%s: --%s is missing: %s", c.Name(), f.Name, f.Usage)
		}
	})
	return err
}
