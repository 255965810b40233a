package viewservice

import (
	"bytes"
	"encoding/binary"
	"slices"
	"time"
)

// Clone returns a copy that shares nothing that changes. Several goroutines may clone one core at a time.
func (c *Core) Clone() *Core { return c.CloneInto(new(Core)) }

// CloneInto is Clone, in place of n, which nobody uses any more. It returns n.
func (c *Core) CloneInto(n *Core) *Core {
	servers := n.servers
	*n = *c
	n.servers = append(servers[:0], c.servers...)
	n.changes = slices.Clip(c.changes)
	return n
}

// Canon writes the parts of a state for AppendCanon, so that its implementation chooses the names: the search gives
// servers that differ in nothing else one another's names, to find out that two states are one. Every method appends to b.
type Canon interface {
	Name(b []byte, name string) []byte                // the name of a server or client; "" is nobody
	Boot(b []byte, server string, boot uint64) []byte // a boot id of the server
	Text(b []byte, text string) []byte                // a key or a value
	Age(b []byte, age, limit time.Duration) []byte    // how long ago something was; at limit the rules change their mind
	Number(b []byte, n uint64) []byte                 // tells messages, or those who wait for them, from others, and nothing else
	Position(b []byte, n uint64) []byte               // of what a duplicate filter knows, whose order is told: says only who is forgotten when
}

// append appends n.
func (n Number) append(b []byte) []byte { return binary.AppendUvarint(b, uint64(n)) }

// AppendCanon appends all that the core's future depends on, but its configuration. Equal states give equal bytes, in
// whatever order their servers were first heard.
func (c *Core) AppendCanon(b []byte, as Canon) []byte {
	b = c.view.AppendCanon(b, as)
	b = append(b, Flags(c.acked), byte(c.obstacle.Code))
	start := len(b)
	var rows [8][2]int // where each begins and ends; more are rare
	all := rows[:0]
	for i := range c.servers {
		s := &c.servers[i]
		at := len(b)
		b = as.Name(b, s.name)
		b = as.Boot(b, s.name, s.boot)
		b = s.entered.append(b)
		b = as.Age(b, c.seen-s.heard, c.lately()+1)
		b = as.Age(b, c.seen-s.heard, c.limit())
		b = append(b, Flags(s.restarted), c.rank(s))
		all = append(all, [2]int{at, len(b)})
	}
	return SortRows(b, start, all)
}

// SortRows puts the rows of which b consists from start on into the order of their bytes. Each is given by where it begins and
// ends.
func SortRows(b []byte, start int, rows [][2]int) []byte {
	if len(rows) < 2 {
		return b
	}
	slices.SortFunc(rows, func(x, y [2]int) int { return bytes.Compare(b[x[0]:x[1]], b[y[0]:y[1]]) })
	end := len(b)
	for _, r := range rows {
		b = append(b, b[r[0]:r[1]]...)
	}
	return b[:start+copy(b[start:], b[end:])]
}

// rank returns the place of s among the servers by the order in which they joined, from 1; 0 if s is forgotten.
func (c *Core) rank(s *server) byte {
	if s.joined == 0 {
		return 0
	}
	rank := byte(1)
	for i := range c.servers {
		if other := &c.servers[i]; other.joined > 0 && other.joined < s.joined {
			rank++
		}
	}
	return rank
}

// AppendCanon appends v.
func (v View) AppendCanon(b []byte, as Canon) []byte {
	return as.Name(as.Name(v.Viewnum.append(b), v.Primary), v.Backup)
}

// AppendCanon appends a, without what no rule reads.
func (a PingArgs) AppendCanon(b []byte, as Canon) []byte {
	b = as.Boot(as.Name(b, a.Me), a.Me, a.Boot)
	return append(a.Viewnum.append(b), Flags(a.BackupLost))
}

// AppendCanon appends r. Its Boot is that of the ping wherever boot ids only grow, and no rule reads its Notice.
func (r PingReply) AppendCanon(b []byte, as Canon) []byte {
	return append(r.View.AppendCanon(b, as), Flags(r.Acked))
}

// Flags packs bits into a byte, for AppendCanon: at most 8, the first one lowest.
func Flags(set ...bool) (f byte) {
	for i, is := range set {
		if is {
			f |= 1 << i
		}
	}
	return f
}
