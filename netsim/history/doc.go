// Package history keeps what clients asked and were told, and judges it: linearizable or not, with every
// acknowledged write present exactly once (C3).
//
//	id := recorder.Call(client, op, now)
//	// … the operation runs …
//	recorder.Return(id, now, outcome)
//	verdict := history.Check(recorder.Operations(), time.Minute)
package history
