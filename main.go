// Command splitbrain is a replicated key/value service to break by hand: a viewservice, servers and clients that talk
// over net/rpc on a network that can fail, alive in a terminal.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime/debug"
	"strings"

	"cluster/splitbrain/netsim/cluster"
	"cluster/splitbrain/netsim/daemon"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/tui"
	"cluster/splitbrain/tui/background"
	"cluster/splitbrain/tui/guard"

	"github.com/spf13/cobra"
)

// exit is an error with the code to end with. Its text, if any, has yet to be told.
type exit struct {
	code int
	err  error
}

func (e *exit) Error() string { return e.err.Error() }
func (e *exit) Unwrap() error { return e.err }

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, stdout, stderr io.Writer) int {
	root := newRoot()
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.Execute()
	if err == nil {
		return 0
	}
	code := daemon.ExitCode(err)
	if e := (*exit)(nil); errors.As(err, &e) {
		code, err = e.code, e.err
	}
	if err != nil {
		fmt.Fprintln(stderr, "splitbrain:", strings.Join(strings.Fields(err.Error()), " "))
	}
	return code
}

// newRoot is the command line. Each further program is one more AddCommand.
func newRoot() *cobra.Command {
	p := playground{config: engine.Defaults, screen: tui.Options{Theme: "auto"}}
	root := &cobra.Command{
		Use:   "splitbrain",
		Short: "A primary/backup key/value cluster to break by hand, in your terminal",
		Long: "splitbrain runs a viewservice, key/value servers and clients that talk over net/rpc, inside this process.\n" +
			"Kill, freeze and cut them off, and watch the view change.",
		Example:       "  splitbrain\n  splitbrain --servers 5 --ping-interval 500ms",
		Args:          cobra.NoArgs,
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE:          func(*cobra.Command, []string) error { return p.run() },
	}
	root.DisableSuggestions = true
	p.flags(root)
	root.AddCommand(daemon.Commands()...)
	root.AddCommand(newVersion())
	return root
}

// playground is the program without a subcommand.
type playground struct {
	config engine.Config
	screen tui.Options
	log    string
}

func (p *playground) flags(c *cobra.Command) {
	f := c.Flags()
	f.SortFlags = false
	f.IntVar(&p.config.Servers, "servers", p.config.Servers, fmt.Sprintf("key/value servers, 1 to %d", engine.MaxServers))
	f.IntVar(&p.config.Clients, "clients", p.config.Clients, fmt.Sprintf("clients, 1 to %d", engine.MaxClients))
	f.DurationVar(&p.config.PingInterval, "ping-interval", p.config.PingInterval, "time between a server's pings")
	f.IntVar(&p.config.DeadPings, "dead-pings", p.config.DeadPings, "intervals of silence after which a server counts as dead")
	f.Uint64Var(&p.config.Seed, "seed", p.config.Seed, "of all that is random")
	f.StringVar(&p.screen.Theme, "theme", p.screen.Theme, "auto, light, dark or mono")
	f.BoolVar(&p.screen.ASCII, "ascii", false, "draw with ASCII characters only")
	f.BoolVar(&p.screen.NoMouse, "no-mouse", false, "leave the mouse to the terminal")
	f.StringVar(&p.log, "log", "", "append a log to `FILE`")
}

// run checks everything before the screen is touched.
func (p *playground) run() error {
	if err := p.config.Validate(); err != nil {
		return err
	}
	if err := tui.CheckTheme(p.screen.Theme); err != nil {
		return err
	}
	if err := tui.Usable(); err != nil {
		return err
	}
	closeLog, err := logTo(p.log)
	if err != nil {
		return err
	}
	defer closeLog()
	p.screen.ASCII = p.screen.ASCII || !tui.UTF8(os.Getenv)
	p.screen.Plain = os.Getenv("NO_COLOR") != ""
	p.screen.Dark = background.Dark(os.Getenv("COLORFGBG"))
	if code := guard.Run(slog.Default(), p.show); code != 0 {
		return &exit{code: code}
	}
	return nil
}

// show runs the cluster and its screen.
func (p *playground) show(ctx context.Context) error {
	c, err := cluster.New(p.config)
	if err != nil {
		return err
	}
	defer c.Close()
	return tui.Run(ctx, c, p.screen)
}

// logTo sends the log to a file, or nowhere. The standard logger, which net/rpc writes to, goes the same way.
func logTo(file string) (closeLog func(), err error) {
	if file == "" {
		slog.SetDefault(slog.New(slog.DiscardHandler))
		return func() {}, nil
	}
	f, err := os.OpenFile(file, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, fmt.Errorf("--log: %w", err)
	}
	slog.SetDefault(slog.New(slog.NewTextHandler(f, nil)))
	return func() { f.Close() }, nil
}

func newVersion() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  cobra.NoArgs,
		Run:   func(c *cobra.Command, _ []string) { fmt.Fprintln(c.OutOrStdout(), version()) },
	}
}

// version is the module's, or the revision that was built.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "splitbrain (unknown build)"
	}
	text := "splitbrain " + info.Main.Version
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && info.Main.Version == "(devel)" {
			text += " " + s.Value
		}
	}
	return text + " " + info.GoVersion
}
