package history_test

import (
	"fmt"
	"time"

	"cluster/splitbrain/netsim/history"
	"cluster/splitbrain/pbservice"
)

func Example() {
	var r history.Recorder
	done := history.Outcome{Known: true}
	put := r.Call("c1", pbservice.Op{Kind: pbservice.Put, Key: "a", Value: "1"}, 10*time.Millisecond)
	r.Return(put, 20*time.Millisecond, done)
	fmt.Println(r.Judge(time.Second))

	get := r.Call("c2", pbservice.Op{Kind: pbservice.Get, Key: "a"}, 30*time.Millisecond)
	r.Return(get, 40*time.Millisecond, done) // it has found nothing
	v := r.Judge(time.Second)
	fmt.Println(v)
	fmt.Println(v.Blame.Text)
	// Output:
	// linearizable
	// not linearizable: key "a"
	// c2 get a, begun at 30 ms, returned no value; c1’s put a "1" had returned already, at 20 ms: it should have seen "1"
}
