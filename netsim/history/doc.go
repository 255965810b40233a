// Package history keeps what clients asked and were told, and judges it: linearizable or not, with every
// acknowledged write present exactly once (C3).
//
//	id := recorder.Call(client, op, now)
//	// … the operation runs …
//	recorder.Return(id, now, outcome)
//	verdict := recorder.Judge(5 * time.Millisecond) // again and again, while one watches
//
// There are two judges. Check gives a whole history to porcupine. A Recorder judges while the history grows, keeps
// only what can still matter, and lives with operations that never end, for which porcupine would need all that came
// since. They agree, as the tests hold.
//
// The live judge (judge.go) has an account of each key (account.go): the set of worlds, which are the ways in which
// its operations can have happened (world.go). A write takes its turn in a world only when a get has seen it. Most of
// the time there is one world, with one value.
package history
