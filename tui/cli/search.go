package cli

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"cluster/splitbrain/netsim/engine/lex"
	"cluster/splitbrain/netsim/engine/spelling"
	"cluster/splitbrain/netsim/search"
	"cluster/splitbrain/netsim/sim"
	"cluster/splitbrain/tui/script"
	"cluster/splitbrain/tui/wholefile"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// searchUse is one use of the command.
type searchUse struct {
	search.Options
	without  []string
	promised []string
	fine     []string
	memory   string
	trust    trust
	from     string // a word for where to begin, or a file
	goal     string
	prune    string
	budget   string // in words, in place of its flags
	do       string // a workload, or a file that holds one
	shard    string
	merge    bool
	state    string
	out      string
	json     bool
}

// newSearch is `splitbrain search`. It returns errBroken when a promise was broken, which it has told then; any other
// error is a bad flag, or a file that could not be written.
func newSearch() *cobra.Command {
	o := searchUse{Options: search.Defaults}
	c := &cobra.Command{
		Use:   "search",
		Short: "look for an order of events that breaks a promise",
		Long: "search tries all orders of messages, losses, crashes and wrong death declarations within a budget, narrow\n" +
			"budgets before wide ones and in each short orders first. It tells what broke a promise as a story: each line\n" +
			"with a number is a step of the world that --out writes.\n" +
			"Exit codes: 0 nothing was found (or the goal was), 1 a promise was broken (or the goal was not reached),\n" +
			"2 bad usage, 130 interrupted before the end.",
		Example: "  splitbrain search --without wait-for-backup --out find.sb\n  splitbrain search --random --time 10m --seed 7\n" +
			"  splitbrain search --do \"c1 put a 1; c2 get a\" --goal \"done and primary s2\"\n" +
			"  splitbrain search --time 8h --memory 8GiB --state FILE",
		Args: func(c *cobra.Command, args []string) error {
			if o.merge {
				return nil
			}
			return noWords(c, args)
		},
	}
	o.flags(c)
	c.RunE = func(c *cobra.Command, files []string) error {
		if o.merge {
			return o.fold(c, files)
		}
		if err := o.read(c); err != nil {
			return err
		}
		return o.run(c)
	}
	return c
}

func (o *searchUse) flags(c *cobra.Command) {
	f := c.Flags()
	f.SortFlags = false
	f.IntVar(&o.Servers, "servers", o.Servers, fmt.Sprintf("key/value servers, 1 to %d", search.MaxServers))
	f.IntVar(&o.Clients, "clients", o.Clients, fmt.Sprintf("clients, 1 to %d", search.MaxClients))
	f.IntVar(&o.Budget.Ops, "ops", o.Budget.Ops, "operations that clients begin")
	f.IntVar(&o.Budget.Crashes, "crashes", o.Budget.Crashes, "crashes of servers")
	f.IntVar(&o.Budget.Losses, "losses", o.Budget.Losses, "pings, replies to pings, and results that get lost")
	f.IntVar(&o.Budget.Duplicates, "duplicates", o.Budget.Duplicates, "messages that arrive twice")
	f.IntVar(&o.Budget.Silences, "silences", o.Budget.Silences, "running servers that are wrongly counted as dead")
	f.IntVar(&o.Budget.Late, "late", o.Budget.Late, "pings and replies to pings that arrive late")
	f.IntVar(&o.Budget.VsCrashes, "vs-crashes", o.Budget.VsCrashes, "crashes of the viewservice")
	f.Var(&once{to: &o.budget}, "budget", "all of these in `WORDS`, those not named 0: \"ops 1, silences 1\"")
	f.StringArrayVar(&o.without, "without", nil, "switch `RULE` off; may be repeated")
	f.StringArrayVar(&o.promised, "promise", nil, "check `PROMISE` only; may be repeated: "+strings.Join(search.PropertyNames(), ", "))
	f.StringArrayVar(&o.fine, "fine", nil, "steps as fine as events in `THIS`; may be repeated: "+strings.Join(search.FineNames(), ", "))
	f.BoolVar(&o.Puts, "puts", false, "clients put as well as append and get")
	o.from = string(o.From)
	f.Var(&once{to: &o.from}, "from", "where to begin: start (nobody has pinged), steady (all is well), or a saved world's `FILE`; at both unless it is given")
	o.trust.addLimits(f)
	f.Var(&once{to: &o.goal}, "goal", "look for a `STATE` instead: view 3 and not primary s1, stuck V3, done and broken answered")
	f.Var(&once{to: &o.prune}, "prune", "try nothing beyond a `STATE`, written like a goal")
	f.Var(&once{to: &o.do}, "do", "`OPERATIONS` that clients do, in order, in place of any: \"c1 put a 1; c2 get a\", or a file of such lines")
	f.IntVar(&o.Fair, "fair", o.Fair, "try one state of `N` for stalls in a fair future; 1: all")
	f.BoolVar(&o.Random, "random", false, "walk at random over single events, as deep as it goes")
	f.Uint64Var(&o.Seed, "seed", o.Seed, "of a random search")
	f.Int64Var(&o.Walks, "walks", 0, "of a random search: the highest number of a walk; 0: no limit")
	f.StringVar(&o.shard, "shard", "", "of a random search: go every N-th walk only, from the `I/N`-th on")
	f.BoolVar(&o.merge, "merge", false, "fold the --json results of all shards, in the FILES behind it, into one")
	f.StringVar(&o.state, "state", "", "go on where `FILE` says, and write there, every minute and when the search is ended, how to go on")
	f.IntVar(&o.Depth, "depth", 0, "steps; 0: no limit")
	f.DurationVar(&o.Time, "time", o.Time, "end after this time")
	f.StringVar(&o.memory, "memory", "2GiB", "end when the heap has grown so large")
	f.StringVar(&o.out, "out", "", "write a find to `FILE`, which the playground opens")
	f.BoolVar(&o.json, "json", false, "end with one JSON object in place of the story")
	offers(c, "budget", budgetOffers)
	offers(c, "without", oneOf(script.RuleOffers()...))
	offers(c, "promise", oneOf(search.PropertyNames()...))
	offers(c, "fine", oneOf(search.FineNames()...))
	offers(c, "goal", oneOf(search.GoalExamples()...))
	offers(c, "prune", oneOf(search.GoalExamples()...))
	offers(c, "from", wordsOrFile(string(search.Start), string(search.Steady)))
}

// read understands the flags that are words.
func (o *searchUse) read(c *cobra.Command) (err error) {
	if o.Without, err = script.RulesOff(o.without); err != nil {
		return err
	}
	for _, name := range o.promised {
		property, ok := search.PropertyNamed(name)
		if !ok {
			return fmt.Errorf("--promise %q: no such promise: %s", name, spelling.Meant(name, search.PropertyNames()))
		}
		o.Properties |= property
	}
	for _, name := range o.fine {
		fine, ok := search.FineNamed(name)
		if !ok {
			return fmt.Errorf("--fine %q: steps leave out no such thing: %s", name, spelling.Meant(name, search.FineNames()))
		}
		o.Fine |= fine
	}
	if o.Memory, err = parseBytes("memory", o.memory); err != nil {
		return err
	}
	if o.Memory < search.LeastMemory {
		return fmt.Errorf("--memory %q: must be at least %d MiB, like 512MiB or 2GiB", o.memory, search.LeastMemory>>20)
	}
	if o.shard != "" {
		if o.Shard, err = search.ParseShard(o.shard); err != nil {
			return fmt.Errorf("--shard %w", err)
		}
	}
	o.Version, o.Command, o.Keep = Version, asked(c), o.state != ""
	var reads []fileUse
	if o.fromFile() {
		reads = []fileUse{{"--from", o.from}}
	}
	if err := apart(reads, fileUse{"--out", o.out}, fileUse{"--state", o.state}); err != nil {
		return err
	}
	given := c.Flags().Changed
	if o.fromFile() && (given("servers") || given("clients")) {
		return errors.New("--servers, --clients: a saved world has its own")
	}
	if err := o.readBudget(given); err != nil {
		return err
	}
	if err := o.readWorkload(given); err != nil { // it counts operations, whatever the budget was
		return err
	}
	for _, flag := range []string{"goal", "prune", "from", "shard", "state", "out"} {
		if given(flag) && c.Flag(flag).Value.String() == "" {
			return fmt.Errorf("--%s: nothing stands behind it", flag)
		}
	}
	if given("seed") && !o.Random {
		return errors.New("--seed: only a random search draws by it: --random")
	}
	if given("fair") && o.Fair == 0 {
		return errors.New("--fair 0: must be 1 to 1,000,000")
	}
	if err := o.Validate(); err != nil {
		return err
	}
	if o.fromFile() { // how many nodes there are is not known yet
		return o.readGoals(search.MaxServers, search.MaxClients)
	}
	o.From = search.From(o.from)
	return o.readGoals(o.Servers, o.Clients)
}

// once is a flag of a text of which only the last would count, and which therefore may be there once only.
type once struct {
	to  *string
	set bool
}

var errTwice = errors.New("it is there already, and only one can be meant")

func (o *once) Set(text string) error {
	if o.set {
		return errTwice
	}
	*o.to, o.set = text, true
	return nil
}

func (o *once) String() string {
	if o.to == nil {
		return ""
	}
	return *o.to
}

func (o *once) Type() string { return "string" }

// readGoals understands the goal and the prune of a search of so many nodes.
func (o *searchUse) readGoals(servers, clients int) error {
	for _, g := range []struct {
		flag, text string
		to         **search.Goal
	}{{"goal", o.goal, &o.Goal}, {"prune", o.prune, &o.Prune}} {
		if g.text == "" {
			continue
		}
		goal, err := search.ParseGoal(g.text, servers, clients)
		if err != nil {
			return fmt.Errorf("--%s %q: %w", g.flag, g.text, err)
		}
		*g.to = goal
	}
	return nil
}

// readWorkload understands what clients do. There are as many clients as it names, if nothing else says how many.
func (o *searchUse) readWorkload(given func(flag string) bool) (err error) {
	if !given("do") {
		return nil
	}
	if given("ops") || given("puts") || given("budget") && o.Budget.Ops > 0 {
		return errors.New("--ops, --puts, ops of --budget: --do says all that clients do")
	}
	const most = 1 << 20 // bytes of a file
	text := o.do
	if info, err := os.Stat(o.do); err == nil && info.Mode().IsRegular() && info.Size() <= most {
		data, err := os.ReadFile(o.do)
		if err != nil {
			return fmt.Errorf("--do: %w", err)
		}
		text = string(data)
	}
	if o.Workload, err = search.ParseWorkload(text); err != nil && text == o.do && !strings.ContainsAny(text, " \t\n;") && text != "" {
		return fmt.Errorf("--do %q: there is no such file, and it is no operation: c1 put a 1; c2 get a", o.do)
	}
	if err != nil {
		return fmt.Errorf("--do: %w", err)
	}
	if o.Budget.Ops = o.Workload.Len(); !given("clients") {
		o.Clients = max(o.Clients, len(o.Workload))
	}
	return nil
}

// fromFile reports whether the search begins where a saved world is.
func (o *searchUse) fromFile() bool {
	from := search.From(o.from)
	return from != search.Start && from != search.Steady && from != ""
}

// openWorld reads the saved world in which the search begins.
func (o *searchUse) openWorld(ctx context.Context) error {
	text, err := script.Reading(ctx, o.from, func() ([]byte, error) { return o.trust.file(o.from) })
	if err == nil {
		o.Recording, err = search.ReadRecording(ctx, bytes.NewReader(text), o.trust.worlds())
		err = script.Limited(sim.InFile(o.from, err))
	}
	if err != nil {
		return fmt.Errorf("--from: neither %s nor %s nor a saved world: %w", search.Start, search.Steady, err)
	}
	return o.readGoals(o.Recording.Servers(), o.Recording.Clients())
}

// units of bytes, in small letters. K, M and G alone are those that memory is counted in.
var units = map[string]float64{
	"": 1, "b": 1, "k": 1 << 10, "kib": 1 << 10, "kb": 1e3, "m": 1 << 20, "mib": 1 << 20, "mb": 1e6, "g": 1 << 30, "gib": 1 << 30, "gb": 1e9,
	"t": 1 << 40, "tib": 1 << 40, "tb": 1e12,
}

// parseBytes reads a flag that is a size.
func parseBytes(flag, text string) (uint64, error) {
	number := strings.TrimRight(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
	unit, known := units[strings.ToLower(text[len(number):])]
	n, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if bytes := n * unit; known && err == nil && bytes >= 0 && bytes < 1<<62 {
		return uint64(bytes), nil
	}
	return 0, fmt.Errorf("--%s %q: must be like 512MiB, 500MB or 2GiB", flag, text)
}

func (o *searchUse) run(c *cobra.Command) error {
	ctx, stop := untilSignalled(c.Context())
	defer stop()
	if err := o.checkOut(); err != nil { // before the search is made for it
		return fmt.Errorf("--out: %w", err)
	}
	p := newProgress(c.ErrOrStderr(), o.Random, os.Getenv)
	if o.fromFile() {
		if err := o.openWorld(ctx); err != nil {
			return err
		}
	}
	if err := o.readState(); err != nil {
		return err
	}
	if o.state != "" {
		o.Save = o.saving(p)
	}
	r, err := search.Search(ctx, o.Options, p.tell)
	p.clear()
	if err != nil {
		return o.ofState(err)
	}
	unkept := o.writeState(c.ErrOrStderr(), r) // what was found is told all the same
	script, unwritten := o.write(r, o.Command+" (version "+Version+")")
	told := r.Report(script)
	if o.json {
		err = json.NewEncoder(c.OutOrStdout()).Encode(told)
	} else {
		err = fitted(c.OutOrStdout(), func(out io.Writer) error { return o.tell(out, r, script) })
	}
	switch {
	case cmp.Or(err, unwritten, unkept) != nil:
		return cmp.Or(err, unwritten, unkept)
	case r.Find == nil && ctx.Err() != nil:
		return context.Cause(ctx) // not all was tried
	case told.Broken():
		return errBroken
	}
	return nil
}

// asked is the command line that asks for the same search again, as a shell reads it. What it leaves out, the seed included, has
// its default.
func asked(c *cobra.Command) string {
	words := []string{"splitbrain", c.Name()}
	c.Flags().Visit(func(f *pflag.Flag) {
		values := []string{f.Value.String()}
		if all, ok := f.Value.(pflag.SliceValue); ok {
			values = all.GetSlice()
		}
		for _, value := range values {
			switch {
			case f.Value.Type() != "bool":
				words = append(words, "--"+f.Name, script.Quote(value))
			case value == "true":
				words = append(words, "--"+f.Name)
			}
		}
	})
	return strings.Join(words, " ")
}

// write writes the find, or what came nearest to the goal and what is deepest, and what found them. script is the file that it
// wrote, "" if none.
func (o *searchUse) write(r search.Result, by string) (script string, err error) {
	f := r.Find
	if f == nil {
		f = r.Nearest
	}
	for _, one := range []*search.Find{f, r.Deepest} {
		if one != nil {
			one.By = by
		}
	}
	if f == nil || o.out == "" {
		return "", nil
	}
	err = wholefile.Write(o.out, f.Write)
	if err == nil && r.Deepest != nil {
		err = wholefile.Write(o.deepest(), r.Deepest.Write)
	}
	if err != nil {
		return "", fmt.Errorf("--out: %w", err)
	}
	return o.out, nil
}

// foundBy begins the line of a story that says how it was found.
const foundBy = "found by splitbrain search"

// checkOut says why nothing can be written to the files of --out, or may not: only what a search wrote before is replaced.
func (o *searchUse) checkOut() error {
	if o.out == "" {
		return nil
	}
	if err := wholefile.Check(o.out); err != nil {
		return err
	}
	files := []string{o.out}
	if o.Goal != nil {
		files = append(files, o.deepest())
	}
	for _, name := range files {
		info, err := os.Stat(name)
		if err != nil || !info.Mode().IsRegular() || info.Size() == 0 {
			continue
		}
		if story := script.Story(name); !script.IsWorld(name) || len(story) == 0 || !strings.HasPrefix(story[len(story)-1], foundBy) {
			return fmt.Errorf("%s exists, and no search has written it", name)
		}
	}
	return nil
}

// deepest is the file for the deepest state: out.deepest.sb beside out.sb.
func (o *searchUse) deepest() string {
	ext := filepath.Ext(o.out)
	return strings.TrimSuffix(o.out, ext) + ".deepest" + ext
}

// tell prints what a search came to.
func (o *searchUse) tell(out io.Writer, r search.Result, script string) error {
	switch f := r.Find; {
	case f != nil:
		f.Tell(out)
		fmt.Fprintln(out, strings.Join(f.Conclusion(), "\n"))
		if script != "" {
			fmt.Fprintf(out, "written to %s\n", lex.Safe(script))
		}
	case r.Nearest != nil:
		r.Nearest.Tell(out)
		fmt.Fprintln(out, strings.Join(r.Nearest.Conclusion(), "\n"))
		if script != "" {
			fmt.Fprintf(out, "written to %s, and one of the deepest states to %s\n", lex.Safe(script), lex.Safe(o.deepest()))
		}
	default:
		nothing := "nothing was found"
		if o.out != "" {
			nothing += ", and nothing was written to " + lex.Safe(o.out)
		}
		fmt.Fprintln(out, nothing)
	}
	_, err := fmt.Fprintln(out, r.Summary())
	if never := r.NeverSeen(); err == nil && r.Find == nil && never != "" {
		_, err = fmt.Fprintln(out, never)
	}
	return err
}
