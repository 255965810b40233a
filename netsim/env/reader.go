package env

import (
	"bufio"
	"fmt"
	"io"
	"time"
)

// What a peer may spend of this process's memory and patience, before it is known to say anything sensible.
const (
	// MaxMessage bounds the body of a message whose type does not say how long it may be (Sized), in bytes.
	MaxMessage = 64 << 10
	// maxFrame bounds any message.
	maxFrame = 64 << 20
	// maxText bounds the name of a method, and the words of an error.
	maxText = 4 << 10

	readBuffer = 16 << 10

	// A message that has begun must have come after messageTime. A long one has pieceTime for each of its pieces.
	messageTime = 10 * time.Second
	pieceTime   = 2 * time.Second
	piece       = 1 << 20
)

// Sized is a message that says how many bytes its body may have at most, encoded.
type Sized interface{ MaxSize() int }

// maxSize is how many bytes the encoded body may have.
func maxSize(body any) int {
	if s, ok := body.(Sized); ok {
		return min(s.MaxSize(), maxFrame)
	}
	return MaxMessage
}

func tooLong(what string, bytes, most int) error {
	return fmt.Errorf("%s of %d bytes: at most %d", what, bytes, most)
}

// deadliner is a connection that can be waited at for a limited time: a socket.
type deadliner interface{ SetReadDeadline(time.Time) error }

// reader reads messages from a connection. It waits for a message to begin for as long as it takes, but not for its end.
type reader struct {
	buf   *bufio.Reader
	conn  deadliner // nil: messages arrive whole
	timed bool      // a deadline is set
}

func newReader(conn io.Reader) reader {
	r := reader{buf: bufio.NewReaderSize(conn, readBuffer)}
	r.conn, _ = conn.(deadliner)
	return r
}

// first waits for the first byte of a message.
func (r *reader) first() (byte, error) {
	b, err := r.buf.Peek(1)
	if err != nil {
		return 0, err
	}
	return b[0], nil
}

// within limits the time that n more bytes of the message may take, unless they are there. Its owner calls whenever once
// the message has come.
func (r *reader) within(limit time.Duration, n int) error {
	if r.conn == nil || r.buf.Buffered() >= n {
		return nil
	}
	r.timed = true
	return r.conn.SetReadDeadline(time.Now().Add(limit))
}

// whenever lets the next message begin at any time.
func (r *reader) whenever() {
	if r.timed {
		r.timed = false
		_ = r.conn.SetReadDeadline(time.Time{}) // a broken connection breaks the next read
	}
}

// peek returns the next n bytes of the message, at most as many as the buffer holds.
func (r *reader) peek(n int) ([]byte, error) {
	if err := r.within(messageTime, n); err != nil {
		return nil, err
	}
	b, err := r.buf.Peek(n)
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return b, err
}

// skip reads n bytes that nobody wants.
func (r *reader) skip(n int) error {
	if err := r.within(messageTime, n); err != nil {
		return err
	}
	_, err := r.buf.Discard(n)
	return err
}

// whole reads n bytes, piece by piece: who stops in the middle is not waited for as long as the whole might take, and has
// only as much memory spent on it as it has sent four times over.
func (r *reader) whole(n int) ([]byte, error) {
	b := make([]byte, 0, min(n, piece))
	for len(b) < n {
		if len(b) == cap(b) {
			b = append(make([]byte, 0, min(n, 4*cap(b))), b...)
		}
		next := b[len(b):min(cap(b), len(b)+piece)]
		if err := r.within(pieceTime, len(next)); err != nil {
			return nil, err
		}
		if _, err := io.ReadFull(r.buf, next); err != nil {
			return nil, err
		}
		b = b[:len(b)+len(next)]
	}
	return b, nil
}

// guarded runs decode. Bytes of a stranger that make it panic are an error like others: gob has been seen to panic (S13).
func guarded(decode func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("message can't be decoded: %v", p)
		}
	}()
	return decode()
}
