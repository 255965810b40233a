package search

import (
	"bytes"
	"encoding/binary"
	"slices"

	"cluster/splitbrain/netsim/world"
	"cluster/splitbrain/pbservice"
)

// former makes canonical forms: what a moment's future depends on, told without the names of servers and clients that
// differ in nothing else. Not safe for concurrent use.
type former struct {
	*setting
	naming naming
	least  []byte // of all namings so far
	form   []byte // of this naming
	text   []byte // of signatures
	cores  [maxServers]coreForms
	alive  []uint16 // the places of messages that matter
	left   int      // namings that may still be tried
}

// mostNamings bounds how many namings of states are tried that no signature tells apart. Beyond it symmetric states
// may count as different.
const mostNamings = 24

// of is the canonical form of m: the least under all namings between which signatures leave the choice. It is
// overwritten by the next.
func (f *former) of(m *moment) []byte {
	f.naming.boots = m.boots
	f.least, f.left = f.least[:0], mostNamings
	var order, classes [maxServers]byte
	for i := range f.servers {
		order[i] = byte(i)
	}
	if f.symmetric {
		f.sortServers(m, order[:f.servers], classes[:])
	}
	f.each(order[:f.servers], classes[:], 0, f.naming.servers[:], func() { f.nameClients(m) })
	return f.least
}

// each gives the members of order new numbers, in every order of those that share a class, and calls then.
func (f *former) each(order, classes []byte, from int, numbers []byte, then func()) {
	if f.left <= 0 {
		return
	}
	if from == len(order) {
		then()
		return
	}
	for i := from; i < len(order) && (i == from || f.symmetric && classes[order[i]] == classes[order[from]]); i++ {
		order[from], order[i] = order[i], order[from]
		numbers[order[from]] = byte(from + 1)
		f.each(order, classes, from+1, numbers, then)
		order[from], order[i] = order[i], order[from]
	}
}

// sortServers puts servers in an order that does not depend on their names, and those that can't be told apart into
// one class. The viewservice's view tells most.
func (f *former) sortServers(m *moment, order, classes []byte) {
	idle := len(order)
	if views := m.world.ViewCore(); views != nil {
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
	f.rank(order, classes, 3, idle, func(i int) { f.markServer(m, i) })
}

// rank gives each member without a class one from first on, by the order of what mark appends to text while it is called
// 1 and the others 2; then it sorts order by class.
func (f *former) rank(order, classes []byte, first byte, unranked int, mark func(i int)) {
	if unranked > 0 {
		var signs [maxServers][]byte
		f.text = f.text[:0]
		for _, i := range order {
			if classes[i] == 0 && unranked > 1 {
				at := len(f.text)
				mark(int(i))
				signs[i] = f.text[at:len(f.text):len(f.text)]
			}
		}
		var ranks [maxServers]byte
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

// markServer appends what tells the server from others: all that is said of it, in the whole state but for messages.
func (f *former) markServer(m *moment, i int) {
	for j := range f.naming.servers {
		f.naming.servers[j] = 2
	}
	for j := range f.naming.clients {
		f.naming.clients[j] = 1
	}
	f.naming.servers[i] = 1
	f.text = f.appendViews(f.text, m)
	f.text = f.appendServer(f.text, m, i)
}

// nameClients tries the namings of clients under one of servers.
func (f *former) nameClients(m *moment) {
	var order, classes [maxClients]byte
	for i := range f.clients {
		order[i] = byte(i)
	}
	if f.symmetric && f.clients > 1 {
		f.sortClients(m, order[:f.clients], classes[:])
	}
	f.each(order[:f.clients], classes[:], 0, f.naming.clients[:], func() { f.try(m) })
}

// sortClients is sortServers for clients. How much each has done tells most.
func (f *former) sortClients(m *moment, order, classes []byte) {
	var done [maxClients]uint64
	for i := range order {
		done[i] = uint64(m.seqs[i])<<16 | uint64(m.wrote[i])
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
		f.rank(order, classes, 1, len(order), func(i int) { f.markClient(m, i) })
		return
	}
	slices.SortFunc(order, func(i, j byte) int { return int(classes[i]) - int(classes[j]) })
}

func (f *former) markClient(m *moment, i int) {
	for j := range f.naming.clients {
		f.naming.clients[j] = 2
	}
	f.naming.clients[i] = 1
	f.text = f.appendClient(f.text, m, i)
	f.text = m.judge.appendCanon(f.text, &f.naming)
}

// try makes the form under one naming, and keeps it if it is the least.
func (f *former) try(m *moment) {
	f.left--
	f.form = f.append(f.form[:0], m)
	if len(f.least) == 0 || bytes.Compare(f.form, f.least) < 0 {
		f.least, f.form = f.form, f.least
	}
}

// append appends the form under the present naming.
func (f *former) append(b []byte, m *moment) []byte {
	l := m.left
	b = append(b, l.ops, l.crashes, l.losses, l.duplicates, l.silences, l.late)
	b = binary.AppendUvarint(b, uint64(m.gaveUp))
	b = f.appendViews(b, m)
	for place := range f.servers {
		b = f.appendServer(b, m, slices.Index(f.naming.servers[:f.servers], byte(place+1)))
	}
	for place := range f.clients {
		b = f.appendClient(b, m, slices.Index(f.naming.clients[:f.clients], byte(place+1)))
	}
	b = m.judge.appendCanon(b, &f.naming)
	return f.appendMessages(b, m)
}

func (f *former) appendViews(b []byte, m *moment) []byte {
	if views := m.world.ViewCore(); views != nil {
		return views.AppendCanon(append(b, 1), &f.naming)
	}
	return append(b, 0)
}

func (f *former) appendServer(b []byte, m *moment, i int) []byte {
	n := world.Server(i + 1)
	b = append(b, byte(m.world.State(n)))
	if core := m.world.ServerCore(n); core != nil {
		b = append(b, f.cores[i].form(core, &f.naming)...)
	}
	return b
}

// coreForms remembers forms of one server: a step changes one core, and leaves the others as the state before has them.
type coreForms struct {
	kept [2]coreForm
	next int // to be forgotten
}

type coreForm struct {
	core  *pbservice.Core
	names names
	boots *boot // the first of all
	count int
	bytes []byte
}

// form is that of the core under the names of n. It is overwritten by the next but one.
func (c *coreForms) form(core *pbservice.Core, n *naming) []byte {
	var boots *boot
	if len(n.boots) > 0 {
		boots = &n.boots[0]
	}
	for i := range c.kept {
		if k := &c.kept[i]; k.core == core && k.names == n.names && k.boots == boots && k.count == len(n.boots) {
			c.next = 1 - i
			return k.bytes
		}
	}
	k := &c.kept[c.next]
	c.next = 1 - c.next
	k.core, k.names, k.boots, k.count = core, n.names, boots, len(n.boots)
	k.bytes = core.AppendCanon(k.bytes[:0], n)
	return k.bytes
}

func (f *former) appendClient(b []byte, m *moment, i int) []byte {
	b = append(b, m.seqs[i])
	b = binary.AppendUvarint(b, uint64(m.wrote[i]))
	waits := uint64(0)
	for j := range f.servers {
		if m.waits[i]&(1<<j) != 0 {
			waits |= 1 << f.naming.servers[j]
		}
	}
	b = binary.AppendUvarint(b, waits)
	return m.world.ClerkCore(world.Client(i+1)).AppendCanon(b, &f.naming)
}

// appendMessages appends those that matter, in the order of what they say.
func (f *former) appendMessages(b []byte, m *moment) []byte {
	all := m.world.Transit()
	f.alive = f.alive[:0]
	for i, msg := range all {
		if matters(m.world, msg) {
			f.alive = append(f.alive, uint16(i))
		}
	}
	b = binary.AppendUvarint(b, uint64(len(f.alive)))
	return f.naming.sorted(b, len(f.alive), nil, func(b []byte, i int) []byte {
		msg := all[f.alive[i]]
		b = msg.AppendCanon(b, &f.naming)
		if msg.Kind == world.Forward && m.world.Awaited(msg) {
			b = append(b, 1)
		}
		return b
	})
}
