package env

import (
	"net/rpc"
	"sync"
)

// serverConn answers the requests of one connection at once, as net/rpc does, but by a crew instead of a fresh goroutine for
// each. It is the codec that the crew sees. One of them at a time reads: when it has read a request it lets another read
// the next one, and answers.
type serverConn struct {
	rpc.ServerCodec
	server  *rpc.Server
	workers *WorkerPool
	serve   func()     // reads a request and answers it
	writing sync.Mutex // held while an answer is written
}

func newServerConn(server *rpc.Server, codec rpc.ServerCodec) *serverConn {
	d := &serverConn{ServerCodec: codec, server: server, workers: NewWorkerPool()}
	d.serve = func() { d.server.ServeRequest(d) } // what went wrong was answered, or ended the connection
	return d
}

// answerAll answers what comes until the connection ends, and closes it once all is answered.
func (d *serverConn) answerAll() {
	d.workers.Go(d.serve)
	d.workers.Close()
	d.Close()
}

// ReadRequestBody is called once after each header, wanted or not.
func (d *serverConn) ReadRequestBody(body any) error {
	err := d.ServerCodec.ReadRequestBody(body)
	d.workers.Go(d.serve)
	return err
}

func (d *serverConn) WriteResponse(r *rpc.Response, body any) error {
	d.writing.Lock() // net/rpc guards only the answers that it gives from one loop
	defer d.writing.Unlock()
	return d.ServerCodec.WriteResponse(r, body)
}
