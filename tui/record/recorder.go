package record

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"cluster/splitbrain/tui/wholefile"

	"github.com/charmbracelet/x/ansi"
)

// Recorder records what is drawn on a screen while it is told to. What goes wrong with a recording never reaches who
// draws: Stop tells it. Safe for concurrent use.
type Recorder struct {
	now func() time.Time // but for tests, time.Now

	mu            sync.Mutex // guards what follows
	width, height int        // of the screen
	file          *File      // nil while nothing is recorded
	began         time.Time
	drawn         bool // something since then
}

// NewRecorder is one that records nothing yet.
func NewRecorder() *Recorder { return &Recorder{now: time.Now} }

// Start records to path, which create begins, from now on; the file is there after Stop. The recording begins with an empty screen of the size
// that Resize has told, and goes on with the next frame that is drawn whole: have that done soon.
func (r *Recorder) Start(create wholefile.Creator, path string, h Header) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	h.Width, h.Height = r.width, r.height
	if r.file != nil {
		return fmt.Errorf("%s is being recorded", r.file.path)
	}
	file, err := begin(create, path, h)
	if err != nil {
		return err
	}
	r.file, r.began, r.drawn = file, r.now(), false
	_ = file.Output(0, []byte(blank))
	return nil
}

// blank is an empty screen without a cursor.
const blank = ansi.HideCursor + ansi.ResetStyle + ansi.EraseEntireScreen + ansi.CursorHomePosition

// Stop ends the recording and returns its path.
func (r *Recorder) Stop() (path string, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.file == nil {
		return "", errors.New("nothing is being recorded")
	}
	file := r.file
	r.file = nil
	return file.path, file.Close()
}

// Recording is the path of the recording under way; "" if there is none.
func (r *Recorder) Recording() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.file == nil {
		return ""
	}
	return r.file.path
}

// Resize says which size the screen has now.
func (r *Recorder) Resize(width, height int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.width, r.height = width, height
	if r.file != nil {
		_ = r.file.Resize(r.now().Sub(r.began), width, height)
	}
}

// Drawn says what was written to draw a frame, and whether it is the whole frame or what has changed in it.
func (r *Recorder) Drawn(text string, whole bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.file != nil && (r.drawn || whole) {
		r.drawn = true
		_ = r.file.Output(r.now().Sub(r.began), []byte(text))
		_ = r.file.Flush() // whoever kills the program does not announce it
	}
}

// Close ends a recording under way.
func (r *Recorder) Close() error {
	if r.Recording() == "" {
		return nil
	}
	_, err := r.Stop()
	return err
}
