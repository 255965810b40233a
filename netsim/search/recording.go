package search

import (
	"cmp"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/sim"
	"cluster/splitbrain/netsim/world"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/viewservice"
	"cluster/splitbrain/viewservice/rules"
)

// firstKey is the only key on which clients operate in an exhaustive search, unless a workload or a recording has others:
// linearizability holds if it holds for each key. In walks they operate on up to maxKeys.
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
	world    *world.World // after the last step
	past     sim.Past
	clients  clientsPast
	dataLost bool         // the data are lost by design
	before   *world.World // where it was read, before its last step; nil elsewhere
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

// runFor lets some time pass, and calls each after every step.
func (rec *Recording) runFor(d time.Duration, each func()) {
	until := rec.world.Now() + d
	for {
		if _, at, timed := rec.world.Next(); !timed || at > until {
			return
		}
		rec.step()
		each()
	}
}

// step lets happen what happens next by itself.
func (rec *Recording) step() {
	rec.dataLost = lossBy(rec.world, world.Action{}, rec.dataLost, func() { rec.watched(func() { rec.world.Step() }) })
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
	rec.dataLost = lossBy(rec.world, e, rec.dataLost, func() { rec.watched(func() { rec.world.MustApply(e) }) })
	rec.past.Steps++
	rec.past.Commands = append(rec.past.Commands, sim.Entry{Step: rec.past.Steps, At: rec.world.Now(), Action: e})
}

// hash tells recordings from each other from which searches could ever differ.
func (rec *Recording) hash() uint64 {
	h := fnv.New64a()
	fmt.Fprintln(h, rec.world.Hash())
	for _, key := range slices.Sorted(maps.Keys(rec.clients)) {
		k := rec.clients[key]
		fmt.Fprintf(h, "%q %#v %d %#v %q %v\n", key, *k.judge, k.running, k.givenUp, k.wrong, k.wrote)
	}
	return h.Sum64()
}

// keys are those that clients used last, at most maxKeys, the newest first. Of long keys a search would keep many copies.
func (rec *Recording) keys() (all []string) {
	for _, c := range slices.Backward(rec.past.Commands) {
		if a := c.Action; a.Kind == world.Invoke && len(a.Op.Key) <= maxWritten && !slices.Contains(all, a.Op.Key) {
			if all = append(all, a.Op.Key); len(all) == maxKeys {
				break
			}
		}
	}
	return all
}

func (rec *Recording) clone() *Recording {
	c := *rec
	c.world, c.past.Commands, c.clients = rec.world.Clone(), slices.Clone(rec.past.Commands), rec.clients.clone()
	c.before = nil
	return &c
}

// Breaks says how the promise of that name is broken where the recording ends, after its name; "" if it isn't, if there is no such promise, or if
// the world is too large for a search. That what clients were told is not linearizable it leaves to history.
func (rec *Recording) Breaks(promise string) string {
	asked, ok := PropertyNamed(promise)
	if !ok || rec.Clients() > MaxClients || asked.has(linearizable) {
		return ""
	}
	for keys := range slices.Chunk(slices.Sorted(maps.Keys(rec.clients)), maxKeys) {
		if why := rec.breaks(asked, keys); why != "" || asked != 1<<nothingLost {
			return why
		}
	}
	return rec.breaks(asked, nil)
}

// breaks is Breaks as far as it can be seen of some keys.
func (rec *Recording) breaks(asked Properties, keys []string) string {
	s := &scope{servers: rec.Servers(), clients: rec.Clients(), keys: keys, properties: asked, past: rec.clients, dataLost: rec.dataLost}
	end := s.initialState(rec.world, Budget{})
	before := *end
	if rec.before != nil {
		before.world = rec.before
	}
	return strings.TrimPrefix(cmp.Or(s.violation(&before, end), s.inTheEnd(end)), brokenPrefix)
}

// Write writes a saved world, as sim.Open reads it, that ends with the violation, or, where somebody waits for ever, with a
// future in which nothing goes wrong. The story comes first, in lines that sim.Open ignores. Write fails if the find is not
// confirmed.
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
	rec, _ := f.played()
	return rec.past.Write(w, rec.world, lines)
}

// played is the recording of the find, and what its story tells of the future, if that belongs to it: of one that goes as time
// does, or else, where somebody would be lucky in that, of the one in which the search has seen that nobody gets on.
func (f *Find) played() (rec *Recording, future []string) {
	rec = f.recording.clone()
	for _, e := range f.Events {
		rec.apply(e)
	}
	if !f.stall {
		return rec, nil
	}
	for _, future := range []func(rec *Recording, each func()){
		func(rec *Recording, each func()) { rec.runFor(fairRounds*rec.past.Config.PingInterval, each) },
		func(rec *Recording, each func()) {
			for range fairRounds {
				f.fairRound(rec.world, func(e world.Action) { rec.apply(e); each() })
			}
		},
	} {
		healed := rec.clone()
		lines := f.heal(healed)
		lines = append(lines, formed(healed, future)...)
		if still := f.still(healed.world); still != "" {
			return healed, append(lines, fmt.Sprintf("%3d  %d intervals later %s", healed.past.Steps, fairRounds, still))
		}
	}
	return rec, []string{"     from here on nothing goes wrong any more, which the world does not show"}
}

// formed goes on with a recording as goOn does, and returns a line of the story for each view that the viewservice forms meanwhile.
func formed(rec *Recording, goOn func(rec *Recording, each func())) (lines []string) {
	const most = 6
	last := viewOf(rec.world).Viewnum
	goOn(rec, func() {
		now := viewOf(rec.world)
		if now.Viewnum <= last {
			return
		}
		last = now.Viewnum
		changes := rec.world.ViewCore().Clone().Status(rec.world.ViewserviceTime()).Changes
		if i := slices.IndexFunc(changes, func(c viewservice.Change) bool { return c.View == now }); i >= 0 {
			lines = append(lines, fmt.Sprintf("%3d  vs "+formsView+"%s: %s", rec.past.Steps, now, reasons(changes[i])))
		}
	})
	if more := len(lines) - most; more > 0 {
		lines = append(lines[:most], fmt.Sprintf("%sand so on, %d views more", effectIndent, more))
	}
	return lines
}

// heal lets nothing go wrong any more in rec. It returns the lines of the story about that.
func (f *Find) heal(rec *Recording) []string {
	rec.apply(commanded(engine.Command{Kind: engine.HealAll}))
	lines := []string{fmt.Sprintf("%3d  from here on nothing goes wrong any more: all is healed", rec.past.Steps)}
	for i := range f.servers {
		if n := world.Server(i + 1); rec.world.State(n) == netsim.Crashed {
			e := world.Action{Kind: world.Restart, Node: n}
			lines = append(lines, fmt.Sprintf("%3d  %s", rec.past.Steps+1, rec.world.Tell(e)))
			rec.apply(e)
		}
	}
	return lines
}
