package search

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"hash"
	"hash/fnv"
	"io"
	"math"
)

// The file of a State is a line of JSON, then the origins of all states, in the order in which they were found, then their keys,
// in no order, and the checksum of all of it. Nothing is copied to be written: memory may have run out.
const (
	originBytes = 6
	keyBytes    = 16
	mostHead    = 1 << 18 // bytes of the line, of which paths are the most
)

// byteOrder is that of all numbers after the line.
var byteOrder = binary.LittleEndian

func newChecksum() hash.Hash { return fnv.New64a() }

// Write writes what ReadState reads.
func (s *State) Write(w io.Writer) error {
	sum := newChecksum()
	b := bufio.NewWriter(io.MultiWriter(w, sum))
	head, err := json.Marshal(s.s)
	if err != nil {
		return err
	}
	b.Write(append(head, '\n')) // its error comes with Flush
	if s.s.Levels != nil {
		s.s.Levels.write(b)
	}
	if err := b.Flush(); err != nil {
		return err
	}
	_, err = w.Write(sum.Sum(nil))
	return err
}

func (l *Levels) write(b *bufio.Writer) {
	var record [keyBytes]byte
	for i := range l.origins.n {
		o := l.origins.at(i)
		b.Write(byteOrder.AppendUint16(byteOrder.AppendUint32(record[:0], o.parent), o.step))
	}
	for k := range l.seen.all {
		b.Write(byteOrder.AppendUint64(byteOrder.AppendUint64(record[:0], k.Hi), k.Lo))
	}
}

// ReadState reads what Write wrote. It takes no more memory than what it has read is worth.
func ReadState(r io.Reader) (*State, error) {
	in := bufio.NewReaderSize(r, mostHead)
	head, err := in.ReadSlice('\n')
	var s State
	if err == nil {
		err = json.Unmarshal(head, &s.s)
	}
	switch {
	case len(head) == 0:
		return nil, errors.New("it is empty, and no state of a search")
	case err != nil || s.s.Of == "":
		return nil, errors.New("it is no state of a search, as --state writes it")
	}
	sum := newChecksum()
	sum.Write(head)
	if s.s.Levels != nil {
		if err := s.s.Levels.read(io.TeeReader(in, sum)); err != nil {
			return nil, err
		}
	}
	end, err := io.ReadAll(io.LimitReader(in, int64(sum.Size()+1)))
	if err != nil || !bytes.Equal(end, sum.Sum(nil)) {
		return nil, errDamaged
	}
	return &s, nil
}

func (l *Levels) read(r io.Reader) error {
	n := l.Covered.Distinct
	if n < 1 || n > math.MaxInt32 {
		return errDamaged
	}
	var record [keyBytes]byte
	for range n {
		if _, err := io.ReadFull(r, record[:originBytes]); err != nil {
			return errDamaged
		}
		l.origins.add(origin{byteOrder.Uint32(record[:]), byteOrder.Uint16(record[4:])})
	}
	l.seen = sized(n)
	for range n {
		if _, err := io.ReadFull(r, record[:]); err != nil {
			return errDamaged
		}
		l.seen.add(Key{byteOrder.Uint64(record[:]), byteOrder.Uint64(record[8:])})
	}
	return nil
}
