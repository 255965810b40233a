package tui

import (
	"context"
	"errors"
	"io"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/tui/script"
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
