package pbservice

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"cluster/splitbrain/netsim/env"
	"cluster/splitbrain/viewservice"
)

// ServiceName is the name of the service on the wire, as in the lab.
const ServiceName = "PBServer"

// ForwardMethod is the method of the stream from a primary to its backup.
const ForwardMethod = ServiceName + ".Forward"

// PositionMethod is the method of a client that asks for the position.
const PositionMethod = ServiceName + ".Position"

// Limits of S13, in bytes.
const (
	MaxKey   = 4 << 10
	MaxValue = 16 << 20
	maxName  = 256 // a client's name
)

// OpKind is what an operation does.
type OpKind uint8

// The operations.
const (
	Get OpKind = iota
	Put
	Append
)

func (k OpKind) String() string {
	return [...]string{"get", "put", "append"}[min(k, Append)]
}

// Op is one operation of one client. Client and Seq name the operation for ever: two Ops with both equal are the same
// operation, sent twice (S10).
type Op struct {
	Kind   OpKind
	Key    string
	Value  string // what to put or to append
	Client string
	Seq    uint64 // counts the client's operations, from 1
	Since  uint64 // a position that the order had before the client first sent the operation (S10)

	// During a transfer the primary says what became of an operation. TooLarge: it was refused, and the backup only notes
	// it in the filter (S13). Void: nothing has changed, not even the filter (S10).
	TooLarge, Void bool
}

// Summary describes a client's operation in a few words.
func (o Op) Summary() string {
	if o.Kind == Get {
		return fmt.Sprintf("get %q %s/%d", short(o.Key), o.Client, o.Seq)
	}
	return fmt.Sprintf("%s %q %q %s/%d", o.Kind, short(o.Key), short(o.Value), o.Client, o.Seq)
}

// Says is the operation without its name: put a 2.
func (o Op) Says() env.Says {
	if o.Kind == Get {
		return env.Says{Words: "get " + quoted(o.Key)}
	}
	return env.Says{Words: o.Kind.String() + " " + quoted(o.Key) + " " + quoted(o.Value)}
}

func (o Op) size() int { return len(o.Key) + len(o.Value) + len(o.Client) + 16 }

// Err is the outcome of a request, in the lab's wire form.
type Err string

// Outcomes. Only OK and NoKey promise anything.
const (
	OK         Err = "OK"
	NoKey      Err = "ErrNoKey"
	NotPrimary Err = "ErrWrongServer" // this server has not done it, but it may have happened all the same (C2)
	TooLarge   Err = "ErrTooLarge"    // refused, and nothing changed (S13)
	Forgotten  Err = "ErrForgotten"   // it may have happened, so long ago that the filter forgot it (S10)
)

// GetArgs asks for the value of Key.
type GetArgs struct {
	Key     string
	Client  string
	Seq     uint64
	Since   uint64             // as in Op
	Viewnum viewservice.Number // the newest view that the client knows
	Cluster viewservice.ClusterID
}

// Summary describes the request in a few words.
func (a *GetArgs) Summary() string { return a.op().Summary() }

// Says is the operation.
func (a *GetArgs) Says() env.Says { return a.op().Says() }

// Operation is the client's operation that a asks for.
func (a *GetArgs) Operation() (client string, seq uint64) { return a.Client, a.Seq }

// PutAppendArgs asks to change the value of Key.
type PutAppendArgs struct {
	Append  bool
	Key     string
	Value   string
	Client  string
	Seq     uint64
	Since   uint64             // as in Op
	Viewnum viewservice.Number // the newest view that the client knows
	Cluster viewservice.ClusterID
}

// Summary describes the request in a few words.
func (a *PutAppendArgs) Summary() string { return a.op().Summary() }

// Says is the operation.
func (a *PutAppendArgs) Says() env.Says { return a.op().Says() }

// op returns the operation for which the request asks.
func (a *GetArgs) op() Op {
	return Op{Kind: Get, Key: a.Key, Client: a.Client, Seq: a.Seq, Since: a.Since}
}

// op returns the operation for which the request asks.
func (a *PutAppendArgs) op() Op {
	op := Op{Kind: Put, Key: a.Key, Value: a.Value, Client: a.Client, Seq: a.Seq, Since: a.Since}
	if a.Append {
		op.Kind = Append
	}
	return op
}

// Operation is the client's operation that a asks for.
func (a *PutAppendArgs) Operation() (client string, seq uint64) { return a.Client, a.Seq }

// PositionArgs asks a primary for its position, which is no operation: for clients that can't tell how many operations
// there were since they last had an answer (S10).
type PositionArgs struct {
	Client  string
	Cluster viewservice.ClusterID // as in GetArgs
}

// Summary describes the request.
func (a *PositionArgs) Summary() string { return "position? " + a.Client }

// Says is the question.
func (a *PositionArgs) Says() env.Says { return env.Says{Words: "position?"} }

// Reply is a server's answer to a client.
type Reply struct {
	Err     Err
	Value   string
	Viewnum viewservice.Number // the newest view that the server knows
	// Position is one that the order has reached: that of the operation if it was done. It is 0 while the filter has
	// forgotten nobody and has room (S10).
	Position uint64
	Why      Cause // set if Err is neither OK nor NoKey
}

// Summary describes the reply in a few words.
func (r Reply) Summary() string {
	switch {
	case r.Why.Code != CodeNone:
		return r.Why.String()
	case r.Err == OK && r.Value != "":
		return fmt.Sprintf("%q", short(r.Value))
	case r.Err == NoKey:
		return "no such key"
	}
	return string(r.Err)
}

// Says is the value, or how it went.
func (r Reply) Says() env.Says {
	switch {
	case r.Why.Code != CodeNone:
	case r.Err == OK && r.Value != "":
		return env.Says{Words: "= " + quoted(r.Value), Answer: env.Found}
	case r.Err == OK:
		return env.Says{Words: string(OK), Answer: env.Done}
	}
	return env.Says{Words: r.Summary()}
}

// ForwardArgs is one message of the stream from a primary to its backup: operations in their order, and during a transfer
// a piece of the state as it is after them. Read-only once it was sent.
type ForwardArgs struct {
	Cluster viewservice.ClusterID // set by the primary's shell
	Viewnum viewservice.Number
	Primary string
	Boot    uint64 // boot id of the backup that is meant (S7); 0 asks for that id
	Attempt uint64 // the number of the transfer in this view, from 1
	Index   uint64 // the number of the message in the attempt, from 1

	Position uint64 // operations in the order before Ops
	Ops      []Op
	Chunk    *Chunk // nil but during a transfer
}

// Chunk is a piece of the state: all keys after the last key of the chunk before it, up to its own last key, and entries of
// the filter.
type Chunk struct {
	Filter  []FilterEntry // the newest operations first, each older than those of the chunks before
	Horizon uint64        // of the filter; 0 once all of it was sent
	Pairs   []Pair        // in the order of keys
	Last    bool          // nothing follows
}

// Pair is one key with its value.
type Pair struct{ Key, Value string }

// FilterEntry is the newest operation of a client that was applied (S10).
type FilterEntry struct {
	Client   string
	Seq      uint64
	TooLarge bool   // the operation was refused (S13)
	Position uint64 // of the operation in the order
}

// Summary describes the message in a few words.
func (a *ForwardArgs) Summary() string {
	switch {
	case a.Boot == 0:
		return fmt.Sprintf("view %d: who is there?", a.Viewnum)
	case a.Chunk != nil && a.Chunk.Last:
		return fmt.Sprintf("view %d: last chunk, %s, %s", a.Viewnum, count(len(a.Chunk.Pairs), "key"), count(len(a.Ops), "op"))
	case a.Chunk != nil:
		return fmt.Sprintf("view %d: chunk %d, %s, %s", a.Viewnum, a.Index, count(len(a.Chunk.Pairs), "key"), count(len(a.Ops), "op"))
	case len(a.Ops) == 1:
		o := a.Ops[0]
		return fmt.Sprintf("view %d: op %d %s %q %q", a.Viewnum, a.Position+1, o.Kind, short(o.Key), short(o.Value))
	}
	return fmt.Sprintf("view %d: ops %d–%d", a.Viewnum, a.Position+1, a.Position+uint64(len(a.Ops)))
}

// Says is what the message brings, without its place in the stream.
func (a *ForwardArgs) Says() env.Says {
	switch {
	case a.Boot == 0:
		return env.Says{Words: "who is there?"}
	case a.Chunk != nil:
		return env.Says{Words: "data, " + count(len(a.Chunk.Pairs), "key")}
	case len(a.Ops) == 1:
		return a.Ops[0].Says()
	}
	return env.Says{Words: count(len(a.Ops), "operation")}
}

// Operation is the one operation that a carries, and nothing else; "" and 0 if that is not so.
func (a *ForwardArgs) Operation() (client string, seq uint64) {
	if a.Boot == 0 || a.Chunk != nil || len(a.Ops) != 1 {
		return "", 0
	}
	return a.Ops[0].Client, a.Ops[0].Seq
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// ForwardReply confirms a message, or refuses it if Refused is set.
type ForwardReply struct {
	Boot     uint64             // boot id of the server that answers
	Viewnum  viewservice.Number // the newest view that it knows
	Position uint64             // the operations that it has applied
	Refused  Cause
}

// Summary describes the reply in a few words.
func (r ForwardReply) Summary() string {
	if r.Refused.Code != CodeNone {
		return r.Refused.String()
	}
	return fmt.Sprintf("confirmed up to %d", r.Position)
}

// Says is how far the backup has come, or why it refuses.
func (r ForwardReply) Says() env.Says {
	if r.Refused.Code != CodeNone {
		return env.Says{Words: r.Refused.String()}
	}
	return env.Says{Words: r.Summary(), Answer: env.Done}
}

// quoted is a key or a value as far as it is told, in quotes if it needs them.
func quoted(s string) string {
	s = short(s)
	odd := func(r rune) bool {
		return !strconv.IsGraphic(r) || r == ' ' || r == utf8.RuneError || r == '"' || r == '\\'
	}
	if s == "" || strings.ContainsFunc(s, odd) {
		return strconv.Quote(s)
	}
	return s
}

func short(s string) string {
	const most = 32
	if len(s) <= most {
		return s
	}
	return s[:most] + "…"
}
