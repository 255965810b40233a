package transcript_test

import (
	"encoding/json"
	"fmt"
	"time"

	"cluster/splitbrain/tui/transcript"
)

func Example() {
	e := transcript.Event{
		Kind: transcript.Unexpected, Script: "demo.sb", Line: 3, At: 1500 * time.Millisecond,
		Command: "expect view 3", Text: "expect view 3: not within 1s: view 2",
	}
	fmt.Println(e.Sentence())
	line, _ := json.Marshal(e)
	fmt.Println(string(line))
	// Output:
	// NOT as expected: demo.sb:3: view 3: not within 1s: view 2
	// {"script":"demo.sb","at_ms":1500,"event":"unexpected","line":3,"command":"expect view 3","text":"expect view 3: not within 1s: view 2"}
}
