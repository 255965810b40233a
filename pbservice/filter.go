package pbservice

import (
	"cmp"
	"maps"
	"slices"
)

// DefaultFilterClients is how many clients the duplicate filter remembers: more than the fastest service answers while one
// of them tries an operation again.
const DefaultFilterClients = 1 << 17

// filter is the duplicate filter (S10): it knows of each client the newest operation that took its turn. It has room for so
// many clients, and forgets first the one whose operation is the oldest; horizon is the position of the newest operation
// that was forgotten. So a client has an entry exactly if its newest operation is behind the horizon.
type filter struct {
	room     int // 0: DefaultFilterClients
	horizon  uint64
	byClient map[string]int32 // indices of entries
	// entries are linked in the order of their positions, into a ring. The first one is no client's: it stands between
	// the newest and the oldest.
	entries []filterEntry
}

type filterEntry struct {
	FilterEntry
	older, newer int32
}

// clients is how many the filter knows.
func (f *filter) clients() int { return len(f.byClient) }

// tells reports whether positions matter to clients: whether it has forgotten one, or will with the next.
func (f *filter) tells() bool {
	return f.horizon > 0 || f.clients() == cmp.Or(f.room, DefaultFilterClients)
}

// last returns what is known of the client.
func (f *filter) last(client string) (e FilterEntry, known bool) {
	i, known := f.byClient[client]
	if known {
		e = f.entries[i].FilterEntry
	}
	return e, known
}

// init makes the ring of an empty filter.
func (f *filter) init() {
	if f.entries == nil {
		f.byClient, f.entries = map[string]int32{}, make([]filterEntry, 1)
	}
}

// note makes e, whose position is the newest, what is known of its client.
func (f *filter) note(e FilterEntry) {
	f.init()
	if i, known := f.byClient[e.Client]; known {
		f.unlink(i)
		f.entries[i].FilterEntry = e
		f.link(i, f.newest(), 0)
		return
	}
	if f.clients() == cmp.Or(f.room, DefaultFilterClients) {
		f.forgetOldest()
	}
	f.link(f.add(e), f.newest(), 0)
}

// restore adds e, whose position is before all others. It is one of a transfer.
func (f *filter) restore(e FilterEntry) {
	f.init()
	if _, known := f.byClient[e.Client]; !known && f.clients() < cmp.Or(f.room, DefaultFilterClients) {
		f.link(f.add(e), 0, f.oldest())
	}
}

// forget forgets what is not behind the horizon of the filter that is transferred.
func (f *filter) forget(horizon uint64) {
	for f.clients() > 0 && f.entries[f.oldest()].Position <= horizon {
		f.forgetOldest()
	}
	f.horizon = max(f.horizon, horizon)
}

func (f *filter) newest() int32 { return f.entries[0].older }
func (f *filter) oldest() int32 { return f.entries[0].newer }

// add makes an entry that is not linked yet.
func (f *filter) add(e FilterEntry) int32 {
	i := int32(len(f.entries))
	f.entries = append(f.entries, filterEntry{FilterEntry: e})
	f.byClient[e.Client] = i
	return i
}

func (f *filter) forgetOldest() {
	i, last := f.oldest(), int32(len(f.entries)-1)
	gone := &f.entries[i]
	f.horizon = max(f.horizon, gone.Position)
	delete(f.byClient, gone.Client)
	f.unlink(i)
	if i != last { // the last one fills the hole
		moved := f.entries[last]
		f.unlink(last)
		f.entries[i] = moved
		f.byClient[moved.Client] = i
		f.link(i, moved.older, moved.newer)
	}
	f.entries[last] = filterEntry{}
	f.entries = f.entries[:last]
}

func (f *filter) link(i, older, newer int32) {
	f.entries[i].older, f.entries[i].newer = older, newer
	f.entries[older].newer, f.entries[newer].older = i, i
}

func (f *filter) unlink(i int32) {
	e := &f.entries[i]
	f.entries[e.older].newer, f.entries[e.newer].older = e.newer, e.older
}

// filterCursor says how much of a filter was transferred, the newest operations first. Those that took their turn
// since the transfer began travel as operations.
type filterCursor struct {
	begun, ended bool
	position     uint64 // of the last one transferred
	index        int32  // where that one was
}

// chunk copies the next entries after c, most at the most.
func (f *filter) chunk(c *filterCursor, most int) []FilterEntry {
	i := f.after(c)
	c.begun = true
	var all []FilterEntry
	for ; i != 0 && len(all) < most; i = f.entries[i].older {
		all = append(all, f.entries[i].FilterEntry)
		c.position, c.index = f.entries[i].Position, i
	}
	c.ended = i == 0
	return all
}

// after is the index of the first entry after c, 0 if there is none.
func (f *filter) after(c *filterCursor) int32 {
	switch {
	case f.clients() == 0:
		return 0
	case !c.begun:
		return f.newest()
	case int(c.index) < len(f.entries) && f.entries[c.index].Position == c.position:
		return f.entries[c.index].older
	}
	i := f.newest() // that one was forgotten, or its client has done something since
	for i != 0 && f.entries[i].Position >= c.position {
		i = f.entries[i].older
	}
	return i
}

// left is how many entries are after c.
func (f *filter) left(c *filterCursor) (n uint64) {
	for i := f.after(c); i != 0; i = f.entries[i].older {
		n++
	}
	return n
}

// clone returns a copy, for which it uses what room old has.
func (f *filter) clone(old filter) filter {
	n := *f
	if old.byClient == nil || f.entries == nil {
		n.byClient, n.entries = maps.Clone(f.byClient), slices.Clone(f.entries)
		return n
	}
	n.byClient, n.entries = old.byClient, append(old.entries[:0], f.entries...)
	clear(n.byClient)
	maps.Copy(n.byClient, f.byClient)
	return n
}
