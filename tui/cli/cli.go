package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"

	"cluster/splitbrain/netsim/engine/lex"
	"cluster/splitbrain/pbservice/process"
	"cluster/splitbrain/tui/terminal/locale"

	"github.com/charmbracelet/x/term"
	"github.com/spf13/cobra"
)

// Main carries a command line out and returns the exit code. What can't be done is one line on stderr.
func Main(args []string, stdout, stderr io.Writer) int {
	if !locale.UTF8(os.Getenv) {
		stderr = locale.Writer(stderr)
	}
	out := &output{Writer: stdout}
	root := Root()
	root.SetArgs(args)
	root.SetOut(out)
	root.SetErr(stderr)
	err := out.outcome(root.Execute())
	if words := untold(err); words != "" {
		fmt.Fprintln(stderr, "splitbrain:", words)
	}
	return exitCode(err)
}

// output is where a command tells what it has to tell, and remembers what went wrong with that first: not all who write there
// ask. Safe for concurrent use.
type output struct {
	io.Writer
	mu  sync.Mutex // guards err
	err error
}

func (o *output) Write(b []byte) (int, error) {
	n, err := o.Writer.Write(b)
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.err == nil {
		o.err = err
	}
	return n, err
}

// Unwrap is the writer to which it writes.
func (o *output) Unwrap() io.Writer { return o.Writer }

// outcome is what a command came to: what it has told counts for nothing if it could not be written.
func (o *output) outcome(err error) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.err != nil && untold(err) == "" {
		return o.err
	}
	return err
}

// isTerminal reports whether somebody reads what is written to out, the output of a command.
func isTerminal(out io.Writer) bool { return terminalOf(out) != nil }

// terminalOf is the terminal to which the output of a command is written; nil if it is none.
func terminalOf(out io.Writer) *os.File {
	for {
		over, ok := out.(interface{ Unwrap() io.Writer })
		if !ok {
			break
		}
		out = over.Unwrap()
	}
	if f, ok := out.(*os.File); ok && term.IsTerminal(f.Fd()) {
		return f
	}
	return nil
}

// Root is the command line, as completions and manual pages are made of it too: the playground, and a subcommand for all else.
func Root() *cobra.Command {
	root := newPlayground()
	root.AddCommand(newRun(), newLessons(), newSearch(), newJudge(), newConfig())
	root.AddCommand(processCommands()...)
	root.AddCommand(newVersion())
	prepare(root)
	return root
}

// exit is an error with the code to end with. Its err is nil if all has been told.
type exit struct {
	code int
	err  error
}

func (e *exit) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit code %d", e.code)
	}
	return e.err.Error()
}

func (e *exit) Unwrap() error { return e.err }

// errBroken says that an expectation failed or a promise was broken, or that a search has not found its goal. It has been
// told.
var errBroken = &exit{code: 1}

// exitCode is what the program ends with after err: 0 without one, 1 after errBroken or if there was no such key, 3 if
// nobody answered in time, 128 and the signal's number if one ended it before it was done, 2 otherwise.
func exitCode(err error) int {
	switch {
	case err == nil:
		return 0
	case errors.Is(err, process.ErrNoKey):
		return 1
	case errors.Is(err, process.ErrUnreachable):
		return 3
	}
	if e, ok := errors.AsType[*exit](err); ok {
		return e.code
	}
	if interrupted, ok := errors.AsType[*interrupted](err); ok {
		return interrupted.code()
	}
	return 2
}

// untold is the line that an error has yet to be told in, whatever is in the names of files; "" if there is none.
func untold(err error) string {
	if e, ok := errors.AsType[*exit](err); ok {
		err = e.err
	}
	if err == nil {
		return ""
	}
	return lex.Safe(strings.Join(strings.Fields(err.Error()), " "))
}
