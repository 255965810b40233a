// Package export writes what was seen of a cluster to files that others can open: the history with its verdict as a
// page, the trace as JSON lines, the messages as a space-time diagram.
//
//	err := export.File("messages.svg", export.Source{Events: events, Changes: export.Changes(snapshot)})
//
// Whatever text clients and servers put in is escaped, its control characters shown.
package export
