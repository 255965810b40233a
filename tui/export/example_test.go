package export_test

import (
	"fmt"
	"os"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/tui/export"
	"cluster/splitbrain/tui/wholefile"
)

func ExampleFile() {
	get := netsim.TraceEvent{Direction: netsim.Request, Msg: 1, From: "c1", To: "s1", Method: "PBServer.Get", Summary: `get "a" c1/1`}
	sent, lost := get, get
	sent.Kind = netsim.MsgSent
	lost.Kind, lost.At, lost.Why = netsim.MsgLost, time.Millisecond, "c1 > s1 is cut"
	file := os.TempDir() + fmt.Sprintf("/example-%d.txt", os.Getpid())
	defer os.Remove(file)
	err := export.File(wholefile.Create, file, export.Source{Events: []netsim.TraceEvent{sent, lost}, Lanes: []string{"s1", "c1"}})
	text, _ := os.ReadFile(file)
	fmt.Printf("%v\n%s", err, text)
	// Output:
	// <nil>
	//      seconds  s1       c1
	//     0.001000  │   ✗────│         #1 get "a" c1/1 ✗ lost: c1 > s1 is cut
}
