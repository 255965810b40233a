package env

import (
	"bufio"
	"encoding/gob"
	"fmt"
	"io"
	"net/rpc"
)

// MaxMessage bounds one encoded message on a connection, in bytes: two of the largest values and what surrounds
// them. A peer that sends more is cut off before the memory is spent.
const MaxMessage = 64 << 20

// NewClientCodec returns the gob codec of net/rpc for the calling side of conn.
func NewClientCodec(conn io.ReadWriteCloser) rpc.ClientCodec { return newCodec(conn) }

// NewServerCodec returns the gob codec of net/rpc for the answering side of conn. Unlike net/rpc's own, it closes
// the connection when a body can't be decoded: what follows on that stream can't be trusted (S13).
func NewServerCodec(conn io.ReadWriteCloser) rpc.ServerCodec { return newCodec(conn) }

type codec struct {
	conn io.ReadWriteCloser
	in   *limitedReader
	dec  *gob.Decoder
	out  *bufio.Writer
	enc  *gob.Encoder
}

func newCodec(conn io.ReadWriteCloser) *codec {
	in := &limitedReader{r: bufio.NewReaderSize(conn, 16<<10), left: MaxMessage}
	out := bufio.NewWriterSize(conn, 16<<10)
	return &codec{conn: conn, in: in, dec: gob.NewDecoder(in), out: out, enc: gob.NewEncoder(out)}
}

func (c *codec) WriteRequest(r *rpc.Request, body any) error   { return c.write(r, body) }
func (c *codec) WriteResponse(r *rpc.Response, body any) error { return c.write(r, body) }
func (c *codec) ReadRequestHeader(r *rpc.Request) error        { return c.readHeader(r) }
func (c *codec) ReadResponseHeader(r *rpc.Response) error      { return c.readHeader(r) }
func (c *codec) ReadResponseBody(body any) error               { return c.dec.Decode(body) }
func (c *codec) Close() error                                  { return c.conn.Close() }

func (c *codec) ReadRequestBody(body any) error {
	err := c.dec.Decode(body)
	if err != nil {
		c.in.over = err // net/rpc reads on, and more requests may wait in the buffer
		c.conn.Close()
	}
	return err
}

func (c *codec) readHeader(header any) error {
	c.in.left = MaxMessage
	return c.dec.Decode(header)
}

// write sends header and body as one message. After an error the stream is no longer in step, so it closes it.
func (c *codec) write(header, body any) error {
	err := c.enc.Encode(header)
	if err == nil {
		err = c.enc.Encode(body)
	}
	if err == nil {
		err = c.out.Flush()
	}
	if err != nil {
		c.conn.Close()
	}
	return err
}

// limitedReader fails once a message is longer than MaxMessage. It is a ByteReader, so that gob adds no buffer of
// its own.
type limitedReader struct {
	r    *bufio.Reader
	left int
	over error // set for good: nothing more is read
}

func (l *limitedReader) Read(p []byte) (int, error) {
	if err := l.ready(); err != nil {
		return 0, err
	}
	n, err := l.r.Read(p[:min(len(p), l.left)])
	l.left -= n
	return n, err
}

func (l *limitedReader) ReadByte() (byte, error) {
	if err := l.ready(); err != nil {
		return 0, err
	}
	l.left--
	return l.r.ReadByte()
}

func (l *limitedReader) ready() error {
	if l.over == nil && l.left <= 0 {
		return fmt.Errorf("message longer than %d bytes", MaxMessage)
	}
	return l.over
}
