package viewservice

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// event is time that passes and then, with a name, a ping.
type event struct {
	wait time.Duration
	ping PingArgs
}

// script turns bytes into events of four servers: sensible ones mostly, so that views move on.
type script struct {
	bytes []byte
	boots [4]uint64
}

// scripts draws scripts. Zero bytes are events in which nothing happens, so all shrink to the same length.
func scripts(t *rapid.T) *script {
	return newScript(rapid.SliceOfN(evenByte, 300, 300).Draw(t, "bytes"))
}

// evenByte draws all bytes alike: rapid.Byte prefers the small ones, which are not the simple events here.
var evenByte = rapid.Custom(func(t *rapid.T) (b byte) {
	for range 8 {
		b <<= 1
		if rapid.Bool().Draw(t, "bit") {
			b |= 1
		}
	}
	return b
})

// newScript returns a script in which s4 is a lab server: it sends no boot id.
func newScript(bytes []byte) *script {
	return &script{bytes: bytes, boots: [4]uint64{2, 2, 2, 0}}
}

// next is the next event, made for a service whose view is v.
func (s *script) next(v View) (event, bool) {
	if len(s.bytes) < 2 {
		return event{}, false
	}
	kind, detail := s.bytes[0], s.bytes[1]
	s.bytes = s.bytes[2:]
	if kind%8 == 0 {
		return event{wait: time.Duration(detail) * 3 * time.Millisecond}, true
	}
	name := int(kind>>3) % len(s.boots)
	e := event{
		wait: time.Duration(kind>>6) * 10 * time.Millisecond,
		ping: PingArgs{Me: fmt.Sprint("s", name+1), Viewnum: v.Viewnum, Boot: s.boots[name]},
	}
	s.vary(&e.ping, name, detail)
	return e, true
}

// vary makes of the ping what detail says: most are left as they are.
func (s *script) vary(a *PingArgs, name int, detail byte) {
	switch detail % 16 {
	case 0, 1:
		a.Viewnum = 0
	case 2:
		a.Viewnum = max(a.Viewnum, 1) - 1
	case 3:
		if detail>>4 == 0 { // no view follows any more: there is little to try afterwards
			a.Viewnum++
		}
	case 4:
		a.Viewnum = min(a.Viewnum, Number(detail>>4))
	case 5, 6:
		a.BackupLost = true
	case 7:
		if a.Boot > 0 { // it crashed and is back
			s.boots[name]++
			a.Boot, a.Viewnum = s.boots[name], 0
		}
	case 8:
		a.Boot = max(a.Boot, 1) - 1
	}
}

func FuzzCore(f *testing.F) {
	f.Add([]byte{1, 0, 1, 15, 9, 0, 1, 15, 0, 255, 9, 15})
	f.Add([]byte{1, 0, 1, 15, 9, 0, 17, 0, 1, 5, 9, 7, 1, 15})
	f.Add([]byte{1, 0, 25, 0, 1, 15, 25, 0, 1, 15, 25, 0})
	f.Fuzz(func(t *testing.T, bytes []byte) { checkScript(t, newScript(bytes)) })
}

func TestInvariants(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { checkScript(t, scripts(t)) })
}

func checkScript(t reporter, s *script) {
	k := newChecker(standard)
	for {
		e, ok := s.next(k.core.view)
		if !ok {
			return
		}
		if err := k.step(e); err != nil {
			t.Fatalf("at %v, after %+v: %v", k.now, e.ping, err)
		}
	}
}

type reporter interface {
	Fatalf(format string, args ...any)
}

// TestDeadline compares a core that is ticked every millisecond with one that sleeps until its Deadline.
func TestDeadline(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := scripts(t)
		awake, asleep := newPlay(standard), newPlay(standard)
		for {
			e, ok := s.next(awake.core.view)
			if !ok {
				e.wait = 2 * limit // nothing may be left undone
			}
			awake.tickEach(e.wait, time.Millisecond)
			asleep.tickAtDeadlines(e.wait)
			if e.ping.Me != "" {
				awake.send(e.ping)
				asleep.send(e.ping)
			}
			if err := sameHistory(awake.core, asleep.core); err != nil {
				t.Fatalf("at %v: %v", awake.now, err)
			}
			if !ok {
				return
			}
		}
	})
}

func (p *play) tickEach(d, grain time.Duration) {
	for end := p.now + d; p.now < end; {
		p.wait(min(grain, end-p.now))
	}
}

func (p *play) tickAtDeadlines(d time.Duration) {
	end := p.now + d
	for at, ok := p.core.Deadline(); ok && at <= end; at, ok = p.core.Deadline() {
		p.wait(at - p.now)
	}
	p.now = end
}
