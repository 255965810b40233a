package history

import (
	"slices"
	"time"

	"cluster/splitbrain/pbservice"
)

// Limits of what judging one key may cost. Beyond them nothing is decided until the key is quiet once.
const (
	maxSteps   = 20_000 // turns tried to explain one get
	maxWorlds  = 512
	maxLeft    = 512  // writes that have not taken their turn
	maxBacklog = 2048 // events that wait for the answer of one get
	maxWindow  = 512  // operations kept to tell why a get can't be explained
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
type account struct {
	under   int      // operations under way
	reading []*entry // gets under way, in the order of their calls
	skipped []*entry // gets of which it was not known what they would have seen
	worlds  []*world // none covers another

	// What is needed to tell of a violation. Between two marks there are a few operations at least.
	base   value         // the one state of the key before window
	since  time.Duration // when it was known to be so; 0 for the beginning
	window []*entry      // what was called since, and what was open then
	mark   *mark         // the latest after which window could begin
	cut    bool          // window misses its beginning

	lost    bool
	alone   *entry   // while lost: the operation that may tell the value
	orphans []*entry // while lost: writes that may have happened or not
}

// mark is a moment at which the key had one state.
type mark struct {
	state value
	when  time.Duration
	at    int      // how many of window were called before
	open  []*entry // which of them might still happen
}

func newAccount(base value) *account { return &account{worlds: []*world{{state: base}}, base: base} }

func (k *account) clone() *account {
	c := *k
	c.reading, c.worlds = slices.Clone(k.reading), slices.Clone(k.worlds)
	c.skipped = nil
	c.window, c.orphans = slices.Clone(k.window), slices.Clone(k.orphans)
	return &c
}

// step takes in the next event. It returns the operation that can't be explained, if there is one.
func (k *account) step(e event) (culprit *entry) {
	switch {
	case e.end:
		k.under--
		culprit = k.ended(e)
	default:
		k.called(e.entry)
		k.under++
	}
	return culprit
}

// whole takes in call and end of an operation between which nothing else happened. It returns false, and has done
// nothing, where that is no simpler than one after the other.
func (k *account) whole(call, end event) bool {
	e := call.entry
	if k.under > 0 || len(k.worlds) != 1 || !e.Known || e.Refused {
		return false
	}
	w := k.worlds[0].tidied(call.at)
	if len(w.left) > 0 || e.Kind == pbservice.Get && w.state != e.got() {
		return false
	}
	if e.Kind != pbservice.Get {
		w = &world{state: w.state.after(&e.Operation)}
	}
	k.remember(e)
	k.worlds[0] = w
	k.settle(end.time)
	return true
}

// called takes in a call. A get of which nobody knows what it will have seen says nothing.
func (k *account) called(e *entry) {
	switch says := e.ended && e.Known && !e.Refused; {
	case k.lost:
		k.alone = nil
		if k.under == 0 {
			k.alone = e
		}
	case e.Kind == pbservice.Get && says:
		k.remember(e)
		k.reading = append(k.reading, e)
	case e.Kind == pbservice.Get && !e.ended:
		k.skipped = append(k.skipped, e)
	case e.Kind != pbservice.Get && !e.Refused:
		k.remember(e)
		k.await(e)
	}
}

// await lets a write take its turn from now on.
func (k *account) await(e *entry) {
	for i, w := range k.worlds {
		next := *w
		next.left = append(slices.Clip(w.left), write{entry: e})
		k.worlds[i] = &next
		if len(next.left) > maxLeft {
			k.lose()
			return
		}
	}
}

func (k *account) remember(e *entry) {
	if len(k.window) >= maxWindow {
		k.window, k.mark, k.cut = slices.Clone(k.window[maxWindow/2:]), nil, true
	}
	k.window = append(k.window, e)
}

func (k *account) ended(now event) (culprit *entry) {
	e := now.entry
	switch {
	case k.lost:
		k.find(e)
		return nil
	case e.Kind == pbservice.Get && !slices.Contains(k.reading, e), e.Refused && !slices.Contains(k.window, e):
		return nil
	case e.Kind == pbservice.Get:
		before := k.worlds
		k.explain(e)
		if len(k.worlds) == 0 && !k.lost {
			k.worlds = before
			return e
		}
	case e.Refused:
		before := k.worlds
		if k.refuse(e); len(k.worlds) == 0 {
			k.worlds = before
			return e
		}
	}
	k.tidy(now)
	return nil
}

// explain keeps the worlds in which g has seen what it returned.
func (k *account) explain(g *entry) {
	tried, found := worlds{}, worlds{}
	todo := k.worlds
	for steps := 0; len(todo) > 0; steps++ {
		if steps > maxSteps || len(found) > maxWorlds {
			k.lose()
			return
		}
		w := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, x := range w.look(k.reading) {
			if x.explains(g) {
				found.add(x.without(g))
			} else if tried.add(x) {
				todo = append(todo, x.turns(k.reading)...)
			}
		}
	}
	k.worlds = found.list()
	k.reading = slices.DeleteFunc(k.reading, func(e *entry) bool { return e == g })
}

// refuse keeps the worlds in which e has not taken its turn.
func (k *account) refuse(e *entry) {
	var found []*world
	for _, w := range k.worlds {
		at := slices.IndexFunc(w.left, func(q write) bool { return q.entry == e })
		if at >= 0 {
			found = append(found, &world{state: w.state, left: slices.Delete(slices.Clone(w.left), at, at+1), seen: w.seen})
		}
	}
	k.worlds = found
}

// tidy forgets what no later get can see.
func (k *account) tidy(now event) {
	if k.lost || len(k.reading) > 0 {
		return
	}
	for i, w := range k.worlds {
		k.worlds[i] = w.tidied(now.at)
	}
	if len(k.worlds) > 1 {
		distinct := worlds{}
		for _, w := range k.worlds {
			distinct.add(w)
		}
		k.worlds = distinct.list()
	}
	k.settle(now.time)
}

// settle moves the beginning of window to the mark before, if the key has one state now.
func (k *account) settle(now time.Duration) {
	const few = 8
	if len(k.worlds) > 1 || k.mark != nil && len(k.window)-k.mark.at < few {
		return
	}
	w, open := k.worlds[0], []*entry(nil)
	for _, q := range w.left {
		if q.returned != never {
			return
		}
		open = append(open, q.entry)
	}
	if m := k.mark; m != nil {
		k.base, k.since, k.window, k.cut = m.state, m.when, slices.Concat(m.open, k.window[m.at:]), false
	}
	k.mark = &mark{state: w.state, when: now, at: len(k.window), open: open}
}

// lose gives up what is known of the key.
func (k *account) lose() {
	k.lost, k.alone, k.orphans = true, nil, nil
	for _, w := range k.worlds {
		for _, q := range w.left {
			if q.gaveUp() && !slices.Contains(k.orphans, q.entry) {
				k.orphans = append(k.orphans, q.entry)
			}
		}
	}
	k.worlds, k.reading, k.window, k.mark = nil, nil, nil, nil
}

// find lets the end of an operation tell the value again.
func (k *account) find(e *entry) {
	if e.Kind != pbservice.Get && e.gaveUp() && len(k.orphans) <= maxLeft {
		k.orphans = append(k.orphans, e)
	}
	if e != k.alone || !e.Known || e.Refused || e.Kind == pbservice.Append || len(k.orphans) >= maxLeft {
		return
	}
	w := &world{state: e.got()}
	if e.Kind == pbservice.Put {
		w.state = value{true, e.Value}
	}
	slices.SortFunc(k.orphans, func(a, b *entry) int { return a.id - b.id })
	for _, o := range k.orphans {
		w.left = append(w.left, write{entry: o})
	}
	k.base, k.since, k.window, k.cut = w.state, e.Return, k.orphans, false
	k.lost, k.alone, k.orphans, k.worlds = false, nil, nil, []*world{w}
}
