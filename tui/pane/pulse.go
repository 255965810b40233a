package pane

import (
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/tui/canvas"
)

// pulse shows that pings come, where they come too fast for their ages to be seen: it turns on and off, and is on for those
// who were heard since it turned last. It goes by the cluster's time.
type pulse struct {
	on     bool
	turned time.Duration
}

const (
	// pulseHalf is how long a pulse is on, and off, at least, of the viewer's time: as a calm heart.
	pulseHalf = 400 * time.Millisecond
	// slowPings take so long of the viewer's time that their ages are seen to grow and to fall.
	slowPings = 200 * time.Millisecond
)

// PingTime is how much of the viewer's time passes between two pings of a server, and whether that is long enough to see
// their ages grow and fall; 0 while time stands.
func (s *Index) PingTime() (between time.Duration, slow bool) {
	rate := s.Rate()
	if rate <= 0 {
		return 0, false
	}
	between = time.Duration(float64(s.Config.PingInterval) / rate)
	return between, between >= slowPings
}

// Beat goes on with the pulse of the look before, and with what was slow.
func (s *Index) Beat(before *Index) {
	s.pulse, s.heardSince, s.slowUntil = before.pulse, before.heardSince, before.slowUntil
	switch since := s.At - s.pulse.turned; {
	case since < 0: // another cluster
		s.pulse, s.slowUntil = pulse{turned: s.At}, 0
	case s.Rate() > 0 && float64(since)/s.Rate() >= float64(pulseHalf):
		s.heardSince = s.pulse.turned
		s.pulse = pulse{on: !s.pulse.on, turned: s.At}
	}
	if s.slow() {
		s.slowUntil = s.At
	}
}

// Beats reports whether a server's pulse is to be seen now.
func (s *Index) Beats(v *engine.ServerState) bool {
	between, slow := s.PingTime()
	return s.pulse.on && between > 0 && !slow && v.PingAge >= 0 && v.PingAge < s.At-s.heardSince
}

// AgeBar is how long the viewservice has not heard a server, as a bar shows it.
type AgeBar struct {
	Full  float64 // 0 to 1, which is dead
	Text  string
	Look  canvas.Style
	Beats bool // its pulse is seen now
}

// AgeBar is that of a server; nil if nobody listens, or has heard of it.
func (s *Index) AgeBar(v *engine.ServerState) *AgeBar {
	switch {
	case s.Viewservice.State == netsim.Crashed, v.PingAge < 0, s.Limit <= 0:
		return nil
	case v.PingAge >= s.Limit:
		return &AgeBar{Full: 1, Text: "dead", Look: canvas.Dead}
	}
	bar := &AgeBar{Full: float64(v.PingAge) / float64(s.Limit), Text: AgeWords(v.PingAge), Look: canvas.Plain, Beats: s.Beats(v)}
	if v.PingAge > s.Limit/2 {
		bar.Look = canvas.Warning
	}
	return bar
}
