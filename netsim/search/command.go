package search

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"cluster/splitbrain/tui/cli"
	"cluster/splitbrain/tui/script"
	"cluster/splitbrain/tui/script/spelling"

	"github.com/spf13/cobra"
)

// ErrFound says that a search has found a broken promise, or has not found its goal: exit code 1.
var ErrFound = errors.New("a promise was broken")

// use is one use of the command.
type use struct {
	Options
	without  []string
	promised []string
	memory   string
	from     string
	out      string
	json     bool
}

// Command is `splitbrain search`. It returns ErrFound when a promise was broken, which it has told then; any other error is
// a bad flag, or a file that could not be written.
func Command() *cobra.Command {
	o := use{Options: Defaults}
	c := &cobra.Command{
		Use:   "search",
		Short: "look for an order of events that breaks a promise",
		Long: "search tries all orders of messages, losses, crashes and wrong death declarations within a budget, shortest\n" +
			"first, and tells what broke a promise as a story: each line is a step of the world that --out writes.\n" +
			"Exit codes: 0 nothing was found (or the goal was), 1 a promise was broken (or the goal was not reached),\n" +
			"2 bad usage, 130 interrupted before the end.",
		Example: "  splitbrain search --without wait-for-backup --out find.sb\n  splitbrain search --random --time 10m --seed 7",
		Args:    cli.NoWords,
	}
	o.flags(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		if err := o.read(c); err != nil {
			return err
		}
		return o.run(c)
	}
	return c
}

func (o *use) flags(c *cobra.Command) {
	f := c.Flags()
	f.SortFlags = false
	f.IntVar(&o.Servers, "servers", o.Servers, fmt.Sprintf("key/value servers, 1 to %d", maxServers))
	f.IntVar(&o.Clients, "clients", o.Clients, fmt.Sprintf("clients, 1 to %d", maxClients))
	f.IntVar(&o.Budget.Ops, "ops", o.Budget.Ops, "operations that clients begin")
	f.IntVar(&o.Budget.Crashes, "crashes", o.Budget.Crashes, "crashes of servers")
	f.IntVar(&o.Budget.Losses, "losses", o.Budget.Losses, "pings, replies to pings, and results that get lost")
	f.IntVar(&o.Budget.Duplicates, "duplicates", o.Budget.Duplicates, "messages that arrive twice")
	f.IntVar(&o.Budget.Silences, "silences", o.Budget.Silences, "running servers that are wrongly counted as dead")
	f.IntVar(&o.Budget.Late, "late", o.Budget.Late, "pings and replies to pings that arrive late")
	f.StringArrayVar(&o.without, "without", nil, "switch `RULE` off; may be repeated")
	f.StringArrayVar(&o.promised, "promise", nil, "check `PROMISE` only; may be repeated: "+strings.Join(propertyNames[:], ", "))
	f.BoolVar(&o.Puts, "puts", false, "clients put as well as append and get")
	f.StringVar(&o.from, "from", string(o.From), "where to begin: start (nobody has pinged), steady (all is well), or a saved world's `FILE`")
	f.StringVar(&o.Goal, "goal", "", "look for a `STATE` instead: view 3, primary s2, stuck V3")
	f.BoolVar(&o.Random, "random", false, "walk at random, as deep as it goes")
	f.Uint64Var(&o.Seed, "seed", o.Seed, "of a random search")
	f.IntVar(&o.Depth, "depth", 0, "steps; 0: no limit")
	f.DurationVar(&o.Time, "time", o.Time, "end after this time")
	f.StringVar(&o.memory, "memory", "2GiB", "end when the heap has grown so large")
	f.StringVar(&o.out, "out", "", "write a find to `FILE`, which the playground opens")
	f.BoolVar(&o.json, "json", false, "end with one JSON object in place of the story")
	cli.Offers(c, "without", script.RuleOffers()...)
	cli.Offers(c, "promise", propertyNames[:]...)
	cli.Offers(c, "goal", goalExamples()...)
	cli.OffersOrFile(c, "from", string(Start), string(Steady))
}

// read understands the flags that are words.
func (o *use) read(c *cobra.Command) (err error) {
	if o.Without, err = script.RulesOff(o.without); err != nil {
		return err
	}
	for _, name := range o.promised {
		p := slices.Index(propertyNames[:], name)
		if p < 0 {
			return fmt.Errorf("--promise %q: no such promise: %s", name, spelling.Meant(name, propertyNames[:]))
		}
		o.Properties |= 1 << p
	}
	if o.Memory, err = parseBytes(o.memory); err != nil {
		return err
	}
	o.From = From(o.from)
	given := c.Flags().Changed
	if fixed := o.From != Start && o.From != Steady; fixed && (given("servers") || given("clients")) {
		return errors.New("--servers, --clients: a saved world has its own")
	}
	costs := []string{"crashes", "losses", "duplicates", "silences", "late"}
	o.Rounds = !slices.ContainsFunc(costs, given)
	if o.Random {
		ops := o.Budget.Ops
		if o.Rounds {
			o.Budget = wildBudget
		}
		o.Budget.Ops = ops
	}
	if err := o.validate(); err != nil || o.Goal == "" {
		return err
	}
	most := maxServers
	if o.From == Start || o.From == Steady {
		most = o.Servers
	}
	_, err = parseGoal(o.Goal, most)
	return err
}

func parseBytes(text string) (uint64, error) {
	units := []struct {
		name  string
		shift uint
	}{{"GiB", 30}, {"MiB", 20}, {"G", 30}, {"M", 20}}
	for _, unit := range units {
		if number, ok := strings.CutSuffix(text, unit.name); ok {
			n, err := strconv.ParseUint(strings.TrimSpace(number), 10, 24)
			if err == nil {
				return n << unit.shift, nil
			}
		}
	}
	return 0, fmt.Errorf("--memory %q: must be like 512MiB or 2GiB", text)
}

func (o *use) run(c *cobra.Command) error {
	ctx, stop := cli.UntilSignalled(c.Context())
	defer stop()
	if err := writable(o.out); err != nil {
		return fmt.Errorf("--out: %w", err)
	}
	p := progress{out: c.ErrOrStderr(), every: time.Second}
	r, err := Search(ctx, o.Options, p.tell)
	if err != nil {
		return err
	}
	script := ""
	var unwritten error
	if r.Find != nil && o.out != "" {
		script = o.out
		if err := o.write(r.Find); err != nil {
			script, unwritten = "", fmt.Errorf("--out: %w", err)
		}
	}
	if o.json {
		err = json.NewEncoder(c.OutOrStdout()).Encode(r.report(script))
	} else {
		err = o.tell(c.OutOrStdout(), r, script)
	}
	switch {
	case cmp.Or(err, unwritten) != nil:
		return cmp.Or(err, unwritten)
	case r.Find == nil && ctx.Err() != nil:
		return context.Cause(ctx) // not all was tried
	case (r.Find != nil) == (o.Goal == ""):
		return ErrFound
	}
	return nil
}

// writable says why a file can't be written, before a search is made for it. It changes nothing.
func writable(file string) error {
	if info, err := os.Stat(file); file == "" || err == nil && !info.IsDir() && !info.Mode().IsRegular() {
		return nil // what is neither is known only when it is opened
	}
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err == nil {
		return errors.Join(f.Close(), os.Remove(file))
	}
	if errors.Is(err, fs.ErrExist) {
		f, err = os.OpenFile(file, os.O_WRONLY, 0)
	}
	if err != nil {
		return err
	}
	return f.Close()
}

func (o *use) write(f *Find) error {
	out, err := os.Create(o.out)
	if err != nil {
		return err
	}
	if err := f.Write(out); err != nil {
		out.Close()
		return err
	}
	return out.Close()
}

// tell prints what a search came to.
func (o *use) tell(out io.Writer, r Result, script string) error {
	if f := r.Find; f != nil {
		f.Tell(out)
		fmt.Fprintln(out, strings.Join(f.conclusion(), "\n"))
		if script != "" {
			fmt.Fprintf(out, "written to %s\n", script)
		}
	}
	_, err := fmt.Fprintln(out, r.summary())
	return err
}
