package cluster

import (
	"testing"
	"testing/synctest"
	"time"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/engine/enginetest"
)

// slow is a program that takes a virtual second to end.
type slow struct{ program }

func (s slow) Close() {
	time.Sleep(time.Second)
	s.program.Close()
}

// Kill and Restart don't wait for a program to end; Close does.
func TestSlowEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, err := New(engine.Defaults)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range c.members() {
			m.running.program = slow{m.running.program}
		}
		began := time.Now()
		if err := enginetest.Do(c, "kill", "s1"); err != nil {
			t.Error(err)
		}
		if err := enginetest.Do(c, "restart", "s2"); err != nil {
			t.Error(err)
		}
		if waited := time.Since(began); waited > 0 {
			t.Errorf("Kill and Restart waited %v", waited)
		}
		c.Close()
		if waited := time.Since(began); waited != time.Second {
			t.Errorf("Close returned after %v, want 1s", waited)
		}
	})
}
