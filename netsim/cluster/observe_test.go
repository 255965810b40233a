package cluster

import (
	"testing"
	"testing/synctest"
	"time"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/engine/enginetest"
	"cluster/splitbrain/netsim/env"
	"cluster/splitbrain/pbservice"
)

// An answer of a server that was restarted before the answers were put together is not the new one's.
func TestAnswerOfTheDead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, err := New(engine.Defaults)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if _, err := c.Observe(t.Context(), engine.Window{}); err != nil || c.listed {
			t.Errorf("keys are listed though nobody has asked for any (%v)", err)
		}
		_, asked, err := c.asked(true)
		if err != nil || !c.listed {
			t.Fatal(err)
		}
		if err := enginetest.Do(c, "restart", "s1"); err != nil {
			t.Fatal(err)
		}
		row := pbservice.Row{Key: "a", Value: "1", Size: 1}
		windows := []pbservice.InspectReply{{Rows: []pbservice.Row{row}}, {Rows: []pbservice.Row{row}}, {}}
		s := c.snapshot(asked, windows, engine.Window{Limit: 1})
		if s.Servers[0].Status.Boot != 0 || s.Map.Rows["s1"][0].Size != -1 || s.Map.Rows["s2"][0] != row {
			t.Errorf("s1 %+v, rows %v", s.Servers[0], s.Map.Rows)
		}
	})
}

// A server that does not answer is shown with its last answer, and does not hold up the others for ever.
func TestServerThatDoesNotAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, err := New(engine.Defaults)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		before, err := c.Observe(t.Context(), engine.Window{})
		if err != nil {
			t.Fatal(err)
		}
		c.servers[0].running.program.Close() // its node still runs
		began := time.Now()
		s, err := c.Observe(t.Context(), engine.Window{})
		if err != nil || time.Since(began) > patience {
			t.Fatalf("%v after %v", err, time.Since(began))
		}
		if got, want := s.Servers[0].Status.Boot, before.Servers[0].Status.Boot; got != want || want == 0 {
			t.Errorf("s1 is shown as boot %d, was %d", got, want)
		}
		if s.Servers[1].Status.Boot == 0 {
			t.Errorf("s2 is shown as %+v", s.Servers[1])
		}
	})
}

// standing is a clock that stands still.
type standing struct{ at time.Time }

func (s standing) Now() time.Time { return s.at }

func (standing) AfterFunc(time.Duration, func()) env.Timer { return never{} }

type never struct{}

func (never) Stop() bool               { return true }
func (never) Reset(time.Duration) bool { return true }

// The observer sees a cluster whose time stands still; nobody has pinged yet.
func TestClockThatStandsStill(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, err := newCluster(engine.Defaults, standing{time.Unix(0, 0)})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		s, err := c.Observe(t.Context(), engine.Window{})
		if err != nil || s.At != 0 || s.Servers[2].PingAge >= 0 || s.Servers[2].Status.Boot == 0 {
			t.Errorf("%v: at %v, s3 %+v", err, s.At, s.Servers[2])
		}
	})
}
