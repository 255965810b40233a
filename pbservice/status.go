package pbservice

import (
	"fmt"
	"hash/fnv"
	"math"
	"slices"
	"sort"
	"strings"

	"cluster/splitbrain/viewservice"

	"github.com/tidwall/btree"
)

// Role is the part that a server plays in the newest view that it knows.
type Role string

// The roles.
const (
	Idle    Role = "idle"
	Primary Role = "primary"
	Backup  Role = "backup"
)

// What a primary with state does about its backup, as Status.Phase says it.
const (
	PhaseAlone        = "alone"
	PhaseTransferring = "transferring"
	PhaseWaiting      = "waiting"
	PhaseGivenUp      = "backup given up"
	PhaseRefused      = "refused by its backup"
)

// Status is what a server tells an observer about itself at one moment (A8).
type Status struct {
	Name    string
	Boot    uint64
	View    viewservice.View   // the newest known (S11)
	Entered viewservice.Number // the newest entered (S4)
	Role    Role

	Complete bool // the server has all the data of View
	Keys     int
	Position uint64 // operations applied so far
	Clients  int    // clients in the duplicate filter (S10), up to its room
	Waiting  int    // operations that wait to be applied
	Phase    string // one of the Phase constants; "" if the server is no primary with state
	Transfer Transfer
	Refuses  Cause // why the server would refuse a client now; no cause if it would not
	Waits    Cause // why the waiting operations wait
}

// Transfer says how many of the primary's keys the backup has confirmed. Both are 0 unless a transfer is under way.
type Transfer struct{ Done, Keys int }

// Status describes the server.
func (c *Core) Status() Status {
	s := Status{
		Name: c.cfg.Me, Boot: c.cfg.Boot, View: c.view, Entered: c.entered, Role: c.Role(),
		Complete: c.holds > 0 && c.holds == c.view.Viewnum, Keys: c.state.data.Len(), Position: c.state.position,
		Clients: c.state.filter.clients(), Waiting: c.Waiting(),
		Phase: c.stream.phase.String(), Refuses: c.refusal(),
	}
	if c.stream.phase == transferring {
		s.Transfer = Transfer{Done: c.stream.confirmed(), Keys: s.Keys}
	}
	if s.Waiting > 0 {
		s.Waits = Cause{Code: AwaitsBackup, Server: c.cfg.Me, Other: c.view.Backup}
		if c.stream.phase == transferring {
			s.Waits.Code = AwaitsTransfer
		}
	}
	return s
}

// Waiting is how many operations wait to be applied.
func (c *Core) Waiting() int { return len(c.requests.queue) + len(c.stream.batch) }

// Role is the part that the server plays in the newest view that it knows.
func (c *Core) Role() Role {
	switch c.cfg.Me {
	case c.view.Primary:
		return Primary
	case c.view.Backup:
		return Backup
	}
	return Idle
}

// InspectArgs asks for a Status and for a window of the map.
type InspectArgs struct {
	From     string // the window's first key in the order of CompareKeys, or where it would be
	Limit    int    // rows from From on, 0 to MaxRows
	Back     int    // rows before From, 0 to MaxRows
	Contains string // only keys that contain this text count
}

// MaxRows bounds the rows of one Inspect in each direction.
const MaxRows = 1000

// InspectReply is the answer to InspectArgs.
type InspectReply struct {
	Status Status
	Rows   []Row // in the order of CompareKeys
	Before int   // keys that match before the first of Rows
	Total  int   // keys that match
}

// Row is one key as it is shown.
type Row struct {
	Key   string
	Value string // the first ShownValue bytes at most
	Size  int    // bytes of the whole value
	Sum   uint64 // of the whole value: observers compare the values of several servers by it
}

// ShownValue is how much of a value a Row carries, in bytes.
const ShownValue = 256

// Validate says what is wrong with the request.
func (a InspectArgs) Validate() error {
	if a.Limit < 0 || a.Limit > MaxRows || a.Back < 0 || a.Back > MaxRows {
		return fmt.Errorf("inspect: %d rows from, %d rows before: 0 to %d allowed", a.Limit, a.Back, MaxRows)
	}
	return nil
}

// Inspect answers a, which must be valid, and changes nothing. The first that asks for rows puts all keys in their order.
func (c *Core) Inspect(a InspectArgs) InspectReply {
	r := InspectReply{Status: c.Status(), Total: c.state.data.Len()}
	if a.Limit > 0 || a.Back > 0 || a.Contains != "" {
		r.Rows, r.Before, r.Total = window(&c.state.data, c.state.list(), a)
	}
	return r
}

// window returns the rows of data, whose keys are listed, for which a asks, and the counts of InspectReply. With a filter it looks at
// every key, without one only at the rows.
func window(data *btree.Map[string, string], listed *btree.BTreeG[string], a InspectArgs) (rows []Row, before, total int) {
	match := func(key string) bool { return a.Contains == "" || strings.Contains(key, a.Contains) }
	add := func(key string) {
		value, _ := data.Get(key)
		rows = append(rows, row(key, value))
	}
	listed.Descend(a.From, func(key string) bool {
		if len(rows) == a.Back {
			return false
		}
		if key != a.From && match(key) {
			add(key)
		}
		return true
	})
	slices.Reverse(rows)
	most := len(rows) + a.Limit
	listed.Ascend(a.From, func(key string) bool {
		if len(rows) == most {
			return false
		}
		if match(key) {
			add(key)
		}
		return true
	})
	first := a.From
	if len(rows) > 0 {
		first = rows[0].Key
	}
	if a.Contains == "" {
		return rows, rank(listed, first), data.Len()
	}
	listed.Scan(func(key string) bool {
		if match(key) {
			total++
			if CompareKeys(key, first) < 0 {
				before++
			}
		}
		return true
	})
	return rows, before, total
}

// rank returns the number of keys before key.
func rank(listed *btree.BTreeG[string], key string) int {
	return sort.Search(listed.Len(), func(i int) bool {
		k, _ := listed.GetAt(i)
		return CompareKeys(k, key) >= 0
	})
}

func row(key, value string) Row {
	r := Row{Key: key, Value: value, Size: len(value), Sum: sum(value)}
	if len(value) > ShownValue {
		r.Value = strings.Clone(value[:ShownValue])
	}
	return r
}

// sum hashes a value. Of a long one it hashes both ends, to be quick: an append changes the end, and a put of another
// value of equal length mostly the start.
func sum(value string) uint64 {
	const end = 4 << 10
	h := fnv.New64a()
	if len(value) <= 2*end {
		h.Write([]byte(value))
	} else {
		h.Write([]byte(value[:end]))
		h.Write([]byte(value[len(value)-end:]))
	}
	return h.Sum64() ^ uint64(len(value))*(math.MaxUint64/59)
}

// confirmed is how many keys of the transfer the backup has confirmed: those that are under way may get lost.
func (s *stream) confirmed() int {
	if s.sent == nil || s.sent.Args.Chunk == nil {
		return s.pairs
	}
	return s.pairs - len(s.sent.Args.Chunk.Pairs)
}
