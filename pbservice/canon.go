package pbservice

import (
	"encoding/binary"
	"slices"

	"cluster/splitbrain/viewservice"
	"cluster/splitbrain/viewservice/rules"

	"github.com/tidwall/btree"
)

// smallMap is the number of keys up to which a clone copies the map at once. The copy-on-write copy of a btree.Map marks
// the original, so that two goroutines may not make one at a time; the search's worlds have few keys.
const smallMap = 64

// Clone returns a copy that shares nothing that changes. What Ready would return must have been taken before. Several
// goroutines may clone one core at a time if its map has at most 64 keys.
func (c *Core) Clone() *Core { return c.CloneInto(new(Core)) }

// CloneInto is Clone, in place of n, which nobody uses any more. It returns n.
func (c *Core) CloneInto(n *Core) *Core {
	old := n.state.filter
	*n = *c
	n.state = c.state.clone(old)
	n.ready = Ready{}
	n.stream.tail = slices.Clip(c.stream.tail)
	q := &c.requests
	if len(q.queue)+len(q.parked)+len(c.stream.batch) == 0 {
		n.requests = requests{}
		return n
	}
	copies := map[*request]*request{}
	n.requests = requests{queue: clones(q.queue, copies), parked: clones(q.parked, copies)}
	n.stream.batch = clones(c.stream.batch, copies)
	if len(q.latest) > 0 {
		n.requests.latest = make(map[string]*request, len(q.latest))
		for client, r := range q.latest {
			n.requests.latest[client] = copies[r]
		}
	}
	return n
}

// clones returns copies of all, of each request the one in copies if that has one.
func clones(all []*request, copies map[*request]*request) []*request {
	if all == nil {
		return nil
	}
	some := make([]*request, len(all))
	for i, r := range all {
		if copies[r] == nil {
			n := *r
			n.earlier = slices.Clone(r.earlier)
			copies[r] = &n
		}
		some[i] = copies[r]
	}
	return some
}

// clone returns a copy. What room old has is used for it.
func (s *state) clone(old filter) state {
	n := state{filter: s.filter.clone(old), position: s.position}
	if s.data.Len() > smallMap {
		n.data = *s.data.Copy()
		if s.listed != nil {
			n.listed = s.listed.Copy()
		}
		return n
	}
	s.data.Scan(func(key, value string) bool {
		n.data.Load(key, value)
		return true
	})
	return n
}

// Awaits reports whether an answer to the forward with that ID can still change anything.
func (c *Core) Awaits(id uint64) bool { return c.stream.sent != nil && c.stream.sent.ID == id }

// Boot returns the boot id of this server.
func (c *Core) Boot() uint64 { return c.cfg.Boot }

// View returns the newest view that the server knows (S11).
func (c *Core) View() viewservice.View { return c.view }

// Entered returns the newest view that the server has entered (S4).
func (c *Core) Entered() viewservice.Number { return c.entered }

// Holds returns the newest view for which the server's state is complete, 0 if it is not complete (S1).
func (c *Core) Holds() viewservice.Number { return c.holds }

// Value returns what the server holds for key.
func (c *Core) Value(key string) (string, bool) { return c.state.data.Get(key) }

// Keys is how many keys the server holds.
func (c *Core) Keys() int { return c.state.data.Len() }

// Data returns a copy of all that the server holds.
func (c *Core) Data() *btree.Map[string, string] {
	s := c.state.clone(filter{})
	return &s.data
}

// Filtered returns the number of the client's newest operation in the duplicate filter (S10), 0 if there is none.
func (c *Core) Filtered(client string) uint64 {
	e, _ := c.state.filter.last(client)
	return e.Seq
}

// Forgets reports whether the duplicate filter has forgotten clients (S10).
func (c *Core) Forgets() bool { return c.state.filter.horizon > 0 }

// Completes says whether this server would complete an operation now. If ifBackup is not 0, only if the boot of its
// backup with that id confirms the operation.
func (c *Core) Completes() (able bool, ifBackup uint64) {
	switch {
	case c.refusal().Code != CodeNone:
		return false, 0
	case c.stream.phase == waiting && !c.off(rules.WaitForBackup):
		return true, c.stream.boot
	}
	return true, 0
}

// AppendCanon appends all that the server's future depends on, without its configuration. Equal states give equal bytes. Of the
// IDs of messages only what Awaits says matters: they are left to as.
func (c *Core) AppendCanon(b []byte, as viewservice.Canon) []byte {
	b = c.view.AppendCanon(b, as)
	b = number(b, uint64(c.entered))
	b = number(b, uint64(c.holds))
	b = append(b, viewservice.Flags(c.confirmed, c.asked, c.raised, c.out))
	b = c.state.appendCanon(b, as)
	b = appendRequests(b, c.requests.queue, as)
	b = appendRequests(b, c.requests.parked, as)
	b = c.stream.appendCanon(b, c.view.Backup, &c.state.filter, as)
	r := &c.replica
	b = number(b, r.attempt)
	b = number(b, r.index)
	b = as.Text(b, r.cursor)
	b = as.Number(as.Number(b, c.cfg.Boot), c.ids)
	return append(b, viewservice.Flags(r.complete))
}

func (s *state) appendCanon(b []byte, as viewservice.Canon) []byte {
	b = number(b, s.position)
	b = number(b, uint64(s.data.Len()))
	s.data.Scan(func(key, value string) bool {
		b = as.Text(as.Text(b, key), value)
		return true
	})
	f := &s.filter
	b = number(number(b, f.horizon), uint64(f.clients()))
	if f.clients() == 0 {
		return b
	}
	for i := f.newest(); i != 0; i = f.entries[i].older { // the order in which they are transferred
		b = f.entries[i].appendCanon(b, as)
	}
	return b
}

func (e FilterEntry) appendCanon(b []byte, as viewservice.Canon) []byte {
	b = append(number(as.Name(b, e.Client), e.Seq), viewservice.Flags(e.TooLarge))
	return as.Position(b, e.Position)
}

func appendRequests(b []byte, all []*request, as viewservice.Canon) []byte {
	b = number(b, uint64(len(all)))
	for _, r := range all {
		b = r.op.AppendCanon(b, as)
		b = append(b, viewservice.Flags(r.ticket != 0), byte(len(r.earlier)))
		b = as.Number(b, uint64(r.ticket))
		for _, t := range r.earlier {
			b = as.Number(b, uint64(t))
		}
	}
	return b
}

func (s *stream) appendCanon(b []byte, backup string, f *filter, as viewservice.Canon) []byte {
	b = append(b, byte(s.phase), viewservice.Flags(s.failed, s.begun, s.pauseTick, s.sent != nil), byte(s.sentTicks), byte(s.resendAfter))
	if s.sent != nil { // it may be sent again
		b = s.sent.Args.AppendCanon(as.Number(b, s.sent.ID), s.sent.To, as)
	}
	if s.phase == none {
		return b
	}
	b = as.Boot(b, backup, s.boot)
	for _, n := range []uint64{s.attempt, s.index, uint64(s.silentTicks), s.expects} {
		b = number(b, n)
	}
	b = appendRequests(b, s.batch, as)
	b = as.Text(b, s.cursor)
	b = append(b, viewservice.Flags(s.filter.begun, s.filter.ended))
	if s.filter.begun && !s.filter.ended {
		b = as.Position(number(b, f.left(&s.filter)), s.filter.position)
	}
	return appendOps(b, s.tail, as)
}

// AppendCanon appends o. Equal operations give equal bytes.
func (o Op) AppendCanon(b []byte, as viewservice.Canon) []byte {
	b = append(b, byte(o.Kind), viewservice.Flags(o.TooLarge, o.Void))
	b = as.Text(as.Text(b, o.Key), o.Value)
	return number(number(as.Name(b, o.Client), o.Seq), o.Since)
}

func appendOps(b []byte, ops []Op, as viewservice.Canon) []byte {
	b = number(b, uint64(len(ops)))
	for _, o := range ops {
		b = o.AppendCanon(b, as)
	}
	return b
}

// AppendCanon appends a, a message to server to. The rest of its envelope is the caller's.
func (a *ForwardArgs) AppendCanon(b []byte, to string, as viewservice.Canon) []byte {
	b = as.Boot(as.Name(b, a.Primary), to, a.Boot)
	for _, n := range []uint64{uint64(a.Viewnum), a.Attempt, a.Index, a.Position} {
		b = number(b, n)
	}
	b = appendOps(b, a.Ops, as)
	if a.Chunk == nil {
		return append(b, 0)
	}
	b = append(b, 1, viewservice.Flags(a.Chunk.Last))
	b = number(b, uint64(len(a.Chunk.Pairs)))
	for _, p := range a.Chunk.Pairs {
		b = as.Text(as.Text(b, p.Key), p.Value)
	}
	b = number(number(b, a.Chunk.Horizon), uint64(len(a.Chunk.Filter)))
	for _, e := range a.Chunk.Filter {
		b = e.appendCanon(b, as)
	}
	return b
}

// AppendCanon appends r, the reply of server from.
func (r *ForwardReply) AppendCanon(b []byte, from string, as viewservice.Canon) []byte {
	b = as.Boot(b, from, r.Boot)
	b = number(number(b, uint64(r.Viewnum)), r.Position)
	return append(b, byte(r.Refused.Code))
}

func number(b []byte, n uint64) []byte { return binary.AppendUvarint(b, n) }
