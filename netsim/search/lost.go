package search

import (
	"fmt"

	"cluster/splitbrain/netsim/world"
	"cluster/splitbrain/pbservice"
)

// lostValue is what a server holds for a key and no get may return now.
type lostValue struct {
	register
	key string
	at  int // index of the key in scope.keys
}

// String tells the key and what it holds.
func (l lostValue) String() string {
	if !l.found {
		return "nothing for " + l.key
	}
	return l.key + " = " + l.register.String()
}

func (l lostValue) unexplained() string {
	return fmt.Sprintf("holds %s: no order of the operations explains that", l)
}

// lost returns a value that a server has lost, or holds though nobody stored it; ok is false if there is none.
func (s *scope) lost(st *state, core *pbservice.Core) (l lostValue, ok bool) {
	for k, key := range s.keys {
		if r := valueOf(core, key); !st.judges[k].explains(r) {
			return lostValue{r, key, k}, true
		}
	}
	return lostValue{}, false
}

// loser returns one of the servers that can complete operations, with a value that it has lost; ok is false if there is none.
func (s *scope) loser(st *state, able serverSet) (n world.Node, l lostValue, ok bool) {
	for i := range s.servers {
		core := st.world.ServerCore(world.Server(i + 1))
		if !able.has(i) || core.Holds() == 0 {
			continue
		}
		if l, ok = s.lost(st, core); ok {
			return world.Server(i + 1), l, true
		}
	}
	return n, l, false
}

func (s *scope) lostWrite(st *state, able serverSet) string {
	n, l, ok := s.loser(st, able)
	if !ok {
		return ""
	}
	return fmt.Sprintf("%s can %s, and %s", n, canDo(st.world, n), l.unexplained())
}

// inPlaceOf says what a get might return now in place of a lost value, and since when; "" if nothing is known of that.
func (f *Find) inPlaceOf(l lostValue, all []telling, end *state) string {
	const most = 3
	right := end.judges[l.at].explained()
	if len(right) == 0 || len(right) > most {
		return ""
	}
	text := " in place of "
	for i, r := range right {
		if i > 0 {
			text += " or "
		}
		text += r.String()
	}
	before, since := f.first, ""
	for i, t := range all {
		if before.judges[l.at].explains(l.register) && !t.after.judges[l.at].explains(l.register) {
			since = f.answeredBy(before, t.after, i)
		}
		before = t.after
	}
	return text + since
}

// answeredBy says which client is answered by event i of the find, and what; "" if none is.
func (f *Find) answeredBy(before, after *state, i int) string {
	for c := range f.clients {
		n := world.Client(c + 1)
		if op, ok := answeredOp(before.world.ClerkCore(n), after.world.ClerkCore(n), f.Events[i]); ok {
			return fmt.Sprintf(": %s has its answer to %s since line %d", n, op.Says().Words, f.recording.past.Steps+i+1)
		}
	}
	return ""
}

func (s *scope) unknownRepeat(st *state, able serverSet) string {
	for i := range s.servers {
		n := world.Server(i + 1)
		core := st.world.ServerCore(n)
		if !able.has(i) || core.Forgets() || !completes(st.world, n, pbservice.Append) {
			continue
		}
		if repeats := s.repeats(st, core); repeats != "" {
			return fmt.Sprintf("%s can complete operations, and %s", n, repeats)
		}
	}
	return ""
}

// repeats says which write that was answered a server would do again; "" if there is none. It knows the words of one that is the
// newest of the past.
func (s *scope) repeats(st *state, core *pbservice.Core) string {
	for c := range s.clients {
		name := world.Client(c + 1).String()
		seq := uint64(st.wrote[c])
		if core.Forgets() || core.Filtered(name) >= seq {
			continue
		}
		words := fmt.Sprintf("operation %d", seq)
		if op := s.past.wrote(name); op.Seq == seq {
			words = op.Says().Words
		}
		return fmt.Sprintf("would do %s of %s again, which was answered", words, name)
	}
	return ""
}
