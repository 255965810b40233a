package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"os"
	"strings"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/cluster"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/sim"
	"cluster/splitbrain/tui"
	"cluster/splitbrain/tui/canvas"
	"cluster/splitbrain/tui/script"
	"cluster/splitbrain/tui/terminal/background"
	"cluster/splitbrain/tui/terminal/guard"
	"cluster/splitbrain/tui/terminal/locale"

	"github.com/charmbracelet/x/term"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// newPlayground is the program without a subcommand.
func newPlayground() *cobra.Command { return freshPlayground().command() }

func freshPlayground() *playground {
	return &playground{config: engine.Defaults, screen: tui.Options{Theme: "auto"}, speed: 1, at: -1, past: "256MiB"}
}

func (p *playground) command() *cobra.Command {
	c := &cobra.Command{
		Use:   "splitbrain",
		Short: "A primary/backup key/value cluster to break by hand, in your terminal",
		Long: "splitbrain runs a viewservice, key/value servers and clients that talk over net/rpc, inside this process.\n" +
			"Kill, freeze and cut them off, and watch the view change.",
		Example:       "  splitbrain\n  splitbrain --servers 5 --ping-interval 500ms",
		Args:          noWords,
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE:          func(c *cobra.Command, _ []string) error { return p.run(c.Flags(), c.OutOrStdout()) },
	}
	c.DisableSuggestions = true
	c.Version = version()
	c.SetVersionTemplate("{{.Version}}\n")
	p.flags(c)
	return c
}

// playground is how the playground is asked for.
type playground struct {
	config  engine.Config
	screen  tui.Options
	log     string
	without []string
	speed   float64
	plain   bool
	sim     bool
	trust   trust
	past    string // how much a simulated cluster keeps of its past
	keep    sim.Option
	at      int         // the step of the world at which to begin; negative for where it was saved
	world   *sim.Engine // to begin with; nil for a fresh one
}

func (p *playground) flags(c *cobra.Command) {
	f := c.Flags()
	f.SortFlags = false
	f.IntVar(&p.config.Servers, "servers", p.config.Servers, fmt.Sprintf("key/value servers, 1 to %d", engine.MaxServers))
	f.IntVar(&p.config.Clients, "clients", p.config.Clients, fmt.Sprintf("clients, 1 to %d", engine.MaxClients))
	f.DurationVar(&p.config.PingInterval, "ping-interval", p.config.PingInterval, "time between a server's pings")
	f.DurationVar(&p.config.Latency, "latency", 0, "that a message takes, up to half of the ping interval (default: on the screen a twentieth of it, 50ms at most)")
	f.IntVar(&p.config.DeadPings, "dead-pings", p.config.DeadPings, "intervals of silence after which a server counts as dead")
	f.Float64Var(&p.speed, "speed", p.speed, "of the cluster's time, 0.01 to 10, with --sim to 1000")
	f.StringArrayVar(&p.without, "without", nil, "switch a `RULE` of the protocol off, to see what breaks; repeatable")
	f.Uint64Var(&p.config.Seed, "seed", p.config.Seed, "of all that is random")
	f.StringVar(&p.screen.Theme, "theme", p.screen.Theme, "auto, light, dark or mono")
	f.BoolVar(&p.screen.ASCII, "ascii", false, "draw with ASCII characters only, where others are wide or missing")
	f.BoolVar(&p.screen.NoMouse, "no-mouse", false, "leave the mouse to the terminal; so it is in GNU screen, where the mouse holds back Esc")
	f.BoolVar(&p.sim, "sim", false, "a simulated cluster, whose past can be returned to")
	f.StringVar(&p.past, "past", p.past, "with --sim: memory for the past; what is older is forgotten")
	f.StringVar(&p.screen.Open, "open", "", "play a `FILE|LESSON` step by step; splitbrain lessons lists the lessons")
	f.IntVar(&p.at, "at", p.at, "with a saved world that --open opens: the `STEP` at which to begin")
	f.Lookup("at").DefValue = "0" // nobody has to know of -1
	p.trust.add(f)
	f.BoolVar(&p.plain, "plain", false, "no screen: sentences on stdout, commands on stdin")
	f.StringVar(&p.log, "log", "", "append a log to `FILE`")
	offers(c, "without", oneOf(script.RuleOffers()...))
	offers(c, "theme", oneOf("auto", "light", "dark", "mono"))
	offers(c, "open", wordsOrFile(script.LibraryOffers()...))
}

// run checks everything before the screen is touched. Without one it tells to out.
func (p *playground) run(flags *pflag.FlagSet, out io.Writer) error {
	if err := p.checkShape(flags); err != nil {
		return err
	}
	if !p.plain {
		_, wrong := p.choose(flags, os.Getenv, choicesFile())
		p.screen.Notice = toldWrong(wrong)
	}
	p.chooseLatency(flags)
	defer p.forget()
	if err := p.check(); err != nil {
		return err
	}
	closeLog, err := logTo(p.log)
	if err != nil {
		return err
	}
	defer closeLog()
	p.screen.ASCII = p.screen.ASCII || !locale.UTF8(os.Getenv)
	p.screen.Progress = script.ProgressFile(os.Getenv)
	p.screen.Config, p.screen.OpenWorld, p.screen.Search = p.config, p.openWorld, searchFrom
	p.screen.Broken = promisesBroken
	if p.plain {
		return p.tell(out)
	}
	p.suit(os.Getenv)
	if !guard.Child() {
		p.forget()
	}
	if code := guard.Run(slog.Default(), p.show); code != 0 {
		return &exit{code: code}
	}
	return nil
}

// forget closes the world that was opened, if nobody shows it.
func (p *playground) forget() {
	if p.world != nil {
		p.world.Close()
		p.world = nil
	}
}

// suit suits what is known of the terminal before anything is shown.
func (p *playground) suit(getenv func(string) string) {
	p.screen.Plain = getenv("NO_COLOR") != ""
	p.screen.Background = background.OfEnvironment(getenv("COLORFGBG"))
	p.screen.Wide = locale.Wide(getenv)
	// GNU screen waits after each Esc, and longer than anybody, for the rest of a report of the mouse.
	p.screen.NoMouse = p.screen.NoMouse || getenv("STY") != "" || strings.HasPrefix(getenv("TERM"), "screen.")
	if canvas.Theme(p.screen.Theme) == canvas.Auto && background.Colourless(getenv) {
		p.screen.Theme = string(canvas.Mono)
	}
}

// chooseLatency lets messages take their time where they are seen, unless somebody wants otherwise.
func (p *playground) chooseLatency(flags *pflag.FlagSet) {
	if !flags.Changed("latency") && !p.plain {
		p.config.Latency = seenLatency(p.config.PingInterval)
	}
}

// seenLatency is what a message takes so that it can be seen on its way in slow motion, and pings are hardly later for it.
func seenLatency(pingInterval time.Duration) time.Duration {
	return min(max(pingInterval, 0)/20, 50*time.Millisecond)
}

func (p *playground) check() error {
	var err error
	if p.config.Disabled, err = script.RulesOff(p.without); err != nil {
		return err
	}
	if err := p.config.Validate(); err != nil {
		return err
	}
	p.screen.Bounds = p.trust.bounds()
	if p.screen.Files, err = p.trust.files(); err != nil {
		return err
	}
	if err := p.checkPast(); err != nil {
		return err
	}
	if err := p.checkOpen(); err != nil {
		return fmt.Errorf("--open: %w", err)
	}
	if err := p.goTo(); err != nil {
		return err
	}
	if err := p.checkLooks(); err != nil || p.plain {
		return err
	}
	return tui.Usable()
}

// checkLooks checks how fast and in which colours all is seen.
func (p *playground) checkLooks() error {
	if err := p.checkSpeed(); err != nil {
		return err
	}
	return canvas.CheckTheme(p.screen.Theme)
}

// checkPast reads how much of a simulated past is kept.
func (p *playground) checkPast() error {
	bytes, err := parseBytes("past", p.past)
	if err == nil && (bytes < sim.LeastPast || bytes > math.MaxInt) {
		err = fmt.Errorf("--past %s: must be at least %d MiB", p.past, sim.LeastPast>>20)
	}
	p.keep = sim.KeepPast(int(bytes))
	return err
}

func (p *playground) checkSpeed() error {
	switch {
	case !(p.speed >= netsim.MinSpeed && p.speed <= netsim.MaxSpeed):
		return fmt.Errorf("--speed %v: must be %v to %v, with --sim to %v", p.speed, netsim.MinSpeed, netsim.MaxLiveSpeed, netsim.MaxSpeed)
	case p.speed > netsim.MaxLiveSpeed && !p.sim:
		return fmt.Errorf("--speed %v: must be %v to %v without --sim", p.speed, netsim.MinSpeed, netsim.MaxLiveSpeed)
	}
	return nil
}

// checkOpen reads what is to be opened: a simulated world, as search writes it, or a script.
func (p *playground) checkOpen() (err error) {
	name := p.screen.Open
	if name == "" {
		return nil
	}
	if !script.IsWorld(name) {
		s, err := script.Find(name)
		if err != nil {
			return err
		}
		return s.CheckRunnable(script.Runner{Screen: true, Files: p.screen.Files != nil, Bounds: p.screen.Bounds})
	}
	p.screen.Open, p.sim = "", true
	p.screen.Story = script.Story(name)
	ctx, stop := untilSignalled(context.Background())
	defer stop()
	if term.IsTerminal(os.Stderr.Fd()) {
		slow := time.AfterFunc(time.Second, func() { fmt.Fprintf(os.Stderr, "opening %s: ctrl-c ends that\n", script.Quote(name)) })
		defer slow.Stop()
	}
	p.world, err = openWorld(ctx, name, p.trust.worlds(), p.keep)
	return err
}

// goTo goes to the step at which the world that is opened is to begin.
func (p *playground) goTo() error {
	switch {
	case p.at < 0:
		return nil
	case p.world == nil:
		return fmt.Errorf("--at %d: %s is no saved world, and has no steps", p.at, p.screen.Open)
	}
	if err := p.world.Rewind(p.at); err != nil {
		return fmt.Errorf("--at: %w", err)
	}
	return nil
}

// checkShape refuses flags that what is opened would override.
func (p *playground) checkShape(flags *pflag.FlagSet) error {
	switch {
	case flags.Changed("at") && (p.at < 0 || !flags.Changed("open")):
		return fmt.Errorf("--at %d: must be the number of a step of a saved world that --open opens", p.at)
	case !flags.Changed("open"):
		return nil
	}
	for _, name := range []string{"servers", "clients", "ping-interval", "latency", "dead-pings", "seed", "without"} {
		if flags.Changed(name) {
			return fmt.Errorf("--%s: what --open opens has its own (--speed makes all of it slower)", name)
		}
	}
	return nil
}

// cluster makes a cluster of the kind that the flags ask for.
func (p *playground) cluster(config engine.Config) (engine.Engine, error) {
	c, err := p.engine(config)
	if err == nil && p.speed != 1 {
		_, err = c.Apply(engine.Command{Kind: engine.SetSpeed, Speed: p.speed})
	}
	return c, err
}

func (p *playground) engine(config engine.Config) (engine.Engine, error) {
	switch world := p.world; {
	case world != nil:
		p.world = nil // the clusters to come are fresh ones
		return world, nil
	case p.sim:
		return sim.New(config, p.keep)
	}
	return cluster.New(config)
}

// openWorld reads a simulated world from its file.
func (p *playground) openWorld(ctx context.Context, file string) (engine.Engine, error) {
	w, err := openWorld(ctx, file, p.trust.worlds(), p.keep)
	if err != nil {
		return nil, err
	}
	return w, nil
}

// show runs the screen.
func (p *playground) show(ctx context.Context) error {
	p.screen.New = p.cluster
	return tui.Run(ctx, p.screen)
}

// tell runs without a screen.
func (p *playground) tell(out io.Writer) error {
	ctx, stop := untilSignalled(context.Background())
	defer stop()
	p.screen.New = p.cluster
	err := tui.Plain(ctx, p.screen, os.Stdin, tui.Interactive(), out)
	if bad := (*tui.BadCommandError)(nil); errors.As(err, &bad) {
		return &exit{code: 2, err: err}
	}
	if errors.Is(err, tui.ErrUnsound) {
		return errBroken
	}
	return err
}

// logTo sends the log to a file, or nowhere. The standard logger, which net/rpc writes to, goes the same way. The first line says
// which program this is, and finds out whether the file can be written: a logger keeps to itself that it can't.
func logTo(file string) (closeLog func(), err error) {
	if file == "" {
		slog.SetDefault(slog.New(slog.DiscardHandler))
		return func() {}, nil
	}
	f, err := os.OpenFile(file, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, fmt.Errorf("--log: %w", err)
	}
	log := slog.NewTextHandler(f, nil)
	if !guard.Child() {
		if err := log.Handle(context.Background(), slog.NewRecord(time.Now(), slog.LevelInfo, version(), 0)); err != nil {
			_ = f.Close()
			return nil, fmt.Errorf("--log: %w", err)
		}
	}
	slog.SetDefault(slog.New(log))
	return func() { f.Close() }, nil
}
