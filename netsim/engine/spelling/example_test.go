package spelling_test

import (
	"fmt"

	"cluster/splitbrain/netsim/engine/spelling"
)

func Example() {
	commands := []string{"run", "search", "view"}
	for _, word := range []string{"serch", "sea", "veiw", "dance"} {
		fmt.Println(word+":", spelling.Meant(word, commands))
	}
	// Output:
	// serch: did you mean search?
	// sea: did you mean search?
	// veiw: did you mean view?
	// dance: there are run, search, view
}
