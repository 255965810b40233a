package export_test

import (
	"os"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/tui/export"
)

func ExampleDiagram() {
	get := netsim.TraceEvent{Direction: netsim.Request, Msg: 1, From: "c1", To: "s1", Method: "PBServer.Get", Summary: `get "a" c1/1`}
	sent, lost := get, get
	sent.Kind = netsim.MsgSent
	lost.Kind, lost.At, lost.Why = netsim.MsgLost, time.Millisecond, "c1 > s1 is cut"
	events := []netsim.TraceEvent{sent, lost}
	_ = export.Diagram(os.Stdout, export.Text, events, nil, export.Options{Lanes: []string{"s1", "c1"}, ASCII: true})
	// Output:
	//      seconds  s1       c1
	//     0.001000  |   x----|         #1 get "a" c1/1 lost: c1 > s1 is cut
}
