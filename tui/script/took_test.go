package script

import (
	"context"
	"testing"
	"time"

	"cluster/splitbrain/netsim/history"
	"cluster/splitbrain/pbservice"
)

// timed is a fake whose clients note how long their operations run.
type timed struct {
	*fake
	log  history.Recorder
	runs time.Duration
}

func (f *timed) History() *history.Recorder { return &f.log }

func (f *timed) Do(ctx context.Context, client string, op pbservice.Op) (pbservice.Reply, error) {
	id := f.log.Call(client, op, time.Second)
	f.log.Return(id, time.Second+f.runs, history.Outcome{Known: true})
	f.log.Call(client, op, time.Second+f.runs) // the next one that waited for the client
	return f.fake.Do(ctx, client, op)
}

// TestOwnTime: a result tells the time that the client noted, not that of the whole line.
func TestOwnTime(t *testing.T) {
	for runs, want := range map[time.Duration]string{
		900 * time.Microsecond: "put a 1: ok, 900 µs", 3200 * time.Microsecond: "put a 1: ok, 3.2 ms", 320 * time.Millisecond: "put a 1: ok, 320 ms",
	} {
		s := &Session{Engine: &timed{fake: newFake(), runs: runs}}
		got, err := s.Run(t.Context(), "put a 1")
		if err != nil || got.Text != want {
			t.Errorf("%q, %v, want %q", got.Text, err, want)
		}
	}
}
