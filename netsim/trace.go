package netsim

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"cluster/splitbrain/netsim/env"
)

// EventKind says what happened: to a message, a dial, a connection, a node or a link.
type EventKind uint8

const (
	MsgSent       EventKind = iota + 1 // has left its process
	MsgQueued                          // waits because its sender or its receiver is frozen, or time is paused
	MsgDelayed                         // is in transit; Why says how long that takes
	MsgHeld                            // waits until a person delivers or drops it
	MsgDuplicated                      // is sent by the network, as a copy of CopyOf
	MsgDelivered                       // can be read by its receiver
	MsgLost                            // will never arrive; Why says the reason
	DialWaiting                        // a dial hears nothing, and goes on trying
	DialRefused                        // nobody listens there
	ConnReset                          // To has learnt that From is no longer at the other end
	NodeStarted                        // From runs a process
	NodeExited                         // From's process has ended by itself
	NodeCrashed
	NodeFrozen
	NodeThawed
	LinkHealed // Why says of what
	TimePaused // From is "time", as for the next ones
	TimeResumed
	TimeSpeed   // Why says to what
	TimeRewound // Why says to where. The events that follow are those before that time, told anew

	// faultBegins is added to the kind of a fault: that of a link begins, or has another degree from now on. Why says how
	// bad it is.
	faultBegins EventKind = 0x80
)

// Begins is the event with which a fault of a link begins.
func (k FaultKind) Begins() EventKind { return faultBegins + EventKind(k) }

// Fault is the kind of the fault that begins; false for other events.
func (k EventKind) Fault() (FaultKind, bool) {
	return FaultKind(k - faultBegins), k > faultBegins
}

var kindNames = [...]string{
	MsgSent: "sent", MsgQueued: "queued", MsgDelayed: "delayed", MsgHeld: "held", MsgDuplicated: "duplicated",
	MsgDelivered: "delivered", MsgLost: "lost",
	DialWaiting: "dial waits", DialRefused: "dial refused", ConnReset: "reset",
	NodeStarted: "started", NodeExited: "exited", NodeCrashed: "crashed", NodeFrozen: "frozen", NodeThawed: "thawed",
	LinkHealed: "healed", TimePaused: "paused", TimeResumed: "resumed", TimeSpeed: "speed",
	TimeRewound: "rewound",
}

func (k EventKind) String() string {
	if fault, ok := k.Fault(); ok {
		return fault.Row().Command
	}
	return nameOf(kindNames[:], uint8(k), "kind")
}

// Direction says which half of a call a message is.
type Direction uint8

const (
	NoDirection Direction = iota // not about a message
	Request
	Reply
)

var roleNames = [...]string{NoDirection: "none", Request: "request", Reply: "reply"}

func (r Direction) String() string { return nameOf(roleNames[:], uint8(r), "role") }

// nameOf names a value of an enumeration; one that has no name by its number.
func nameOf(names []string, value uint8, what string) string {
	if int(value) < len(names) && names[value] != "" {
		return names[value]
	}
	return fmt.Sprintf("%s(%d)", what, value)
}

// TraceEvent is one line of the trace. Events about a node have it in From.
type TraceEvent struct {
	Seq       uint64        // counts up from 1, without gaps but for what is forgotten
	At        time.Duration // since New, on the network's clock
	Kind      EventKind
	Direction Direction // NoDirection unless the event is about a message
	Msg       uint64    // the message: the same number at all its stages
	Answers   uint64    // of a Reply: its request's Msg, 0 if that was sent while nobody watched
	CopyOf    uint64    // of a copy that the network made: the original's Msg
	From      string
	To        string
	Method    string
	Size      int           // encoded bytes; of MsgDelivered
	Summary   string        // what the body's method Summary() string returned, or a reply's error
	Says      env.Says      // the same in fewer words, as its method Says() returned
	Op        OpID          // the client's operation that the body carries, if it is one
	Why       string        // the cause, in plain words
	Due       time.Duration // of MsgDelayed: when the message arrives, unless something intervenes

	Boots int // of NodeStarted: how often the node was started so far
}

// OpID names a client's operation. The zero OpID names none.
type OpID struct {
	Client string
	Seq    uint64
}

// OpOf is the operation that the body of a message carries, as its method Operation says; none if it has no such method.
func OpOf(body any) OpID {
	if b, ok := body.(interface {
		Operation() (client string, seq uint64)
	}); ok {
		client, seq := b.Operation()
		return OpID{client, seq}
	}
	return OpID{}
}

// String returns the event as one line of text, without its time.
func (e TraceEvent) String() string {
	var b strings.Builder
	b.WriteString(e.From)
	if e.To != "" {
		b.WriteString(" > " + e.To)
	}
	b.WriteString(" " + e.Kind.String())
	if e.Direction != NoDirection {
		fmt.Fprintf(&b, " %v #%d %s", e.Direction, e.Msg, e.Method)
	}
	if e.CopyOf != 0 {
		fmt.Fprintf(&b, " (copy of #%d)", e.CopyOf)
	}
	if e.Why != "" {
		b.WriteString(": " + e.Why)
	}
	return b.String()
}

// Trace remembers the latest events of a network. What happens to nodes and links is always recorded, what happens
// to messages, dials and connections only while somebody watches. Messages of the separate method, pings, have their own
// ring: however many there are, they push out nothing else. Safe for concurrent use.
type Trace struct {
	clock          env.Clock // of a network's trace; nil if others Record
	start          time.Time
	separateMethod string // "" if there is none
	watchers       atomic.Int32

	mu        sync.Mutex // guards what follows
	separate  ring       // messages of the separate method
	others    ring       // all other events
	last      uint64     // Seq of the latest event
	forgotten uint64     // Seq of the latest one of others that is forgotten
}

// NewTrace returns an empty trace for events that others Record. It remembers length messages of the separate method and
// as many other events, 4096 of each if length is not positive.
func NewTrace(length int, separateMethod string) *Trace {
	if length <= 0 {
		length = defaultTraceLen
	}
	return &Trace{separateMethod: separateMethod, separate: ring{most: length}, others: ring{most: length}}
}

// Watch makes the trace record messages too, until stop is called. Several may watch at once.
func (t *Trace) Watch() (stop func()) {
	t.watchers.Add(1)
	var once sync.Once
	return func() { once.Do(func() { t.watchers.Add(-1) }) }
}

// Since returns the events after Seq seq that are remembered, oldest first. If all that are forgotten were of the separate
// method, missed is 0; else missed is how many are forgotten.
func (t *Trace) Since(seq uint64) (events []TraceEvent, missed uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.since(seq)
}

func (t *Trace) since(seq uint64) (events []TraceEvent, missed uint64) {
	if seq >= t.last {
		return nil, 0
	}
	p, n := t.separate.after(seq), t.others.after(seq)
	events = make([]TraceEvent, 0, t.separate.added-p+t.others.added-n)
	for p < t.separate.added || n < t.others.added {
		if n == t.others.added || p < t.separate.added && t.separate.at(p).Seq < t.others.at(n).Seq {
			events = append(events, *t.separate.at(p))
			p++
		} else {
			events = append(events, *t.others.at(n))
			n++
		}
	}
	if t.forgotten > seq {
		missed = t.last - seq - uint64(len(events))
	}
	return events, missed
}

// All returns the events that are remembered, oldest first, and since when those of the separate method and all others are; 0
// where nothing is forgotten.
func (t *Trace) All() (events []TraceEvent, others, separate time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	events, _ = t.since(0)
	return events, t.others.since(), t.separate.since()
}

// Last is the Seq of the latest event; 0 before the first one.
func (t *Trace) Last() uint64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.last
}

// Watched reports whether somebody watches, so that what happens to messages, dials and connections is recorded.
func (t *Trace) Watched() bool { return t.watchers.Load() > 0 }

// Forget drops all events, as if others had pushed them out. Seq goes on.
func (t *Trace) Forget() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.separate.forget()
	t.others.forget()
	t.forgotten = t.last
}

// Record adds an event of a trace that has no clock, and sets nothing but its Seq.
func (t *Trace) Record(e TraceEvent) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.add(e)
}

func (t *Trace) record(e TraceEvent) {
	t.mu.Lock()
	defer t.mu.Unlock()
	e.At = t.clock.Now().Sub(t.start)
	t.add(e)
}

// add is Record with the lock held.
func (t *Trace) add(e TraceEvent) {
	t.last++
	e.Seq = t.last
	if t.separateMethod != "" && e.Method == t.separateMethod {
		t.separate.add(e)
		return
	}
	if gone := t.others.add(e); gone > 0 {
		t.forgotten = gone
	}
}

// recordWatched records an event if somebody watches.
func (t *Trace) recordWatched(e TraceEvent) {
	if t.Watched() {
		t.record(e)
	}
}
