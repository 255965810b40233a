package export

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/history"
	"cluster/splitbrain/tui/wholefile"
)

// Source is what there is to export.
type Source struct {
	Operations []history.Operation // in the order of calls
	Earlier    int                 // operations before them that are not kept
	Events     []netsim.TraceEvent // in the order of the trace
	Changes    []Change            // of views, in their order
	Lanes      []string            // nodes from left to right; those that occur and are not named come after them
}

// Of takes everything that an engine has kept, as seen in snapshot s.
func Of(e engine.Engine, s engine.Snapshot) Source {
	ops := e.History().Operations()
	src := Source{
		Operations: ops, Earlier: e.History().Verdict().Total - len(ops), Changes: Changes(s),
		Lanes: e.Nodes(),
	}
	if t := e.Trace(); t != nil {
		src.Events, _ = t.Since(0)
	}
	return src
}

// judging is how long a history is judged for its page.
const judging = 5 * time.Second

// formats are the endings of file names, and what is written for them.
var formats = []struct {
	ending string
	write  func(io.Writer, Source) error
}{
	{".html", writeHistory},
	{".jsonl", writeTrace},
	{".svg", drawn((*diagram).svg)},
	{".mmd", drawn((*diagram).mermaid)},
	{".txt", drawn((*diagram).text)},
}

// Endings names the file names that File knows.
const Endings = "history.html, trace.jsonl, diagram.svg, diagram.mmd or diagram.txt"

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
func Known(path string) bool { return writer(path) != nil }

func writer(path string) func(io.Writer, Source) error {
	for _, f := range formats {
		if strings.EqualFold(filepath.Ext(path), f.ending) {
			return f.write
		}
	}
	return nil
}

// File writes to path, which create begins, what its ending asks for: .html the history, .jsonl the trace, .svg, .mmd and .txt the diagram.
// The file is there as a whole or, after an error, as it was before.
func File(create wholefile.Creator, path string, s Source) error {
	if err := Check(path); err != nil {
		return err
	}
	write := writer(path)
	if err := create.Write(path, func(w io.Writer) error { return write(w, s) }); err != nil {
		return fmt.Errorf("export: %w", err)
	}
	return nil
}

// writeHistory writes a page that shows the operations key by key and how they can or can't have happened.
func writeHistory(w io.Writer, s Source) error {
	return history.Visualize(w, s.Operations, s.Earlier, judging)
}
