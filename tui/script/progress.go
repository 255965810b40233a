package script

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"cluster/splitbrain/netsim/env"
	"cluster/splitbrain/tui/wholefile"
)

// Progress is which lessons somebody has played to the end, and how well, kept in a file. Safe for concurrent use.
type Progress struct {
	file string // "" keeps it as long as the program runs

	mu   sync.Mutex // guards what follows
	done map[string]Done
	bad  error // why it could not be kept
}

// Done is how well a lesson was played, at best.
type Done struct {
	Right int `json:"right"` // predictions
	Of    int `json:"of"`    // questions
}

// ProgressFile is where progress is kept; "" where there is no home.
func ProgressFile(getenv func(string) string) string {
	dir := env.StateDir(getenv)
	if dir == "" {
		return ""
	}
	return filepath.Join(dir, "lessons.json")
}

// OpenProgress reads what was kept in a file, which may not be there yet. What can't be understood counts as nothing.
func OpenProgress(file string) *Progress {
	p := &Progress{file: file, done: map[string]Done{}}
	p.read()
	return p
}

// mostProgress bounds the file, in bytes.
const mostProgress = 1 << 20

// read takes in what the file has.
func (p *Progress) read() {
	f, err := os.Open(p.file)
	if err != nil {
		return
	}
	defer f.Close()
	var kept map[string]Done
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() || json.NewDecoder(io.LimitReader(f, mostProgress)).Decode(&kept) != nil {
		return
	}
	for name, d := range kept {
		p.take(name, d)
	}
}

// take keeps the better one of what was known and d.
func (p *Progress) take(name string, d Done) {
	if was, ok := p.done[name]; !ok || d.Of != was.Of || d.Right > was.Right {
		p.done[name] = d
	}
}

// Of is how well a lesson was played, if it was.
func (p *Progress) Of(lesson string) (Done, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	d, ok := p.done[lesson]
	return d, ok
}

// Note takes in that a lesson has come to its end, and keeps that. Other scripts are not noted.
func (p *Progress) Note(s PlayerState) {
	if _, ours := embedded(s.Script.Name); !ours || !s.Over {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.read() // another program may have written it
	p.take(s.Script.Name, Done{s.Score().Right, s.Script.Questions()})
	p.bad = p.write()
}

// write keeps all in the file.
func (p *Progress) write() error {
	if p.file == "" {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(p.file), 0o700); err != nil {
		return err
	}
	return wholefile.Write(p.file, func(w io.Writer) error {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		return e.Encode(p.done)
	})
}

// Unkept says in a line why progress is not kept; "" if it is.
func (p *Progress) Unkept() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bad == nil {
		return ""
	}
	why := p.bad
	if bad, ok := errors.AsType[*fs.PathError](p.bad); ok {
		why = bad.Err
	}
	return printable(fmt.Sprintf("Which lessons were played is not kept in %s: %v.", filepath.Dir(p.file), why))
}
