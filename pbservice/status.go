package pbservice

import (
	"fmt"
	"hash/fnv"
	"math"
	"sort"
	"strings"

	"cluster/splitbrain/viewservice"

	"github.com/tidwall/btree"
)

// Role is what a server is in the newest view that it knows.
type Role string

// The roles.
const (
	Idle    Role = "idle"
	Primary Role = "primary"
	Backup  Role = "backup"
)

// How a primary with state stands to its backup, as Status.Phase tells it.
const (
	PhaseAlone        = "alone"
	PhaseTransferring = "transferring"
	PhaseWaiting      = "waiting"
	PhaseGivenUp      = "backup given up"
	PhaseRefused      = "refused by its backup"
)

// Status is what a server tells an observer of itself at one moment.
type Status struct {
	Name    string
	Boot    uint64
	View    viewservice.View // the newest known
	Entered viewservice.Number
	Role    Role
	// Complete says that the server has all the data of its view.
	Complete bool
	Keys     int
	Position uint64 // operations in the order so far
	Clients  int    // in the duplicate filter
	Waiting  int    // operations that wait for their turn or for the backup
	Phase    string // one of the Phase constants; "" for a server that is no primary with state
	Transfer Transfer
	Refuses  Cause // why it would refuse a client now
	Waits    Cause // why those who wait do
}

// Transfer is how far the filling of a backup has come, told by the primary and by the backup. Keys is 0 when none
// is under way.
type Transfer struct{ Done, Keys int }

// Status describes the server.
func (c *Core) Status() Status {
	s := Status{
		Name: c.cfg.Me, Boot: c.cfg.Boot, View: c.view, Entered: c.entered, Role: c.role(),
		Complete: c.holds > 0 && c.holds == c.view.Viewnum, Keys: c.state.data.Len(), Position: c.state.position,
		Clients: len(c.state.filter), Waiting: len(c.requests.queue) + len(c.stream.batch),
		Phase: c.stream.phase.String(), Refuses: c.refusal(),
	}
	if c.stream.phase == transferring {
		s.Transfer = Transfer{Done: c.stream.pairs, Keys: s.Keys}
	}
	if s.Waiting > 0 {
		s.Waits = Cause{Code: AwaitsBackup, Server: c.cfg.Me, Other: c.view.Backup}
		if c.stream.phase == transferring {
			s.Waits.Code = AwaitsTransfer
		}
	}
	return s
}

func (c *Core) role() Role {
	switch c.cfg.Me {
	case c.view.Primary:
		return Primary
	case c.view.Backup:
		return Backup
	}
	return Idle
}

// InspectArgs asks for a Status and for a window of the map: up to Limit keys from From on, in their order, and up
// to Back keys before it. Only keys that contain Contains are meant.
type InspectArgs struct {
	From     string
	Limit    int // 0 to MaxRows
	Back     int // 0 to MaxRows
	Contains string
}

// MaxRows bounds the rows of one Inspect in each direction.
const MaxRows = 1000

// InspectReply is the answer: the rows in the order of keys, how many keys that match lie before the first of
// them, and how many match at all.
type InspectReply struct {
	Status Status
	Rows   []Row
	Before int
	Total  int
}

// Row is one key as it is shown. Sum tells equal values from different ones on different servers, though Value is
// cut to ShownValue bytes.
type Row struct {
	Key   string
	Value string
	Size  int // bytes of the whole value
	Sum   uint64
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

// Inspect answers a, which must be valid, and changes nothing.
func (c *Core) Inspect(a InspectArgs) InspectReply {
	r := InspectReply{Status: c.Status(), Total: c.state.data.Len()}
	if a.Limit > 0 || a.Back > 0 || a.Contains != "" {
		r.Rows, r.Before, r.Total = window(&c.state.data, a)
	}
	return r
}

// window cuts the rows out of data. A filter looks at every key; without one only the rows shown are touched.
func window(data *btree.Map[string, string], a InspectArgs) (rows []Row, before, total int) {
	match := func(key string) bool { return a.Contains == "" || strings.Contains(key, a.Contains) }
	data.Descend(a.From, func(key, value string) bool {
		if len(rows) == a.Back {
			return false
		}
		if key < a.From && match(key) {
			rows = append(rows, row(key, value))
		}
		return true
	})
	for i, j := 0, len(rows)-1; i < j; i, j = i+1, j-1 {
		rows[i], rows[j] = rows[j], rows[i]
	}
	most := len(rows) + a.Limit
	data.Ascend(a.From, func(key, value string) bool {
		if len(rows) == most {
			return false
		}
		if match(key) {
			rows = append(rows, row(key, value))
		}
		return true
	})
	first := a.From
	if len(rows) > 0 {
		first = rows[0].Key
	}
	if a.Contains == "" {
		return rows, rank(data, first), data.Len()
	}
	data.Scan(func(key, _ string) bool {
		if match(key) {
			total++
			if key < first {
				before++
			}
		}
		return true
	})
	return rows, before, total
}

// rank is the number of keys before key.
func rank(data *btree.Map[string, string], key string) int {
	return sort.Search(data.Len(), func(i int) bool {
		k, _, _ := data.GetAt(i)
		return k >= key
	})
}

func row(key, value string) Row {
	r := Row{Key: key, Value: value, Size: len(value), Sum: sum(value)}
	if len(value) > ShownValue {
		r.Value = strings.Clone(value[:ShownValue])
	}
	return r
}

// sum looks at both ends of a long value only: an append shows at the end, a put of equal length at the start.
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
