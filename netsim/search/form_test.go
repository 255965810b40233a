package search

import (
	"bytes"
	"encoding/binary"
	"maps"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"testing"

	"cluster/splitbrain/netsim/world"
	"cluster/splitbrain/viewservice/rules"
)

// formOf is the canonical form of st, for which its key stands, written as a whole: the least one of all renamings.
func formOf(s *scope, st *state) string {
	c := newCanonicalizer(s)
	c.renaming.boots = st.boots
	var least []byte
	numbersOf(c.renaming.servers[:s.servers], s.symmetric, func() {
		numbersOf(c.renaming.clients[:s.clients], s.symmetric && s.workload == nil, func() {
			if b := c.appendAll(nil, st); least == nil || bytes.Compare(b, least) < 0 {
				least = b
			}
		})
	})
	return string(least)
}

// numbersOf gives numbers from 1 to all, in every order if any.
func numbersOf(all []byte, any bool, then func()) {
	if !any {
		for i := range all {
			all[i] = byte(i + 1)
		}
		then()
		return
	}
	var next func(number byte)
	next = func(number byte) {
		if int(number) > len(all) {
			then()
			return
		}
		for i := range all {
			if all[i] == 0 {
				all[i] = number
				next(number + 1)
				all[i] = 0
			}
		}
	}
	clear(all)
	next(1)
}

// appendAll appends the form of st under the present names.
func (c *canonicalizer) appendAll(b []byte, st *state) []byte {
	l := st.left
	b = append(b, l.ops, l.crashes, l.losses, l.duplicates, l.silences, l.late, l.vsCrashes, byte(st.gaveUp))
	b = c.appendNode(b, st.world, world.Viewservice)
	for place := range c.servers {
		b = c.appendNode(b, st.world, world.Server(1+slices.Index(c.renaming.servers[:], byte(place+1))))
	}
	for place := range c.clients {
		i := slices.Index(c.renaming.clients[:], byte(place+1))
		b = binary.AppendUvarint(append(b, st.seqs[i], byte(st.wrote[i])), c.waits(st, i))
		b = c.appendNode(b, st.world, world.Client(1+i))
	}
	for k := range c.keys {
		b = st.judges[k].appendCanon(b, &c.renaming)
	}
	var rows []string
	for _, m := range st.world.Transit() {
		if c.matters(st.world, m) {
			row := m.AppendCanon(nil, &c.renaming)
			if st.world.Awaited(m) {
				row = append(row, 1)
			}
			rows = append(rows, string(row))
		}
	}
	slices.Sort(rows)
	for _, row := range rows {
		b = append(binary.AppendUvarint(b, uint64(len(row))), row...)
	}
	return b
}

// A key stands for one form, and a form has one key: also where a state is broken, and whatever names its servers and clients have.
func TestKeysStandForForms(t *testing.T) {
	unraced(t)
	worlds := tinyWorlds[:]
	worlds = append(worlds[:len(worlds):len(worlds)], worlds[0])
	worlds[len(worlds)-1].name, worlds[len(worlds)-1].budget = "steady, a death and a loss", Budget{Ops: 2, Losses: 1, Silences: 1}
	for i, test := range worlds {
		for _, off := range [][]rules.Rule{nil, {rules.WaitForBackup, rules.FilterDuplicates}} {
			s, first := tiny(t, test.servers, test.clients, test.from, test.budget, off...)
			keys, forms := map[string]Key{}, map[Key]string{}
			random := rand.New(rand.NewPCG(1, uint64(i)))
			all, start := newSpace(s, first, new(atomic.Int64))
			w := all.Walker().(*walker)
			for range 150 {
				for st, steps := start, 0; steps < 25; steps++ {
					n := w.Steps(st)
					if n == 0 {
						break
					}
					next, ok := w.Take(st, random.IntN(n))
					if !ok {
						continue
					}
					st = next
					key, form := w.Key(st), formOf(s, st)
					if old, ok := keys[form]; ok && old != key {
						t.Fatalf("%s: a form has two keys: %q", test.name, form)
					}
					if old, ok := forms[key]; ok && old != form {
						t.Fatalf("%s: a key stands for two forms:\n%q\n%q", test.name, old, form)
					}
					keys[form], forms[key] = key, form
				}
			}
		}
	}
}

// What is looked up of parts comes to the states to which the cores come in worlds that have no Parts, and they have the same keys:
// equal parts have equal futures.
func TestStatesOfPartsAreThoseOfCores(t *testing.T) {
	unraced(t)
	type both [2]*state
	for _, test := range []struct {
		from    From
		clients int
		budget  Budget
		states  int
	}{
		{Steady, 2, Budget{Ops: 1, Silences: 1}, 70_000},
		{Steady, 2, Budget{Ops: 2, Losses: 1, Duplicates: 1}, 6_000},
		{Steady, 1, Budget{Ops: 1, Crashes: 1, VsCrashes: 1, Late: 1}, 6_000},
		{Start, 2, Budget{Ops: 1, Silences: 1, Crashes: 1}, 6_000},
	} {
		s, plain := tiny(t, 3, test.clients, test.from, test.budget)
		all, start := newSpace(s, plain, new(atomic.Int64))
		others, _ := newSpace(s, plain, new(atomic.Int64))
		var walkers [2]*walker
		walkers[0], walkers[1] = all.Walker().(*walker), others.Walker().(*walker)
		seen := map[Key]bool{walkers[0].Key(start): true}
		for level := []both{{start, plain}}; len(level) > 0 && len(seen) < test.states; {
			var next []both
			for _, st := range level {
				steps := walkers[0].Steps(st[0])
				if n := walkers[1].Steps(st[1]); n != steps {
					t.Fatalf("%v: %d and %d steps", test.budget, steps, n)
				}
				for i := range steps {
					var to both
					var ok [2]bool
					var keys [2]Key
					for k, w := range walkers {
						if to[k], ok[k] = w.Take(st[k], i); ok[k] {
							keys[k] = w.Key(to[k])
						}
					}
					if ok[0] != ok[1] || keys[0] != keys[1] {
						t.Fatalf("%v: after %+v of %d states, of parts %v:\n%q\nof none %v:\n%q", test.budget, walkers[0].steps[i], len(seen), ok[0], formOf(s, to[0]), ok[1], formOf(s, to[1]))
					}
					if ok[0] && !seen[keys[0]] {
						seen[keys[0]] = true
						next = append(next, to)
					}
				}
			}
			level = next
		}
	}
}

// States with one key have one future: the first one that was reached stands for all.
func TestEqualStatesHaveEqualFutures(t *testing.T) {
	unraced(t)
	for i, test := range []struct {
		from    From
		clients int
		budget  Budget
	}{
		{Steady, 2, Budget{Ops: 1, Silences: 1}},
		{Steady, 2, Budget{Ops: 2, Losses: 1, Duplicates: 1}},
		{Steady, 1, Budget{Ops: 1, Crashes: 1, VsCrashes: 1, Late: 1}},
		{Start, 2, Budget{Ops: 1, Silences: 1, Crashes: 1}},
	} {
		s, first := tiny(t, 3, test.clients, test.from, test.budget)
		all, first := newSpace(s, first, new(atomic.Int64))
		w := all.Walker().(*walker)
		random := rand.New(rand.NewPCG(2, uint64(i)))
		future := func(st *state) map[Key]bool {
			keys := map[Key]bool{}
			for i := range w.Steps(st) {
				if next, ok := w.Take(st, i); ok {
					keys[w.Key(next)] = true
				}
			}
			return keys
		}
		reached := map[Key]*state{w.Key(first): first}
		for level := []*state{first}; len(level) > 0 && len(reached) < 20_000; {
			var next []*state
			for _, st := range level {
				for i := range w.Steps(st) {
					w.Steps(st) // once more, after those of other states
					to, ok := w.Take(st, i)
					if !ok {
						continue
					}
					key := w.Key(to)
					switch one := reached[key]; {
					case one == nil:
						reached[key] = to
						next = append(next, to)
					case random.IntN(20) == 0 && !maps.Equal(future(one), future(to)):
						t.Fatalf("%v: after %d states two have one key, and other futures:\n%q\n%q", test.budget, len(reached), formOf(s, one), formOf(s, to))
					}
				}
			}
			level = next
		}
	}
}
