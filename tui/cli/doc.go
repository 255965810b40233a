// Package cli is what all subcommands do alike: they say in one line what is wrong with a command line and what was
// probably meant, end in order with a signal, and write ASCII where the locale has no more.
//
//	cli.Prepare(root)
//	if err := root.Execute(); err != nil {
//		// … one line, and an exit code …
//	}
package cli
