package cli

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"cluster/splitbrain/tui/script"

	"github.com/spf13/cobra"
)

// runFlags are how a run is asked for on the command line.
type runFlags struct {
	options   runOptions
	without   []string
	simulated bool
	capture   captureFlags
	trust     trust
}

func newRun() *cobra.Command {
	var flags runFlags
	c := &cobra.Command{
		Use:   "run FILE|LESSON...",
		Short: "run scripts and lessons without a screen",
		Long: "run carries scripts and lessons out and tells what happens, one line per event. A FILE may also be a\n" +
			"world that search has found.\n" +
			"Exit codes: 0 all expectations held, 1 one failed or a promise was broken, 2 bad script, or one that waited\n" +
			"for what did not come or reached a limit, 130 interrupted before the end.",
		Example:           "  splitbrain run primary-dies\n  splitbrain run --without forward-gets --json demo.sb",
		Args:              someNames,
		ValidArgsFunction: wordsOrFile(script.LibraryOffers()...),
		RunE: func(c *cobra.Command, args []string) error {
			o, err := flags.read(c)
			if err != nil {
				return err
			}
			ctx, stop := untilSignalled(c.Context())
			defer stop()
			return runAll(ctx, c.OutOrStdout(), o, args)
		},
	}
	flags.add(c)
	return c
}

func (r *runFlags) add(c *cobra.Command) {
	f := c.Flags()
	f.SortFlags = false
	f.BoolVar(&r.simulated, "sim", false, "in simulated time, as fast as it goes; always the same for a seed (the default)")
	f.BoolVar(&r.options.Live, "live", false, "on real goroutines, net/rpc and real time")
	f.Uint64Var(&r.options.Seed, "seed", 0, "of all that is random, instead of the script's")
	f.BoolVar(&r.options.JSON, "json", false, "print JSON objects, one per line")
	r.capture.add(f)
	r.trust.add(f)
	f.StringArrayVar(&r.without, "without", nil, "switch a `RULE` off from the beginning; may be repeated")
	f.BoolVar(&r.options.Keep, "with-rules", false, "leave on what scripts switch off: then nothing may break")
	offers(c, "without", oneOf(script.RuleOffers()...))
	offers(c, "theme", oneOf("dark", "light"))
}

// read understands the flags together.
func (r *runFlags) read(c *cobra.Command) (o runOptions, err error) {
	o = r.options
	o.Seeded = c.Flags().Changed("seed")
	if o.Off, err = script.RulesOff(r.without); err != nil {
		return o, err
	}
	if o.Capture, err = r.capture.read(); err != nil {
		return o, err
	}
	o.Bounds, o.Worlds = r.trust.bounds(), r.trust.worlds()
	if o.Files, err = r.trust.files(); err != nil {
		return o, err
	}
	switch {
	case r.simulated && o.Live:
		err = errors.New("--sim, --live: a cluster is either simulated or live")
	case o.Off != 0 && o.Keep:
		err = errors.New("--without, --with-rules: rules are either switched off or left on")
	}
	return o, err
}

func someNames(_ *cobra.Command, args []string) error {
	if len(args) == 0 {
		return errors.New("run what? FILE|LESSON is missing: splitbrain lessons lists the lessons")
	}
	return nil
}

func newLessons() *cobra.Command {
	var asJSON bool
	var show string
	c := &cobra.Command{
		Use: "lessons [LESSON]", Short: "list the lessons, or show the source of one",
		ValidArgsFunction: oneOf(script.LibraryOffers()...),
		RunE: func(c *cobra.Command, names []string) error {
			asked := c.Flags().Changed("show")
			switch {
			case len(names) > 1 || asked && len(names) > 0:
				return fmt.Errorf("lessons shows one lesson, and %q is one more", names[len(names)-1])
			case len(names) == 1:
				return showLesson(c.OutOrStdout(), names[0])
			case asked:
				if err := showLesson(c.OutOrStdout(), show); err != nil {
					return fmt.Errorf("--show: %w", err)
				}
				return nil
			}
			return cmp.Or(list(c.OutOrStdout(), asJSON), script.CheckLibrary())
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON objects, one per line")
	c.Flags().StringVar(&show, "show", "", "print the source of a `LESSON`")
	offers(c, "show", oneOf(script.LibraryOffers()...))
	return c
}

// showLesson prints the source of a lesson.
func showLesson(out io.Writer, name string) error {
	source, err := script.Source(name)
	if err != nil {
		return err
	}
	_, err = io.WriteString(out, source)
	return err
}

// list prints a line for each lesson.
func list(out io.Writer, asJSON bool) error {
	var b strings.Builder
	for _, g := range script.Groups() {
		if !asJSON {
			fmt.Fprintf(&b, "%s:\n", g.Name)
		}
		for _, l := range g.Lessons {
			if asJSON {
				_ = json.NewEncoder(&b).Encode(listed{g.Name, l.Name, l.Title, l.About, len(l.Steps) - 1}) // a Builder takes all
				continue
			}
			fmt.Fprintf(&b, "  %-24s %s\n  %-24s   %s\n", l.Name, l.Title, "", l.About)
		}
	}
	_, err := io.WriteString(out, b.String())
	return err
}

// listed is a lesson in JSON.
type listed struct {
	Group string `json:"group"`
	Name  string `json:"name"`
	Title string `json:"title"`
	About string `json:"about"`
	Steps int    `json:"steps"`
}
