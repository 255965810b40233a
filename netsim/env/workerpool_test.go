package env

import (
	"testing"
	"testing/synctest"
)

// TestWorkerPool: jobs wait for no other, Close waits for all of them and for those that they hand in, and leaves nothing.
func TestWorkerPool(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, release, done := NewWorkerPool(), make(chan struct{}), make(chan int, 9*maxIdle)
		for i := range 3 * maxIdle {
			c.Go(func() {
				<-release
				c.Go(func() { done <- i })
				done <- i
			})
		}
		c.Go(func() { done <- 0 })
		synctest.Wait()
		if len(done) != 1 {
			t.Errorf("%d jobs are done while the others hang, want 1", len(done))
		}
		closed := make(chan struct{})
		for range 2 {
			go func() { c.Close(); closed <- struct{}{} }()
		}
		synctest.Wait()
		select {
		case <-closed:
			t.Error("closed before its jobs were done")
		default:
		}
		close(release)
		<-closed
		<-closed
		if len(done) != 6*maxIdle+1 {
			t.Errorf("%d jobs are done, want %d", len(done), 6*maxIdle+1)
		}
	}) // and none of its goroutines is left
}
