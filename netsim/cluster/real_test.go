package cluster_test

import (
	"testing"

	"cluster/splitbrain/netsim/cluster"
	"cluster/splitbrain/netsim/engine"

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
	f.must(f.Cut("c1", "s1"), f.Freeze("c2"), f.Kill("s1"), f.Restart("s1"), f.Kill("vs"))
	end := f.begin(t.Context(), "c1")
	f.look()
	f.Close()
	if err := end(); err == nil {
		t.Error("Close lets an operation succeed")
	}
}
