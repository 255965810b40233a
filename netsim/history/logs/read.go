package logs

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"cluster/splitbrain/netsim/history"
)

// Limits of what is read.
const (
	MaxBytes = 64 << 20
	MaxOps   = 1_000_000
)

// Log is a history that was read.
type Log struct {
	Ops     []history.Operation // in the order of the file, with the numbers of their events
	Lines   []int               // of the file, in which they are called
	Earlier int                 // operations that are missing from the beginning
	Timed   bool                // it tells times; otherwise each event counts as a millisecond
	Marks   []history.Mark      // what is no client's: faults, as Jepsen's nemesis tells them
}

// Decide judges the history as history.Decide does, if it has a beginning.
func (l *Log) Decide(ctx context.Context, timeout time.Duration) history.Verdict {
	if l.Earlier > 0 {
		return history.Verdict{Result: history.Undecided, Unjudged: true, Total: len(l.Ops)}
	}
	return history.Decide(ctx, l.Ops, timeout)
}

// Error is a mistake in a line.
type Error struct {
	Line int // from 1; 0: it is about the file as a whole
	What string
}

func (e *Error) Error() string {
	if e.Line == 0 {
		return e.What
	}
	return fmt.Sprintf("%d: %s", e.Line, e.What)
}

// Read reads a history of any of the forms that there are. The error is an *Error, or the reader's.
func Read(r io.Reader) (*Log, error) {
	text, err := io.ReadAll(io.LimitReader(r, MaxBytes+1))
	if err != nil {
		return nil, err
	}
	if len(text) > MaxBytes {
		return nil, &Error{What: fmt.Sprintf("more than %d MiB", MaxBytes>>20)}
	}
	if bytes.IndexByte(text, 0) >= 0 {
		return nil, &Error{What: "this is no text"}
	}
	log, err := read(strings.TrimPrefix(string(text), "\ufeff"))
	if err != nil {
		return nil, err
	}
	if len(log.Ops) == 0 {
		return nil, &Error{What: "there is no operation in it"}
	}
	return log, nil
}

func read(text string) (*Log, error) {
	switch start := strings.TrimSpace(text); {
	case strings.HasPrefix(start, `{"`):
		return readJSON(text)
	case start == "" || strings.ContainsRune("{[(;#", rune(start[0])):
		return readEDN(text)
	case strings.Contains(text, jepsenMark):
		return readJepsen(text)
	}
	return nil, &Error{Line: 1, What: "this is no history: neither JSON, nor EDN, nor a log of Jepsen"}
}

// readEDN reads maps, one after another or within a vector.
func readEDN(text string) (*Log, error) {
	s := &scanner{text: text, line: 1}
	b := newBuilder()
	var within []int // the lines of vectors that are open
	for s.skip() {
		switch c := s.text[0]; {
		case strings.HasPrefix(s.text, leftOut):
			if err := s.discard(0); err != nil {
				return nil, err
			}
			continue
		case c == '[' || c == '(': // all of them in one
			within = append(within, s.line)
			s.text = s.text[1:]
			continue
		case (c == ']' || c == ')') && len(within) > 0:
			within = within[:len(within)-1]
			s.text = s.text[1:]
			continue
		}
		line := s.line
		v, err := s.value(0)
		if err != nil {
			return nil, err
		}
		t, ok := v.(table)
		if !ok {
			return nil, &Error{line, "an event of a history is a map, as in {:process 0, :type :invoke, :f :read, :value nil}"}
		}
		if err := b.event(line, t); err != nil {
			return nil, err
		}
	}
	if len(within) > 0 {
		return nil, s.fail("what line %d opens is not closed", within[len(within)-1])
	}
	return b.log()
}

// jepsenMark stands before the events of Jepsen's log.
const jepsenMark = "jepsen.util - "

// readJepsen reads the lines of a log that tell events: process, type, f and value.
func readJepsen(text string) (*Log, error) {
	b := newBuilder()
	for i, line := range strings.Split(text, "\n") {
		_, rest, ok := strings.Cut(line, jepsenMark)
		if !ok {
			continue
		}
		s := &scanner{text: rest, line: i + 1}
		var t table
		for _, key := range []keyword{"process", "type", "f", "value"} {
			if !s.skip() {
				return nil, s.fail("an event has a process, a type, an f and a value")
			}
			v, err := s.value(0)
			if err != nil {
				return nil, err
			}
			t = append(t, pair{key, v})
		}
		if err := b.event(i+1, t); err != nil {
			return nil, err
		}
	}
	return b.log()
}
