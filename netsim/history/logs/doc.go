// Package logs keeps histories in files, and reads those of others:
//
//   - JSON, an object per operation and line, as `export history.jsonl` writes it
//   - EDN, a map per event, as Jepsen and Maelstrom keep their histories, porcupine its tests of a key/value service, and
//     `export history.edn` writes it
//   - lines of Jepsen's own log, in which an event stands behind "jepsen.util - "
//
// Read finds out which of them it is given:
//
//	log, err := logs.Read(file)
//	verdict := log.Decide(ctx, time.Minute)
//
// What is read is bounded, and every mistake in it is told with its line.
package logs
