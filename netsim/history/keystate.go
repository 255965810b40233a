package history

import (
	"slices"
	"time"

	"cluster/splitbrain/pbservice"
)

// Limits of what judging one key may cost. Beyond them nothing is decided until the key is quiet once.
const (
	maxSteps          = 20_000 // turns tried to explain one get
	maxConfigurations = 512
	maxPending        = 512  // writes that have not taken their turn
	maxBacklog        = 2048 // events that wait for the answer of one get
	maxWindow         = 512  // operations kept to tell why a get can't be explained
)

// event is the call of an operation or its end.
type event struct {
	*entry
	at   int // counts up
	end  bool
	out  Outcome       // at the end
	time time.Duration // at the end
}

// account is all ways in which the operations on one key can have happened. What nobody can doubt any more is
// forgotten. While lost it knows nothing, and waits for an operation that has the key to itself and tells its value.
type keyState struct {
	running        int              // operations under way
	reading        []*entry         // gets under way, in the order of their calls
	unread         []*entry         // gets of which it was not known what they would have seen
	configurations []*configuration // none covers another

	// What is needed to tell of a violation. Between two marks there are a few operations at least.
	base       value         // the one state of the key before window
	since      time.Duration // when it was known to be so; 0 for the beginning
	window     []*entry      // what was called since, and what was open then
	checkpoint *checkpoint   // the latest after which window could begin
	cut        bool          // window misses its beginning

	unknown  bool
	probe    *entry   // while lost: the operation that may tell the value
	doubtful []*entry // while lost: writes that may have happened or not
}

// mark is a moment at which the key had one state.
type checkpoint struct {
	state value
	when  time.Duration
	at    int      // how many of window were called before
	open  []*entry // which of them might still happen
}

func newKeyState(base value) *keyState {
	return &keyState{configurations: []*configuration{{state: base}}, base: base}
}

func (k *keyState) clone() *keyState {
	c := *k
	c.reading, c.configurations = slices.Clone(k.reading), slices.Clone(k.configurations)
	c.unread = nil
	c.window, c.doubtful = slices.Clone(k.window), slices.Clone(k.doubtful)
	return &c
}

// step takes in the next event. It returns the operation that can't be explained, if there is one.
func (k *keyState) step(e event) (culprit *entry) {
	switch {
	case e.end:
		k.running--
		culprit = k.ended(e)
	default:
		k.called(e.entry)
		k.running++
	}
	return culprit
}

// whole takes in call and end of an operation between which nothing else happened. It returns false, and has done
// nothing, where that is no simpler than one after the other.
func (k *keyState) stepBoth(call, end event) bool {
	e := call.entry
	if k.running > 0 || len(k.configurations) != 1 || !e.Known || e.Refused {
		return false
	}
	c := k.configurations[0].pruned(call.at)
	if len(c.pending) > 0 || e.Kind == pbservice.Get && c.state != e.got() {
		return false
	}
	if e.Kind != pbservice.Get {
		c = &configuration{state: c.state.after(&e.Operation)}
	}
	k.remember(e)
	k.configurations[0] = c
	k.moveWindow(end.time)
	return true
}

// called takes in a call. A get of which nobody knows what it will have seen says nothing.
func (k *keyState) called(e *entry) {
	switch says := e.ended && e.Known && !e.Refused; {
	case k.unknown:
		k.probe = nil
		if k.running == 0 {
			k.probe = e
		}
	case e.Kind == pbservice.Get && says:
		k.remember(e)
		k.reading = append(k.reading, e)
	case e.Kind == pbservice.Get && !e.ended:
		k.unread = append(k.unread, e)
	case e.Kind != pbservice.Get && !e.Refused:
		k.remember(e)
		k.addWrite(e)
	}
}

// await lets a write take its turn from now on.
func (k *keyState) addWrite(e *entry) {
	for i, c := range k.configurations {
		next := *c
		next.pending = append(slices.Clip(c.pending), write{entry: e})
		k.configurations[i] = &next
		if len(next.pending) > maxPending {
			k.giveUp()
			return
		}
	}
}

func (k *keyState) remember(e *entry) {
	if len(k.window) >= maxWindow {
		k.window, k.checkpoint, k.cut = slices.Clone(k.window[maxWindow/2:]), nil, true
	}
	k.window = append(k.window, e)
}

func (k *keyState) ended(now event) (culprit *entry) {
	e := now.entry
	switch {
	case k.unknown:
		k.resync(e)
		return nil
	case e.Kind == pbservice.Get && !slices.Contains(k.reading, e), e.Refused && !slices.Contains(k.window, e):
		return nil
	case e.Kind == pbservice.Get:
		before := k.configurations
		k.explain(e)
		if len(k.configurations) == 0 && !k.unknown {
			k.configurations = before
			return e
		}
	case e.Refused:
		before := k.configurations
		if k.refuse(e); len(k.configurations) == 0 {
			k.configurations = before
			return e
		}
	}
	k.prune(now)
	return nil
}

// explain keeps the worlds in which g has seen what it returned.
func (k *keyState) explain(g *entry) {
	tried, found := configurations{}, configurations{}
	todo := k.configurations
	for steps := 0; len(todo) > 0; steps++ {
		if steps > maxSteps || len(found) > maxConfigurations {
			k.giveUp()
			return
		}
		c := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, x := range c.observe(k.reading) {
			if x.explains(g) {
				found.add(x.returned(g))
			} else if tried.add(x) {
				todo = append(todo, x.successors(k.reading)...)
			}
		}
	}
	k.configurations = found.list()
	k.reading = slices.DeleteFunc(k.reading, func(e *entry) bool { return e == g })
}

// refuse keeps the worlds in which e has not taken its turn.
func (k *keyState) refuse(e *entry) {
	var found []*configuration
	for _, c := range k.configurations {
		at := slices.IndexFunc(c.pending, func(q write) bool { return q.entry == e })
		if at >= 0 {
			found = append(found, &configuration{state: c.state, pending: slices.Delete(slices.Clone(c.pending), at, at+1), seen: c.seen})
		}
	}
	k.configurations = found
}

// tidy forgets what no later get can see.
func (k *keyState) prune(now event) {
	if k.unknown || len(k.reading) > 0 {
		return
	}
	for i, c := range k.configurations {
		k.configurations[i] = c.pruned(now.at)
	}
	if len(k.configurations) > 1 {
		distinct := configurations{}
		for _, c := range k.configurations {
			distinct.add(c)
		}
		k.configurations = distinct.list()
	}
	k.moveWindow(now.time)
}

// settle moves the beginning of window to the mark before, if the key has one state now.
func (k *keyState) moveWindow(now time.Duration) {
	const few = 8
	if len(k.configurations) > 1 || k.checkpoint != nil && len(k.window)-k.checkpoint.at < few {
		return
	}
	c, open := k.configurations[0], []*entry(nil)
	for _, q := range c.pending {
		if q.returned != never {
			return
		}
		open = append(open, q.entry)
	}
	if m := k.checkpoint; m != nil {
		k.base, k.since, k.window, k.cut = m.state, m.when, slices.Concat(m.open, k.window[m.at:]), false
	}
	k.checkpoint = &checkpoint{state: c.state, when: now, at: len(k.window), open: open}
}

// lose gives up what is known of the key.
func (k *keyState) giveUp() {
	k.unknown, k.probe, k.doubtful = true, nil, nil
	for _, c := range k.configurations {
		for _, q := range c.pending {
			if q.gaveUp() && !slices.Contains(k.doubtful, q.entry) {
				k.doubtful = append(k.doubtful, q.entry)
			}
		}
	}
	k.configurations, k.reading, k.window, k.checkpoint = nil, nil, nil, nil
}

// find lets the end of an operation tell the value again.
func (k *keyState) resync(e *entry) {
	if e.Kind != pbservice.Get && e.gaveUp() && len(k.doubtful) <= maxPending {
		k.doubtful = append(k.doubtful, e)
	}
	if e != k.probe || !e.Known || e.Refused || e.Kind == pbservice.Append || len(k.doubtful) >= maxPending {
		return
	}
	c := &configuration{state: e.got()}
	if e.Kind == pbservice.Put {
		c.state = value{true, e.Value}
	}
	slices.SortFunc(k.doubtful, func(a, b *entry) int { return a.id - b.id })
	for _, o := range k.doubtful {
		c.pending = append(c.pending, write{entry: o})
	}
	k.base, k.since, k.window, k.cut = c.state, e.Return, k.doubtful, false
	k.unknown, k.probe, k.doubtful, k.configurations = false, nil, nil, []*configuration{c}
}
