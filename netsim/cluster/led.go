package cluster

import (
	"sync"

	"cluster/splitbrain/netsim"
)

// leader makes the network's time go only while somebody waits for it, as long as it is led.
type leader struct {
	net *netsim.Network

	mu      sync.Mutex // guards what follows, and the order of what the network is told
	led     bool
	pace    float64 // as in Snapshot
	waiting int
}

// Lead makes time go only while somebody waits for it. As fast as it can is netsim.MaxLiveSpeed.
func (c *Cluster) Lead(pace float64) {
	l := &c.time
	l.mu.Lock()
	defer l.mu.Unlock()
	l.led, l.pace = true, pace
	if pace == 0 {
		pace = netsim.MaxLiveSpeed / netsim.MinSpeed
	}
	c.net.SetPace(pace)
	l.tell()
}

// LetGo lets time go by itself.
func (c *Cluster) LetGo() {
	l := &c.time
	l.mu.Lock()
	defer l.mu.Unlock()
	c.net.SetPace(1)
	l.led, l.pace = false, 1
	l.tell()
}

// wait counts those who wait.
func (l *leader) wait(by int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waiting += by
	l.tell()
}

// seen is how time goes: whether it stands because nobody waits for it, and the pace.
func (l *leader) seen() (standing bool, pace float64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.led && l.waiting == 0, l.pace
}

func (l *leader) tell() {
	if l.led && l.waiting == 0 {
		l.net.Stand()
	} else {
		l.net.Go()
	}
}
