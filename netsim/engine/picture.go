package engine

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/viewservice"
)

// picture is a snapshot with what all explanations ask for.
type picture struct {
	Snapshot
	// view is the viewservice's, or the newest that a server knows while the viewservice knows none.
	view            viewservice.View
	primary, backup *part // nil if there is none
}

// part is a server in its place in the view.
type part struct {
	ServerState
	member viewservice.Member // what the viewservice knows of it
}

func look(s Snapshot) picture {
	p := picture{Snapshot: s, view: s.Viewservice.Status.View}
	if p.view.Viewnum == 0 {
		for _, server := range s.Servers {
			if v := server.Status.View; v.Viewnum > p.view.Viewnum {
				p.view = v
			}
		}
	}
	p.primary, p.backup = p.part(p.view.Primary), p.part(p.view.Backup)
	return p
}

func (p picture) part(name string) *part {
	for _, s := range p.Servers {
		if s.Name != name {
			continue
		}
		found := &part{ServerState: s}
		for _, m := range p.Viewservice.Status.Servers {
			if m.Name == name {
				found.member = m
			}
		}
		return found
	}
	return nil
}

// cut reports whether messages from > to vanish.
func (p picture) cut(from, to string) bool {
	for _, f := range p.Faults {
		if f.Kind == netsim.FaultCut && f.From == from && f.To == to {
			return true
		}
	}
	return false
}

// holds reports whether messages from > to wait for a person.
func (p picture) holds(from, to string) bool {
	for _, f := range p.Faults {
		if f.Kind == netsim.FaultHold && f.From == from && f.To == to {
			return true
		}
	}
	return false
}

// heldBack tells of the newest message between two nodes that waits for a person, "forward 18 is held on s2 > s3";
// "" if there is none.
func (p picture) heldBack(a, b string) string {
	for _, h := range slices.Backward(p.Held) {
		if h.From == a && h.To == b || h.From == b && h.To == a {
			what := strings.ToLower(h.Method[strings.LastIndex(h.Method, ".")+1:])
			if h.Direction == netsim.Reply {
				what = "reply to " + what
			}
			return fmt.Sprintf("%s %d is held on %s > %s", what, h.Msg, h.From, h.To)
		}
	}
	return ""
}

// between says which link between two nodes is cut; "" if none is.
func (p picture) between(a, b string) string {
	switch {
	case p.cut(a, b):
		return fmt.Sprintf("%s > %s is cut", a, b)
	case p.cut(b, a):
		return fmt.Sprintf("%s > %s is cut", b, a)
	}
	return ""
}

// slow says what makes messages between two nodes late, or loses some of them; "" if nothing does.
func (p picture) slow(a, b string) string {
	for _, f := range p.Faults {
		if f.Kind.Row().Hinders && (f.From == a && f.To == b || f.From == b && f.To == a) {
			return f.String()
		}
	}
	return ""
}

// away says what keeps a server from being heard by the viewservice; "" if nothing is known to.
func (p picture) away(s *part) string {
	switch {
	case s.State == netsim.Crashed:
		return s.Name + " crashed"
	case s.State == netsim.Frozen:
		return s.Name + " is frozen"
	case p.cut(s.Name, ViewAddr):
		return fmt.Sprintf("%s > %s is cut", s.Name, ViewAddr)
	case p.holds(s.Name, ViewAddr):
		return fmt.Sprintf("%s > %s holds messages", s.Name, ViewAddr)
	}
	return ""
}

// failing says how a server that the viewservice still counts on fails, and how long it has been silent; "" if it
// seems well. One late ping is no failure.
func (p picture) failing(s *part) string {
	if s.reborn() {
		return s.fate()
	}
	why := p.away(s)
	silent, interval := s.member.Silent, p.Viewservice.Status.PingInterval
	switch {
	case why == "" && silent <= 2*interval:
		return ""
	case why == "":
		why = s.Name
	default:
		why += ","
	}
	if s.member.Dead {
		return fmt.Sprintf("%s silent for %d ms", why, silent.Milliseconds())
	}
	limit := interval.Milliseconds() * int64(p.Viewservice.Status.DeadPings)
	return fmt.Sprintf("%s silent for %d ms of %d ms", why, silent.Milliseconds(), limit)
}

// unless is how bad it is that one of the holders of the data must return.
func (p picture) unless(holders ...*part) Level {
	worst := Lost
	for _, h := range holders {
		switch {
		case h.emptied():
		case p.away(h) != "":
			worst = min(worst, Stuck)
		default:
			worst = min(worst, Busy)
		}
	}
	return worst
}

// waiting names the clients with a running operation: "c1 waits", "c1, c2 wait"; "" if there is none.
func (p picture) waiting() string {
	var names []string
	for _, k := range p.Clients {
		if k.Running {
			names = append(names, k.Name)
		}
	}
	switch len(names) {
	case 0:
		return ""
	case 1:
		return names[0] + " waits"
	}
	return Listing(names) + " wait"
}

// reborn reports whether the server runs as another boot than the viewservice has heard.
func (s *part) reborn() bool {
	return s.Status.Boot != 0 && s.member.Boot != 0 && s.Status.Boot != s.member.Boot
}

// emptied reports whether the data that the server held in its view is gone for good.
func (s *part) emptied() bool {
	return s.State == netsim.Crashed || s.State == netsim.Stopped || s.member.Restarted || s.reborn() ||
		s.Status.Boot != 0 && !s.Status.Complete
}

// fate tells how it was emptied.
func (s *part) fate() string {
	if s.State == netsim.Crashed || s.State == netsim.Stopped {
		return s.Name + " crashed"
	}
	if !s.reborn() && !s.member.Restarted && s.Status.Role == pbservice.Primary {
		return s.Name + " was promoted without the data"
	}
	return s.Name + " came back empty"
}

// Listing joins names for a sentence: three or more that count up are shortened, as in "vs, s1–s3, c1, c2".
func Listing(names []string) string {
	var parts []string
	for i := 0; i < len(names); {
		run := countsUp(names[i:])
		if run < 3 {
			parts = append(parts, names[i])
			i++
			continue
		}
		parts = append(parts, names[i]+"–"+names[i+run-1])
		i += run
	}
	return strings.Join(parts, ", ")
}

// countsUp is how many of the first names are one series, such as s1, s2, s3.
func countsUp(names []string) int {
	letters := strings.TrimRight(names[0], "0123456789")
	first, err := strconv.Atoi(names[0][len(letters):])
	if err != nil {
		return 1
	}
	n := 1
	for n < len(names) && names[n] == fmt.Sprint(letters, first+n) {
		n++
	}
	return n
}
