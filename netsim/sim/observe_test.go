package sim

import (
	"fmt"
	"testing"
	"time"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/engine/enginetest"
)

// told is how many events the trace has told of.
func (f fixture) told() int {
	all, _ := f.Trace().Since(0)
	return len(all)
}

// TestObservePast: what was is seen as it was seen then, wherever the world is since, and nothing changes by that.
func TestObservePast(t *testing.T) {
	f := headless(t, config(3, 2, 5))
	var times []time.Duration
	var wanted []engine.Snapshot
	look := func() {
		s := f.look()
		times, wanted = append(times, s.At), append(wanted, s)
		f.pass(time.Millisecond)
	}
	f.view("2 s1 s2")
	for i := range 20 {
		f.put("c1", fmt.Sprint("k", i%3), fmt.Sprint(i))
		look()
	}
	f.must(enginetest.Do(f, "kill", "s1"))
	f.view("3 s2 s3")
	look()
	f.put("c2", "a", "1")
	for _, step := range []int{f.Timeline().Length, f.Timeline().Length / 2} {
		f.rewind(step)
		hash, trace := f.Hash(), f.told()
		seen, err := f.ObservePast(engine.Window{Limit: 100}, times)
		f.must(err)
		for i, s := range seen {
			if s.At > f.Now() {
				break
			}
			if w := wanted[i]; fmt.Sprintf("%+v", s) != fmt.Sprintf("%+v", w) {
				t.Fatalf("from step %d, at %v is seen\n%+v\nwhere there was\n%+v", step, times[i], s, w)
			}
		}
		if f.Hash() != hash || f.told() != trace || f.Timeline().Step != step {
			t.Error("it changes what is so now")
		}
	}
}
