package viewservice

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"slices"
	"time"
)

// ClusterID names one life of a viewservice and all who serve and ask under it. Servers and clients learn it with the first
// view that they hear of, and carry it from then on; so whoever comes from another cluster, or from before the viewservice
// was restarted, is known by it. 0 stands for none: nobody was told one yet, or speaks as the lab's programs do. It is no
// secret.
type ClusterID uint64

func (id ClusterID) String() string {
	if id == 0 {
		return "none"
	}
	return fmt.Sprintf("%016x", uint64(id))
}

// newCluster returns an id that nobody has.
func newCluster() ClusterID {
	var b [8]byte
	rand.Read(b[:]) // never fails
	return ClusterID(max(binary.LittleEndian.Uint64(b[:]), 1))
}

const (
	maxRefused = 16 // servers remembered that were refused

	// bootAhead is how far in the future a boot id may lie, as the time of a boot. Larger ones would leave none for later
	// boots.
	bootAhead = 365 * 24 * time.Hour
)

// Refused is a server whose pings are refused, since it belongs to another cluster.
type Refused struct {
	Name    string
	Cluster ClusterID
	Entered Number
	Silent  time.Duration // since its last ping
	at      time.Duration // of its last ping
}

// gate decides which pings the core hears. It belongs to the goroutine that owns the core.
type gate struct {
	cluster ClusterID
	refused []Refused // at most maxRefused, the newest last
}

// admit returns why the core must not hear a ping, in which the current view is view. The core hears a ping of another
// cluster that names a later view: another viewservice has formed views here (V9).
func (g *gate) admit(a *PingArgs, view Number, now time.Duration, clock time.Time) error {
	latest := uint64(clock.Add(bootAhead).UnixNano())
	switch {
	case a.Boot > latest:
		return fmt.Errorf("ping of %.256q: boot id %d lies more than a year ahead", a.Me, a.Boot)
	case a.Cluster == g.cluster || a.Cluster == 0 && (a.Boot == 0 || a.Viewnum == 0):
		return nil
	case a.Cluster == 0:
		return fmt.Errorf("ping of %.256q: it names view %d, and no cluster", a.Me, a.Viewnum)
	case a.Viewnum > view:
		return nil
	}
	g.note(Refused{Name: a.Me[:min(len(a.Me), maxName)], Cluster: a.Cluster, Entered: a.Viewnum, at: now})
	return fmt.Errorf("ping of %.256q: it belongs to cluster %v, this viewservice to %v", a.Me, a.Cluster, g.cluster)
}

func (g *gate) note(r Refused) {
	g.refused = slices.DeleteFunc(g.refused, func(old Refused) bool { return old.Name == r.Name })
	g.refused = append(g.refused, r)
	if len(g.refused) > maxRefused {
		g.refused = g.refused[1:]
	}
}

// tell adds to a Status what the core doesn't know.
func (g *gate) tell(s *Status, now time.Duration) {
	s.Cluster, s.Refused = g.cluster, slices.Clone(g.refused)
	for i := range s.Refused {
		s.Refused[i].Silent = now - s.Refused[i].at
	}
}
