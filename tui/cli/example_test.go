package cli_test

import (
	"fmt"

	"cluster/splitbrain/tui/cli"

	"github.com/spf13/cobra"
)

func Example() {
	root := &cobra.Command{Use: "prog", Args: cli.NoWords, SilenceErrors: true, SilenceUsage: true, RunE: func(*cobra.Command, []string) error { return nil }}
	root.Flags().Int("servers", 3, "how many")
	cli.Prepare(root)
	for _, line := range []string{"--servrs", "--servers=many"} {
		root.SetArgs([]string{line})
		fmt.Println(root.Execute())
	}
	// Output:
	// no flag --servrs: did you mean --servers?
	// --servers "many": must be a whole number
}
