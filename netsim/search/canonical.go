package search

import (
	"encoding/binary"
	"slices"

	"cluster/splitbrain/netsim/world"
)

// canonicalizer makes the keys of states. The key stands for the canonical form of a state: all that its future depends on,
// without the names of servers and clients. Two states have one key if renaming servers and clients makes them equal.
//
// The form is never written as a whole. A state consists of few parts, like a server or a message, that many states share: the
// key of each part under each renaming is remembered, and the key of the state is made of them. A worker of the search owns a
// canonicalizer. Not safe for concurrent use.
type canonicalizer struct {
	*scope
	renaming renaming
	least    Key    // the least key of the renamings tried so far, unless
	none     bool   // there is none yet
	text     []byte // buffer for forms of parts
	tries    int    // renamings that may still be tried

	orders  world.Table[uint64] // numbers of the names in use, by those of servers and of clients
	namings world.Table[uint64] // numbers of namings, by those of their names and of their boots
	known   world.Table[Key]    // keys of parts, by the version of each, and by its kind and the naming
}

// partKind says what a part of a state is. No two parts of a kind have one version; version 0 is that of what is no part.
type partKind uint64

const (
	ofJudge partKind = iota
	ofMessage
	ofAwaitedMessage
	ofNode    // and on: each node is a kind of its own, since nodes that have changed together have one version where worlds have no Parts
	partKinds = 1 << 8
)

// maxRenamings bounds how many renamings of one state are tried where signatures leave a choice. Beyond this bound
// symmetric states may count as different: the search then does more work, and misses nothing.
const maxRenamings = 24

// maxKnown bounds how many keys of parts are remembered, of some 50 bytes each: worlds that have no Parts have ever new ones.
const maxKnown = 1 << 19

func newCanonicalizer(s *scope) canonicalizer {
	return canonicalizer{scope: s, renaming: renaming{forgetful: s.forgetful}}
}

// key returns the key of st: the least one under all renamings between which the signatures of servers and clients leave the
// choice.
func (c *canonicalizer) key(st *state) Key {
	c.renaming.boots = st.boots
	c.none, c.tries = true, maxRenamings
	var order, classes [MaxServers]byte
	for i := range c.servers {
		order[i], classes[i] = byte(i), byte(i)
	}
	if c.symmetric {
		clear(classes[:])
		c.sortServers(st, order[:c.servers], classes[:])
	}
	c.permute(order[:c.servers], classes[:], 0, c.renaming.servers[:], func() { c.nameClients(st) })
	return c.least
}

// permute numbers the members of order in every order that keeps classes together, and calls then for each.
func (c *canonicalizer) permute(order, classes []byte, from int, numbers []byte, then func()) {
	if c.tries <= 0 {
		return
	}
	if from == len(order) {
		then()
		return
	}
	if from+1 == len(order) || classes[order[from+1]] != classes[order[from]] { // there is no choice
		numbers[order[from]] = byte(from + 1)
		c.permute(order, classes, from+1, numbers, then)
		return
	}
	for i := from; i < len(order) && classes[order[i]] == classes[order[from]]; i++ {
		order[from], order[i] = order[i], order[from]
		numbers[order[from]] = byte(from + 1)
		c.permute(order, classes, from+1, numbers, then)
		order[from], order[i] = order[i], order[from]
	}
}

// sortServers puts servers into an order that does not depend on their names, and servers that can't be told apart
// into one class. Primary and backup of the viewservice's view come first: for most states no signature is needed then.
func (c *canonicalizer) sortServers(st *state, order, classes []byte) {
	idle := len(order)
	if views := st.world.ViewCore(); views != nil {
		v, _ := views.Current()
		for i := range order {
			switch name := world.Server(i + 1).String(); name {
			case v.Primary:
				classes[i], idle = 1, idle-1
			case v.Backup:
				classes[i], idle = 2, idle-1
			}
		}
	}
	c.rank(order, classes, 3, idle, func(i int) Key { return c.signServer(st, i) })
}

// rank gives a class, from first on, to each member of order that has none, by the order of their signatures, and
// then sorts order by class.
func (c *canonicalizer) rank(order, classes []byte, first byte, unranked int, sign func(i int) Key) {
	var signs [MaxServers]Key
	var without [MaxServers]byte // members that have no class
	members := without[:0]
	for _, i := range order {
		if classes[i] == 0 {
			members = append(members, i)
			if unranked > 1 {
				signs[i] = sign(int(i))
			}
		}
	}
	for _, i := range members {
		class := first
		for _, j := range members {
			if signs[j].less(signs[i]) {
				class++
			}
		}
		classes[i] = class
	}
	sortByClass(order, classes)
}

// sortByClass sorts order, which is short, by class.
func sortByClass(order, classes []byte) {
	for i := 1; i < len(order); i++ {
		one, at := order[i], i
		for ; at > 0 && classes[order[at-1]] > classes[one]; at-- {
			order[at] = order[at-1]
		}
		order[at] = one
	}
}

// signServer returns the signature of server i: the key of the whole state without messages, in which the server is called 1
// and all others 2.
func (c *canonicalizer) signServer(st *state, i int) Key {
	for j := range c.renaming.servers {
		c.renaming.servers[j] = 2
	}
	for j := range c.renaming.clients {
		c.renaming.clients[j] = 1
	}
	c.renaming.servers[i] = 1
	naming := c.present()
	h := newHasher()
	h.addKey(c.keyOfNode(st, world.Viewservice, naming))
	h.addKey(c.keyOfNode(st, world.Server(i+1), naming))
	return h.key()
}

// nameClients tries the renamings of clients under the present renaming of servers.
func (c *canonicalizer) nameClients(st *state) {
	var order, classes [MaxClients]byte
	for i := range c.clients {
		order[i], classes[i] = byte(i), byte(i)
	}
	if c.symmetric && c.workload == nil && c.clients > 1 {
		clear(classes[:])
		c.sortClients(st, order[:c.clients], classes[:])
	}
	c.permute(order[:c.clients], classes[:], 0, c.renaming.clients[:], func() { c.try(st) })
}

// sortClients is sortServers for clients. The numbers of their operations tell most clients apart.
func (c *canonicalizer) sortClients(st *state, order, classes []byte) {
	var done [MaxClients]uint64
	for i := range order {
		done[i] = uint64(st.seqs[i])<<16 | uint64(st.wrote[i])
	}
	alike := 0
	for i := range order {
		classes[i] = 1
		for j := range order {
			if done[j] < done[i] {
				classes[i]++
			} else if j != i && done[j] == done[i] {
				alike++
			}
		}
	}
	if alike > 0 {
		clear(classes[:len(order)])
		c.rank(order, classes, 1, len(order), func(i int) Key { return c.signClient(st, i) })
		return
	}
	sortByClass(order, classes)
}

func (c *canonicalizer) signClient(st *state, i int) Key {
	for j := range c.renaming.clients {
		c.renaming.clients[j] = 2
	}
	c.renaming.clients[i] = 1
	naming := c.present()
	h := newHasher()
	h.add(uint64(st.seqs[i])<<16|uint64(st.wrote[i]), c.waits(st, i))
	h.addKey(c.keyOfNode(st, world.Client(i+1), naming))
	c.addJudges(&h, st, naming)
	return h.key()
}

// try makes the key under the present renaming, and keeps it if it is the least so far.
func (c *canonicalizer) try(st *state) {
	c.tries--
	if k := c.named(st); c.none || k.less(c.least) {
		c.least, c.none = k, false
	}
}

// named returns the key of st under the present renaming.
func (c *canonicalizer) named(st *state) Key {
	naming := c.present()
	h := newHasher()
	l := st.left
	lost := byte(0)
	if st.dataLost {
		lost = 1
	}
	h.add(binary.LittleEndian.Uint64([]byte{l.ops, l.crashes, l.losses, l.duplicates, l.silences, l.late, l.vsCrashes, lost}), uint64(st.gaveUp))
	h.addKey(c.keyOfNode(st, world.Viewservice, naming))
	for place := range c.servers {
		h.addKey(c.keyOfNode(st, world.Server(1+slices.Index(c.renaming.servers[:], byte(place+1))), naming))
	}
	for place := range c.clients {
		i := slices.Index(c.renaming.clients[:], byte(place+1))
		h.add(uint64(st.seqs[i])<<16|uint64(st.wrote[i]), c.waits(st, i))
		h.addKey(c.keyOfNode(st, world.Client(1+i), naming))
	}
	c.addJudges(&h, st, naming)
	c.addMessages(&h, st, naming)
	return h.key()
}

// waits is st.waits of the client with index i under the present names.
func (c *canonicalizer) waits(st *state, i int) (waits uint64) {
	for j := range c.servers {
		if st.waits[i]&(1<<j) != 0 {
			waits |= 1 << c.renaming.servers[j]
		}
	}
	return waits
}

func (c *canonicalizer) addJudges(h *hasher, st *state, naming uint64) {
	for _, judge := range st.judges[:len(c.keys)] {
		h.addKey(c.keyOf(ofJudge, judge.version, naming, func(b []byte) []byte { return judge.appendCanon(b, &c.renaming) }))
	}
}

// addMessages adds the messages that matter. Their keys are summed up: the order of sending must not tell states apart.
func (c *canonicalizer) addMessages(h *hasher, st *state, naming uint64) {
	var sum Key
	alive := uint64(0)
	for _, m := range st.world.Transit() {
		if !c.matters(st.world, m) {
			continue
		}
		kind := ofMessage
		if st.world.Awaited(m) {
			kind = ofAwaitedMessage
		}
		k := c.keyOf(kind, m.Letter(), naming, func(b []byte) []byte { return m.AppendCanon(append(b, byte(kind)), &c.renaming) })
		alive++
		sum = sum.plus(k)
	}
	h.add(alive, 0)
	h.addKey(sum)
}

func (c *canonicalizer) keyOfNode(st *state, n world.Node, naming uint64) Key {
	return c.keyOf(ofNode+partKind(n), st.world.Version(n), naming, func(b []byte) []byte { return c.appendNode(b, st.world, n) })
}

// appendNode appends the form of a node under the present names.
func (c *canonicalizer) appendNode(b []byte, w *world.World, n world.Node) []byte {
	b = append(b, byte(w.State(n)))
	switch {
	case n.IsClient():
		b = w.ClerkCore(n).AppendCanon(b, &c.renaming)
	case n.IsServer():
		if core := w.ServerCore(n); core != nil {
			b = core.AppendCanon(b, &c.renaming)
		}
	default:
		if core := w.ViewCore(); core != nil {
			b = core.AppendCanon(b, &c.renaming)
		}
	}
	return b
}

// present returns the number of the present naming: the names, and the boots that are told apart. The form of a part depends on
// the part and on these.
func (c *canonicalizer) present() uint64 {
	n := &c.renaming.names
	order := numberOf(&c.orders, binary.LittleEndian.Uint64(n.servers[:8]), binary.LittleEndian.Uint64(n.clients[:]))
	return numberOf(&c.namings, order, c.renaming.boots.number<<8|uint64(n.servers[8]))
}

// numberOf returns the number of a pair, from 1.
func numberOf(all *world.Table[uint64], a, b uint64) uint64 {
	number, ok := all.Get(a, b)
	if !ok {
		number = uint64(all.Len()) + 1
		all.Put(a, b, number)
	}
	return number
}

// keyOf returns the key of a part of that version under a naming. form appends its form.
func (c *canonicalizer) keyOf(kind partKind, version, naming uint64, form func(b []byte) []byte) Key {
	under := naming*partKinds + uint64(kind)
	k, ok := c.known.Get(version, under)
	if !ok || version == 0 {
		c.text = form(c.text[:0])
		k = keyOf(c.text)
		if version != 0 {
			if c.known.Len() == maxKnown {
				c.known = world.Table[Key]{}
			}
			c.known.Put(version, under, k)
		}
	}
	return k
}
