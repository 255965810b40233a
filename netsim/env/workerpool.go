package env

import "sync"

// maxIdle is how many goroutines of a pool wait for the next job at most.
const maxIdle = 16

// WorkerPool runs jobs at once, each in a goroutine, as the go statement does. But a goroutine that has done a job takes
// another: its stack has grown to what it takes to encode a message, and growing a new stack for each message was a tenth
// of the work. Go is safe for concurrent use. The zero value is not usable.
type WorkerPool struct {
	jobs      chan func() // for those that wait
	closeJobs func()      // closes jobs, once
	pending   sync.WaitGroup
	workers   sync.WaitGroup

	mu   sync.Mutex // guards what follows
	idle int        // goroutines that wait for a job, less those that one is on its way to
}

// NewWorkerPool returns a pool without goroutines. The caller ends it with Close.
func NewWorkerPool() *WorkerPool {
	c := &WorkerPool{jobs: make(chan func(), maxIdle)}
	c.closeJobs = sync.OnceFunc(func() { close(c.jobs) })
	return c
}

// Go starts job, and does not wait for it.
func (c *WorkerPool) Go(job func()) {
	c.pending.Add(1)
	c.mu.Lock()
	waits := c.idle > 0
	if waits {
		c.idle--
	}
	c.mu.Unlock()
	if waits {
		c.jobs <- job
	} else {
		c.workers.Go(func() { c.work(job) })
	}
}

// work runs jobs until Close, or until enough other goroutines wait for the next job.
func (c *WorkerPool) work(job func()) {
	for more := true; more; {
		job()
		c.pending.Done()
		if !c.stay() {
			return
		}
		job, more = <-c.jobs
	}
}

// stay reports whether a goroutine that has done its job is to wait for the next.
func (c *WorkerPool) stay() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.idle >= maxIdle {
		return false
	}
	c.idle++
	return true
}

// Close waits until all jobs are done, and ends the pool's goroutines. Only jobs may call Go meanwhile, and nobody
// afterwards. Close may be called again.
func (c *WorkerPool) Close() {
	c.pending.Wait()
	c.closeJobs()
	c.workers.Wait()
}
