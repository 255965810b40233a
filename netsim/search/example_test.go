package search_test

import (
	"context"
	"fmt"
	"time"

	"cluster/splitbrain/netsim/search"
	"cluster/splitbrain/viewservice/rules"
)

func Example() {
	o := search.Defaults
	o.From, o.Budget, o.Rounds = search.Steady, search.Budget{Ops: 1, Crashes: 1}, false
	o.Without = rules.Without(rules.RestartDetection)
	o.Time = time.Hour // it ends with its find, however slow the machine is
	r, err := search.Search(context.Background(), o, nil)
	if err != nil || r.Find == nil {
		fmt.Println("nothing found", err)
		return
	}
	for _, e := range r.Find.Events {
		fmt.Println(e)
	}
	fmt.Println(r.Find.Violation)
	// Output:
	// restart s1
	// tick s1
	// deliver 43
	// deliver 44
	// get k @c1
	// deliver 46
	// deliver 47
	// not linearizable: no order of the operations explains what the clients were told
}
