package export

import (
	"context"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/history"
	"cluster/splitbrain/netsim/history/logs"
	"cluster/splitbrain/tui/wholefile"
)

// Source is what there is to export.
type Source struct {
	Bars    []history.Bar       // what clients did, in the order of calls
	Earlier int                 // operations before them that are not kept
	Verdict history.Verdict     // on them
	Events  []netsim.TraceEvent // in the order of the trace
	Since   time.Duration       // nothing but pings before that is missing from Events
	Pings   time.Duration       // no ping is missing from there on
	Changes []Change            // of views, in their order
	Lanes   []string            // nodes from left to right; those that occur and are not named come after them
	Config  engine.Config       // of the cluster
	At      time.Duration       // when that was, in the cluster's time

	Title       string         // of the page; "" for the story's, or none
	Marks       []history.Mark // what else befell the cluster
	Story       *Story         // nil if no script was played
	Done        []Command      // in the order in which they began
	DoneEarlier int            // commands before them that are not kept
	Broken      []string       // promises that were not kept, each a sentence
	Script      string         // what was done as a script; "" if none repeats it
	Picture     string         // the screen: rows with ANSI styles; "" for none
}

// operations are what clients did.
func (s *Source) operations() []history.Operation {
	var all []history.Operation
	for _, b := range s.Bars {
		all = append(all, b.Operation)
	}
	return all
}

// Of takes everything that an engine has kept, as seen in snapshot s. When ctx ends while the history is judged, what is undecided
// remains so.
func Of(ctx context.Context, e engine.Engine, s engine.Snapshot) Source {
	src := Source{Verdict: e.History().Decide(ctx, judging), Lanes: e.Nodes(), Config: s.Config, At: s.At}
	src.Bars = e.History().Since(0, math.MaxInt)
	src.Earlier = src.Verdict.Total - len(src.Bars)
	if t := e.Trace(); t != nil {
		src.Events, src.Since, src.Pings = t.All()
		src.forgetUndone()
	}
	src.Changes = Changes(s, src.Events)
	return src
}

// forgetUndone leaves the events that count: where a world went to another moment, its past was told anew, perhaps not from its
// beginning on.
func (s *Source) forgetUndone() {
	for i, e := range slices.Backward(s.Events) {
		if e.Kind != netsim.TimeRewound {
			continue
		}
		if s.Events, s.Since = s.Events[i+1:], 0; len(s.Events) > 0 {
			s.Since = s.Events[0].At
		}
		return
	}
}

// What says what File writes to path: "page", "history", "trace" or "diagram".
func What(path string) string { return formatOf(path).what }

// Forgotten says what is missing from the file of that path, since the program did not remember all; "" if nothing is.
func (s *Source) Forgotten(path string) string { return s.forgotten(formatOf(path).tells) }

func (s *Source) forgotten(tells contents) string {
	var parts []string
	if tells&ofClients != 0 && s.Earlier > 0 {
		parts = append(parts, fmt.Sprintf("%d earlier operations are forgotten", s.Earlier))
	}
	if tells&ofMessages != 0 && s.Since > 0 {
		parts = append(parts, fmt.Sprintf("what happened before %v is forgotten", s.Since.Round(min(s.Since, time.Millisecond))))
	}
	if tells&ofPings != 0 && s.Pings > s.Since {
		parts = append(parts, fmt.Sprintf("pings before %v are forgotten", s.Pings.Round(time.Millisecond)))
	}
	return strings.Join(parts, ", ")
}

// judging is how long a history is judged for its page.
const judging = 5 * time.Second

// contents are the things that a file tells.
type contents uint8

const (
	ofClients  contents = 1 << iota // what they did
	ofMessages                      // and what befell the network
	ofPings                         // among the messages
)

// format is what is written for file names: for their ending, and for those that name a thing.
type format struct {
	thing  string // the name speaks of it; "" for all names
	ending string
	what   string // is written
	tells  contents
	write  func(io.Writer, Source) error
}

var formats = []format{
	{"history", ".html", "history", ofClients, writeHistory},
	{"", ".html", "page", ofClients | ofMessages, writePage},
	{"history", ".jsonl", "history", ofClients, func(w io.Writer, s Source) error { return logs.WriteJSON(w, s.Bars, s.Earlier) }},
	{"", ".edn", "history", ofClients, func(w io.Writer, s Source) error { return logs.WriteEDN(w, s.Bars, s.Earlier) }},
	{"", ".jsonl", "trace", ofMessages | ofPings, writeTrace},
	{"", ".svg", "diagram", ofMessages, drawn((*diagram).svg)},
	{"", ".mmd", "diagram", ofMessages, drawn(func(d *diagram) string { return d.sequence(&mermaid) })},
	{"", ".puml", "diagram", ofMessages, drawn(func(d *diagram) string { return d.sequence(&plantuml) })},
	{"", ".shiviz", "trace", ofMessages | ofPings, writeShiviz},
	{"", ".txt", "diagram", ofMessages, drawn((*diagram).text)},
}

// Endings names the file names that File knows.
const Endings = "page.html, history.html, history.jsonl, history.edn, trace.jsonl, trace.shiviz, diagram.svg, diagram.mmd, diagram.puml or diagram.txt"

// Check says in one line why File would not write to path, before anything is gathered.
func Check(path string) error {
	if !Known(path) {
		return fmt.Errorf("export %s: the ending says what to write: %s", path, Endings)
	}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return fmt.Errorf("export %s: this is no file that could be written anew", path)
	}
	return nil
}

// Known reports whether the ending of path says what to write.
func Known(path string) bool { return formatOf(path).write != nil }

// formatOf is what is written to path; the zero format if nobody knows.
func formatOf(path string) format {
	name := strings.ToLower(filepath.Base(path))
	for _, f := range formats {
		if filepath.Ext(name) == f.ending && strings.Contains(name, f.thing) {
			return f
		}
	}
	return format{}
}

// File writes to path, which create begins, what its name asks for: .html the page, .jsonl the trace, or both the history if
// the name speaks of one, .edn the history, .shiviz the trace with vector clocks, .svg, .mmd, .puml and .txt the
// diagram.
// The file is there as a whole or, after an error, as it was before.
func File(create wholefile.Creator, path string, s Source) error {
	if err := Check(path); err != nil {
		return err
	}
	return save(create, path, s, formatOf(path).write)
}

// Page writes the page to path, which is there as a whole or, after an error, as it was before.
func Page(path string, s Source) error { return save(wholefile.Create, path, s, writePage) }

func save(create wholefile.Creator, path string, s Source, write func(io.Writer, Source) error) error {
	if err := create.Write(path, func(w io.Writer) error { return write(w, s) }); err != nil {
		return fmt.Errorf("export: %w", err)
	}
	return nil
}

// writeHistory writes a page that shows the operations key by key and how they can or can't have happened.
func writeHistory(w io.Writer, s Source) error {
	var marks []history.Mark
	for _, h := range happenings(&s) {
		if h.sort != violation && !h.birth {
			marks = append(marks, history.Mark{At: h.at, Row: markRows[h.sort], Text: h.text})
		}
	}
	return history.Visualize(w, s.operations(), s.Earlier, marks, judging)
}

var markRows = [...]string{befell: "faults", timeGoes: "time", newView: "views", ruling: "rules"}
