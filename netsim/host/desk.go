package host

import (
	"net/rpc"
	"sync"
)

// mostIdle is how many goroutines of a connection stay for the next request at most.
const mostIdle = 16

// desk answers the requests of one connection at once, each in a goroutine, as net/rpc does. But a goroutine that has
// answered one takes another: its stack has grown to what encoding an answer takes, and growing it anew for each
// request was a tenth of the work.
//
// It is the codec that its goroutines see. One of them at a time has the turn: it reads a request, and gives the turn
// away before it answers.
type desk struct {
	rpc.ServerCodec
	server  *rpc.Server
	turn    chan struct{} // handed to who reads next; closed at the end of the connection
	workers sync.WaitGroup
	sending sync.Mutex // held while an answer is written

	mu   sync.Mutex // guards what follows
	idle int        // goroutines that wait for the turn
}

func newDesk(server *rpc.Server, codec rpc.ServerCodec) *desk {
	return &desk{ServerCodec: codec, server: server, turn: make(chan struct{}, 1)}
}

// answerAll answers what comes until the connection ends, and closes it once all is answered.
func (d *desk) answerAll() {
	d.pass()
	d.workers.Wait()
	d.Close()
}

// pass gives the turn to one that waits for it, or to a new goroutine.
func (d *desk) pass() {
	d.mu.Lock()
	waited := d.idle > 0
	if waited {
		d.idle--
	} else {
		d.workers.Add(1)
	}
	d.mu.Unlock()
	if waited {
		d.turn <- struct{}{}
	} else {
		go d.work() // ends with the connection, or as one of too many
	}
}

// work begins with the turn.
func (d *desk) work() {
	defer d.workers.Done()
	for {
		d.server.ServeRequest(d) // what went wrong was answered, or ended the connection
		if !d.stay() {
			return
		}
		if _, ok := <-d.turn; !ok {
			return
		}
	}
}

// stay reports whether one that has answered is to wait for the turn.
func (d *desk) stay() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.idle >= mostIdle {
		return false
	}
	d.idle++
	return true
}

func (d *desk) ReadRequestHeader(r *rpc.Request) error {
	err := d.ServerCodec.ReadRequestHeader(r)
	if err != nil {
		close(d.turn) // nothing more can be read
	}
	return err
}

// ReadRequestBody is called once after each header, wanted or not.
func (d *desk) ReadRequestBody(body any) error {
	err := d.ServerCodec.ReadRequestBody(body)
	d.pass()
	return err
}

func (d *desk) WriteResponse(r *rpc.Response, body any) error {
	d.sending.Lock() // net/rpc guards only the answers that it gives from one loop
	defer d.sending.Unlock()
	return d.ServerCodec.WriteResponse(r, body)
}
