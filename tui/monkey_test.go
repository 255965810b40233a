package tui

import (
	"context"
	"io"
	"math/rand/v2"
	"os"
	"runtime"
	"strconv"
	"testing"
	"time"

	"cluster/splitbrain/netsim/cluster"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/sim"

	tea "github.com/charmbracelet/bubbletea"
	"go.uber.org/goleak"
)

// Monkeys press, click and resize at random, on a cluster under load: nothing panics, no frame is wrong, no goroutine
// stays, and memory does not grow. SPLITBRAIN_SOAK is another number of steps than 2,000.

func TestMonkey(t *testing.T) {
	letLoose(t, func(c engine.Config) (engine.Engine, error) { return cluster.New(c) })
}

func TestMonkeySimulated(t *testing.T) {
	letLoose(t, func(c engine.Config) (engine.Engine, error) { return sim.New(c) })
}

func letLoose(t *testing.T, clusters func(engine.Config) (engine.Engine, error)) {
	steps := 2000
	if n, err := strconv.Atoi(os.Getenv("SPLITBRAIN_SOAK")); err == nil {
		steps = n
	}
	before := goleak.IgnoreCurrent()
	t.Chdir(t.TempDir()) // commands may write files
	t.Setenv("TMPDIR", ".")
	seed := rand.Uint64()
	t.Logf("seed %d, %d steps", seed, steps)
	k := &monkey{t: t, clusters: clusters, rand: rand.New(rand.NewPCG(seed, 0))}
	heap := k.play(steps / 4)
	k.play(steps - steps/4)
	if now := k.play(0); now > 2*heap+64<<20 {
		t.Errorf("%d bytes in use, %d after the first quarter", now, heap)
	}
	goleak.VerifyNone(t, before)
}

// A command that exchanges clusters may end later than the program: its cluster is closed all the same.
func TestNoClusterAfterTheEnd(t *testing.T) {
	before := goleak.IgnoreCurrent()
	eng, err := cluster.New(engine.Defaults)
	if err != nil {
		t.Fatal(err)
	}
	h := newHost(t.Context(), eng, Options{New: func(c engine.Config) (engine.Engine, error) { return cluster.New(c) }})
	h.end()
	if _, err := h.begin(engine.Defaults); err != nil {
		t.Fatal(err)
	}
	goleak.VerifyNone(t, before)
}

type monkey struct {
	t        *testing.T
	rand     *rand.Rand
	clusters func(engine.Config) (engine.Engine, error)
}

// play takes steps, on as many clusters as are quit, and returns how much memory is in use then.
func (k *monkey) play(steps int) (heap uint64) {
	for done := 0; ; {
		n, used := k.visit(steps - done)
		done += n
		if done >= steps {
			return used
		}
	}
}

// visit plays until the program ends.
func (k *monkey) visit(steps int) (done int, heap uint64) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	opts := Options{
		Theme: "dark", Width: 80, Height: 24, Out: io.Discard, Getenv: func(string) string { return "xterm" },
		New: k.clusters,
	}
	eng, err := opts.New(engine.Defaults)
	if err != nil {
		k.t.Fatal(err)
	}
	m, err := New(ctx, eng, opts)
	if err != nil {
		k.t.Fatal(err)
	}
	defer m.host.end()
	looked := make(chan struct{}, 1)
	p := tea.NewProgram(&watched{m, k.t, looked}, tea.WithInput(nil), tea.WithOutput(io.Discard), tea.WithoutSignalHandler(), tea.WithoutCatchPanics())
	ended := make(chan struct{})
	go func() { // ends with the program
		defer close(ended)
		_, _ = p.Run()
	}()
	defer func() { p.Quit(); <-ended; cancel() }()
	for _, r := range ":load c1 c2 rate=100\r" {
		p.Send(keyMsg(map[bool]string{true: "enter", false: string(r)}[r == '\r']))
	}
	for ; done < steps; done++ {
		select {
		case <-ended:
			return done, 0
		default:
			p.Send(k.something())
		}
	}
	for range cap(looked) + 1 { // the first may be an old one
		select {
		case <-looked:
		case <-ended:
		case <-time.After(20 * time.Second):
			k.t.Fatal("the cluster is not looked at any more")
		}
	}
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return done, stats.HeapAlloc
}

// something is what a monkey does next.
func (k *monkey) something() tea.Msg {
	switch k.rand.IntN(12) {
	case 0:
		return tea.WindowSizeMsg{Width: k.rand.IntN(240), Height: k.rand.IntN(70)}
	case 1, 2:
		buttons := []tea.MouseButton{tea.MouseButtonLeft, tea.MouseButtonWheelUp, tea.MouseButtonWheelDown}
		return tea.MouseMsg{X: k.rand.IntN(240), Y: k.rand.IntN(70), Action: tea.MouseActionPress, Button: buttons[k.rand.IntN(3)]}
	case 3:
		lines := []string{"put a 1\n", "kill s1\nrestart s1\n", "nonsense\n", "heal\n", "reset\n", "open first-view\n", "\x1b[2J\n", "speed 5\n", "resume\n"}
		return paste(lines[k.rand.IntN(len(lines))])
	case 4:
		return keyMsg([]string{"enter", "esc", "tab", "up", "down", "left", "right", "pgdown", "end", "home", "backspace", "ctrl+p"}[k.rand.IntN(12)])
	}
	r := rune(' ' + k.rand.IntN('~'-' '))
	if r == 'q' {
		r = ':'
	}
	return keyMsg(string(r))
}

// watched is a model whose frames are looked at.
type watched struct {
	*Model
	t      *testing.T
	looked chan struct{} // filled when the cluster was looked at
}

func (w *watched) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	_, cmd := w.Model.Update(msg)
	if _, ok := msg.(pollResult); ok {
		select {
		case w.looked <- struct{}{}:
		default:
		}
	}
	return w, cmd
}

func (w *watched) View() string {
	frame := w.Model.View()
	if err := wrongFrame(frame, w.w, w.h, Options{}); err != "" {
		w.t.Errorf("%d×%d: %s", w.w, w.h, err)
	}
	return frame
}
