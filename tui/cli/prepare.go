package cli

import (
	"fmt"
	"os"
	"strings"

	"cluster/splitbrain/tui/script"
	"cluster/splitbrain/tui/terminal/locale"
	"cluster/splitbrain/viewservice/rules"

	"github.com/spf13/cobra"
)

// prepare gives a program, whose commands must all be there, the manners of this package.
func prepare(root *cobra.Command) {
	root.SetFlagErrorFunc(badFlag)
	root.SetHelpCommand(help())
	root.InitDefaultCompletionCmd()
	for _, c := range root.Commands() {
		if c.Name() == "completion" {
			c.Args, c.RunE = noWords, func(c *cobra.Command, _ []string) error { return c.Help() }
		}
	}
	root.PersistentPreRunE = func(c *cobra.Command, _ []string) error {
		if !locale.UTF8(os.Getenv) && !exact(c) {
			c.SetOut(locale.Writer(c.OutOrStdout()))
		}
		return missing(c)
	}
}

// forPrograms marks commands whose output is for programs.
const forPrograms = "splitbrain exactly"

// exactly says that the output of a command must not be changed, whatever the terminal can show.
func exactly(c *cobra.Command) {
	if c.Annotations == nil {
		c.Annotations = map[string]string{}
	}
	c.Annotations[forPrograms] = "true"
}

func exact(c *cobra.Command) bool {
	asJSON := c.Flags().Lookup("json")
	return c.Annotations[forPrograms] != "" || strings.HasPrefix(c.Name(), "__") || asJSON != nil && asJSON.Value.String() == "true"
}

// help is cobra's help command, but that it does not know what is not there, and knows the rules of the protocol.
func help() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND|RULE]",
		Short: "say how a command is used, or what a rule like V5 is",
		ValidArgsFunction: func(c *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
			of, rest, err := c.Root().Find(args)
			if err != nil || len(rest) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			var names []string
			for _, sub := range of.Commands() {
				if sub.IsAvailableCommand() {
					names = append(names, cobra.CompletionWithDesc(sub.Name(), sub.Short))
				}
			}
			return beginning(names, begun), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 1 {
				if card, ok := rules.CardOf(args[0]); ok {
					_, err := fmt.Fprintln(c.OutOrStdout(), script.CardText(card, "splitbrain --open "))
					return err
				}
			}
			of, rest, err := c.Root().Find(args)
			switch {
			case err != nil:
				return err
			case len(rest) > 0 && of.HasSubCommands():
				return noCommand(of, rest[0])
			}
			of.InitDefaultHelpFlag()
			return of.Help()
		},
	}
}

// offers completes the value of a flag.
func offers(c *cobra.Command, flag string, complete cobra.CompletionFunc) {
	if err := c.RegisterFlagCompletionFunc(flag, complete); err != nil {
		panic(err) // there is no such flag
	}
}

// oneOf completes one of those words.
func oneOf(words ...string) cobra.CompletionFunc {
	return func(_ *cobra.Command, _ []string, begun string) ([]string, cobra.ShellCompDirective) {
		return beginning(words, begun), cobra.ShellCompDirectiveNoFileComp
	}
}

// wordsOrFile completes one of those words, or the name of a script or of another file.
func wordsOrFile(words ...string) cobra.CompletionFunc {
	return func(_ *cobra.Command, _ []string, begun string) ([]string, cobra.ShellCompDirective) {
		return append(beginning(words, begun), files(begun)...), cobra.ShellCompDirectiveDefault
	}
}

// files are the scripts whose names begin so: where words are offered too, shells offer no files of their own.
func files(begun string) []string {
	at := strings.LastIndexByte(begun, '/') + 1
	dir := begun[:at]
	if dir == "" {
		dir = "."
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	var all []string
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".sb") && strings.HasPrefix(e.Name(), begun[at:]) {
			all = append(all, begun[:at]+e.Name())
		}
	}
	return all
}

func beginning(words []string, begun string) []string {
	var all []string
	for _, w := range words {
		if strings.HasPrefix(w, begun) {
			all = append(all, w)
		}
	}
	return all
}
