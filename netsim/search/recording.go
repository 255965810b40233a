package search

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/world"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/viewservice"
	"cluster/splitbrain/viewservice/rules"
)

// key is the one on which the search's clients operate.
const key = "k"

// From says where a search begins that is given no Recording.
type From string

// The beginnings.
const (
	Start  From = "start"  // view 0: nobody has pinged
	Steady From = "steady" // view 2 is acknowledged, c1 has appended once, all clients know the view
)

// opening returns the untimed world in which a search begins, and how many operations each client has begun.
func opening(cfg engine.Config, from From) (w *world.World, ops int) {
	if from == Start {
		return world.NewUntimed(cfg), 0
	}
	w = world.NewStable(withoutOff(cfg))
	for _, e := range firstOps(cfg) {
		must(w.Apply(e))
		for len(w.Transit()) > 0 {
			must(w.Apply(world.Action{Kind: world.Deliver, Msg: w.Transit()[0].ID}))
		}
	}
	must(w.Apply(switched(cfg.Disabled)))
	return w, 1
}

// firstOps are those that a steady world has behind it: one append, and gets by all other clients, which so learn the
// view.
func firstOps(cfg engine.Config) (all []world.Action) {
	for i := range cfg.Clients {
		op := pbservice.Op{Kind: pbservice.Get, Key: key}
		if i == 0 {
			op.Kind, op.Value = pbservice.Append, token(0, 1)
		}
		all = append(all, world.Action{Kind: world.Invoke, Node: world.Client(i + 1), Details: &world.Details{Op: op}})
	}
	return all
}

func withoutOff(cfg engine.Config) engine.Config {
	cfg.Disabled = 0
	return cfg
}

func switched(off rules.Disabled) world.Action {
	return world.Action{Kind: world.SetDisabled, Details: &world.Details{Disabled: off}}
}

// Recording is a timed world with all that was done to it: what sim.Open reads.
type Recording struct {
	world *world.World
	cfg   engine.Config
	steps int // that have happened, by themselves or not
	lines []string
}

// record returns a tape at the same state as opening, but that it is a moment of a timed world.
func record(cfg engine.Config, from From) *Recording {
	if from == Start {
		return &Recording{world: world.NewWorld(cfg), cfg: cfg}
	}
	rec := &Recording{world: world.NewWorld(withoutOff(cfg)), cfg: withoutOff(cfg)}
	rec.runUntil(func() bool { return stable(rec.world) })
	for _, e := range firstOps(cfg) {
		rec.apply(e)
		rec.runUntil(func() bool { return !rec.world.Running(e.Node) })
	}
	if cfg.Disabled != 0 {
		rec.apply(switched(cfg.Disabled))
	}
	return rec
}

// settled reports whether the world is in the view in which it would stay, and all servers know that.
func stable(w *world.World) bool {
	want := viewservice.View{Viewnum: 1, Primary: "s1"}
	if w.Config().Servers > 1 {
		want = viewservice.View{Viewnum: 2, Primary: "s1", Backup: "s2"}
	}
	v, acked := w.ViewCore().Current()
	if v != want || !acked {
		return false
	}
	for i := range w.Config().Servers {
		if core := w.ServerCore(world.Server(i + 1)); core.Entered() != v.Viewnum {
			return false
		}
	}
	able, _ := w.ServerCore(world.Server(1)).Completes()
	return able
}

// rest lets time pass until something is the case and nothing is under way.
func (rec *Recording) runUntil(until func() bool) {
	const most = 100_000
	for range most {
		if until() && len(rec.world.Transit()) == 0 {
			return
		}
		rec.world.Step()
		rec.steps++
	}
	panic(fmt.Sprintf("search: no steady world with %+v", rec.cfg))
}

// do lets an event happen.
func (rec *Recording) apply(e world.Action) {
	advanceClock(rec.world)
	rec.applyNow(e)
}

func (rec *Recording) applyNow(e world.Action) {
	must(rec.world.Apply(e))
	rec.steps++
	rec.lines = append(rec.lines, fmt.Sprintf("%d %d %s", rec.steps, int64(rec.world.Now()), e))
}

func (rec *Recording) clone() *Recording {
	c := *rec
	c.world, c.lines = rec.world.Clone(), slices.Clone(rec.lines)
	return &c
}

// Write writes the find as sim.Open reads it: a world with all that led to the broken promise, its story on top. It fails
// if the find was not confirmed.
func (f *Find) Write(w io.Writer) error {
	if !f.Confirmed {
		return errors.New("the find can't be told from the beginning of a world")
	}
	rec := f.recording.clone()
	for _, e := range f.Events {
		rec.apply(e)
	}
	var story strings.Builder
	f.Tell(&story)
	return rec.write(w, append(strings.Split(strings.TrimRight(story.String(), "\n"), "\n"), f.Conclusion()...))
}

// write writes the tape as sim.Open reads it, with a story for those who read the file.
func (rec *Recording) write(w io.Writer, story []string) error {
	c := rec.cfg
	var b strings.Builder
	b.WriteString("splitbrain world 2\n")
	for _, line := range story {
		fmt.Fprintf(&b, "# %s\n", line)
	}
	fmt.Fprintf(&b, "config servers=%d clients=%d ping=%v dead=%d seed=%d off=%s\nbranch main - 0\n",
		c.Servers, c.Clients, c.PingInterval, c.DeadPings, c.Seed, strings.ReplaceAll(c.Disabled.String(), " ", ""))
	for _, line := range rec.lines {
		b.WriteString(line + "\n")
	}
	fmt.Fprintf(&b, "end %d %d %016x\nat main %d\n", rec.steps, int64(rec.world.Now()), rec.world.Hash(), rec.steps)
	_, err := io.WriteString(w, b.String())
	return err
}
