package search

import (
	"bytes"
	"encoding/binary"
	"slices"

	"cluster/splitbrain/netsim/world"
	"cluster/splitbrain/pbservice"
)

// canonicalizer makes canonical forms of states: the bytes that a state's future depends on, without the names of
// servers and clients. Two states have one form if renaming servers and clients makes them equal. A worker of the
// search owns one, because the buffers are used again for every state. Not safe for concurrent use.
type canonicalizer struct {
	*scope
	renaming renaming
	least    []byte // the least form of the renamings tried so far
	current  []byte // the form under the present renaming
	text     []byte // buffer for signatures
	cores    [MaxServers]coreForms
	alive    []uint16 // buffer: indexes of the messages that matter
	tries    int      // renamings that may still be tried
}

// maxRenamings bounds how many renamings of one state are tried where signatures leave a choice. Beyond this bound
// symmetric states may count as different: the search then does more work, and misses nothing.
const maxRenamings = 24

// form returns the canonical form of st: the least form under all renamings between which the signatures of servers
// and clients leave the choice. The next call overwrites the returned bytes.
func (c *canonicalizer) form(st *state) []byte {
	c.renaming.boots = st.boots
	c.least, c.tries = c.least[:0], maxRenamings
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
	c.rank(order, classes, 3, idle, func(i int) { c.signServer(st, i) })
}

// rank gives a class, from first on, to each member of order that has none, by the order of their signatures, and
// then sorts order by class. sign appends the signature of member i to c.text.
func (c *canonicalizer) rank(order, classes []byte, first byte, unranked int, sign func(i int)) {
	if unranked > 0 {
		var signs [MaxServers][]byte
		c.text = c.text[:0]
		for _, i := range order {
			if classes[i] == 0 && unranked > 1 {
				at := len(c.text)
				sign(int(i))
				signs[i] = c.text[at:len(c.text):len(c.text)]
			}
		}
		var ranks [MaxServers]byte
		for _, i := range order {
			for _, j := range order {
				if classes[i] == 0 && classes[j] == 0 && bytes.Compare(signs[j], signs[i]) < 0 {
					ranks[i]++
				}
			}
		}
		for _, i := range order {
			if classes[i] == 0 {
				ranks[i] += first
			} else {
				ranks[i] = classes[i]
			}
		}
		copy(classes, ranks[:len(classes)])
	}
	slices.SortFunc(order, func(i, j byte) int { return int(classes[i]) - int(classes[j]) })
}

// signServer appends the signature of server i: the whole state without messages, in which the server is called 1
// and all others 2.
func (c *canonicalizer) signServer(st *state, i int) {
	for j := range c.renaming.servers {
		c.renaming.servers[j] = 2
	}
	for j := range c.renaming.clients {
		c.renaming.clients[j] = 1
	}
	c.renaming.servers[i] = 1
	c.text = c.appendViews(c.text, st)
	c.text = c.appendServer(c.text, st, i)
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
		c.rank(order, classes, 1, len(order), func(i int) { c.signClient(st, i) })
		return
	}
	slices.SortFunc(order, func(i, j byte) int { return int(classes[i]) - int(classes[j]) })
}

func (c *canonicalizer) signClient(st *state, i int) {
	for j := range c.renaming.clients {
		c.renaming.clients[j] = 2
	}
	c.renaming.clients[i] = 1
	c.text = c.appendClient(c.text, st, i)
	c.text = c.appendJudges(c.text, st)
}

// try makes the form under the present renaming, and keeps it if it is the least so far.
func (c *canonicalizer) try(st *state) {
	c.tries--
	c.current = c.append(c.current[:0], st)
	if len(c.least) == 0 || bytes.Compare(c.current, c.least) < 0 {
		c.least, c.current = c.current, c.least
	}
}

// append appends the form of st under the present renaming.
func (c *canonicalizer) append(b []byte, st *state) []byte {
	l := st.left
	b = append(b, l.ops, l.crashes, l.losses, l.duplicates, l.silences, l.late, l.vsCrashes)
	b = binary.AppendUvarint(b, uint64(st.gaveUp))
	b = c.appendViews(b, st)
	for place := range c.servers {
		b = c.appendServer(b, st, slices.Index(c.renaming.servers[:c.servers], byte(place+1)))
	}
	for place := range c.clients {
		b = c.appendClient(b, st, slices.Index(c.renaming.clients[:c.clients], byte(place+1)))
	}
	b = c.appendJudges(b, st)
	return c.appendMessages(b, st)
}

func (c *canonicalizer) appendJudges(b []byte, st *state) []byte {
	for k := range c.keys {
		b = st.judges[k].appendCanon(b, &c.renaming)
	}
	return b
}

func (c *canonicalizer) appendViews(b []byte, st *state) []byte {
	if views := st.world.ViewCore(); views != nil {
		return views.AppendCanon(append(b, 1), &c.renaming)
	}
	return append(b, 0)
}

func (c *canonicalizer) appendServer(b []byte, st *state, i int) []byte {
	n := world.Server(i + 1)
	b = append(b, byte(st.world.State(n)))
	if core := st.world.ServerCore(n); core != nil {
		b = append(b, c.cores[i].form(core, st.world.Version(n), &c.renaming)...)
	}
	return b
}

// coreForms remembers the last two forms of one server's core. A step changes one core and shares the others with the
// state before it, so that most forms need not be made again.
type coreForms struct {
	kept [2]coreForm
	next int // index in kept of the form to be replaced next
}

type coreForm struct {
	version uint64 // of the server; 0: there is none
	names   names
	boots   *boot // the first known boot, and
	count   int   // their number: boots are only ever added, so that both together tell whether they are the same
	bytes   []byte
}

// form returns the form of core, of that version of its server, under the names of n. The call after the next one may overwrite
// the returned bytes.
func (c *coreForms) form(core *pbservice.Core, version uint64, n *renaming) []byte {
	var boots *boot
	if len(n.boots) > 0 {
		boots = &n.boots[0]
	}
	for i := range c.kept {
		if k := &c.kept[i]; k.version == version && k.names == n.names && k.boots == boots && k.count == len(n.boots) {
			c.next = 1 - i
			return k.bytes
		}
	}
	k := &c.kept[c.next]
	c.next = 1 - c.next
	k.version, k.names, k.boots, k.count = version, n.names, boots, len(n.boots)
	k.bytes = core.AppendCanon(k.bytes[:0], n)
	return k.bytes
}

func (c *canonicalizer) appendClient(b []byte, st *state, i int) []byte {
	b = append(b, st.seqs[i])
	b = binary.AppendUvarint(b, uint64(st.wrote[i]))
	waits := uint64(0)
	for j := range c.servers {
		if st.waits[i]&(1<<j) != 0 {
			waits |= 1 << c.renaming.servers[j]
		}
	}
	b = binary.AppendUvarint(b, waits)
	return st.world.ClerkCore(world.Client(i+1)).AppendCanon(b, &c.renaming)
}

// appendMessages appends the messages that matter, sorted by their bytes: the order of sending must not tell states apart.
func (c *canonicalizer) appendMessages(b []byte, st *state) []byte {
	all := st.world.Transit()
	c.alive = c.alive[:0]
	for i, msg := range all {
		if c.matters(st.world, msg) {
			c.alive = append(c.alive, uint16(i))
		}
	}
	b = binary.AppendUvarint(b, uint64(len(c.alive)))
	return c.renaming.sorted(b, len(c.alive), nil, func(b []byte, i int) []byte {
		msg := all[c.alive[i]]
		b = msg.AppendCanon(b, &c.renaming)
		if st.world.Awaited(msg) {
			b = append(b, 1)
		}
		return b
	})
}
