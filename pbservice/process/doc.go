// Package process runs the viewservice, the servers and their clients as processes of their own, over unix sockets and
// TCP. They are the same servers and Clerks as in the playground, with the machine's clock and real connections. The
// subcommands of tui/cli call it: viewd, kvd, get, put, append, view and load.
package process
