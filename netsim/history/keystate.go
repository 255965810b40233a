package history

import (
	"slices"
	"time"

	"cluster/splitbrain/pbservice"
)

// Limits of what judging one key may cost. Beyond them the key's state is unknown until the key is quiet once: then all is
// known of the operations so far, and they are judged once more. A history that is too hard even so must not slow the program
// down: nothing is known then until an operation that has the key to itself tells the value.
const (
	maxSteps          = 20_000 // configurations tried to explain one get
	manyTwins         = 6      // equal writes under way, from which on it is better to wait until they have ended
	twinSteps         = 1000   // configurations tried before that
	maxConfigurations = 512
	maxPending        = 512  // writes that have not been linearized
	maxBacklog        = 2048 // events that wait for the answer of one get
	maxWindow         = 512  // operations kept to tell why a get can't be explained
)

// event is the call of an operation or its end.
type event struct {
	*entry
	at   int // the number of the event, from 1
	end  bool
	out  Outcome       // at the end
	time time.Duration // at the end
}

// keyState is what can be known of one key: all configurations that explain the answers so far. What can no longer be
// doubted is forgotten.
type keyState struct {
	running        int              // operations under way
	reading        []*entry         // gets under way, in the order of their calls
	unread         []*entry         // gets that were called before it was known what they return: they are not judged
	configurations []*configuration // none subsumes another

	// What is needed to explain a violation. There are a few operations between two checkpoints.
	base       value         // the only state that the key could have before window
	since      time.Duration // when the key had that state; 0 for the beginning
	window     []*entry      // operations called since, and those that were open then
	checkpoint *checkpoint   // where window may begin next
	cut        bool          // window has lost its beginning, so that base says nothing

	unknown  bool
	late     []*entry // while unknown: the operations since base, which are judged once more; nil if they can't be
	probe    *entry   // while unknown: the operation that has the key to itself so far
	doubtful []*entry // while unknown: writes that may have happened or not
	lost     bool     // some operations of the key are never judged
}

// checkpoint is a point in time at which the key could have one state only.
type checkpoint struct {
	state value
	when  time.Duration
	at    int      // operations of window that were called before
	open  []*entry // those of them that might still happen
}

func newKeyState(base value) *keyState {
	return &keyState{configurations: []*configuration{{state: base}}, base: base}
}

func (k *keyState) clone() *keyState {
	c := *k
	c.reading, c.configurations = slices.Clone(k.reading), slices.Clone(k.configurations)
	c.unread = nil
	c.window, c.late, c.doubtful = slices.Clone(k.window), slices.Clone(k.late), slices.Clone(k.doubtful)
	return &c
}

// step takes in the next event. It returns the operation that can't be explained, if there is one.
func (k *keyState) step(e event) (culprit *entry) {
	if culprit = k.take(e); culprit == nil && k.unknown && k.late != nil && k.running == 0 {
		return k.reconsider()
	}
	return culprit
}

// take is step without a second look at what was too hard.
func (k *keyState) take(e event) (culprit *entry) {
	if e.end {
		k.running--
		return k.ended(e)
	}
	k.called(e.entry)
	k.running++
	return nil
}

// stepBoth takes in the call and the end of an operation between which nothing happened on the key. It returns false, and
// has done nothing, where that is no simpler than one event after the other.
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

// called takes in the call of e.
func (k *keyState) called(e *entry) {
	switch isGet := e.Kind == pbservice.Get; {
	case k.unknown:
		k.probe = nil
		if k.running == 0 {
			k.probe = e
		}
		k.postpone(e)
	case isGet && !e.ended:
		k.unread = append(k.unread, e)
	case e.Refused || isGet && !e.Known:
		// It changes nothing, and says nothing of the key.
	case isGet:
		k.remember(e)
		k.reading = append(k.reading, e)
	default:
		k.remember(e)
		k.addWrite(e)
	}
}

// addWrite makes e a pending write of every configuration.
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

// ended takes in the end of an operation. It returns the operation if no configuration explains how it ended.
func (k *keyState) ended(now event) (culprit *entry) {
	e, before := now.entry, k.configurations
	switch isGet := e.Kind == pbservice.Get; {
	case k.unknown:
		k.resync(e)
		return nil
	case isGet && !slices.Contains(k.reading, e), e.Refused && !slices.Contains(k.window, e):
		return nil
	case isGet:
		k.explain(e)
	case e.Refused:
		k.refuse(e)
	}
	if len(k.configurations) == 0 && !k.unknown {
		k.configurations = before
		return e
	}
	k.prune(now)
	return nil
}

// explain keeps the configurations in which g, a get, returns what it has returned.
func (k *keyState) explain(g *entry) {
	tried, found := configurations{}, configurations{}
	todo, most := k.configurations, maxSteps
	before := todo[0]
	for steps := 0; len(todo) > 0; steps++ {
		if steps == twinSteps+1 && !k.cut && before.twins() >= manyTwins {
			most = twinSteps
		}
		if steps > most || len(found) > maxConfigurations {
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

// twins is how many writes of one effect are under way at most.
func (c *configuration) twins() int {
	type effect struct {
		kind  pbservice.OpKind
		value string
	}
	most, same := 0, map[effect]int{}
	for _, w := range c.pending {
		if e := (effect{w.Kind, w.Value}); !w.ended {
			same[e]++
			most = max(most, same[e])
		}
	}
	return most
}

// refuse keeps the configurations in which e, a write that was refused (S13), has not been linearized.
func (k *keyState) refuse(e *entry) {
	is := func(q write) bool { return q.entry == e }
	var kept []*configuration
	for _, c := range k.configurations {
		if slices.ContainsFunc(c.pending, is) {
			kept = append(kept, c.dropping(is))
		}
	}
	k.configurations = kept
}

// prune forgets what no later get can see.
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

// moveWindow lets window begin at the checkpoint, and makes a new checkpoint, if the key can have one state only.
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
	if p := k.checkpoint; p != nil {
		k.base, k.since, k.window, k.cut = p.state, p.when, slices.Concat(p.open, k.window[p.at:]), false
	}
	k.checkpoint = &checkpoint{state: c.state, when: now, at: len(k.window), open: open}
}

// giveUp forgets what was known of the key, but for the operations since base, and the writes that may still happen.
func (k *keyState) giveUp() {
	k.unknown, k.probe, k.doubtful, k.late = true, nil, nil, k.window
	if k.cut {
		k.late, k.lost = nil, true
	}
	for _, c := range k.configurations {
		for _, q := range c.pending {
			if q.gaveUp() && !slices.Contains(k.doubtful, q.entry) {
				k.doubtful = append(k.doubtful, q.entry)
			}
		}
	}
	k.configurations, k.reading, k.window, k.checkpoint = nil, nil, nil, nil
}

// postpone keeps e, which is called while nothing is known, for reconsider.
func (k *keyState) postpone(e *entry) {
	if k.late == nil {
		return
	}
	if k.late = append(k.late, e); len(k.late) > maxWindow {
		k.late, k.lost = nil, true
	}
}

// reconsider judges once more what was too hard, now that nothing is under way: while operations run nobody knows which of them
// must happen first, so that of many equal appends each had to be tried.
func (k *keyState) reconsider() (culprit *entry) {
	var events []event
	for _, e := range k.late {
		events = append(events, event{entry: e, at: e.called}, event{entry: e, at: e.Returned, end: true, time: e.Return})
	}
	slices.SortFunc(events, func(a, b event) int { return a.at - b.at })
	again := newKeyState(k.base)
	again.since, again.lost = k.since, k.lost
	for i := 0; i < len(events) && culprit == nil && !again.unknown; i++ {
		culprit = again.take(events[i])
	}
	if again.unknown {
		k.late, k.lost = nil, true
		return nil
	}
	*k = *again
	return culprit
}

// resync ends unknown if e, which has ended, had the key to itself and tells its value.
func (k *keyState) resync(e *entry) {
	if e.Kind != pbservice.Get && e.gaveUp() && len(k.doubtful) <= maxPending {
		k.doubtful = append(k.doubtful, e)
	}
	if e != k.probe || !e.Known || e.Refused || e.Kind == pbservice.Append || len(k.doubtful) >= maxPending {
		return
	}
	c := &configuration{state: e.got()}
	if e.Kind == pbservice.Put {
		c.state = value{}.after(&e.Operation)
	}
	slices.SortFunc(k.doubtful, func(a, b *entry) int { return a.id - b.id })
	for _, o := range k.doubtful {
		c.pending = append(c.pending, write{entry: o})
	}
	k.base, k.since, k.window, k.cut = c.state, e.Return, k.doubtful, false
	k.unknown, k.late, k.probe, k.doubtful, k.configurations = false, nil, nil, nil, []*configuration{c}
}
