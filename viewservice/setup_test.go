package viewservice

import (
	"testing"
	"time"
)

// setupPlay is a primary and its backup, whose pings tell how they were set up.
func setupPlay(t *testing.T) (p *play, ping func(a PingArgs) Cause) {
	p = newPlay(standard)
	ping = func(a PingArgs) Cause {
		t.Helper()
		if a.Every == 0 {
			a.Every = interval
		}
		return p.send(a).Notice
	}
	ping(PingArgs{Me: "s1", Boot: 10})
	ping(PingArgs{Me: "s1", Boot: 10, Viewnum: 1})
	ping(PingArgs{Me: "s2", Boot: 10})
	return p, ping
}

func (p *play) notices() []Cause { return p.core.Status(p.now).Notices }

func TestV7_ReplyTellsTheNewestBoot(t *testing.T) {
	p, _ := setupPlay(t)
	for _, ping := range []struct {
		name       string
		boot, want uint64
	}{{"s2", 10, 10}, {"s2", 9, 10}, {"s2", 0, 10}, {"s2", 11, 11}, {"s2", 10, 11}, {"new", 3, 3}} {
		if got := p.send(PingArgs{Me: ping.name, Boot: ping.boot}).Boot; got != ping.want {
			t.Errorf("a ping of boot %d of %s: the newest is %d, want %d", ping.boot, ping.name, got, ping.want)
		}
	}
}

// Two processes under one name are told from the last pings of one that crashed.
func TestNameTwice(t *testing.T) {
	p, ping := setupPlay(t)
	ping(PingArgs{Me: "s2", Boot: 20})
	p.wait(2 * limit)
	ping(PingArgs{Me: "s2", Boot: 20})
	if ping(PingArgs{Me: "s2", Boot: 10}); len(p.notices()) != 0 {
		t.Errorf("a late ping: %v", p.notices())
	}
	p.wait(interval)
	older := ping(PingArgs{Me: "s2", Boot: 10})
	newer := ping(PingArgs{Me: "s2", Boot: 20})
	want := Cause{Code: NameTwice, Server: "s2"}
	if older != want || newer != want || len(p.notices()) != 1 || p.notices()[0] != want {
		t.Errorf("told the older one %v, the newer one %v, others %v", older, newer, p.notices())
	}
	p.wait(4 * limit)
	if ping(PingArgs{Me: "s2", Boot: 20}); len(p.notices()) != 0 {
		t.Errorf("after the older one has ended: %v", p.notices())
	}
}

func TestUnreached(t *testing.T) {
	p, ping := setupPlay(t)
	ping(PingArgs{Me: "s1", Boot: 10, Viewnum: 1, Unreached: "s2"})
	want := Cause{Code: Unreached, Server: "s2", Other: "s1"}
	if got := ping(PingArgs{Me: "s2", Boot: 10}); got != want || len(p.notices()) != 1 || p.notices()[0] != want {
		t.Errorf("told it %v, others %v", got, p.notices())
	}
	p.ping("s1", 2)
	ping(PingArgs{Me: "s1", Boot: 10, Viewnum: 2})
	if len(p.notices()) != 0 {
		t.Errorf("after it was filled: %v", p.notices())
	}
	if got := ping(PingArgs{Me: "s1", Boot: 10, Viewnum: 2, Unreached: "nobody"}); got.Code != CodeNone {
		t.Errorf("of a name that nobody has: %v", got)
	}
}

func TestOtherInterval(t *testing.T) {
	p, ping := setupPlay(t)
	got := ping(PingArgs{Me: "s2", Boot: 10, Every: 3 * interval})
	if want := (Cause{Code: OtherInterval, Server: "s2", Silent: 3 * interval, Allowed: interval}); got != want || len(p.notices()) != 1 {
		t.Errorf("%v, others %v", got, p.notices())
	}
	if p.wait(limit); len(p.notices()) != 0 {
		t.Errorf("of a dead server: %v", p.notices())
	}
	if got := p.send(PingArgs{Me: "lab", Every: time.Duration(0)}).Notice; got.Code != CodeNone {
		t.Errorf("of the lab's server: %v", got)
	}
}
