// Package cli is the command line: the playground, and the subcommands that run scripts, search, and use servers as
// processes. Nothing else knows cobra. main calls it:
//
//	os.Exit(cli.Main(os.Args[1:], os.Stdout, os.Stderr))
//
// All commands say in one line what is wrong with a command line and what was probably meant (usage.go), end in order
// with a signal (signals.go), and write ASCII where the locale has no more (prepare.go).
package cli
