package tui

import (
	"context"
	"errors"
	"os"

	"cluster/splitbrain/tui/record"
	"cluster/splitbrain/tui/terminal"
	"cluster/splitbrain/tui/terminal/input"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/term"
)

// framesPerSecond is how often the screen changes at most.
const framesPerSecond = 30

// elsewhere is what does without a screen.
const elsewhere = "the playground needs a screen; splitbrain run FILE|LESSON and splitbrain --plain do without"

// Usable says why the terminal can't be drawn on, in one line.
func Usable() error {
	switch {
	case !term.IsTerminal(os.Stdin.Fd()):
		return errors.New("standard input is not a terminal: " + elsewhere)
	case !term.IsTerminal(os.Stdout.Fd()):
		return errors.New("standard output is not a terminal: " + elsewhere)
	case os.Getenv("TERM") == "dumb":
		return errors.New("TERM=dumb can't place its cursor: " + elsewhere)
	}
	return nil
}

// Interactive reports whether somebody types.
func Interactive() bool { return term.IsTerminal(os.Stdin.Fd()) }

// Run makes a cluster and shows it on the terminal until the person quits or ctx ends. A panic is not caught: who
// called sets the terminal right (package guard).
func Run(ctx context.Context, opts Options) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	opts.Width, opts.Height, _ = terminal.Size(os.Stdout.Fd(), os.Getenv)
	opts.Recorder = record.NewRecorder()
	defer opts.Recorder.Close()
	opts.Recorder.Resize(opts.Width, opts.Height)
	eng, err := opts.New(opts.Config)
	if err != nil {
		return err
	}
	m, err := New(ctx, eng, opts)
	if err != nil {
		eng.Close()
		return err
	}
	defer m.host.end()
	return m.show(ctx)
}

func (m *Model) show(ctx context.Context) error {
	drawn := func(string, bool) {}
	if m.opts.Recorder != nil {
		drawn = m.opts.Recorder.Drawn
	}
	on := &shown{Model: m, ctx: ctx, screen: terminal.New(os.Stdin, m.opts.Out, framesPerSecond, drawn)}
	on.screen.Mouse(m.mouse)
	on.screen.Ask()
	on.program = tea.NewProgram(on, tea.WithInput(input.New(os.Stdin, on.hear)), tea.WithoutRenderer(), tea.WithFilter(on.filter),
		tea.WithoutCatchPanics(), tea.WithoutSignalHandler())
	if err := on.take(); err != nil {
		return err
	}
	defer on.screen.Give()
	go func() { // ends with ctx
		<-ctx.Done()
		on.program.Quit()
	}()
	_, err := on.program.Run()
	return err
}

// shown is a model with the screen that shows it.
type shown struct {
	*Model
	ctx     context.Context // of the program
	screen  *terminal.Screen
	program *tea.Program
}

// What the model asks of the screen, and what it is told then.
type (
	drawAnew     struct{}
	takeMouse    bool
	notSuspended struct{}
)

func (s *shown) take() error {
	return s.screen.Take(func(w, h int) { s.program.Send(tea.WindowSizeMsg{Width: w, Height: h}) })
}

// hear takes what the terminal sends that is no key.
func (s *shown) hear(msg any) {
	switch msg := msg.(type) {
	case input.Answer:
		if learned, ready := s.screen.Hear(string(msg)); ready {
			s.program.Send(learned)
		}
	case input.Gone:
		s.program.Quit()
	default:
		s.program.Send(msg)
	}
}

// filter lets the screen have what is for it, before Bubble Tea acts on it.
func (s *shown) filter(_ tea.Model, msg tea.Msg) tea.Msg {
	switch msg := msg.(type) {
	case drawAnew:
		s.screen.Anew()
		return nil
	case takeMouse:
		s.screen.Mouse(bool(msg))
		return nil
	case tea.SuspendMsg:
		return s.suspend()
	}
	return msg
}

// suspend gives the terminal back until the program is continued. Bubble Tea's own would wait for that where it never
// comes.
func (s *shown) suspend() tea.Msg {
	s.screen.Give()
	stopped := terminal.Suspend(s.ctx)
	if err := s.take(); err != nil {
		return tea.QuitMsg{}
	}
	if !stopped {
		return notSuspended{}
	}
	return nil
}

// Update is the model's.
func (s *shown) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	_, cmd := s.Model.Update(msg)
	return s, cmd
}

// View hands the model's frame to the screen.
func (s *shown) View() string {
	frame := s.Model.View()
	s.screen.Show(frame, s.caret)
	return ""
}
