package invariant_test

import (
	"fmt"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/history/invariant"
	"cluster/splitbrain/viewservice"
)

func Example() {
	var w invariant.Watcher
	var s engine.Snapshot
	s.Viewservice.Status.Changes = []viewservice.Change{
		{View: viewservice.View{Viewnum: 1, Primary: "s1"}},
		{View: viewservice.View{Viewnum: 2, Primary: "s3"}},
	}
	for _, b := range w.Watch(s) {
		fmt.Println(b.Name+":", b.Text)
	}
	// Output:
	// continuity: s3 is primary of view 2, and had no data of view 1 (V5)
}
