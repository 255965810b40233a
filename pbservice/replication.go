package pbservice

import (
	"cluster/splitbrain/viewservice/rules"
)

// phase is how a primary with state stands to the backup of its view.
type phase uint8

const (
	none         phase = iota // not a primary with state
	alone                     // the view has no backup
	transferring              // the backup is being filled; clients are answered meanwhile (S6)
	waiting                   // every operation waits for the backup (S5)
	abandoned                 // the backup was given up before the acknowledgement (S4, V10)
	stalled                   // the backup refused: nothing is completed before a newer view (S8)
)

func (p phase) String() string {
	return [...]string{"", PhaseAlone, PhaseTransferring, PhaseWaiting, PhaseGivenUp, PhaseRefused}[p]
}

// link is the primary's end of the stream to its backup. One message is under way at a time (S8).
type stream struct {
	phase       phase
	boot        uint64 // of the backup that is addressed; 0: not known yet
	attempt     uint64 // transfers begun in this view
	index       uint64 // messages of the attempt so far
	silentTicks int    // ticks since the backup last confirmed anything, before the acknowledgement

	sent        *Forward   // under way
	expects     uint64     // the position that confirms it
	batch       []*request // whose operations it carries, in phase waiting
	sentTicks   int        // ticks since it was last sent
	resendAfter int        // ticks to wait before it is sent again
	failed      bool       // it is known to be lost or refused for now

	cursor    string // the last key transferred
	begun     bool   // cursor is one
	pauseTick bool   // begin no new attempt before the next tick
	pairs     int    // transferred in this attempt

	// tail are the operations answered since the last message. A chunk goes only with all of them: it shows
	// their effects, and the next message would apply them a second time.
	tail      []Op
	tailBytes int
}

// Limits of one message beside a chunk. One operation always fits.
const (
	batchOps   = 4096
	batchBytes = 4 << 20
	tailBytes  = 8 << 20

	minResendTicks = 2 // ticks
	maxResendTicks = 8
)

// servesAlone reports whether operations are answered without the backup's word.
func (c *Core) servesAlone() bool {
	switch c.stream.phase {
	case alone, abandoned:
		return true
	case transferring:
		return c.stream.tailBytes < tailBytes
	case waiting:
		return c.off(rules.WaitForBackup) && c.stream.tailBytes < tailBytes
	}
	return false
}

// gather keeps an operation that the backup must still hear of, if it has been begun to be filled at all.
func (l *stream) gather(op Op) {
	if l.index == 0 {
		return // there is no backup, or the first chunk will show it
	}
	if op.Kind == Get {
		op.Value = ""
	}
	l.tail = append(l.tail, op)
	l.tailBytes += op.size()
}

// compose makes the next message for the backup if none is under way and there is something to say.
func (c *Core) compose() {
	l := &c.stream
	if l.sent != nil {
		return
	}
	switch {
	case l.pauseTick:
	case l.phase == transferring && l.boot == 0:
		c.send(&ForwardArgs{}) // refused in any case, but the refusal tells the boot
	case l.phase == transferring:
		c.composeChunk()
	case len(l.tail) > 0: // answered already: the rule wait-for-backup is or was off
		l.index++
		c.sendTail(&ForwardArgs{})
	case l.phase == waiting && len(c.requests.queue) > 0:
		c.composeBatch()
	}
}

// composeChunk continues the transfer. With the last chunk the primary switches to waiting for the backup, and
// acknowledges the view only when that message is confirmed, never the reverse (S6).
func (c *Core) composeChunk() {
	l := &c.stream
	chunk := &Chunk{Last: true}
	if l.index == 0 && !c.off(rules.ReplicateFilter) {
		chunk.Filter = c.state.entries()
	}
	if c.off(rules.TransferState) {
		chunk.Filter = nil
	} else {
		chunk.Pairs, chunk.Last = c.state.chunk(l.cursor, l.begun)
	}
	if n := len(chunk.Pairs); n > 0 {
		l.cursor, l.begun = chunk.Pairs[n-1].Key, true
		l.pairs += n
	}
	if chunk.Last {
		l.phase = waiting
	}
	l.index++
	c.sendTail(&ForwardArgs{Chunk: chunk})
}

// sendTail sends args with the operations answered since the last message.
func (c *Core) sendTail(args *ForwardArgs) {
	l := &c.stream
	args.Ops, args.Position = l.tail, c.state.position-uint64(len(l.tail))
	l.tail, l.tailBytes = nil, 0
	l.expects = c.state.position
	c.send(args)
}

// composeBatch sends all who wait in one message (group commit).
func (c *Core) composeBatch() {
	l, q := &c.stream, &c.requests
	n, bytes := 0, 0
	for n < len(q.queue) && n < batchOps && (n == 0 || bytes+q.queue[n].op.size() <= batchBytes) {
		bytes += q.queue[n].op.size()
		n++
	}
	l.batch = q.queue[:n:n]
	q.queue = q.queue[n:]
	if len(q.queue) == 0 {
		q.queue = nil
	}
	ops := make([]Op, n)
	for i, r := range l.batch {
		ops[i] = r.op
	}
	l.index++
	l.expects = c.state.position + uint64(n)
	c.send(&ForwardArgs{Ops: ops, Position: c.state.position})
}

func (c *Core) send(args *ForwardArgs) {
	l := &c.stream
	args.Viewnum, args.Primary = c.view.Viewnum, c.cfg.Me
	args.Boot, args.Attempt, args.Index = l.boot, l.attempt, l.index
	c.ids++
	l.sent = &Forward{ID: c.ids, To: c.view.Backup, Args: args}
	l.sentTicks, l.resendAfter, l.failed = 0, c.resendDelay(0), false
	c.ready.Forwards = append(c.ready.Forwards, *l.sent)
}

// patience is how many ticks to wait before what waited for so many is sent once more.
func (c *Core) resendDelay(before int) int {
	if c.cfg.Eager {
		return 1
	}
	return min(max(2*before, minResendTicks), maxResendTicks)
}
