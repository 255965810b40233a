package env

import (
	"errors"
	"io"
	"net/rpc"
)

// A server that wants proof of a secret begins with Challenge, and a caller that offers it with Offer: neither is the
// beginning of anything else. What follows is between the two ends (pbservice/process).
const (
	Challenge = "\x00SB?"
	Offer     = "\x00SB!"
)

var (
	// ErrSecret says that the other side wants proof of a secret before it hears anything.
	ErrSecret = errors.New("the other side wants a secret: give the same --secret everywhere")
	// errNoSecret is what a caller hears that offers proof of a secret which nobody wants.
	errNoSecret = errors.New("no secret is used here: give --secret everywhere, or nowhere")
	errStranger = errors.New("not a request: neither splitbrain nor net/rpc speaks like that")
)

// NewClientCodec returns the calling side of conn, which speaks to servers of ours.
func NewClientCodec(conn io.ReadWriteCloser) rpc.ClientCodec {
	in := newReader(conn)
	f := newFrames(conn, &in)
	f.heardAll = make(chan struct{})
	return f
}

// NewServerCodec returns the answering side of conn. It hears from the first byte whether the caller is one of ours, or
// speaks plain net/rpc with gob as the lab's processes do.
func NewServerCodec(conn io.ReadWriteCloser) rpc.ServerCodec {
	return &serverCodec{conn: conn, in: newReader(conn)}
}

// serverCodec finds out who calls, and speaks as the caller does from then on.
type serverCodec struct {
	rpc.ServerCodec // nil before the first header
	conn            io.ReadWriteCloser
	in              reader
}

func (c *serverCodec) ReadRequestHeader(r *rpc.Request) error {
	if c.ServerCodec == nil {
		if err := c.listen(); err != nil {
			return err
		}
	}
	return c.ServerCodec.ReadRequestHeader(r)
}

// listen hears who calls.
func (c *serverCodec) listen() error {
	first, err := c.in.first()
	switch {
	case err != nil:
		return err
	case first != greeting[0]:
		c.ServerCodec = newGobCodec(c.conn, &c.in)
		return nil
	}
	b, err := c.in.peek(len(greeting))
	if err != nil {
		return err
	}
	f := newFrames(c.conn, &c.in)
	switch string(b) {
	case greeting:
		c.ServerCodec = f
		return c.in.skip(len(greeting))
	case Offer:
		_ = f.WriteResponse(&rpc.Response{Error: errNoSecret.Error()}, nil) // the connection ends anyway
		return errNoSecret
	}
	return errStranger
}

// bodySize is how many bytes of the request have been announced and not been read, as far as that is known.
func (c *serverCodec) bodySize() int {
	if f, ok := c.ServerCodec.(*frames); ok {
		return f.bodySize()
	}
	return 0
}

func (c *serverCodec) Close() error { return c.conn.Close() }
