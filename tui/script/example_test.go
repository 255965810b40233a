package script_test

import (
	"context"
	"fmt"

	"cluster/splitbrain/netsim/cluster"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/tui/script"
)

func Example() {
	c, err := cluster.New(engine.Defaults)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()
	session := script.Session{Engine: c}
	for _, line := range []string{"cut s3>vs # one way", "get a @c2", "kil s1", "kill s9"} {
		result, err := session.Run(context.Background(), line)
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(result.Text)
	}
	// Output:
	// s3 > vs cut: messages vanish
	// get a @c2: no such key
	// no command "kil": did you mean kill? (usage: kill NODE)
	// kill: word 2: no node "s9": did you mean s1? there are vs, s1–s3, c1, c2
}
