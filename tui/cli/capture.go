package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/tui"
	"cluster/splitbrain/tui/record"
	"cluster/splitbrain/tui/script"
	"cluster/splitbrain/tui/wholefile"

	"github.com/spf13/pflag"
)

// screen draws a cluster as the playground would show it.
type screen interface {
	Ran(line string, r script.Result, err error) // a command has ended
	Press(key string) error
	Follow(state func() script.PlayerState)
	Frame() string // looks at the cluster
}

// capture is how the screen is recorded.
type capture struct {
	Cast    string // a file for an asciicast; "" for none
	Picture string // a file for an SVG of the last frame; "" for none
	Page    string // a file for the page; "" for none
	Width   int    // in cells
	Height  int
	Theme   record.Theme
	Keys    []string // that are typed before it begins

	newScreen func(ctx context.Context, eng engine.Engine, c capture) (screen, error) // for one cluster
}

func (c capture) wanted() bool { return c.Cast != "" || c.Picture != "" }

func (c capture) validate() error {
	if c.wanted() && (c.Width < 20 || c.Width > 400 || c.Height < 5 || c.Height > 200) {
		return fmt.Errorf("a screen of %dx%d: 20x5 to 400x200 can be recorded", c.Width, c.Height)
	}
	return nil
}

// playgroundScreen is the screen of the playground.
func playgroundScreen(ctx context.Context, eng engine.Engine, c capture) (screen, error) {
	return tui.NewCapture(ctx, eng, tui.Options{Theme: string(c.Theme), Width: c.Width, Height: c.Height})
}

// captureFlags are how a recording is asked for on the command line.
type captureFlags struct {
	capture
	size string
	keys string
}

func (c *captureFlags) add(f *pflag.FlagSet) {
	f.StringVar(&c.Cast, "cast", "", "record the screen as the playground would show it, to `FILE`, as an asciicast")
	f.StringVar(&c.Picture, "picture", "", "draw the screen at the end to `FILE`, as an SVG")
	f.StringVar(&c.Page, "page", "", "keep what was told, done and seen in `FILE`, an HTML page to take home")
	f.StringVar(&c.size, "size", "100x30", "of the screen that is recorded, in cells")
	f.StringVar((*string)(&c.Theme), "theme", string(record.Dark), "of the screen that is recorded: dark or light")
	f.StringVar(&c.keys, "keys", "", "typed on that screen before it begins, with blanks between them")
}

// read understands the flags that are words.
func (c *captureFlags) read() (capture, error) {
	if _, err := fmt.Sscanf(c.size+"\n", "%dx%d\n", &c.Width, &c.Height); err != nil {
		return capture{}, fmt.Errorf("--size %q is not a size like 100x30", c.size)
	}
	if c.Theme != record.Dark && c.Theme != record.Light {
		return capture{}, fmt.Errorf("--theme %q: must be dark or light", c.Theme)
	}
	c.Keys, c.newScreen = strings.Fields(c.keys), playgroundScreen
	return c.capture, c.validate()
}

// recorder records one cluster after another, in their own time. Safe for concurrent use. A nil recorder records nothing.
type recorder struct {
	capture
	mu     sync.Mutex   // guards what follows
	file   *record.File // nil if only a picture is wanted
	frames *record.Frames
	screen screen
	length time.Duration // of what was recorded
	last   time.Duration // when that was, in the time of this cluster
	state  func() script.PlayerState
	shown  string
}

const (
	betweenFrames   = 100 * time.Millisecond
	betweenClusters = 2 * time.Second
)

// newRecorder returns nil if nothing is to be recorded.
func newRecorder(c capture, names []string) (*recorder, error) {
	if err := c.validate(); err != nil || !c.wanted() {
		return nil, err
	}
	if err := wholefile.Check(c.Picture); c.Picture != "" && err != nil {
		return nil, fmt.Errorf("--picture: %w", err)
	}
	r := &recorder{capture: c, state: func() script.PlayerState { return script.PlayerState{} }}
	if c.Cast == "" {
		return r, nil
	}
	file, err := record.Create(c.Cast, record.Header{Width: c.Width, Height: c.Height, Title: strings.Join(names, " ")})
	if err != nil {
		return nil, fmt.Errorf("--cast: %w", err)
	}
	r.file, r.frames = file, record.NewFrames(file.Writer)
	return r, nil
}

// begin turns to a cluster.
func (r *recorder) begin(ctx context.Context, eng engine.Engine) error {
	if r == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.screen != nil {
		r.length, r.last = r.length+betweenClusters, 0
	}
	screen, err := r.newScreen(ctx, eng, r.capture)
	if err != nil {
		return err
	}
	r.screen = screen
	if r.state().Steps > 0 {
		screen.Follow(r.state)
	}
	for _, key := range r.Keys {
		if err := screen.Press(key); err != nil {
			return fmt.Errorf("--keys: %w", err)
		}
	}
	return r.frame()
}

// follow shows the texts of the script that begins next, if it has some.
func (r *recorder) follow(p *script.Player) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.state = p.State
}

// pass lets the recording be as much longer as it takes to see what happened up to a time of the cluster.
func (r *recorder) pass(at time.Duration) {
	took := max(at-r.last, 0)
	if pace := r.state().Pace; pace > 0 {
		took = time.Duration(float64(took) / pace)
	}
	r.length, r.last = r.length+took, max(r.last, at)
}

// see records a frame at a time of the cluster, unless the one before is hardly older.
func (r *recorder) see(at time.Duration) error {
	if r == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	pace := r.state().Pace
	if pace == 0 {
		pace = 1
	}
	if float64(at-r.last) < float64(betweenFrames)*pace {
		return nil
	}
	r.pass(at)
	return r.frame()
}

// ran records what a command came to at a time of the cluster, and gives people time to read it.
func (r *recorder) ran(at time.Duration, line string, result script.Result, err error) error {
	if r == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.pass(at)
	r.screen.Ran(line, result, err)
	text := result.Text
	if err != nil {
		text = err.Error()
	}
	return r.hold(text)
}

// shows records what a script tells now.
func (r *recorder) shows() error {
	if r == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.state()
	step := now.Shown()
	switch {
	case step == nil:
		return r.frame()
	case now.Played:
		return r.hold(step.After())
	}
	return r.hold(step.Text)
}

// hold records a frame that stays until a text in it was read.
func (r *recorder) hold(text string) error {
	if err := r.frame(); err != nil {
		return err
	}
	r.length += 400*time.Millisecond + time.Duration(len(text))*25*time.Millisecond
	return nil
}

func (r *recorder) frame() error {
	r.shown = r.screen.Frame()
	if r.frames == nil {
		return nil
	}
	return r.frames.Show(r.length, r.shown)
}

// close writes what was recorded, if anything was.
func (r *recorder) close() error {
	if r == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	var err error
	switch {
	case r.file != nil && r.shown == "":
		r.file.Discard()
	case r.file != nil:
		err = r.file.Close()
	}
	if r.Picture == "" || r.shown == "" {
		return err
	}
	return errors.Join(err, wholefile.Write(r.Picture, func(w io.Writer) error {
		return record.SVG(w, r.shown, r.Width, r.Height, r.Theme)
	}))
}
