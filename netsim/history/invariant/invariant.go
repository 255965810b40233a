// Package invariant holds the successive snapshots of a cluster against what must always be so. The terminal program,
// scripts, saved worlds and the campaigns of random failures each keep a Watcher.
//
//	var w invariant.Watcher
//	for _, v := range w.Watch(snapshot) {
//		fmt.Println(v.Text) // what must never happen, has happened
//	}
//
// A snapshot is no single moment: each server has answered at a time of its own. So nothing is concluded from two
// answers of one snapshot that could have been true one after the other. What an answer of an earlier snapshot says was
// so before any answer of a later one, and within one boot of a server views never go back: that orders them.
package invariant

import (
	"fmt"
	"slices"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/viewservice"
	"cluster/splitbrain/viewservice/rules"
)

// Violation is one invariant that does not hold.
type Violation struct {
	Name  string // of the invariant
	Rules rules.Refs
	Text  string // one sentence, which ends with the rules
}

// check finds what contradicts an invariant in one snapshot, given those before.
type check struct {
	name  string     // of the invariant
	rules rules.Refs // that promise it
	text  string
	// oneAnswer: a finding stands on one answer alone. Otherwise it must be there in two snapshots in a row, so that
	// an answer that came late, or for somebody else who was looking too, proves nothing.
	oneAnswer bool
	find      func(*Watcher, *sight) []finding
}

// finding is what contradicts an invariant. The key makes it be reported once.
type finding struct {
	key, text string
}

var checks = []check{
	{"one-serves", rules.Refs{"S5", "S7"}, "once a view is served, no primary of an older one can complete an operation",
		false, eachServer((*Watcher).oneServes)},
	{"one-per-view", rules.Refs{"S2"}, "a view is served by one boot of one server", false, eachServer((*Watcher).onePerView)},
	{"backup-complete", rules.Refs{"S4"}, "the backup of an acknowledged view has all the data", false, (*Watcher).backupComplete},
	{"same-data", rules.Refs{"S3", "S5"}, "primary and complete backup hold the same after as many operations",
		false, (*Watcher).sameData},
	{"views-forward", rules.Refs{"S11"}, "the views that a server knows and has entered never go back",
		false, eachServer((*Watcher).viewsForward)},
	{"service-forward", rules.Refs{"V3"}, "the views of the viewservice never go back", false, (*Watcher).serviceForward},
	{"views-differ", rules.Refs{"V6"}, "each view differs from the one before, and is numbered one higher", true, eachChange(viewsDiffer)},
	{"continuity", rules.Refs{"V5"}, "a primary was primary or backup of the view before", true, eachChange(continuity)},
	{"entered-complete", rules.Refs{"S4"}, "primary and backup enter a view with all its data only",
		true, eachServer((*Watcher).enteredComplete)},
	{"idle-empty", rules.Refs{"S9"}, "a server that is neither primary nor backup keeps no data and lets nobody wait",
		true, eachServer((*Watcher).idleEmpty)},
}

// sight is a snapshot with the servers whose answers are their own and of now: not of those that stand still.
type sight struct {
	*engine.Index
	answered []engine.ServerState
}

func see(s engine.Snapshot) *sight {
	return &sight{engine.NewIndex(s), slices.DeleteFunc(slices.Clone(s.Servers), func(v engine.ServerState) bool {
		return v.State != netsim.Up || v.Status.Boot == 0 || v.Status.View.Viewnum == 0
	})}
}

// server is the server of that name, if it has answered.
func (x *sight) server(name string) *engine.ServerState {
	for i := range x.answered {
		if x.answered[i].Name == name {
			return &x.answered[i]
		}
	}
	return nil
}

// boot is one start of one server.
type boot struct {
	name   string
	number uint64
}

func bootOf(s *engine.ServerState) boot { return boot{s.Name, s.Status.Boot} }

// Watcher watches one cluster. The zero Watcher has seen nothing. Not safe for concurrent use.
type Watcher struct {
	last   *sight // nil: nothing was seen
	known  map[boot]views
	served map[viewservice.Number]boot // by whom a view was first seen served
	newest viewservice.Number          // of served

	viewBoot int                // the viewservice's boot, by its number
	current  viewservice.Number // the newest view of that boot

	suspected map[string]bool // findings of the last snapshot
	reported  map[string]bool
}

// views are the newest that a boot was seen to know and to have entered.
type views struct{ known, entered viewservice.Number }

// Watch takes in the next snapshot and returns what has been found violated by it for the first time. One of an earlier
// time than the last begins anew.
func (w *Watcher) Watch(s engine.Snapshot) []Violation {
	if w.last == nil || s.At < w.last.At {
		w.Reset()
	}
	x := see(s)
	var found []Violation
	suspected := map[string]bool{}
	for _, c := range checks {
		for _, f := range c.find(w, x) {
			key := c.name + " " + f.key
			suspected[key] = true
			if w.reported[key] || !c.oneAnswer && !w.suspected[key] {
				continue
			}
			w.reported[key] = true
			found = append(found, Violation{Name: c.name, Rules: c.rules, Text: fmt.Sprintf("%s %s", f.text, c.rules)})
		}
	}
	w.suspected = suspected
	w.remember(x)
	return found
}

// Reset forgets all that was seen: for whoever goes to another past of a simulated cluster.
func (w *Watcher) Reset() {
	*w = Watcher{known: map[boot]views{}, served: map[viewservice.Number]boot{}, reported: map[string]bool{}}
}

// remember takes in what was seen, for the snapshots to come.
func (w *Watcher) remember(x *sight) {
	for i := range x.answered {
		s := &x.answered[i]
		b, v := bootOf(s), s.Status.View.Viewnum
		before := w.known[b]
		w.known[b] = views{max(before.known, v), max(before.entered, s.Status.Entered)}
		if !x.canComplete(s) {
			continue
		}
		if _, ok := w.served[v]; !ok {
			w.served[v] = b
		}
		w.newest = max(w.newest, v)
	}
	if x.Viewservice.Boots != w.viewBoot {
		w.viewBoot, w.current = x.Viewservice.Boots, 0
	}
	w.current = max(w.current, x.Viewservice.Status.View.Viewnum)
	w.last = x
}
