package tui

import (
	"context"
	"errors"
	"os"

	"cluster/splitbrain/netsim/cast"
	_ "cluster/splitbrain/tui/background" // before Bubble Tea can ask

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
	opts.Width, opts.Height, _ = term.GetSize(os.Stdout.Fd())
	opts.Screen = cast.NewTee(os.Stdout)
	defer opts.Screen.Close()
	opts.Out = opts.Screen
	eng, err := opts.New(opts.Config)
	if err != nil {
		return err
	}
	m, err := New(ctx, eng, opts)
	if err != nil {
		eng.Close()
		return err
	}
	defer m.stage.end()
	return m.show(ctx)
}

func (m *Model) show(ctx context.Context) error {
	with := []tea.ProgramOption{
		tea.WithOutput(m.opts.Out), tea.WithAltScreen(), tea.WithFPS(framesPerSecond), tea.WithoutCatchPanics(), tea.WithoutSignalHandler(),
	}
	if m.mouse {
		with = append(with, tea.WithMouseCellMotion())
	}
	p := tea.NewProgram(m, with...)
	go func() { // ends with ctx
		<-ctx.Done()
		p.Quit()
	}()
	_, err := p.Run()
	return err
}
