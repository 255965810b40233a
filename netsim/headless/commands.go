package headless

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"cluster/splitbrain/netsim/script"

	"github.com/spf13/cobra"
)

// ErrFailed says that an expectation failed or a promise was broken. It has been told already.
var ErrFailed = errors.New("not all expectations held")

// Commands are the subcommands that run scripts and list lessons. screen makes what is recorded.
func Commands(screen ScreenMaker) []*cobra.Command { return []*cobra.Command{run(screen), lessons()} }

func run(screen ScreenMaker) *cobra.Command {
	var o Options
	var without []string
	var simulated bool
	look := filmFlags{film: Film{Screen: screen}}
	c := &cobra.Command{
		Use:   "run FILE|LESSON...",
		Short: "run scripts and lessons without a screen",
		Long: "run carries scripts and lessons out and tells what happens, one line per event. A FILE may also be a\n" +
			"world that search has found.\n" +
			"Exit codes: 0 all expectations held, 1 one failed or a promise was broken, 2 bad script, or one that waited\n" +
			"for what did not come.",
		Example: "  splitbrain run primary-dies\n  splitbrain run --without forward-gets --json demo.sb",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			var err error
			if o.Off, err = script.RulesOff(without); err != nil {
				return err
			}
			if o.Film, err = look.read(); err != nil {
				return err
			}
			o.Seeded = c.Flags().Changed("seed")
			ctx, stop := signal.NotifyContext(c.Context(), os.Interrupt, syscall.SIGTERM)
			defer stop()
			return Run(ctx, c.OutOrStdout(), o, args)
		},
	}
	f := c.Flags()
	f.SortFlags = false
	f.BoolVar(&simulated, "sim", false, "in simulated time, as fast as it goes; always the same for a seed (the default)")
	f.BoolVar(&o.Live, "live", false, "on real goroutines, net/rpc and real time")
	c.MarkFlagsMutuallyExclusive("sim", "live")
	f.Uint64Var(&o.Seed, "seed", 0, "of all that is random, instead of the script's")
	f.BoolVar(&o.JSON, "json", false, "print JSON objects, one per line")
	look.add(f)
	f.StringArrayVar(&without, "without", nil, "switch a `RULE` off from the beginning; may be repeated")
	f.BoolVar(&o.Keep, "with-rules", false, "leave on what scripts switch off: then nothing may break")
	return c
}

func lessons() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use: "lessons", Short: "list the lessons", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return list(c.OutOrStdout(), asJSON) },
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON objects, one per line")
	return c
}

// list prints a line for each lesson.
func list(out io.Writer, asJSON bool) error {
	for _, l := range script.Lessons() {
		if !asJSON {
			if _, err := fmt.Fprintf(out, "%-24s %s\n%-24s   %s\n", l.Name, l.Title, "", l.About); err != nil {
				return err
			}
			continue
		}
		line := struct {
			Name  string `json:"name"`
			Title string `json:"title"`
			About string `json:"about"`
			Steps int    `json:"steps"`
		}{l.Name, l.Title, l.About, len(l.Steps) - 1}
		if err := json.NewEncoder(out).Encode(line); err != nil {
			return err
		}
	}
	return nil
}
