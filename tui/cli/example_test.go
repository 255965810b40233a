package cli_test

import (
	"fmt"
	"os"

	"cluster/splitbrain/tui/cli"
)

func Example() {
	for _, flag := range []string{"--servrs=5", "--servers=many"} {
		fmt.Println(cli.Main([]string{flag}, os.Stdout, os.Stdout))
	}
	// Output:
	// splitbrain: no flag --servrs: did you mean --servers?
	// 2
	// splitbrain: --servers "many": must be a whole number
	// 2
}
