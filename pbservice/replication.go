package pbservice

import (
	"cmp"

	"cluster/splitbrain/viewservice/rules"
)

// phase is what a primary with state does about the backup of its view.
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

// stream is the primary's end of the stream of messages to its backup. One message is under way at a time (S8). A new
// view begins a new stream.
type stream struct {
	phase       phase
	boot        uint64 // boot id of the backup that is addressed; 0: not known yet
	attempt     uint64 // transfers begun in this view
	index       uint64 // messages sent in this attempt
	silentTicks int    // ticks since the backup last confirmed a message, until the view is acknowledged

	sent        *Forward   // the message under way, nil if there is none
	expects     uint64     // the position whose confirmation ends it
	batch       []*request // in phase waiting: the requests whose operations it carries
	sentTicks   int        // ticks since it was last sent
	resendAfter int        // ticks after which it is sent again
	failed      bool       // it, or its answer, is known to be lost, or it was refused for a gap

	cursor    string // the last key transferred, if begun
	begun     bool   // a key was transferred in this attempt
	pauseTick bool   // begin no new attempt before the next tick
	pairs     int    // keys transferred in this attempt
	filter    filterCursor

	// tail are the operations answered since the last message, in their order. The next chunk goes with all of them: its
	// pairs show their effects already, so that a later message would apply them a second time.
	tail      []Op
	tailBytes int
}

// Limits of the operations in one message. One operation always fits.
const (
	batchOps   = 4096
	batchBytes = 4 << 20
	tailBytes  = 8 << 20

	minResendTicks = 2 // ticks
	maxResendTicks = 8
)

// servesAlone reports whether operations are answered without waiting for the backup's confirmation.
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

// gather adds op, which was answered, to the tail if the backup must still hear of it.
func (s *stream) gather(op Op) {
	if s.index == 0 {
		return // there is no backup, or the first chunk will show it
	}
	if op.Kind == Get {
		op.Value = ""
	}
	s.tail = append(s.tail, op)
	s.tailBytes += op.size()
}

// compose sends the next message to the backup if none is under way and there is something to send.
func (c *Core) compose() {
	s := &c.stream
	if s.sent != nil {
		return
	}
	switch {
	case s.pauseTick:
	case s.phase == transferring && s.boot == 0:
		c.send(&ForwardArgs{}) // refused in any case, but the refusal tells the boot
	case s.phase == transferring:
		c.composeChunk()
	case len(s.tail) > 0: // answered already: the rule wait-for-backup is or was off
		s.index++
		c.sendTail(&ForwardArgs{})
	case s.phase == waiting && len(c.requests.queue) > 0:
		c.composeBatch()
	}
}

// composeChunk sends the next chunk of the transfer. With the last chunk the primary begins to wait for the backup with
// every operation, and acknowledges the view only when that chunk is confirmed. The other way round an operation that
// was answered in between would be lost with the primary (S6).
func (c *Core) composeChunk() {
	s := &c.stream
	chunk := &Chunk{Last: true}
	if !c.off(rules.TransferState) {
		most := cmp.Or(c.cfg.ChunkKeys, DefaultChunkKeys)
		chunk.Pairs, chunk.Last = c.state.chunk(s.cursor, s.begun, most)
		if !s.filter.ended && !c.off(rules.ReplicateFilter) {
			chunk.Filter, chunk.Horizon = c.state.filter.chunk(&s.filter, most), c.state.filter.horizon
			chunk.Last = chunk.Last && s.filter.ended
		}
	}
	if n := len(chunk.Pairs); n > 0 {
		s.cursor, s.begun = chunk.Pairs[n-1].Key, true
		s.pairs += n
	}
	if chunk.Last {
		s.phase = waiting
	}
	s.index++
	c.sendTail(&ForwardArgs{Chunk: chunk})
}

// sendTail sends args with the operations answered since the last message.
func (c *Core) sendTail(args *ForwardArgs) {
	s := &c.stream
	args.Ops, args.Position = s.tail, c.state.position-uint64(len(s.tail))
	s.tail, s.tailBytes = nil, 0
	s.expects = c.state.position
	c.send(args)
}

// composeBatch sends all who wait in one message (group commit).
func (c *Core) composeBatch() {
	s, q := &c.stream, &c.requests
	n, bytes := 0, 0
	for n < len(q.queue) && n < batchOps && (n == 0 || bytes+q.queue[n].op.size() <= batchBytes) {
		bytes += q.queue[n].op.size()
		n++
	}
	s.batch = q.queue[:n:n]
	q.queue = q.queue[n:]
	if len(q.queue) == 0 {
		q.queue = nil
	}
	ops := make([]Op, n)
	for i, r := range s.batch {
		ops[i] = r.op
	}
	s.index++
	s.expects = c.state.position + uint64(n)
	c.send(&ForwardArgs{Ops: ops, Position: c.state.position})
}

func (c *Core) send(args *ForwardArgs) {
	s := &c.stream
	args.Viewnum, args.Primary = c.view.Viewnum, c.cfg.Me
	args.Boot, args.Attempt, args.Index = s.boot, s.attempt, s.index
	c.ids++
	s.sent = &Forward{ID: c.ids, To: c.view.Backup, Args: args}
	s.sentTicks, s.resendAfter, s.failed = 0, c.resendDelay(0), false
	c.ready.Forwards = append(c.ready.Forwards, *s.sent)
}

// resendDelay returns how many ticks to wait before a message is sent again, of which the last sending waited for before
// ticks. The pauses grow, because a backup that is slow must not be sent the same message ever more often.
func (c *Core) resendDelay(before int) int {
	if c.cfg.Eager {
		return 1
	}
	return min(max(2*before, minResendTicks), maxResendTicks)
}
