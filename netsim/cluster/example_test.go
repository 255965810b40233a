package cluster_test

import (
	"context"
	"fmt"

	"cluster/splitbrain/netsim/cluster"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/pbservice"
)

func Example() {
	c, err := cluster.New(engine.Defaults)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()
	ctx := context.Background()
	if _, err := engine.Do(ctx, c, "c1", pbservice.Op{Kind: pbservice.Put, Key: "a", Value: "1"}); err != nil {
		fmt.Println(err)
		return
	}
	reply, err := engine.Do(ctx, c, "c2", pbservice.Op{Kind: pbservice.Get, Key: "a"})
	fmt.Println(reply.Value, err)
	// Output: 1 <nil>
}
