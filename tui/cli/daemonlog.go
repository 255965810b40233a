package cli

import (
	"fmt"
	"io"
	"log/slog"
	"strings"

	"github.com/spf13/cobra"
)

// logFlags are how the log of a daemon is asked for.
type logFlags struct {
	level string
	json  bool
}

var logLevels = []string{"debug", "info", "warn", "error"}

func (l *logFlags) add(c *cobra.Command) {
	c.Flags().StringVar(&l.level, "log-level", "info", "what is told on stderr: "+strings.Join(logLevels, ", "))
	c.Flags().BoolVar(&l.json, "log-json", false, "tell it as JSON objects, one per line")
	offers(c, "log-level", oneOf(logLevels...))
}

// open returns the log, on out. The standard logger, which net/rpc tells of odd peers, goes the same way, as debug.
func (l *logFlags) open(out io.Writer) (*slog.Logger, error) {
	var o slog.HandlerOptions
	var level slog.Level
	if err := level.UnmarshalText([]byte(l.level)); err != nil {
		return nil, fmt.Errorf("--log-level %q: must be one of %s", l.level, strings.Join(logLevels, ", "))
	}
	o.Level = level
	var handler slog.Handler = slog.NewTextHandler(out, &o)
	if l.json {
		handler = slog.NewJSONHandler(out, &o)
	}
	log := slog.New(handler)
	slog.SetDefault(log)
	slog.SetLogLoggerLevel(slog.LevelDebug)
	return log, nil
}
