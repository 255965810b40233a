package viewservice

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
)

// checker feeds events to a Core and judges it by what it has seen itself, not by what the Core remembers.
type checker struct {
	core, twin *Core // the twin gets the same events
	now        time.Duration

	view  View                     // the newest judged
	acked map[Number]bool          // views whose primary has sent its number
	heard map[string]time.Duration // the last ping of any kind
	boots map[string]uint64        // the newest of each server
	began map[string]uint64        // the boots with which the members of view began it
	alien bool                     // somebody was in a view that was never formed
}

func newChecker(cfg Config) *checker {
	return &checker{
		core: New(cfg), twin: New(cfg), acked: map[Number]bool{}, heard: map[string]time.Duration{},
		boots: map[string]uint64{}, began: map[string]uint64{},
	}
}

func (k *checker) step(e event) error {
	k.now += e.wait
	if err := k.pass(); err != nil {
		return err
	}
	if e.ping.Me != "" {
		if err := k.ping(e.ping); err != nil {
			return err
		}
	}
	if !reflect.DeepEqual(k.core, k.twin) {
		return fmt.Errorf("equal events, different states:\n%+v\n%+v", k.core, k.twin)
	}
	return k.checkStatus()
}

func (k *checker) pass() error {
	k.core.Tick(k.now)
	k.twin.Tick(k.now)
	return k.checkChanges()
}

func (k *checker) ping(a PingArgs) error {
	k.note(a)
	reply, err := k.core.Ping(k.now, a)
	again, _ := k.twin.Ping(k.now, a)
	if err != nil || reply != again {
		return fmt.Errorf("replies %+v and %+v, error %v", reply, again, err)
	}
	if reply.View != k.core.view || reply.Acked && !k.acked[reply.View.Viewnum] {
		return fmt.Errorf("reply %+v in view %v", reply, k.core.view)
	}
	return k.checkChanges()
}

// note remembers what a ping proves: nothing about its sender if it is of an older boot.
func (k *checker) note(a PingArgs) {
	k.alien = k.alien || a.Viewnum > k.view.Viewnum
	if a.Boot < k.boots[a.Me] {
		return
	}
	k.boots[a.Me] = a.Boot
	k.heard[a.Me] = k.now
	v := k.view
	if a.Me != v.Primary || k.acked[v.Viewnum] || k.alien {
		return
	}
	if v.Viewnum == 1 {
		k.began[a.Me] = a.Boot // its next boot may replace it until it acknowledges (V7)
	}
	k.acked[v.Viewnum] = a.Viewnum == v.Viewnum && k.keeps(a.Me)
}

// keeps reports whether a member of the view still has the boot with which it began it.
func (k *checker) keeps(name string) bool { return k.boots[name] == k.began[name] }

// checkChanges judges every view formed since the last call.
func (k *checker) checkChanges() error {
	for _, change := range k.core.changes {
		if change.View.Viewnum <= k.view.Viewnum {
			continue
		}
		if err := errors.Join(k.checkView(change.View), checkCauses(change.Causes)); err != nil {
			return fmt.Errorf("view %v after %v: %w", change.View, k.view, err)
		}
		k.view = change.View
		for _, name := range []string{k.view.Primary, k.view.Backup} {
			k.began[name] = k.boots[name]
		}
	}
	if k.view != k.core.view {
		return fmt.Errorf("view %v is current, the last change was to %v", k.core.view, k.view)
	}
	return nil
}

func (k *checker) checkView(next View) error {
	last := k.view
	switch {
	case k.alien:
		return errors.New("V9: another service's views are known")
	case next.Viewnum != last.Viewnum+1:
		return errors.New("numbers skipped")
	case next.Primary == "" || next.Primary == next.Backup:
		return errors.New("no primary of its own")
	case next.Backup != "" && k.silent(next.Backup):
		return errors.New("a dead backup was appointed")
	case last.Viewnum == 0:
		return nil
	case !k.acked[last.Viewnum]:
		return errors.New("V3: left before its acknowledgement")
	case next.Primary != last.Primary && next.Primary != last.Backup:
		return errors.New("V5: a volunteer became primary")
	case !k.keeps(next.Primary):
		return errors.New("V7: an empty server is primary")
	case next.Primary == last.Backup && k.silent(next.Primary):
		return errors.New("V5: a dead backup was promoted")
	case next.Primary == last.Primary && next.Backup == last.Backup:
		return errors.New("V6: the same pair again")
	}
	return nil
}

func (k *checker) silent(name string) bool { return k.now-k.heard[name] >= limit }

func checkCauses(causes []Cause) error {
	if len(causes) == 0 {
		return errors.New("no causes")
	}
	for _, c := range causes {
		if err := checkCause(c); err != nil {
			return err
		}
	}
	return nil
}

func checkCause(c Cause) error {
	if text := c.String(); c.Rule() == "" || text == "" || strings.ContainsAny(text, "{}") {
		return fmt.Errorf("cause %+v has rule %q and says %q", c, c.Rule(), c)
	}
	return nil
}

// checkStatus: whoever needs a view and can't have it is told why.
func (k *checker) checkStatus() error {
	s := k.core.Status(k.now)
	k.twin.Status(k.now)
	lost := slices.ContainsFunc(s.Servers, func(m Member) bool { return m.Name == s.View.Primary && (m.Dead || m.Restarted) })
	if s.Blocked != (Cause{}) {
		return checkCause(s.Blocked)
	}
	if lost || s.View.Viewnum == 0 {
		return fmt.Errorf("no view follows %v, and nothing says why", s.View)
	}
	return nil
}

// sameHistory compares the views of two cores, when and why they were formed, and what is known of the servers.
func sameHistory(a, b *Core) error {
	if a.acked != b.acked || !reflect.DeepEqual(a.changes, b.changes) || !reflect.DeepEqual(a.servers, b.servers) {
		return fmt.Errorf("different histories:\n%+v\n%+v", a, b)
	}
	return nil
}
