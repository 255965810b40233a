package viewservice

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"testing"
	"time"
)

// spelled is a Canon that writes all as it is.
type spelled struct{}

func (spelled) Name(b []byte, name string) []byte  { return append(b, name+";"...) }
func (spelled) Text(b []byte, text string) []byte  { return append(b, text+";"...) }
func (spelled) Number(b []byte, n uint64) []byte   { return binary.AppendUvarint(b, n) }
func (spelled) Position(b []byte, n uint64) []byte { return binary.AppendUvarint(b, n) }

func (spelled) Boot(b []byte, _ string, boot uint64) []byte {
	return binary.AppendUvarint(b, boot)
}

func (spelled) Age(b []byte, age, limit time.Duration) []byte {
	return fmt.Appendf(b, "%v;", min(age, limit))
}

func (p *play) canon() []byte { return p.core.AppendCanon([]byte("before;"), spelled{}) }

// differs fails unless change makes a difference to what is written, and to the core alone that it is made to.
func (p *play) differs(t *testing.T, what string, change func(*play)) {
	t.Helper()
	before := p.canon()
	changed := *p
	changed.core = p.core.Clone()
	if !bytes.Equal(changed.canon(), before) {
		t.Fatalf("%s: a clone is another\n%q\n%q", what, before, changed.canon())
	}
	change(&changed)
	if bytes.Equal(changed.canon(), before) {
		t.Errorf("%s: nothing tells the two apart: %q", what, before)
	}
	if !bytes.Equal(p.canon(), before) {
		t.Errorf("%s: the clone shares something", what)
	}
}

func TestCanonTellsStatesApart(t *testing.T) {
	p := newPlay(standard)
	p.differs(t, "amnesia", func(p *play) { p.core = New(Config{PingInterval: interval, DeadPings: 5, Restarted: true}) })
	p.differs(t, "V1", func(p *play) { p.ping("s1", 0) })
	p.ping("s1", 0)
	p.differs(t, "V2", func(p *play) { p.ping("s1", 1) })
	p.ping("s1", 1)
	p.differs(t, "a backup", func(p *play) { p.ping("s2", 0) })
	p.ping("s2", 0)
	p.differs(t, "a volunteer", func(p *play) { p.ping("s3", 0) })
	p.differs(t, "a view entered", func(p *play) { p.ping("s2", 2) })
	p.differs(t, "V7, unacknowledged", func(p *play) { p.restart("s2") })
	p.differs(t, "silence", func(p *play) { p.wait(interval) })
	p.ping("s1", 2)
	p.ping("s3", 0)
	p.differs(t, "V8", func(p *play) { p.core.Silence(p.now, "s3") })
	p.differs(t, "a boot", func(p *play) { p.boots["s3"] = 1; p.restart("s3") })
}

// The order in which servers were first heard is no part of the state, that of the volunteers is (V6).
func TestCanonKnowsTheOrderOfVolunteers(t *testing.T) {
	told := func(volunteers ...string) []byte {
		p := newPlay(standard)
		p.pair(volunteers...)
		return p.canon()
	}
	if bytes.Equal(told("s3", "s4"), told("s4", "s3")) {
		t.Error("who came first makes no difference")
	}
	p := newPlay(standard)
	p.pair("s4", "s3")
	p.alive(limit, "s1", "s2", "s3")
	p.ping("s4", 0) // forgotten and come again, so behind s3 now
	q := newPlay(standard)
	q.pair("s3", "s4")
	q.alive(limit, "s1", "s2", "s3", "s4")
	if !bytes.Equal(p.canon(), q.canon()) {
		t.Errorf("the same state, written twice:\n%q\n%q", p.canon(), q.canon())
	}
}

func TestV8_ForgottenServersHaveNoRank(t *testing.T) {
	p := newPlay(standard)
	p.pair("s3", "s4")
	p.alive(2*limit, "s1", "s2", "s4")
	q := newPlay(standard)
	q.pair("s4", "s3")
	q.alive(2*limit, "s1", "s2", "s4")
	if !bytes.Equal(p.canon(), q.canon()) {
		t.Errorf("when the forgotten came makes a difference:\n%q\n%q", p.canon(), q.canon())
	}
}

func TestSilenceIsThatOfOneServer(t *testing.T) {
	p := newPlay(standard)
	p.pair("s3")
	p.core.Silence(p.now, "s9") // whom nobody knows
	p.wants(t, "2 s1 s2")
	p.core.Silence(p.now, "s1")
	p.wants(t, "3 s2 s3")
	p.wantsCauses(t, Cause{Code: PrimarySilent, Server: "s1", Silent: limit, Allowed: limit},
		Cause{Code: Promoted, Server: "s2"}, Cause{Code: Appointed, Server: "s3"})
}

func TestACloneKeepsItsOwnChanges(t *testing.T) {
	p := newPlay(standard)
	p.pair("s3")
	p.restart("s2")
	p.ping("s1", 3)
	a, b := p.core.Clone(), p.core.Clone() // of three changes, with room for a fourth
	a.Silence(p.now, "s1")
	b.Silence(p.now, "s3")
	for core, want := range map[*Core]string{a: "4 s3 s2", b: "4 s1 s2", p.core: "3 s1 s3"} {
		changes := core.Status(p.now).Changes
		if got := changes[len(changes)-1].View.String(); got != want {
			t.Errorf("the last change is %q, want %q", got, want)
		}
	}
}
