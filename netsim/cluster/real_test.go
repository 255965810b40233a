package cluster_test

import (
	"testing"

	"cluster/splitbrain/netsim/cluster"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/engine/enginetest"

	"go.uber.org/goleak"
)

// TestRealTime does outside a bubble what a playground does, and leaves nothing behind.
func TestRealTime(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	cfg := engine.Defaults
	cfg.Servers = 1
	c, err := cluster.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	f := fixture{t, c}
	f.put("c1", "a", "1")
	f.gets("c2", "a", "1")
	f.must(enginetest.Do(f, "cut", "c1", ">", "s1"), enginetest.Do(f, "freeze", "c2"), enginetest.Do(f, "kill", "s1"), enginetest.Do(f, "restart", "s1"), enginetest.Do(f, "kill", "vs"))
	end := f.begin(t.Context(), "c1")
	f.look()
	f.Close()
	if err := end(); err == nil {
		t.Error("Close lets an operation succeed")
	}
}
