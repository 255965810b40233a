package env

import (
	"encoding/binary"
	"encoding/gob"
	"io"
	"net/rpc"
	"time"
)

// A caller of ours begins with a greeting. No stream of gob begins with 0, so that a server can tell who calls.
const greeting = "\x00SB1"

// frames is a connection between two processes of ours. After the greeting both sides send frames:
//
//	4 bytes   the length of all that follows, lowest byte first
//	uvarint   the number of the call
//	string    the method in a request; what went wrong in a reply, if anything did. Its length comes first, as a uvarint
//	rest      the body: packed if its type is Packed, else in gob; none in a reply that tells what went wrong
//
// One goroutine reads at a time, and one writes.
type frames struct {
	conn io.ReadWriteCloser
	in   *reader
	rest int // bytes of the body that come next
	names
	broken error // a body could not be read: nothing that follows can be trusted

	from gobReader
	dec  *gob.Decoder

	greeted bool
	out     appender
	enc     *gob.Encoder // writes to out

	heardAll chan struct{} // closed when nothing more can be read; nil on the answering side
}

func newFrames(conn io.ReadWriteCloser, in *reader) *frames {
	return &frames{conn: conn, in: in}
}

func (c *frames) Close() error { return c.conn.Close() }

func (c *frames) ReadRequestHeader(r *rpc.Request) (err error) {
	r.Seq, r.ServiceMethod, err = c.head()
	return err
}

func (c *frames) ReadResponseHeader(r *rpc.Response) (err error) {
	r.Seq, r.Error, err = c.head()
	if err != nil && c.heardAll != nil {
		close(c.heardAll) // net/rpc reads no more after an error
	}
	return err
}

// head reads a frame up to its body.
func (c *frames) head() (number uint64, text string, err error) {
	if c.broken != nil {
		return 0, "", c.broken
	}
	if _, err := c.in.first(); err != nil {
		return 0, "", err
	}
	b, err := c.in.peek(4)
	if err != nil {
		return 0, "", err
	}
	if string(b) == Challenge {
		return 0, "", ErrSecret
	}
	length := int(binary.LittleEndian.Uint32(b)) // body finds out whether that is too much
	if b, err = c.in.peek(min(4+length, readBuffer)); err != nil {
		return 0, "", err
	}
	u := Unpacking{rest: b[4:], names: &c.names}
	number, text = u.Uint(), u.Name()
	if u.Failed() || len(text) > maxText {
		return 0, "", errPacked
	}
	size := len(b) - len(u.rest)
	c.rest = 4 + length - size
	return number, text, c.in.skip(size)
}

// bodySize is how many bytes of a message have been announced and not been read.
func (c *frames) bodySize() int { return c.rest }

func (c *frames) ReadRequestBody(body any) error  { return c.body(body) }
func (c *frames) ReadResponseBody(body any) error { return c.body(body) }

func (c *frames) body(body any) error {
	c.broken = c.decode(body, c.rest)
	c.rest = 0
	c.in.whenever()
	return c.broken
}

func (c *frames) decode(body any, size int) error {
	if most := maxSize(body); size > most {
		return tooLong("body", size, most)
	}
	switch body := body.(type) {
	case nil:
		return c.in.skip(size)
	case Packed:
		return c.unpack(body, size)
	}
	if c.dec == nil {
		c.from.in = c.in
		c.dec = gob.NewDecoder(&c.from)
	}
	c.from.begin(size)
	err := guarded(func() error { return c.dec.Decode(body) })
	if err == nil && c.from.left > 0 {
		err = errPacked
	}
	return err
}

func (c *frames) unpack(body Packed, size int) (err error) {
	var b []byte
	if size <= readBuffer {
		if b, err = c.in.peek(size); err == nil {
			defer c.in.buf.Discard(size)
		}
	} else {
		b, err = c.in.whole(size)
	}
	if err != nil {
		return err
	}
	return unpack(b, body, &c.names)
}

func (c *frames) WriteRequest(r *rpc.Request, body any) error {
	c.out = c.out[:0]
	if !c.greeted {
		c.greeted = true
		c.out = append(c.out, greeting...)
	}
	return c.write(r.Seq, r.ServiceMethod, body)
}

// lastWords is how long a caller listens on when nobody takes a request any more: who closes a connection may have said why.
const lastWords = time.Second

func (c *frames) WriteResponse(r *rpc.Response, body any) error {
	c.out = c.out[:0]
	if r.Error != "" {
		body = nil
	}
	return c.write(r.Seq, r.Error[:min(len(r.Error), maxText)], body)
}

// keptBuffer is how large a buffer for writing may be that is kept for the next message.
const keptBuffer = 64 << 10

// write sends one frame behind what is in out. After an error the stream is no longer in step, so it closes it.
func (c *frames) write(number uint64, text string, body any) error {
	err := c.encode(number, text, body)
	if err == nil {
		if _, err = c.conn.Write(c.out); err != nil && c.heardAll != nil {
			select {
			case <-c.heardAll:
			case <-time.After(lastWords):
			}
		}
	}
	if cap(c.out) > keptBuffer {
		c.out = nil
	}
	if err != nil {
		c.conn.Close()
	}
	return err
}

func (c *frames) encode(number uint64, text string, body any) error {
	begin := len(c.out)
	c.out = append(c.out, 0, 0, 0, 0)
	c.out = binary.AppendUvarint(c.out, number)
	c.out = PackString(c.out, text)
	switch body := body.(type) {
	case nil:
	case Packed:
		c.out = body.Pack(c.out)
	default:
		if c.enc == nil {
			c.enc = gob.NewEncoder(&c.out)
		}
		if err := c.enc.Encode(body); err != nil {
			return err
		}
	}
	length := len(c.out) - begin - 4
	if length > maxFrame {
		return tooLong("message", length, maxFrame)
	}
	binary.LittleEndian.PutUint32(c.out[begin:], uint32(length))
	return nil
}

// appender is a buffer to write to.
type appender []byte

func (a *appender) Write(p []byte) (int, error) {
	*a = append(*a, p...)
	return len(p), nil
}
