package env

import "sync"

// mostIdle is how many goroutines of a crew stay for the next job at most.
const maxIdle = 16

// WorkerPool does jobs at once, each in a goroutine, as go does. But a goroutine that has done one takes another: its stack
// has grown to what encoding a message takes, and growing it anew for each was a tenth of the work. Go is safe for
// concurrent use. The zero value is not usable.
type WorkerPool struct {
	jobs      chan func() // for those that wait
	closeJobs func()      // closes jobs, once
	pending   sync.WaitGroup
	workers   sync.WaitGroup

	mu   sync.Mutex // guards what follows
	idle int        // goroutines that wait for a job, less those that one is on its way to
}

// NewWorkerPool is a crew without a goroutine, which all end with Close.
func NewWorkerPool() *WorkerPool {
	c := &WorkerPool{jobs: make(chan func(), maxIdle)}
	c.closeJobs = sync.OnceFunc(func() { close(c.jobs) })
	return c
}

// Go has a job done. It doesn't wait.
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

// work ends with Close, or as one of too many.
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

// stay reports whether one that is done is to wait for the next job.
func (c *WorkerPool) stay() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.idle >= maxIdle {
		return false
	}
	c.idle++
	return true
}

// Close returns when all jobs are done and nothing of the crew runs any more. Only jobs may call Go meanwhile, and
// nobody afterwards. It may be called again.
func (c *WorkerPool) Close() {
	c.pending.Wait()
	c.closeJobs()
	c.workers.Wait()
}
