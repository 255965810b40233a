// Command splitbrain is a replicated key/value service to break by hand: a viewservice, servers and clients that talk
// over net/rpc on a network that can fail, alive in a terminal.
package main

import (
	"os"

	"cluster/splitbrain/tui/cli"
)

func main() { os.Exit(cli.Main(os.Args[1:], os.Stdout, os.Stderr)) }
