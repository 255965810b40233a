package env

import (
	"bufio"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"net/rpc"
)

// maxTypes bounds what a peer may say of its types on one connection, in bytes: gob remembers it for good.
const maxTypes = 64 << 10

// gobReader hands a gob.Decoder no more than the Decode that is under way may read. It knows the length of each of gob's
// messages before that is read. It is a ByteReader, so that gob adds no buffer of its own.
type gobReader struct {
	in    *reader
	left  int // bytes that the Decode may still read
	most  int // bytes that it might read when it began
	part  int // bytes left of gob's present message
	types int // bytes of gob's messages that described types so far
}

func (g *gobReader) begin(most int) { g.left, g.most, g.part = most, most, 0 }

func (g *gobReader) Read(p []byte) (int, error) {
	if err := g.ready(); err != nil {
		return 0, err
	}
	n, err := g.in.buf.Read(p[:min(len(p), g.part)])
	g.part -= n
	return n, err
}

func (g *gobReader) ReadByte() (byte, error) {
	if err := g.ready(); err != nil {
		return 0, err
	}
	b, err := g.in.buf.ReadByte()
	if err == nil {
		g.part--
	}
	return b, err
}

// ready begins gob's next message after the present one.
func (g *gobReader) ready() error {
	if g.part > 0 {
		return nil
	}
	length, size, err := g.peekUint(0)
	if err != nil {
		return err
	}
	whole := size + length
	if length < 0 || whole > g.left {
		return tooLong("message", max(whole, g.left+1), g.most)
	}
	if err := g.in.within(messageTime, whole); err != nil {
		return err
	}
	if id, _, err := g.peekUint(size); err == nil && id&1 == 1 { // negative: a type follows, and no value
		if g.types += whole; g.types > maxTypes {
			return tooLong("descriptions of types", g.types, maxTypes)
		}
	}
	g.left -= whole
	g.part = whole
	return nil
}

// peekUint returns gob's number at an offset, and its size. A number that is too large for an int is -1.
func (g *gobReader) peekUint(at int) (n, size int, err error) {
	b, err := g.in.peek(at + 1)
	if err != nil {
		return 0, 0, err
	}
	first := b[at]
	if first <= 0x7f {
		return int(first), 1, nil
	}
	size = int(-int8(first)) + 1
	if size > 5 {
		return -1, 1, nil
	}
	if b, err = g.in.peek(at + size); err != nil {
		return 0, 0, err
	}
	for _, digit := range b[at+1 : at+size] {
		n = n<<8 | int(digit)
	}
	return n, size, nil
}

// gobCodec is net/rpc's own form, as the lab's processes speak it: a header and a body for each message, both encoded by
// gob. It answers them; nobody here calls in it.
type gobCodec struct {
	conn io.ReadWriteCloser
	in   *reader
	from gobReader
	dec  *gob.Decoder
	out  *bufio.Writer
	enc  *gob.Encoder

	broken error // a body could not be read: nothing that follows can be trusted
}

func newGobCodec(conn io.ReadWriteCloser, in *reader) *gobCodec {
	out := bufio.NewWriter(conn)
	c := &gobCodec{conn: conn, in: in, from: gobReader{in: in}, out: out, enc: gob.NewEncoder(out)}
	c.dec = gob.NewDecoder(&c.from)
	return c
}

var errPlain = errors.New("this method is not open to plain net/rpc")

func (c *gobCodec) ReadRequestHeader(r *rpc.Request) error {
	if c.broken != nil {
		return c.broken
	}
	if _, err := c.in.first(); err != nil {
		return err
	}
	return c.decode(r, maxText)
}

func (c *gobCodec) ReadRequestBody(body any) error {
	if _, packed := body.(Packed); packed {
		c.broken = errPlain
	} else {
		c.broken = c.decode(body, maxSize(body))
	}
	c.in.whenever()
	return c.broken
}

func (c *gobCodec) decode(v any, most int) error {
	c.from.begin(most)
	return guarded(func() error { return c.dec.Decode(v) })
}

func (c *gobCodec) WriteResponse(r *rpc.Response, body any) error {
	err := c.enc.Encode(r)
	if err == nil {
		err = c.enc.Encode(body)
	}
	if err == nil {
		err = c.out.Flush()
	}
	if err != nil {
		c.conn.Close() // the stream is no longer in step
		return fmt.Errorf("reply to %s: %w", r.ServiceMethod, err)
	}
	return nil
}

func (c *gobCodec) Close() error { return c.conn.Close() }
