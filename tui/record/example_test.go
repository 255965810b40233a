package record_test

import (
	"os"
	"time"

	"cluster/splitbrain/tui/record"
)

func Example() {
	w, _ := record.NewWriter(os.Stdout, record.Header{Width: 20, Height: 2, Title: "a run without a terminal"})
	_ = w.Output(1500*time.Millisecond, []byte("hello\r\n"))
	_ = w.Close()
	// Output:
	// {"version":2,"width":20,"height":2,"title":"a run without a terminal","env":{"TERM":"xterm-256color"}}
	// [1.5,"o","hello\r\n"]
}
