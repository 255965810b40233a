package script

import (
	"context"
	"math"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/sim"
)

// How long a step takes to watch, in the viewer's time, unless it says its pace: from leastWatched on, and up to
// mostWatched for one that takes longSteps of the cluster's time, or more.
const (
	leastWatched = 2 * time.Second
	mostWatched  = 5 * time.Second
	longSteps    = time.Second
)

// paceOf is the pace at which a step of that length can be watched.
func paceOf(length time.Duration) float64 {
	if length <= 0 {
		return 1
	}
	watched := leastWatched + time.Duration(float64(mostWatched-leastWatched)*min(float64(length)/float64(longSteps), 1))
	pace := min(max(float64(length)/float64(watched), netsim.MinSpeed), netsim.MaxLiveSpeed)
	digit := math.Pow(10, math.Floor(math.Log10(pace))-1) // of two: it is shown
	return math.Round(pace/digit) * digit
}

// pace is that of a step before it says one; 0 is as fast as it goes. What comes before the first text is hurried, unless
// there are no texts.
func (p *Player) pace(ctx context.Context, n int) float64 {
	switch {
	case p.Timing == Hurried, p.Timing == AsItGoes, n == 0 && len(p.script.Steps) > 1:
		return 0
	case n == 0:
		return 1
	case p.paces == nil:
		for _, length := range rehearse(ctx, p.script) {
			p.paces = append(p.paces, paceOf(length))
		}
	}
	if n < len(p.paces) {
		return p.paces[n]
	}
	return 1
}

// patient bounds how long a rehearsal may take of the machine's time.
const patient = time.Second

// rehearse finds out how long steps take, in the cluster's time, by running them on a simulated cluster. Steps behind one
// that takes too long to try are left out.
func rehearse(ctx context.Context, s *Script) (lengths []time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, patient)
	defer cancel()
	world, err := sim.New(s.Shape, sim.ManualTime())
	if err != nil {
		return nil
	}
	defer world.Close()
	session := &Session{Engine: world, Timeout: longest}
	defer session.Close()
	for i := range s.Steps {
		began := world.Now()
		for _, l := range s.Steps[i].Lines {
			if l.Command.unsaved || l.Command.hosted { // it does more than happens in the world
				continue
			}
			_, _ = session.Do(ctx, l.Invocation) // what fails takes its time all the same
		}
		if ctx.Err() != nil {
			break
		}
		lengths = append(lengths, world.Now()-began)
	}
	return lengths
}

// longest is how long an operation may take in a rehearsal.
const longest = 10 * time.Second
