package netsim

import (
	"slices"
	"sync"
	"sync/atomic"
)

// ids remembers the numbers of a connection's unanswered requests, so that replies can say what they answer. Requests
// have numbers only while somebody watches the trace or when they are held.
type ids struct {
	count atomic.Int64 // of bySeq

	mu     sync.Mutex          // guards what follows
	bySeq  map[uint64]uint64   // by net/rpc's sequence number
	copies map[uint64][]uint64 // further requests with a sequence number that is in bySeq
}

// put remembers the number of a request, until it is taken or dropped.
func (i *ids) put(m *message) {
	if m.kind != request {
		return
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.bySeq == nil {
		i.bySeq, i.copies = make(map[uint64]uint64), make(map[uint64][]uint64)
	}
	seq := m.request.Seq
	if i.bySeq[seq] != 0 {
		i.copies[seq] = append(i.copies[seq], m.id)
		return
	}
	i.bySeq[seq] = m.id
	i.count.Store(int64(len(i.bySeq)))
}

// answered forgets the request with net/rpc's sequence number seq, and returns its number; 0 if there is none. Of a
// request and its copies each call returns another.
func (i *ids) answered(seq uint64) uint64 {
	if i.count.Load() == 0 {
		return 0
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	id := i.bySeq[seq]
	i.next(seq)
	return id
}

// next lets a copy take the place of the request with that sequence number, or nothing if there is none.
func (i *ids) next(seq uint64) {
	copies := i.copies[seq]
	if len(copies) == 0 {
		delete(i.bySeq, seq)
		i.count.Store(int64(len(i.bySeq)))
		return
	}
	i.bySeq[seq] = copies[0]
	if i.copies[seq] = copies[1:]; len(copies) == 1 {
		delete(i.copies, seq)
	}
}

// drop forgets a request that will not be answered.
func (i *ids) drop(m *message) {
	if m.kind != request || i.count.Load() == 0 {
		return
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	seq := m.request.Seq
	if i.bySeq[seq] == m.id {
		i.next(seq)
		return
	}
	isIt := func(id uint64) bool { return id == m.id }
	if i.copies[seq] = slices.DeleteFunc(i.copies[seq], isIt); len(i.copies[seq]) == 0 {
		delete(i.copies, seq)
	}
}
