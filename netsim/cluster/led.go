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
	waiting int
}

// Lead makes time go only while somebody waits for it. As fast as it can is netsim.MaxLiveSpeed.
func (c *Cluster) Lead(pace float64) {
	l := &c.time
	l.mu.Lock()
	defer l.mu.Unlock()
	if pace == 0 {
		pace = netsim.MaxLiveSpeed / netsim.MinSpeed
	}
	c.net.SetPace(pace)
	l.led = true
	l.tell()
}

// LetGo lets time go by itself.
func (c *Cluster) LetGo() {
	l := &c.time
	l.mu.Lock()
	defer l.mu.Unlock()
	c.net.SetPace(1)
	l.led = false
	l.tell()
}

// wait counts those who wait.
func (l *leader) wait(by int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waiting += by
	l.tell()
}

// standing reports whether time stands because nobody waits for it.
func (l *leader) standing() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.led && l.waiting == 0
}

func (l *leader) tell() {
	if l.led && l.waiting == 0 {
		l.net.Stand()
	} else {
		l.net.Go()
	}
}
