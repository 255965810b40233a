package headless

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/tui/export"
	"cluster/splitbrain/tui/record"
	"cluster/splitbrain/tui/script"
)

// Screen draws a cluster as the playground would show it.
type Screen interface {
	Ran(line string, r script.Result, err error) // a command has ended
	Press(key string) error
	Frame() string // looks at the cluster
}

// Film is how the screen is recorded.
type Film struct {
	Cast    string // a file for an asciicast; "" for none
	Picture string // a file for an SVG of the last frame; "" for none
	Width   int    // in cells
	Height  int
	Theme   record.Theme
	Keys    []string // that are typed before it begins
	Screen  ScreenMaker
}

// ScreenMaker makes a screen for one cluster.
type ScreenMaker func(ctx context.Context, eng engine.Engine, width, height int, theme record.Theme) (Screen, error)

func (f Film) wanted() bool { return f.Cast != "" || f.Picture != "" }

// Validate says what is wrong with it.
func (f Film) Validate() error {
	switch {
	case !f.wanted():
		return nil
	case f.Screen == nil:
		return errors.New("there is no screen to record")
	case f.Width < 20 || f.Width > 400 || f.Height < 5 || f.Height > 200:
		return fmt.Errorf("a screen of %dx%d: 20x5 to 400x200 can be recorded", f.Width, f.Height)
	}
	return nil
}

// camera records one cluster after another, in their own time. Safe for concurrent use.
type camera struct {
	Film
	mu     sync.Mutex   // guards what follows
	file   *record.File // nil if only a picture is wanted
	frames *record.Frames
	screen Screen
	before time.Duration // length of what was recorded before this cluster, and of pauses
	last   time.Duration // in the time of this cluster
	shown  string
}

const (
	betweenFrames   = 100 * time.Millisecond
	betweenClusters = 2 * time.Second
)

// newCamera returns nil if nothing is to be recorded.
func newCamera(f Film, names []string) (*camera, error) {
	if err := f.Validate(); err != nil || !f.wanted() {
		return nil, err
	}
	if err := export.Writable(f.Picture); f.Picture != "" && err != nil {
		return nil, fmt.Errorf("--picture: %w", err)
	}
	c := &camera{Film: f}
	if f.Cast == "" {
		return c, nil
	}
	file, err := record.Create(f.Cast, record.Header{Width: f.Width, Height: f.Height, Title: strings.Join(names, " ")})
	if err != nil {
		return nil, fmt.Errorf("--cast: %w", err)
	}
	c.file, c.frames = file, record.NewFrames(file.Writer)
	return c, nil
}

// begin turns to a cluster. The camera may be nil, here and below.
func (c *camera) begin(ctx context.Context, eng engine.Engine) error {
	if c == nil {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.screen != nil {
		c.before, c.last = c.before+c.last+betweenClusters, 0
	}
	screen, err := c.Film.Screen(ctx, eng, c.Width, c.Height, c.Theme)
	if err != nil {
		return err
	}
	c.screen = screen
	for _, key := range c.Keys {
		if err := screen.Press(key); err != nil {
			return fmt.Errorf("--keys: %w", err)
		}
	}
	return c.shoot()
}

// see records a frame at a time of the cluster, unless the one before is hardly older.
func (c *camera) see(at time.Duration) error {
	if c == nil {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if at < c.last+betweenFrames {
		return nil
	}
	c.last = at
	return c.shoot()
}

// ran records what a command came to at a time of the cluster, and gives people time to read it.
func (c *camera) ran(at time.Duration, line string, r script.Result, err error) error {
	if c == nil {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last = max(c.last, at)
	c.screen.Ran(line, r, err)
	if err := c.shoot(); err != nil {
		return err
	}
	text := r.Text
	if err != nil {
		text = err.Error()
	}
	c.before += 400*time.Millisecond + time.Duration(len(text))*25*time.Millisecond
	return nil
}

func (c *camera) shoot() error {
	c.shown = c.screen.Frame()
	if c.frames == nil {
		return nil
	}
	return c.frames.Show(c.before+c.last, c.shown)
}

// close writes what was recorded, if anything was.
func (c *camera) close() error {
	if c == nil {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	var err error
	switch {
	case c.file != nil && c.shown == "":
		c.file.Discard()
	case c.file != nil:
		err = c.file.Close()
	}
	if c.Picture == "" || c.shown == "" {
		return err
	}
	return errors.Join(err, export.Replace(c.Picture, func(w io.Writer) error {
		return record.SVG(w, c.shown, c.Width, c.Height, c.Theme)
	}))
}
