package world

import (
	"encoding/binary"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/env"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/viewservice"
)

// MessageKind says what a message is. Its body has the type that stands beside it.
type MessageKind uint8

// The kinds.
const (
	Ping         MessageKind = iota // viewservice.PingArgs
	PingReply                       // viewservice.PingReply
	ViewGet                         // viewservice.GetArgs
	ViewGetReply                    // viewservice.GetReply
	Request                         // Question
	RequestReply                    // pbservice.Reply
	Forward                         // *pbservice.ForwardArgs
	ForwardReply                    // pbservice.ForwardReply
	Reset                           // string: the connection on which Asks went is broken, and why; never in an untimed world
)

// RequestArgs is a client's operation. Known is the newest view that the client knows.
type RequestArgs struct {
	Op    pbservice.Op
	Known viewservice.Number
}

// Message is under way. It is never changed once it was sent: several worlds share it.
type Message struct {
	ID      uint64 // counts the messages of a world, from 1
	Kind    MessageKind
	From    Node
	To      Node
	Held    bool // waits for a person
	arrived bool // has arrived already, at a node that was frozen then: no cut loses it any more

	Boot   uint64        // of the server that sends a ping or a forward; 0 of others
	Call   uint64        // of a Request: the client's attempt; of a Forward: its ID; of a ViewAsk: a count
	Body   any           // must not be changed
	Asks   *Message      // of a reply or reset: what it answers
	CopyOf uint64        // of a copy that the network made: the original's ID
	Due    time.Duration // when it arrives by itself; meaningless while it is held, and in an untimed world
	Since  time.Duration // when it was held
	letter *letter       // if it is a part, or under way in a world of parts
}

// Letter tells what the message says from what any other message of the same Parts says; 0 of a message of no Parts.
func (m *Message) Letter() uint64 {
	if m.letter == nil {
		return 0
	}
	return m.letter.number
}

func (m *Message) direction() netsim.Direction {
	switch m.Kind {
	case Reset:
		return netsim.NoDirection
	case Ping, ViewGet, Request, Forward:
		return netsim.Request
	}
	return netsim.Reply
}

// Method is the name of the RPC that the message belongs to.
func (m *Message) Method() string {
	if m.Asks != nil {
		return m.Asks.Method()
	}
	switch m.Kind {
	case Ping:
		return viewservice.PingMethod
	case ViewGet:
		return viewservice.GetMethod
	case Forward:
		return pbservice.ForwardMethod
	}
	if m.Body.(RequestArgs).Op.Kind == pbservice.Get {
		return pbservice.ServiceName + ".Get"
	}
	return pbservice.ServiceName + ".PutAppend"
}

// Summary describes the body in a few words.
func (m *Message) Summary() string {
	if b, ok := m.Body.(interface{ Summary() string }); ok {
		return b.Summary()
	}
	return ""
}

// Operation is the client's operation that q asks for.
func (q RequestArgs) Operation() (client string, seq uint64) { return q.Op.Client, q.Op.Seq }

// Summary describes the request in a few words.
func (q RequestArgs) Summary() string { return q.Op.Summary() }

// Says is the operation.
func (q RequestArgs) Says() env.Says { return q.Op.Says() }

// size is about what the message would take encoded.
func (m *Message) size() int {
	const header, number = 24, 4
	n := header + len(m.Method())
	op := func(o pbservice.Op) int { return len(o.Key) + len(o.Value) + len(o.Client) + 2*number }
	switch b := m.Body.(type) {
	case RequestArgs:
		n += op(b.Op) + number
	case pbservice.Reply:
		n += len(b.Err) + len(b.Value) + number
	case *pbservice.ForwardArgs:
		n += 6 * number
		for _, o := range b.Ops {
			n += op(o)
		}
		if b.Chunk != nil {
			for _, p := range b.Chunk.Pairs {
				n += len(p.Key) + len(p.Value) + number
			}
			n += len(b.Chunk.Filter) * 3 * number
		}
	default:
		n += 4 * number
	}
	return n
}

// same reports whether two messages say the same to the same boot on behalf of the same. IDs, copies and times don't
// count.
func (m *Message) same(o *Message) bool {
	if m.Kind != o.Kind || m.From != o.From || m.To != o.To || m.Boot != o.Boot || m.Call != o.Call {
		return false
	}
	switch {
	case m.Kind == Request || m.Kind == RequestReply || m.Kind == Reset || m.Held != o.Held:
		return false
	case m.Asks != nil && (m.Asks.Boot != o.Asks.Boot || m.Asks.Call != o.Asks.Call):
		return false
	case m.Kind == PingReply && m.Asks.Body.(viewservice.PingArgs).Viewnum != o.Asks.Body.(viewservice.PingArgs).Viewnum:
		return false
	}
	return m.Kind == Forward || m.Body == o.Body // the ID of a forward is that of its body
}

// AppendCanon appends what the message is to its receiver: sender, receiver, boots and body. Numbers that only tell
// it from others of its sender are left out; World.Awaited tells all that they mean.
func (m *Message) AppendCanon(b []byte, as viewservice.Canon) []byte {
	b = append(b, byte(m.Kind))
	b = as.Name(as.Name(b, m.From.String()), m.To.String())
	if m.Boot != 0 {
		b = as.Boot(b, m.From.String(), m.Boot)
	}
	if m.Asks != nil && m.To.IsServer() {
		b = as.Boot(b, m.To.String(), m.Asks.Boot)
	}
	switch body := m.Body.(type) {
	case viewservice.PingArgs:
		b = body.AppendCanon(b, as)
	case viewservice.PingReply:
		sent := viewservice.View{Viewnum: m.Asks.Body.(viewservice.PingArgs).Viewnum}
		b = body.AppendCanon(sent.AppendCanon(b, as), as)
	case viewservice.GetReply:
		b = body.View.AppendCanon(b, as)
	case RequestArgs:
		b = viewservice.View{Viewnum: body.Known}.AppendCanon(body.Op.AppendCanon(b, as), as)
	case pbservice.Reply:
		b = as.Text(as.Text(m.Asks.Body.(RequestArgs).Op.AppendCanon(b, as), string(body.Err)), body.Value)
		b = append(b, byte(body.Why.Code))
		if body.Position > 0 { // the client remembers it (S10)
			b = binary.AppendUvarint(b, body.Position)
		}
	case *pbservice.ForwardArgs:
		b = body.AppendCanon(b, m.To.String(), as)
	case pbservice.ForwardReply:
		b = body.AppendCanon(b, m.From.String(), as)
	}
	return b
}
