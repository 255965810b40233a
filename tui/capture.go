package tui

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/tui/canvas"
	"cluster/splitbrain/tui/script"

	"github.com/charmbracelet/x/ansi"
)

// Capture shows a cluster as the screen would, for recordings and pictures: no terminal is needed, and nothing happens
// but what its owner does. Not safe for concurrent use.
type Capture struct {
	m       *Model
	ctx     context.Context
	playing func() script.PlayerState // nil while no script with texts is
}

// NewCapture returns a capture whose pictures are opts.Width × opts.Height. Whoever made eng closes it.
func NewCapture(ctx context.Context, eng engine.Engine, opts Options) (*Capture, error) {
	opts.Out, opts.New, opts.Recorder = io.Discard, nil, nil
	opts.Getenv = func(string) string { return "" }
	m, err := New(ctx, eng, opts)
	if err != nil {
		return nil, err
	}
	m.commands.text = ""
	return &Capture{m: m, ctx: ctx}, nil
}

// Ran tells what a command line has come to.
func (c *Capture) Ran(line string, result script.Result, err error) {
	_ = c.m.tell(ran{task: read(line), at: c.m.now.At, result: result, err: err})
	c.m.stale = true
}

// Follow shows the texts of the script that is played from now on, as state has them.
func (c *Capture) Follow(state func() script.PlayerState) { c.playing = state }

// Press types a key, by the name that the table of keys gives it. Its action must be one of the screen's own: what it
// would do to the cluster is not done.
func (c *Capture) Press(key string) error {
	at := c.m.place()
	a := c.m.actionOf(key, at)
	if a == nil {
		return errors.New("no such key: " + key)
	}
	_ = c.m.grant(a.Do(at))
	c.m.relayout()
	c.m.stale = true
	return nil
}

// Pictures returns a function that draws a cluster, and the script that is played on it, for the pages that are exported:
// as the screen would, but without its text, and without what is there for keys. It is safe for concurrent use.
func Pictures(eng engine.Engine) func(ctx context.Context, playing *script.PlayerState) string {
	var mu sync.Mutex // guards c
	var c *Capture    // once it is needed
	return func(ctx context.Context, playing *script.PlayerState) string {
		mu.Lock()
		defer mu.Unlock()
		if c == nil {
			var err error
			if c, err = NewCapture(context.Background(), eng, Options{Theme: string(canvas.Light), Width: pageWidth, Height: pageHeight}); err != nil {
				return ""
			}
			c.m.still = true
		}
		c.ctx, c.playing = ctx, nil
		if playing.Script != nil {
			c.playing = func() script.PlayerState { return *playing }
		}
		return ofNote(c.Frame())
	}
}

// The size of a picture in a page, in cells; below it are those rows that are there for keys.
const (
	pageWidth, pageHeight = 80, 26
	keyRows               = 2
)

// ofNote is a frame without the rows for keys, and with one empty row where several are.
func ofNote(frame string) string {
	rows := strings.Split(frame, "\n")
	rows = rows[:max(len(rows)-keyRows, 0)]
	blank := func(row string) bool { return strings.TrimSpace(ansi.Strip(row)) == "" }
	var kept []string
	for i, row := range rows {
		if !blank(row) || i > 0 && !blank(rows[i-1]) && i < len(rows)-1 {
			kept = append(kept, row)
		}
	}
	return strings.Join(kept, "\n")
}

// Frame looks at the cluster and returns the picture: lines with ANSI styles.
func (c *Capture) Frame() string {
	seen := c.m.host.poll(c.ctx, c.m.poll.request())
	if c.playing != nil {
		now := c.playing()
		seen.Showing = &now
	}
	c.m.Update(seen)
	return c.m.View()
}
