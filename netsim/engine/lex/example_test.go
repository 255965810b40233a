package lex_test

import (
	"fmt"

	"cluster/splitbrain/netsim/engine/lex"
)

func Example() {
	words, err := lex.Split(`put "a key" x\ y # a comment`)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, w := range words {
		fmt.Println(lex.Quote(w.Text))
	}
	// Output:
	// put
	// "a key"
	// "x y"
}
