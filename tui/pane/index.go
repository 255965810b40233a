package pane

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/tui/canvas"
	"cluster/splitbrain/tui/script"
	"cluster/splitbrain/viewservice"

	"github.com/charmbracelet/x/ansi"
)

// Index is a snapshot with what several parts of the screen want to look up in it. It never changes.
type Index struct {
	*engine.Index
	Nodes   []string      // as the engine lists them
	Limit   time.Duration // of silence, after which a server is declared dead
	Primary string        // of the view
	Backup  string
	cuts    engine.Cuts
	Faulty  []Entry // all that is broken, in words

	Simulated bool // its past can be returned to

	pulse      pulse
	heardSince time.Duration // when those were heard, at the earliest, whose pulse is seen
	slowUntil  time.Duration // the last time that went slowly; 0 if none did

	Covered bool        // a question is open: what would answer it is not shown
	hidden  []string    // panes that are not shown then
	Look    script.Look // what a lesson points at
}

// covering are the panes that tell why things are so.
var covering = []string{"events", "views", "history", "search"}

// Follow takes in what is played: what a question covers, and what is pointed at.
func (s *Index) Follow(played *script.PlayerState) {
	if played == nil || played.Free {
		return
	}
	s.Look, s.Covered = played.Look, played.Open
	if s.Covered {
		s.hidden = slices.Concat(played.Asks().Hides, covering)
	}
}

// Covers reports whether a pane would answer the question that is open.
func (s *Index) Covers(pane string) bool { return s.Covered && slices.Contains(s.hidden, pane) }

// CoveredWords stand where something is covered.
const CoveredWords = "covered until you answer or skip the question"

// Marked reports whether a lesson points at a node or a key.
func (s *Index) Marked(name string) bool { return slices.Contains(s.Look.Marks, name) }

// MarkedLink reports whether a lesson points at a direction of a link.
func (s *Index) MarkedLink(from, to string) bool {
	return slices.Contains(s.Look.Links, engine.Link{From: from, To: to})
}

// Pointer is the sign before what a lesson points at.
func (s *Index) Pointer(name string) string {
	if s.Marked(name) {
		return "»"
	}
	return " "
}

// pointed is Pointer without a column of its own.
func (s *Index) pointed(name string) string { return strings.TrimSpace(s.Pointer(name)) }

// NewIndex works out the index of a snapshot, with the nodes in the order of the engine.
func NewIndex(s engine.Snapshot, nodes []string) *Index {
	x := engine.NewIndex(s)
	sc := &Index{
		Index: x, Nodes: nodes, Limit: s.Config.PingInterval * time.Duration(s.Config.DeadPings),
		Primary: x.View.Primary, Backup: x.View.Backup,
	}
	sc.cuts = x.Cuts()
	sc.Faulty = sc.brokenList()
	return sc
}

// anyHold reports whether messages wait somewhere, or would.
func (s *Index) anyHold() bool {
	return slices.ContainsFunc(s.Faults, func(f netsim.Fault) bool { return f.Kind == netsim.FaultHold })
}

// Outdated reports whether a server takes itself for primary or backup of a view that is past, in which another has
// its place by now.
func (s *Index) Outdated(v *engine.ServerState) bool {
	if v.Status.View.Viewnum >= s.View.Viewnum {
		return false
	}
	return v.Status.Role == pbservice.Primary && s.Primary != v.Name || v.Status.Role == pbservice.Backup && s.Backup != v.Name
}

// RoleMark is a server's role by its mark alone, with the view where that is past.
func (s *Index) RoleMark(v *engine.ServerState) (string, canvas.Style) {
	return s.roleMark(v, " of view ")
}

// RoleMarkIn is RoleMark in w cells: with fewer words where those would be cut.
func (s *Index) RoleMarkIn(v *engine.ServerState, w int) (string, canvas.Style) {
	if text, look := s.RoleMark(v); ansi.StringWidth(text) <= w {
		return text, look
	}
	return s.roleInShort(v)
}

// roleInShort is RoleMark where there is little room.
func (s *Index) roleInShort(v *engine.ServerState) (string, canvas.Style) {
	return s.roleMark(v, " v")
}

func (s *Index) roleMark(v *engine.ServerState, of string) (string, canvas.Style) {
	sign, look := RoleSign(v.Status.Role)
	if s.Outdated(v) {
		return sign + of + engine.Count(int(v.Status.View.Viewnum)), canvas.Warning
	}
	return sign, look
}

// MemberLook is how a member of the view looks that has look while it runs.
func (s *Index) MemberLook(name string, look canvas.Style) canvas.Style {
	if state := s.State(name); name != "" && (state == netsim.Crashed || state == netsim.Frozen) {
		_, look = StateWords(state)
	}
	return look
}

// Filling is the transfer that fills a server, as its primary tells, which may stand still meanwhile; the zero transfer if none
// does, and of a server whose memory is gone.
func (s *Index) Filling(server string) pbservice.Transfer {
	for i := range s.Servers {
		p := &s.Servers[i].Status
		if s.State(server) != netsim.Crashed && p.Transfer.Keys > 0 && p.Role == pbservice.Primary && p.View.Backup == server {
			return p.Transfer
		}
	}
	return pbservice.Transfer{}
}

// pair returns the servers that are primary and backup by their own account, while both are up and complete: only
// then must their maps be the same.
func (s *Index) pair() (primary, backup string, ok bool) {
	for i := range s.Servers {
		v := &s.Servers[i]
		if v.State == netsim.Crashed || !v.Status.Complete || v.Status.View.Viewnum != s.View.Viewnum {
			continue
		}
		switch v.Status.Role {
		case pbservice.Primary:
			primary = v.Name
		case pbservice.Backup:
			backup = v.Name
		}
	}
	return primary, backup, primary != "" && backup != ""
}

// Busy reports whether something moves that a person wants to follow closely.
func (s *Index) Busy() bool {
	for i := range s.Servers {
		v := &s.Servers[i]
		counting := v.PingAge > 3*s.Config.PingInterval/2 && v.PingAge < s.Limit+s.Config.PingInterval
		if counting || v.Status.Transfer.Keys > 0 || v.Status.Waiting > 0 {
			return true
		}
	}
	for i := range s.Clients {
		if s.Clients[i].Running {
			return true
		}
	}
	return !s.Viewservice.Status.Acked && s.Viewservice.Status.View.Viewnum > 0 && s.Why.Level <= engine.Busy
}

// Changed reports whether something else has changed since before than ages, or something else has happened than pings.
func (s *Index) Changed(before *Index, events []netsim.TraceEvent) bool {
	if before == nil || s.fingerprint() != before.fingerprint() || s.Map.Total != before.Map.Total || !slices.Equal(s.Faults, before.Faults) {
		return true
	}
	return slices.ContainsFunc(events, func(e netsim.TraceEvent) bool { return e.Method != viewservice.PingMethod })
}

// fingerprint is what is compared of two scenes, as a text.
func (s *Index) fingerprint() string {
	var b strings.Builder
	views := &s.Viewservice
	fmt.Fprint(&b, views.State, views.Boots, views.Status.View, views.Status.Acked, s.Paused, s.Speed, s.Disabled, len(s.Held))
	for i := range s.Servers {
		v := &s.Servers[i]
		fmt.Fprint(&b, v.State, v.Boots, v.Status.Role, v.Status.Entered, v.Status.Keys, v.Status.Waiting)
	}
	for i := range s.Clients {
		c := &s.Clients[i]
		fmt.Fprint(&b, c.State, c.Running)
		if len(c.Last) > 0 {
			fmt.Fprint(&b, c.Last[0].At)
		}
	}
	return b.String()
}

// allDown reports whether no server runs.
func (s *Index) allDown() bool {
	return len(s.Servers) > 0 && !slices.ContainsFunc(s.Servers, func(v engine.ServerState) bool {
		return v.State == netsim.Up || v.State == netsim.Frozen
	})
}

// Late reports whether a client waits longer than a healthy cluster needs.
func (s *Index) Late(c *engine.ClientState) bool {
	return c.Running && c.Since > 2*s.Config.PingInterval
}
