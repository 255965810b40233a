package canvas_test

import (
	"fmt"
	"strings"

	"cluster/splitbrain/tui/canvas"
)

// Rows come out as wide as was asked for, and what does not fit is cut.
func Example() {
	c := new(canvas.Styles).Canvas(20, 2)
	c.Next().Col(canvas.Strong, "s1", 5).Put(canvas.Primary, "P primary")
	c.Next().Put(canvas.Plain, "a line that is longer than the canvas")
	for _, row := range c.Lines() {
		fmt.Println(strings.ReplaceAll(row, " ", "."))
	}
	// Output:
	// s1...P.primary......
	// a.line.that.is.long…
}
