package search

import (
	"cmp"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"time"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/engine/lex"
	"cluster/splitbrain/netsim/world"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/viewservice/rules"
)

// Options describe a search.
type Options struct {
	Servers int // 1 to MaxServers
	Clients int // 1 to MaxClients
	Without rules.Disabled
	From    From // "": at both; each random walk begins at one of the two
	// Recording, if not nil, ends where the search begins, in place of From, Servers and Clients. The rules in Without
	// are then off beside those that are off at its end. Search does not change the recording.
	Recording *Recording

	Budget Budget
	Rounds bool // try narrower budgets first, which find most damage much sooner
	Puts   bool // clients begin puts beside gets and appends; in a random search they always do
	// FilterClients is how many clients the duplicate filter remembers (S10); 0: so many that none is
	// forgotten, and in a random search one as well.
	FilterClients int

	Fine Fine // reductions that are taken out; a random search has none
	// Random walks are over single events.
	Random  bool
	Seed    uint64 // of a random search: walks of one seed are always the same
	Shard   Shard  // of a random search: the part of the walks to go
	Walks   int64  // of a random search: the highest number of a walk; 0: no limit
	Version string // of the program, which goes on with its own states only
	Command string // how the program was asked, for those who read of the search
	Keep    bool   // Result.State is wanted
	// Save, if not nil, is called every SaveEvery (0: a minute), in the goroutine of Search, with what goes on from there: the
	// process may be killed. The State is good until Save returns.
	Save       func(*State)
	SaveEvery  time.Duration
	Resume     *State        // if not nil, the search goes on there; its other options must be those of before
	Depth      int           // steps, 0 to 1000; 0: no limit. A random search has none
	Time       time.Duration // real time, positive
	Memory     uint64        // bytes of the heap, at least 32 MiB
	Workers    int           // goroutines; 0: as many as there are cores
	Goal       *Goal         // if not nil, looked for in place of violations
	Prune      *Goal         // if not nil, nothing is tried in states that are so
	Workload   Workload      // if not nil, what clients do in place of any operations; Budget.Ops is its length
	Fair       int           // of so many states one is tried for stalls, at least 1; 0: 1,024
	Properties Properties    // what must hold; 0: all, or with a rule off those that clients rely on
}

// Defaults are those of the command line.
var Defaults = Options{
	Servers: engine.Defaults.Servers, Clients: engine.Defaults.Clients,
	Budget: Budget{Ops: 4, Crashes: 2, Losses: 1, Duplicates: 1, Silences: 3, Late: 1, VsCrashes: 1},
	Rounds: true, Seed: 1, Time: 30 * time.Second, Memory: 2 << 30,
}

// WildBudget is the budget of each random walk unless another one is given. A large budget costs nothing there, because
// a walk does not try all ways to spend it. Messages are late in any walk: nothing keeps their order.
var WildBudget = Budget{Ops: 12, Crashes: 6, Losses: 12, Duplicates: 8, Silences: 8, VsCrashes: 2}

// LeastMemory is the least that Options.Memory may be.
const LeastMemory = 32 << 20

// Validate says which option is out of its limits, by the name of the flag that sets it.
func (o Options) Validate() error {
	switch {
	case o.Servers < 1 || o.Servers > MaxServers:
		return fmt.Errorf("--servers %d: must be 1 to %d", o.Servers, MaxServers)
	case o.Clients < 1 || o.Clients > MaxClients:
		return fmt.Errorf("--clients %d: must be 1 to %d", o.Clients, MaxClients)
	case o.Depth < 0 || o.Depth > 1000:
		return fmt.Errorf("--depth %d: must be 0 to 1000", o.Depth)
	case o.Time <= 0:
		return fmt.Errorf("--time %v: must be positive", o.Time)
	case o.Memory < LeastMemory:
		return fmt.Errorf("--memory: %d bytes, must be at least %d MiB", o.Memory, LeastMemory>>20)
	case o.Fair < 0 || o.Fair > 1_000_000:
		return fmt.Errorf("--fair %d: must be 1 to 1,000,000", o.Fair)
	}
	if err := o.steps(); err != nil {
		return err
	}
	if o.Prune != nil && o.Prune.step != "" {
		return fmt.Errorf("--prune %q: a step breaks %s, which no state shows", o.Prune.Text, o.Prune.step)
	}
	if err := o.Budget.validate(); err != nil {
		return err
	}
	if err := o.asked(); err != nil {
		return err
	}
	return o.reachable()
}

// asked says which option means nothing beside others.
func (o Options) asked() error {
	switch asked := o.Properties; {
	case o.Goal != nil && asked != 0:
		return errors.New("--goal, --promise: a goal is looked for in place of broken promises")
	case o.Fair != 0 && o.Goal != nil:
		return errors.New("--fair, --goal: a goal is looked for in place of stalls")
	case o.Fair != 0 && (asked != 0 || o.Without != 0) && asked&inTheEnd == 0:
		return fmt.Errorf("--fair: stalls are looked for with --promise %s or %s", answered, redundant)
	}
	return nil
}

// steps says which option of a search that walks is for one that tries all, or the other way round.
func (o Options) steps() error {
	switch {
	case o.Random && o.Depth > 0:
		return errors.New("--depth: a random search has none")
	case o.Random && o.Budget.Late > 0:
		return errors.New("--late: in a random search any message may be late")
	case o.Random && o.Fine != 0:
		return errors.New("--fine: a random search leaves out no steps")
	case o.Random && o.Fair != 0:
		return errors.New("--fair: a random search tries the end of every walk for stalls")
	case !o.Random && (o.Walks != 0 || o.Shard != Shard{}):
		return errors.New("--walks, --shard: only a random search has walks")
	case o.Walks < 0:
		return fmt.Errorf("--walks %d: must not be negative", o.Walks)
	}
	return nil
}

// reachable says why the goal can't be reached, where that is plain.
func (o Options) reachable() error {
	switch g := o.Goal; {
	case g == nil || o.Recording != nil:
	case g.needsVs && o.Budget.VsCrashes == 0:
		return fmt.Errorf("--goal %q: V9 holds up a viewservice that has restarted: --vs-crashes 1", g.Text)
	case g.facts[factOfVs] == crashed && o.Budget.VsCrashes == 0:
		return fmt.Errorf("--goal %q: the viewservice crashes on the way there: --vs-crashes 1", g.Text)
	case g.crashes() > o.Budget.Crashes:
		return fmt.Errorf("--goal %q: servers crash on the way there: --crashes %d", g.Text, g.crashes())
	case g.facts[factOfView] == "0" && !g.view0 && o.From == Steady && o.Budget.VsCrashes == 0:
		return fmt.Errorf("--goal %q: only a viewservice that has restarted is in view 0 again: --vs-crashes 1, or --from start", g.Text)
	case g.view0 && o.From == Steady:
		return fmt.Errorf("--goal %q: V1 holds up view 0 alone: --from start", g.Text)
	}
	for i, goal := range []*Goal{o.Goal, o.Prune} {
		if goal == nil || o.Recording != nil {
			continue
		}
		flag := [...]string{"--goal", "--prune"}[i]
		for _, key := range goal.keys {
			if keys := o.keys(); !slices.Contains(keys, key) {
				return fmt.Errorf("%s %q: no client uses key %s: they use %s; --do says what they do", flag, goal.Text, lex.Quote(key), strings.Join(keys, ", "))
			}
		}
	}
	return nil
}

// keys are those that clients use: in a world in which they have used others before, the newest of these.
func (o Options) keys() (all []string) {
	if o.Workload != nil {
		return o.Workload.keys()
	}
	if o.Recording != nil {
		all = o.Recording.keys()
	}
	for _, key := range []string{firstKey, "l", "m"} {
		if !slices.Contains(all, key) {
			all = append(all, key)
		}
	}
	if o.Random {
		return all[:maxKeys]
	}
	return all[:1]
}

// scope returns the scope of a search from begin.
func (o Options) scope(begin opening) (*scope, error) {
	w := begin.world
	s := &scope{
		servers: w.Config().Servers, clients: w.Config().Clients, ops: uint8(begin.ops), properties: o.Properties,
		keys: o.keys(), kinds: []pbservice.OpKind{pbservice.Append, pbservice.Get}, toDo: o.Budget.Ops, goal: o.Goal, prune: o.Prune, workload: o.Workload, fine: o.Fine, fairOf: uint64(cmp.Or(o.Fair, fairOf)),
	}
	s.forgetful = w.Config().FilterClients > 0
	s.symmetric = o.Recording == nil && !o.Goal.tellsApart() && !o.Prune.tellsApart()
	if o.Workload != nil {
		if len(s.keys) > maxKeys {
			return nil, fmt.Errorf("--do: %d keys: a search judges up to %d", len(s.keys), maxKeys)
		}
		return s.checked(w)
	}
	if o.Puts || o.Random {
		s.kinds = append(s.kinds, pbservice.Put)
	}
	return s.checked(w)
}

// checked returns s, the scope of a search of w, if w can be searched.
func (s *scope) checked(w *world.World) (*scope, error) {
	switch {
	case s.clients > MaxClients:
		return nil, fmt.Errorf("a world of %d clients: at most %d can be searched", s.clients, MaxClients)
	case len(s.workload) > s.clients:
		return nil, fmt.Errorf("--do: there is no client c%d: there are c1 to c%d", len(s.workload), s.clients)
	}
	for len(s.workload) < s.clients && s.workload != nil {
		s.workload = append(slices.Clip(s.workload), nil)
	}
	if s.properties == 0 {
		s.properties = allProperties
		if w.Disabled() != 0 {
			s.properties = clientProperties
		}
	}
	return s, nil
}

func (o Options) config() engine.Config {
	cfg := engine.Defaults
	cfg.Servers, cfg.Clients, cfg.FilterClients, cfg.Disabled = o.Servers, o.Clients, o.FilterClients, o.Without
	cfg.DeadPings = 2 // the least with which a service becomes stable: the fewer, the smaller the states
	cfg.ChunkKeys = 1 // so that a transfer has a middle
	return cfg
}

func (o Options) workers() int {
	if o.Workers > 0 {
		return o.Workers
	}
	return runtime.GOMAXPROCS(0)
}

// round is one of the searches that Search makes, one after the other.
type round struct {
	Budget
	opening int  // index of the opening from which it begins
	states  int  // distinct states after which the round ends; 0: no limit
	again   bool // it is made only if a round of the whole budget has left something there
	near    bool // it is one of those that look for what is near
}

// narrow are the rounds that come before those of the whole budget, each from where it begins. A violation that needs few faults
// is found hundreds of times sooner where no more are allowed, because there are fewer states at each depth.
var narrow = []struct {
	from From
	round
}{
	{Steady, round{Budget: Budget{Silences: 2}, states: 64_000}},
	{Steady, round{Budget: Budget{Ops: 1, Crashes: 1, Losses: 1, Silences: 1}, states: 64_000}},
	{Start, round{Budget: Budget{Ops: 1, Crashes: 1}, states: 32_000}},
	{Start, round{Budget: Budget{Ops: 1, VsCrashes: 1}, states: 32_000}},
	{Start, round{Budget: Budget{Ops: 1, Crashes: 1, Losses: 1, Silences: 1, Late: 1}, states: 64_000}},
	{Steady, round{Budget: Budget{Ops: 2, Silences: 1}, states: 128_000}},
	{Steady, round{Budget: Budget{Ops: 1, Losses: 1, Silences: 3}, states: 256_000}},
	{Steady, round{Budget: Budget{Ops: 2, Crashes: 1}, states: 128_000}},
	{Steady, round{Budget: Budget{Ops: 2, Losses: 1, Duplicates: 1}, states: 128_000}},
}

// firstStates ends the first round of the whole budget from the second beginning, so that each is tried.
const firstStates = 128_000

// nearStates ends the rounds that look for what is near.
const nearStates = 20_000

// rounds returns the rounds to be made, those of the whole budget last.
func (o Options) rounds(openings []opening) (all []round) {
	if o.Random {
		return []round{{Budget: o.Budget}}
	}
	for _, n := range narrow {
		at := slices.IndexFunc(openings, func(begin opening) bool { return begin.from == n.from })
		if o.Rounds && at >= 0 && n.within(o.Budget) && n.Budget != o.Budget && !o.Goal.beyond(n.Budget, o.Budget) {
			n.opening = at
			all = append(all, n.round)
		}
	}
	for i := 1; i < len(openings); i++ {
		all = append(all, round{Budget: o.Budget, opening: i, states: firstStates})
	}
	for i := range openings {
		all = append(all, round{Budget: o.Budget, opening: i, again: i > 0})
	}
	if o.Goal == nil || len(all) == 1 {
		return all
	}
	for i := range all {
		all[i].again = true
	}
	return append(o.nearby(len(openings)), all...)
}

// nearby are the rounds with which a search for a goal begins: the first states of all openings, then what is near to each,
// whatever it costs. A narrow round that does not come to the goal is otherwise gone to its end before.
func (o Options) nearby(openings int) (all []round) {
	for _, states := range []int{1, nearStates} {
		for i := range openings {
			all = append(all, round{Budget: o.Budget, opening: i, states: states, near: true})
		}
	}
	return all
}

// within reports whether b allows for nothing that other does not.
func (b Budget) within(other Budget) bool {
	return b.Ops <= other.Ops && b.Crashes <= other.Crashes && b.Losses <= other.Losses &&
		b.Duplicates <= other.Duplicates && b.Silences <= other.Silences && b.Late <= other.Late && b.VsCrashes <= other.VsCrashes
}
