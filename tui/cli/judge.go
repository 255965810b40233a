package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/engine/lex"
	"cluster/splitbrain/netsim/history"
	"cluster/splitbrain/netsim/history/logs"
	"cluster/splitbrain/tui/export"
	"cluster/splitbrain/tui/wholefile"

	"github.com/spf13/cobra"
)

// judgeUse is one use of the command.
type judgeUse struct {
	html    string
	json    bool
	timeout time.Duration
}

// newJudge is `splitbrain judge`. It returns errBroken when the history is not linearizable, which it has told then.
func newJudge() *cobra.Command {
	var o judgeUse
	c := &cobra.Command{
		Use:   "judge FILE",
		Short: "judge whether a history is linearizable",
		Long: "judge reads what clients asked and were told, and says whether an order of the operations explains it, and if\n" +
			"none does, which operations are to blame. A FILE is what export history.jsonl or history.edn has written, or a\n" +
			"history of Jepsen or Maelstrom in EDN, with read, write, append and cas; - is standard input.\n" +
			"Exit codes: 0 linearizable, 1 not linearizable, 2 bad file, 3 not decided in time, 130 interrupted before the end.",
		Example: "  splitbrain judge history.jsonl\n  splitbrain judge --html page.html store/latest/history.edn",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return errors.New("judge what? One FILE is to be named")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			if err := o.check(); err != nil {
				return err
			}
			ctx, stop := untilSignalled(c.Context())
			defer stop()
			return o.run(ctx, c.InOrStdin(), c.OutOrStdout(), args[0])
		},
	}
	f := c.Flags()
	f.SortFlags = false
	f.StringVar(&o.html, "html", "", "draw the history with its verdict to `FILE`, an HTML page")
	f.BoolVar(&o.json, "json", false, "print a JSON object")
	f.DurationVar(&o.timeout, "timeout", 30*time.Second, "how long it may take to judge")
	return c
}

func (o *judgeUse) check() error {
	switch {
	case o.timeout <= 0:
		return fmt.Errorf("--timeout %v: must be more than 0", o.timeout)
	case o.html == "":
		return nil
	case !strings.EqualFold(filepath.Ext(o.html), ".html"):
		return fmt.Errorf("--html %q: must end in .html", o.html)
	}
	if err := wholefile.Check(o.html); err != nil {
		return fmt.Errorf("--html: %w", err)
	}
	return nil
}

func (o *judgeUse) run(ctx context.Context, in io.Reader, out io.Writer, file string) error {
	j, err := judgedFile(ctx, in, file, o.timeout)
	if err != nil {
		return err
	}
	if o.html != "" {
		if err := export.Page(o.html, j.source()); err != nil {
			return fmt.Errorf("--html: %w", err)
		}
	}
	tell := j.tell
	if o.json {
		tell = j.tellJSON
	}
	if err := tell(out); err != nil {
		return err
	}
	switch j.verdict.Result {
	case history.Violated:
		return errBroken
	case history.Undecided:
		return &exit{code: 3}
	}
	return nil
}

// judged is a history with the verdict on it.
type judged struct {
	file    string
	log     *logs.Log
	verdict history.Verdict
}

// judgedFile reads a history and judges it, until ctx ends.
func judgedFile(ctx context.Context, in io.Reader, file string, timeout time.Duration) (*judged, error) {
	type outcome struct {
		*judged
		err error
	}
	done := make(chan outcome, 1)
	go func() { // ends when it is judged, which nobody waits for after the end of ctx
		log, err := readLog(in, file)
		if err != nil {
			done <- outcome{nil, err}
			return
		}
		done <- outcome{&judged{file, log, log.Decide(ctx, timeout)}, nil}
	}()
	select {
	case o := <-done:
		return o.judged, o.err
	case <-ctx.Done():
		return nil, fmt.Errorf("%s was not judged to the end: %w", file, context.Cause(ctx))
	}
}

func readLog(in io.Reader, file string) (*logs.Log, error) {
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		if info, err := f.Stat(); err == nil && info.IsDir() {
			return nil, fmt.Errorf("%s is a directory", file)
		}
		in = f
	}
	log, err := logs.Read(in)
	if bad, ok := errors.AsType[*logs.Error](err); ok {
		between := ":"
		if bad.Line == 0 {
			between = ": "
		}
		return nil, errors.New(file + between + bad.Error())
	}
	return log, err
}

// bars are the operations.
func (j *judged) bars() []history.Bar { return j.verdict.Bars(j.log.Ops) }

// source is what the page tells.
func (j *judged) source() export.Source {
	s := export.Source{Title: filepath.Base(j.file), Bars: j.bars(), Verdict: j.verdict, Marks: j.log.Marks, Earlier: j.log.Earlier}
	for _, o := range j.log.Ops {
		s.At = max(s.At, o.Call, o.Return)
	}
	return s
}

// counts are what there is in the history.
type counts struct{ ops, clients, keys, unknown int }

func (j *judged) counts() counts {
	clients, keys := map[string]bool{}, map[string]bool{}
	n := counts{ops: len(j.log.Ops)}
	for _, o := range j.log.Ops {
		clients[o.Client], keys[o.Key] = true, true
		if !o.Known {
			n.unknown++
		}
	}
	n.clients, n.keys = len(clients), len(keys)
	return n
}

func (j *judged) tell(out io.Writer) error {
	n := j.counts()
	text := fmt.Sprintf("%s: %s of %s on %s", lex.Safe(j.file),
		engine.Plural(n.ops, "operation"), engine.Plural(n.clients, "client"), engine.Plural(n.keys, "key"))
	if n.unknown > 0 {
		text += fmt.Sprintf(", %d of unknown outcome", n.unknown)
	}
	if n := j.log.Earlier; n > 0 {
		text += "; " + engine.Plural(n, "earlier one") + " missing"
	}
	if !j.log.Timed {
		text += "; without times, so that each event counts as a millisecond"
	}
	text += "\n" + j.verdict.String()
	if b := j.verdict.Blame; b != nil {
		text += ": " + b.Text
	}
	text += "\n"
	blamed := j.blamed()
	for _, b := range blamed[:min(len(blamed), export.MostBlamed)] {
		text += fmt.Sprintf("  line %-6d %s\n", b.Line, lex.Safe(b.Text))
	}
	if n := len(blamed) - export.MostBlamed; n > 0 {
		text += fmt.Sprintf("  and %d more, which --json names\n", n)
	}
	_, err := io.WriteString(out, text)
	return err
}

// blamed is one of the operations to blame, the one that can't be explained first.
type blamed struct {
	Line int    `json:"line"` // of its call
	Text string `json:"text"`
}

func (j *judged) blamed() []blamed {
	all := []blamed{} // in JSON that is a list, too
	for _, b := range j.bars() {
		if !b.Blamed {
			continue
		}
		one := blamed{j.log.Lines[b.ID], b.Operation.String()}
		if j.verdict.Blame.IsCulprit(&b) {
			all = slices.Insert(all, 0, one)
			continue
		}
		all = append(all, one)
	}
	return all
}

func (j *judged) tellJSON(out io.Writer) error {
	n := j.counts()
	told := struct {
		File       string   `json:"file"`
		Verdict    string   `json:"verdict"`
		Key        *string  `json:"key"`
		Operations int      `json:"operations"`
		Clients    int      `json:"clients"`
		Keys       int      `json:"keys"`
		Unknown    int      `json:"unknown"`
		Why        string   `json:"why"`
		Blamed     []blamed `json:"blamed"`
	}{j.file, j.verdict.Result.String(), nil, n.ops, n.clients, n.keys, n.unknown, "", j.blamed()}
	if j.verdict.Result != history.Linearizable {
		told.Key = &j.verdict.Key
	}
	if b := j.verdict.Blame; b != nil {
		told.Why = b.Text
	}
	return json.NewEncoder(out).Encode(told)
}
