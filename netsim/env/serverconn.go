package env

import (
	"net/rpc"
	"sync"
)

// serverConn answers the requests of one connection, each at once, as net/rpc does, but with a WorkerPool instead of a new
// goroutine for each request. It wraps the connection's codec: one worker at a time reads, and when it has read a request
// it lets another worker read the next one, and answers.
type serverConn struct {
	rpc.ServerCodec
	server  *rpc.Server
	workers *WorkerPool
	serve   func()     // reads one request and answers it
	writing sync.Mutex // held while an answer is written
}

func newServerConn(server *rpc.Server, codec rpc.ServerCodec) *serverConn {
	d := &serverConn{ServerCodec: codec, server: server, workers: NewWorkerPool()}
	d.serve = func() { d.server.ServeRequest(d) } // what went wrong was answered, or ended the connection
	return d
}

// answerAll answers requests until the connection ends, and closes the codec once all are answered.
func (d *serverConn) answerAll() {
	d.workers.Go(d.serve)
	d.workers.Close()
	d.Close()
}

// ReadRequestBody reads the body of a request. net/rpc calls it once after each header, even if it does not want the body.
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
