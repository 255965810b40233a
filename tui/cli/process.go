package cli

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/engine/lex"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/pbservice/process"
	"cluster/splitbrain/viewservice"

	"github.com/spf13/cobra"
)

// processCommands are the subcommands that run servers as processes, or use them. An address with a slash is a unix
// socket's path, else host:port.
func processCommands() []*cobra.Command {
	all := []*cobra.Command{
		viewd(), kvd(),
		operation(pbservice.Get, "get KEY", "print the value of a key: its exact bytes, or on a terminal a safe line"),
		operation(pbservice.Put, "put KEY VALUE", "set a key to a value"),
		operation(pbservice.Append, "append KEY VALUE", "add a value to the end of a key's value"),
		view(), load(),
	}
	for _, c := range all {
		c.RunE = signalled(c.RunE)
	}
	return all
}

// signalled ends a command's context with ctrl-c, SIGTERM or SIGHUP, so that it ends in order.
func signalled(run func(*cobra.Command, []string) error) func(*cobra.Command, []string) error {
	return func(c *cobra.Command, args []string) error {
		ctx, stop := untilSignalled(c.Context())
		defer stop()
		c.SetContext(ctx)
		return run(c, args)
	}
}

func viewd() *cobra.Command {
	var o process.ViewsOptions
	var log logFlags
	c := &cobra.Command{
		Use: "viewd", Short: "run a viewservice process", Args: noWords,
		RunE: func(c *cobra.Command, _ []string) (err error) {
			if o.Log, err = log.open(c.ErrOrStderr()); err != nil {
				return err
			}
			return process.ServeViews(c.Context(), c.OutOrStdout(), o)
		},
	}
	exactly(c) // scripts read the address
	listenFlag(c, &o.Listen)
	f := c.Flags()
	f.BoolVar(&o.Restarted, "restarted", false, "an earlier boot of this viewservice may have formed views: form none (V9)")
	f.BoolVar(&o.New, "new", false, "no server of an earlier boot runs any more: begin a new service")
	f.StringVar(&o.Marker, "marker", "", "file by which its next boot knows of it (default: beside the socket, or among the user's state)")
	c.MarkFlagsMutuallyExclusive("new", "restarted")
	pingFlags(c, &o.Config)
	secretFlag(c, &o.Secret)
	log.add(c)
	return c
}

func kvd() *cobra.Command {
	var o process.ServerOptions
	var log logFlags
	c := &cobra.Command{
		Use: "kvd", Short: "run a key/value server process", Args: noWords,
		RunE: func(c *cobra.Command, _ []string) (err error) {
			if o.Log, err = log.open(c.ErrOrStderr()); err != nil {
				return err
			}
			return process.ServeKeys(c.Context(), c.OutOrStdout(), o)
		},
	}
	exactly(c)
	listenFlag(c, &o.Listen)
	c.Flags().StringVar(&o.Advertise, "advertise", "", "the address under which others reach it (default: the one it listens on)")
	viewsFlag(c, &o.Views)
	pingFlags(c, &o.Config)
	secretFlag(c, &o.Secret)
	log.add(c)
	return c
}

// shown writes values to a terminal, each a line of its own in which nothing does anything.
type shown struct{ terminal io.Writer }

func (s shown) Write(value []byte) (int, error) {
	_, err := fmt.Fprintln(s.terminal, lex.Safe(string(value)))
	return len(value), err
}

func operation(kind pbservice.OpKind, use, short string) *cobra.Command {
	var o process.ClientOptions
	c := &cobra.Command{
		Use: use, Short: short, Args: words(use),
		RunE: func(c *cobra.Command, args []string) error {
			op := pbservice.Op{Kind: kind, Key: args[0]}
			if len(args) > 1 {
				op.Value = args[1]
			}
			out := c.OutOrStdout()
			if isTerminal(out) {
				out = shown{out}
			}
			return process.Do(c.Context(), out, o, op)
		},
	}
	exactly(c)
	clientFlags(c, &o)
	return c
}

// words takes as many arguments as use names.
func words(use string) cobra.PositionalArgs {
	verb, names, _ := strings.Cut(use, " ")
	return func(_ *cobra.Command, args []string) error {
		if len(args) != len(strings.Fields(names)) {
			return fmt.Errorf("%s takes %s, not %s", verb, names, engine.Plural(len(args), "word"))
		}
		return nil
	}
}

func view() *cobra.Command {
	var o process.ClientOptions
	var asJSON, watch bool
	c := &cobra.Command{
		Use: "view", Short: "print the current view, why it is so, and who is heard", Args: noWords,
		RunE: func(c *cobra.Command, _ []string) error {
			if watch {
				return process.Watch(c.Context(), c.OutOrStdout(), o, asJSON)
			}
			return process.View(c.Context(), c.OutOrStdout(), o, asJSON)
		},
	}
	clientFlags(c, &o)
	c.Flags().BoolVar(&watch, "watch", false, "print a line for each change, until ctrl-c")
	jsonFlag(c, &asJSON)
	return c
}

func load() *cobra.Command {
	var o process.LoadOptions
	var asJSON bool
	gets := percent(0)
	c := &cobra.Command{
		Use: "load", Short: "run many clients and report how fast they were answered", Args: noWords,
		RunE: func(c *cobra.Command, _ []string) error {
			o.Gets = int(gets)
			return process.RunLoad(c.Context(), c.OutOrStdout(), o, asJSON)
		},
	}
	clientFlags(c, &o.ClientOptions)
	jsonFlag(c, &asJSON)
	f := c.Flags()
	f.IntVar(&o.Clients, "clients", 16, "clients, each with connections of its own")
	f.DurationVar(&o.Duration, "duration", 5*time.Second, "how long to run")
	f.Var(&gets, "get", "how many of the operations are gets, the rest are puts")
	f.IntVar(&o.Keys, "keys", 1000, "how many keys")
	f.IntVar(&o.ValueSize, "value-size", 100, "bytes of a value")
	f.Float64Var(&o.Rate, "rate", 0, "operations per second of all clients together, 0 for as fast as it goes")
	return c
}

// percent is a flag like 90%.
type percent int

func (p *percent) String() string { return strconv.Itoa(int(*p)) + "%" }
func (p *percent) Type() string   { return "percent" }

func (p *percent) Set(s string) error {
	n, err := strconv.Atoi(strings.TrimSuffix(s, "%"))
	if err != nil || n < 0 || n > 100 {
		return errors.New("must be 0% to 100%")
	}
	*p = percent(n)
	return nil
}

func listenFlag(c *cobra.Command, listen *string) {
	c.Flags().StringVar(listen, "listen", "", "address to listen on: a socket's path with a slash, or host:port")
	required(c, "listen")
}

func viewsFlag(c *cobra.Command, views *string) {
	c.Flags().StringVar(views, "views", "", "address of the viewservice")
	required(c, "views")
}

func required(c *cobra.Command, flag string) {
	if err := c.MarkFlagRequired(flag); err != nil {
		panic(err) // the flag was defined a line before
	}
}

func jsonFlag(c *cobra.Command, asJSON *bool) {
	c.Flags().BoolVar(asJSON, "json", false, "print one JSON object")
}

func clientFlags(c *cobra.Command, o *process.ClientOptions) {
	viewsFlag(c, &o.Views)
	c.Flags().DurationVar(&o.Timeout, "timeout", 5*time.Second, "how long to try one operation")
	pingFlags(c, &o.Config)
	secretFlag(c, &o.Secret)
}

func secretFlag(c *cobra.Command, secret *process.Secret) {
	c.Flags().Var(secret, "secret", "a file that only its user may read: who does not know what it holds is not answered")
}

func pingFlags(c *cobra.Command, o *viewservice.Config) {
	c.Flags().DurationVar(&o.PingInterval, "ping-interval", viewservice.DefaultPingInterval, "the service's interval between pings")
	c.Flags().IntVar(&o.DeadPings, "dead-pings", viewservice.DefaultDeadPings, "intervals of silence after which a server is dead")
}
