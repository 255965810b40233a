// Package invariant holds the successive snapshots of a cluster against what must always be so.
//
//	var w invariant.Watcher
//	for _, b := range w.Watch(snapshot) {
//		fmt.Println(b.Text) // what must never happen, has happened
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
)

// Broken is one invariant that does not hold.
type Broken struct {
	Name string // of the invariant, as All lists it
	Rule string // of docs/protocol.md
	Text string // one sentence
}

// Invariant is one of those that are watched.
type Invariant struct {
	Name, Rule, Text string
}

// All are the invariants.
func All() []Invariant {
	all := make([]Invariant, len(checks))
	for i, c := range checks {
		all[i] = c.Invariant
	}
	return all
}

// check finds what contradicts an invariant in one snapshot, given those before.
type check struct {
	Invariant
	// at once: the finding stands on one answer alone. Otherwise it must be there in two snapshots in a row, so that
	// an answer that came late, or for somebody else who was looking too, proves nothing.
	atOnce bool
	find   func(*Watcher, engine.Snapshot) []finding
}

// finding is named so that it is told once.
type finding struct {
	name, text string
}

var checks = []check{
	{Invariant{"one-serves", "S5 S7", "once a view is served, no primary of an older one can complete an operation"}, false, (*Watcher).oneServes},
	{Invariant{"one-per-view", "S2", "a view is served by one boot of one server"}, false, (*Watcher).onePerView},
	{Invariant{"backup-complete", "S4", "the backup of an acknowledged view has all the data"}, false, (*Watcher).backupComplete},
	{Invariant{"same-data", "S3 S5", "primary and complete backup hold the same after as many operations"}, false, (*Watcher).sameData},
	{Invariant{"views-forward", "S11", "the views that a server knows and has entered never go back"}, false, (*Watcher).viewsForward},
	{Invariant{"service-forward", "V3", "the views of the viewservice never go back"}, false, (*Watcher).serviceForward},
	{Invariant{"views-differ", "V6", "each view differs from the one before, and is numbered one higher"}, true, (*Watcher).viewsDiffer},
	{Invariant{"continuity", "V5", "a primary was primary or backup of the view before"}, true, (*Watcher).continuity},
	{Invariant{"entered-complete", "S4", "primary and backup enter a view with all its data only"}, true, (*Watcher).enteredComplete},
	{Invariant{"idle-empty", "S9", "a server that is neither primary nor backup keeps no data and lets nobody wait"}, true, (*Watcher).idleEmpty},
}

// life is one boot of one server.
type life struct {
	name string
	boot uint64
}

// Watcher watches one cluster. The zero Watcher has seen nothing. Not safe for concurrent use.
type Watcher struct {
	last   engine.Snapshot
	seen   bool // last is one
	known  map[life]progress
	served map[viewservice.Number]life // by whom a view was first seen served
	newest viewservice.Number          // of served

	service viewservice.Number // the newest view of the viewservice's incarnation
	start   int                // that incarnation

	suspected map[string]bool // in the last snapshot
	told      map[string]bool
}

// progress is the farthest that a life was seen.
type progress struct{ view, entered viewservice.Number }

// Watch takes in the next snapshot and returns what has been found broken by it for the first time. One of an earlier
// time than the last begins anew.
func (w *Watcher) Watch(s engine.Snapshot) []Broken {
	if !w.seen || s.At < w.last.At {
		w.Reset()
	}
	var broken []Broken
	suspected := map[string]bool{}
	for _, c := range checks {
		for _, f := range c.find(w, s) {
			id := c.Name + " " + f.name
			suspected[id] = true
			if w.told[id] || !c.atOnce && !w.suspected[id] {
				continue
			}
			w.told[id] = true
			broken = append(broken, Broken{Name: c.Name, Rule: c.Rule, Text: fmt.Sprintf("%s (%s)", f.text, c.Rule)})
		}
	}
	w.suspected = suspected
	w.remember(s)
	return broken
}

// Reset forgets all that was seen: for whoever goes to another past of a simulated cluster.
func (w *Watcher) Reset() {
	*w = Watcher{
		known: map[life]progress{}, served: map[viewservice.Number]life{}, suspected: map[string]bool{}, told: map[string]bool{},
	}
}

// remember takes in what was seen, for the snapshots to come.
func (w *Watcher) remember(s engine.Snapshot) {
	for _, server := range answered(s) {
		l, v := lifeOf(server), server.Status.View.Viewnum
		p := w.known[l]
		w.known[l] = progress{max(p.view, v), max(p.entered, server.Status.Entered)}
		if !completes(s, server) {
			continue
		}
		if _, ok := w.served[v]; !ok {
			w.served[v] = l
		}
		w.newest = max(w.newest, v)
	}
	if s.Viewservice.Incarnation != w.start {
		w.start, w.service = s.Viewservice.Incarnation, 0
	}
	w.service = max(w.service, s.Viewservice.Status.View.Viewnum)
	w.last, w.seen = s, true
}

func lifeOf(s engine.ServerState) life { return life{s.Name, s.Status.Boot} }

// answered are the servers whose answers are their own and of now: not of those that stand still.
func answered(s engine.Snapshot) []engine.ServerState {
	return slices.DeleteFunc(slices.Clone(s.Servers), func(v engine.ServerState) bool {
		return v.State != netsim.Up || v.Status.Boot == 0 || v.Status.View.Viewnum == 0
	})
}

func find(servers []engine.ServerState, name string) (engine.ServerState, bool) {
	i := slices.IndexFunc(servers, func(v engine.ServerState) bool { return v.Name == name })
	if i < 0 {
		return engine.ServerState{}, false
	}
	return servers[i], true
}
