// Package history keeps what clients asked and were told, and judges it: linearizable or not (C3). The engines record
// every operation in a Recorder; the screen, scripts and campaigns ask for the verdict, and export writes the history.
//
//	id := recorder.Call(client, op, now)
//	// … the operation runs …
//	recorder.Return(id, now, outcome)
//	verdict := recorder.Judge(5 * time.Millisecond) // again and again, while one watches
//
// There are two judges, and tests hold that they agree. Check gives a whole history to porcupine. A Recorder judges while
// the history grows, and keeps only what can still matter: porcupine would need all that came since the call of an
// operation that never ends.
//
// The live judge (judge.go) keeps the state of each key (keystate.go): a set of configurations, which are the ways in
// which the key's operations can have happened (configuration.go). A write is linearized only when a get has seen its
// effect. Most of the time there is one configuration, with one value.
package history
