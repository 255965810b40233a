package script

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/tui/export"
)

// entry is a line that was carried out.
type entry struct {
	at, end time.Duration // in the cluster's time; end is negative while it runs
	line    string
	text    string // what it came to
	long    bool   // a put, get or append, which may take for ever
}

// maxJournal is how many lines are remembered at least: the newest. Of more the oldest are forgotten, many at a time.
const maxJournal = 100_000

// remember adds an entry to the journal. The caller holds mu.
func (s *Session) remember(e *entry) {
	if old := len(s.journal) - maxJournal; old > maxJournal/4 {
		s.journal = slices.Delete(s.journal, 0, old)
		s.forgot += old
	}
	s.journal = append(s.journal, e)
}

// begin notes that a line begins. note is to be called with what it came to.
func (s *Session) begin(inv Invocation) (note func(r Result, err error)) {
	if inv.Command.unsaved || s.Engine == nil {
		return func(Result, error) {}
	}
	now := s.Engine.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	e := &entry{at: now, end: -1, line: inv.String(), long: inv.Command.detached && !inv.Args.Detached}
	s.remember(e)
	return func(r Result, err error) {
		now := s.Engine.Now()
		s.mu.Lock()
		defer s.mu.Unlock()
		e.end, e.text = now, r.Text
		if _, unknown := errors.AsType[*pbservice.UnknownOutcomeError](err); err != nil && !unknown {
			e.line = "" // nothing was changed
		}
	}
}

// remark notes what somebody said, as a comment.
func (s *Session) remark(text string) {
	now := s.Engine.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.remember(&entry{at: now, end: now, line: "# " + printable(text)})
}

// unpausable is the shortest pause between two lines that is worth writing.
const unpausable = 10 * time.Millisecond

// saved writes the session so far as a script. An operation that others did not wait for gets its &.
func (s *Session) saved(seen engine.Snapshot) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.forgot > 0 {
		return "", fmt.Errorf("the session has more than %d lines", maxJournal)
	}
	var b savedLines
	b.add(fmt.Sprintf("# A session of %v, saved by splitbrain.", seen.At.Round(time.Millisecond)))
	b.add(ShapeOf(seen.Config))
	for _, r := range seen.Config.Disabled.Rules() {
		b.add(fmt.Sprintf("rule %v off", r))
	}
	last := time.Duration(0)
	for i, e := range s.journal {
		if e.line == "" {
			continue
		}
		b.pause(e.at - last)
		last = max(last, e.at)
		if e.end >= 0 && e.end < e.at { // it went back in time
			last = e.end
		}
		overtaken := i+1 < len(s.journal) && s.journal[i+1].at < e.end || e.end < 0
		if e.long && overtaken {
			b.add(e.line + " &")
			continue
		}
		b.add(e.line)
		last = max(last, e.end)
	}
	if !seen.Paused {
		b.pause(seen.At - last)
	}
	b.add(expectNow(seen))
	return b.text.String(), nil
}

// savedLines are lines of a session that become a script, which has steps: what was done after the end of one begins another.
type savedLines struct {
	text  strings.Builder
	begun bool          // a step was
	over  bool          // then has ended it
	owed  time.Duration // a pause that is yet to be written
}

// pause says how long nothing was done before the next line.
func (b *savedLines) pause(d time.Duration) {
	if d = d.Round(time.Millisecond); d >= unpausable {
		b.owed += d
	}
}

// add writes a line, and the pause before it. A text is shown at once, and the pause follows.
func (b *savedLines) add(line string) {
	verb, rest, _ := strings.Cut(line, " ")
	switch {
	case line == "" && b.owed == 0:
		return
	case verb == "note", verb == "ask":
		b.begun, b.over = true, false
		b.write(line)
		b.wait()
		return
	case verb == "#":
		b.write(line)
		return
	case verb == "then" && b.over && b.owed == 0, verb == "look" && b.owed == 0:
	case verb == "then" && !b.begun:
		b.add("note " + rest)
		return
	case b.over:
		b.over = false
		b.write(`note "What was done after that."`)
	}
	b.wait()
	b.over = b.over || verb == "then"
	b.write(line)
}

func (b *savedLines) wait() {
	if b.owed > 0 {
		b.write(fmt.Sprintf("wait %v", b.owed))
		b.owed = 0
	}
}

func (b *savedLines) write(line string) {
	if line != "" {
		b.text.WriteString(line + "\n")
	}
}

// expectNow is the line that demands the view that is seen.
func expectNow(seen engine.Snapshot) string {
	v := seen.Viewservice.Status.View
	if v.Viewnum == 0 {
		return ""
	}
	line := fmt.Sprintf("expect view %d %s", v.Viewnum, v.Primary)
	if v.Backup == "" {
		line += " none"
	} else {
		line += " " + v.Backup
	}
	if seen.Viewservice.Status.Acked {
		line += " acked"
	}
	return line + " within 5s"
}

func save(ctx context.Context, s *Session, inv Invocation) (Result, error) {
	seen, err := s.look(ctx, engine.Window{})
	if err != nil {
		return Result{}, of(inv, err)
	}
	if world, ok := s.Engine.(engine.Replayer); ok && world.Provenance() != "" {
		return Result{}, of(inv, errors.New(world.Provenance()+", which no script repeats: save world keeps it"))
	}
	text, err := s.saved(seen)
	if err == nil {
		err = s.creator(inv).Write(inv.Args.File, func(w io.Writer) error {
			_, err := io.WriteString(w, text)
			return err
		})
	}
	if err != nil {
		return Result{}, of(inv, err)
	}
	return Result{Text: fmt.Sprintf("saved %d lines to %s", strings.Count(text, "\n"), printable(inv.Args.File))}, nil
}

// NeedsPast reports whether the line works only where the past of the cluster can be returned to.
func (inv Invocation) NeedsPast() bool { return inv.Command.replays }

// exportTo writes what was seen of the cluster, and says from when on if not all is remembered.
func exportTo(ctx context.Context, s *Session, inv Invocation) (Result, error) {
	if err := export.Check(inv.Args.File); err != nil {
		return Result{}, err
	}
	src, err := s.Source(ctx)
	if err != nil {
		return Result{}, of(inv, err)
	}
	if err := export.File(s.creator(inv), inv.Args.File, src); err != nil {
		return Result{}, err
	}
	what := export.What(inv.Args.File)
	text := "exported the " + what + " to " + printable(inv.Args.File)
	if name := strings.ToLower(filepath.Base(inv.Args.File)); filepath.Ext(name) == ".jsonl" && !strings.Contains(name, what) { // perhaps it is for judge
		text += "; a name with history in it gives the history"
	}
	if gone := src.Forgotten(inv.Args.File); gone != "" {
		text += ": " + gone
	}
	return Result{Text: text}, nil
}
