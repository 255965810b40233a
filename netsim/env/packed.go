package env

import (
	"encoding/binary"
	"errors"
)

// Packed is a message that encodes its body itself, shorter and faster than gob does. Bytes of which too much memory would be
// made can be refused while they are read.
type Packed interface {
	// Pack appends the encoded body to b.
	Pack(b []byte) []byte
	// Unpack reads what Pack has written. What the bytes lack is zero, and known to u.
	Unpack(u *Unpacking)
}

// PackString appends s.
func PackString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// PackUint appends n.
func PackUint(b []byte, n uint64) []byte { return binary.AppendUvarint(b, n) }

// PackBool appends v.
func PackBool(b []byte, v bool) []byte {
	if v {
		return append(b, 1)
	}
	return append(b, 0)
}

var errPacked = errors.New("message can't be decoded: its body is cut short, or is none")

// Unpacking is a body that is being read, part by part. After the first part that is not there all are zero.
type Unpacking struct {
	rest  []byte
	names *names
	err   error
}

func (u *Unpacking) fail() { u.rest, u.err = nil, errPacked }

// Failed reports whether a part was not there.
func (u *Unpacking) Failed() bool { return u.err != nil }

// Uint reads a number.
func (u *Unpacking) Uint() uint64 {
	n, size := binary.Uvarint(u.rest)
	if size <= 0 {
		u.fail()
		return 0
	}
	u.rest = u.rest[size:]
	return n
}

// Bool reads a truth value.
func (u *Unpacking) Bool() bool {
	b := u.Byte()
	if b > 1 {
		u.fail()
	}
	return b == 1
}

// Byte reads one byte.
func (u *Unpacking) Byte() byte {
	if len(u.rest) == 0 {
		u.fail()
		return 0
	}
	b := u.rest[0]
	u.rest = u.rest[1:]
	return b
}

// bytes reads a string without copying it.
func (u *Unpacking) bytes() []byte {
	n := u.Uint()
	if n > uint64(len(u.rest)) {
		u.fail()
		return nil
	}
	b := u.rest[:n]
	u.rest = u.rest[n:]
	return b
}

// String reads a string.
func (u *Unpacking) String() string { return string(u.bytes()) }

// Name reads a string that comes again and again on one connection.
func (u *Unpacking) Name() string { return u.names.get(u.bytes()) }

// Count reads how many parts follow, of size bytes each at least and most at most.
func (u *Unpacking) Count(size, most int) int {
	n := u.Uint()
	if n > uint64(most) || n > uint64(len(u.rest)/size) {
		u.fail()
		return 0
	}
	return int(n)
}

// Unpack reads m from its encoded body.
func Unpack(body []byte, m Packed) error { return unpack(body, m, &names{}) }

func unpack(body []byte, m Packed, names *names) error {
	u := Unpacking{rest: body, names: names}
	return guarded(func() error {
		m.Unpack(&u)
		if len(u.rest) > 0 {
			u.fail()
		}
		return u.err
	})
}

// names are short strings that came on one connection: one that comes again is not allocated again.
type names struct{ known map[string]string }

const (
	maxNames = 1024
	maxName  = 256 // bytes
)

func (n *names) get(b []byte) string {
	if s, ok := n.known[string(b)]; ok {
		return s
	}
	s := string(b)
	if len(s) > maxName {
		return s
	}
	if n.known == nil || len(n.known) >= maxNames {
		n.known = map[string]string{}
	}
	n.known[s] = s
	return s
}
