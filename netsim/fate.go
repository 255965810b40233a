package netsim

import "time"

// fate is what a link does with one message.
type fate struct {
	lost      string // why it never arrives; empty if it does
	twice     bool   // a copy follows it
	held      bool
	delay     time.Duration // how long it takes
	overtakes bool          // what was sent earlier and takes longer
}

// decide says what happens to a message that is sent now. All faults of links are decided here, and only here. The
// generator is asked for what the link's faults need and for nothing else.
func (l *link) decide(m *message) fate {
	f := &l.faults
	switch {
	case f.cut:
		return fate{lost: l.cutWhy}
	case m.form > reply: // the end of a connection is late at most
		return l.drawDelay(fate{})
	case m.form == request && l.happens(f.loss):
		return fate{lost: l.lossWhy(f.loss, "requests")}
	case m.form == reply && l.happens(f.replyLoss):
		return fate{lost: l.lossWhy(f.replyLoss, "replies")}
	}
	return l.drawDelay(fate{twice: l.happens(f.duplicate), held: f.hold, overtakes: f.window > 0})
}

func (l *link) happens(probability float64) bool {
	return probability > 0 && l.rand.Float64() < probability
}

func (l *link) lossWhy(probability float64, of string) string {
	return percent(probability) + " loss of " + of + " " + l.from.name + " > " + l.to.name
}

// drawDelay returns f with a delay of its own.
func (l *link) drawDelay(f fate) fate {
	f.delay = l.faults.delay
	if jitter := l.faults.jitter; jitter > 0 {
		off := time.Duration(l.rand.Int64N(int64(2*jitter)+1)) - jitter
		f.delay = max(0, f.delay+off)
	}
	if f.overtakes {
		f.delay += time.Duration(l.rand.Int64N(int64(l.faults.window) + 1))
	}
	return f
}
