package viewservice

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// play drives a Core at given times, as five-interval servers would: limit is the silence that makes them dead.
type play struct {
	core    *Core
	now     time.Duration
	boots   map[string]uint64
	entered map[string]Number
}

const (
	interval = DefaultPingInterval
	limit    = DefaultDeadPings * interval
)

var standard = Config{PingInterval: interval, DeadPings: DefaultDeadPings}

func newPlay(cfg Config) *play {
	return &play{core: New(cfg), boots: map[string]uint64{}, entered: map[string]Number{}}
}

// ping sends what the present boot of name would: boot 1 unless set otherwise.
func (p *play) ping(name string, entered Number) PingReply {
	return p.send(PingArgs{Me: name, Viewnum: entered, Boot: p.boot(name)})
}

func (p *play) send(a PingArgs) PingReply {
	if a.Boot == p.boot(a.Me) {
		p.entered[a.Me] = a.Viewnum
	}
	reply, err := p.core.Ping(p.now, a)
	if err != nil {
		panic(err)
	}
	return reply
}

func (p *play) giveUp(name string, n Number) PingReply {
	return p.send(PingArgs{Me: name, Viewnum: n, Boot: p.boot(name), BackupLost: true})
}

// restart is the first ping of name's next boot.
func (p *play) restart(name string) PingReply {
	p.boots[name] = p.boot(name) + 1
	return p.ping(name, 0)
}

func (p *play) boot(name string) uint64 {
	if _, ok := p.boots[name]; !ok {
		p.boots[name] = 1
	}
	return p.boots[name]
}

// bootless makes lab servers of names: they send no boot id.
func (p *play) bootless(names ...string) {
	for _, name := range names {
		p.boots[name] = 0
	}
}

func (p *play) wait(d time.Duration) {
	p.now += d
	p.core.Tick(p.now)
}

// alive lets d pass, in which names repeat their last pings once per interval and everybody else is silent.
func (p *play) alive(d time.Duration, names ...string) {
	for ; d > 0; d -= interval {
		p.wait(min(d, interval))
		for _, name := range names {
			p.ping(name, p.entered[name])
		}
	}
}

// pair forms an acknowledged view 2 of s1 and s2, with volunteers waiting in their order.
func (p *play) pair(volunteers ...string) {
	p.ping("s1", 0)
	p.ping("s1", 1)
	p.ping("s2", 0)
	p.ping("s1", 2)
	p.ping("s2", 2)
	for _, name := range volunteers {
		p.ping(name, 0)
	}
}

// wants checks the current view in its short form.
func (p *play) wants(t *testing.T, view string) {
	t.Helper()
	if got := p.core.view.String(); got != view {
		t.Fatalf("at %v: view %q, want %q; blocked: %v", p.now, got, view, p.blocked())
	}
}

// wantsBlocked checks why no view can be formed.
func (p *play) wantsBlocked(t *testing.T, want Cause) {
	t.Helper()
	if diff := cmp.Diff(want, p.blocked()); diff != "" {
		t.Fatalf("at %v: blocked (-want +got):\n%s", p.now, diff)
	}
}

func (p *play) blocked() Cause { return p.status().Blocked }

func (p *play) status() *Status {
	s := p.core.Status(p.now)
	return &s
}

// wantsCauses checks why the current view was formed.
func (p *play) wantsCauses(t *testing.T, want ...Cause) {
	t.Helper()
	if diff := cmp.Diff(want, p.lastChange().Causes); diff != "" {
		t.Fatalf("causes of view %v (-want +got):\n%s", p.core.view, diff)
	}
}

func (p *play) lastChange() Change { return p.core.changes[len(p.core.changes)-1] }

// places are the volunteers in their order.
func (p *play) places() []string {
	names := []string{}
	servers := p.core.Status(p.now).Servers
	for place := 1; place <= len(servers); place++ {
		for _, s := range servers {
			if s.Place == place {
				names = append(names, s.Name)
			}
		}
	}
	return names
}

func (p *play) wantsPlaces(t *testing.T, want ...string) {
	t.Helper()
	if diff := cmp.Diff(append([]string{}, want...), p.places()); diff != "" {
		t.Fatalf("at %v: volunteers (-want +got):\n%s", p.now, diff)
	}
}
