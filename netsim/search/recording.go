package search

import (
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"maps"
	"slices"
	"strings"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/sim"
	"cluster/splitbrain/netsim/world"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/viewservice"
	"cluster/splitbrain/viewservice/rules"
)

// firstKey is the only key on which clients operate in an exhaustive search, unless a workload has others: linearizability holds
// if it holds for each key. In walks they operate on up to maxKeys.
const (
	firstKey = "k"
	maxKeys  = 3
)

// From says where a search without a Recording begins.
type From string

// Where a search may begin.
const (
	Start  From = "start"  // view 0: nobody has pinged
	Steady From = "steady" // view 2 is acknowledged, c1 has appended once, all clients know the view
)

// open returns where a search from from begins.
func open(cfg engine.Config, from From) opening {
	o := opening{from: from, recording: func() *Recording { return record(cfg, from) }}
	if from == Start {
		o.world = world.NewUntimed(cfg)
		return o
	}
	w := world.NewStable(withoutOff(cfg))
	for _, e := range firstOps(cfg) {
		w.MustApply(e)
		for len(w.Transit()) > 0 {
			w.MustApply(world.Action{Kind: world.Deliver, Msg: w.Transit()[0].ID})
		}
	}
	for _, e := range switched(cfg.Disabled) {
		w.MustApply(e)
	}
	o.world, o.ops = w, 1
	return o
}

// firstOps returns the operations that clients have done before a search from Steady: an append by c1, so that there
// is something to lose, and a get by each other client, which learns the view by it.
func firstOps(cfg engine.Config) (all []world.Action) {
	for i := range cfg.Clients {
		op := pbservice.Op{Kind: pbservice.Get, Key: firstKey}
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

// switched are the commands that switch rules off.
func switched(off rules.Disabled) (all []world.Action) {
	for _, r := range off.Rules() {
		all = append(all, commanded(engine.Command{Kind: engine.SetRule, Rule: r}))
	}
	return all
}

func commanded(c engine.Command) world.Action {
	e, err := world.Do(c)
	if err != nil {
		panic(err)
	}
	return e
}

// Recording is a timed world with all that was done to it since its beginning. Not safe for concurrent use.
type Recording struct {
	world   *world.World // after the last step
	past    sim.Past
	clients clientsPast
}

func newRecording(cfg engine.Config) *Recording {
	return &Recording{world: world.NewWorld(cfg), past: sim.Past{Config: cfg}, clients: clientsPast{}}
}

// record returns a recording that ends in the timed world that is like that of open.
func record(cfg engine.Config, from From) *Recording {
	if from == Start {
		return newRecording(cfg)
	}
	rec := newRecording(withoutOff(cfg))
	rec.runUntil(func() bool { return stable(rec.world) })
	for _, e := range firstOps(cfg) {
		rec.apply(e)
		rec.runUntil(func() bool { return !rec.world.Running(e.Node) })
	}
	for _, e := range switched(cfg.Disabled) {
		rec.apply(e)
	}
	return rec
}

// stable reports whether w is in the view in which it would stay, all servers know that, and s1 serves.
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

// runUntil lets time pass until until returns true and no message is under way.
func (rec *Recording) runUntil(until func() bool) {
	const most = 100_000
	for range most {
		if until() && len(rec.world.Transit()) == 0 {
			return
		}
		rec.step()
	}
	panic(fmt.Sprintf("search: no steady world with %+v", rec.past.Config))
}

// step lets happen what happens next by itself.
func (rec *Recording) step() {
	rec.watched(func() { rec.world.Step() })
	rec.past.Steps++
}

// watched does something to the world and notes what clients begin and are told by it.
func (rec *Recording) watched(do func()) {
	rec.world.SetObserver(rec.clients.observer())
	do()
	rec.world.SetObserver(nil)
}

// apply applies a command a little later than what happened before.
func (rec *Recording) apply(e world.Action) {
	advanceClock(rec.world)
	rec.applyNow(e)
}

// applyNow applies a command at the present time of the world.
func (rec *Recording) applyNow(e world.Action) {
	rec.watched(func() { rec.world.MustApply(e) })
	rec.past.Steps++
	rec.past.Commands = append(rec.past.Commands, sim.Entry{Step: rec.past.Steps, At: rec.world.Now(), Action: e})
}

// hash tells recordings from each other from which searches could ever differ.
func (rec *Recording) hash() uint64 {
	h := fnv.New64a()
	fmt.Fprintln(h, rec.world.Hash())
	for _, key := range slices.Sorted(maps.Keys(rec.clients)) {
		k := rec.clients[key]
		fmt.Fprintf(h, "%q %#v %d %#v %q\n", key, *k.judge, k.running, k.givenUp, k.wrong)
	}
	return h.Sum64()
}

func (rec *Recording) clone() *Recording {
	c := *rec
	c.world, c.past.Commands, c.clients = rec.world.Clone(), slices.Clone(rec.past.Commands), rec.clients.clone()
	return &c
}

// Write writes a saved world, as sim.Open reads it, that ends with the violation. The story comes first, in lines that
// sim.Open ignores. Write fails if the find is not confirmed.
func (f *Find) Write(w io.Writer) error {
	var story strings.Builder
	f.Tell(&story)
	lines := append(strings.Split(strings.TrimRight(story.String(), "\n"), "\n"), f.Conclusion()...)
	if f.By != "" {
		lines = append(lines, "found by "+f.By)
	}
	return f.write(w, lines)
}

// write is Write with these lines on top.
func (f *Find) write(w io.Writer, lines []string) error {
	if !f.Confirmed {
		return errors.New("the find can't be told from the beginning of a world")
	}
	rec := f.recording.clone()
	for _, e := range f.Events {
		rec.apply(e)
	}
	return rec.past.Write(w, rec.world, lines)
}
