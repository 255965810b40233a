package enginetest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/viewservice"
)

// Shelf is a cluster of one server with n keys, that answers windows as servers do.
type Shelf struct{ Keys []string }

// NodesOf are the names of all nodes, vs first.
func NodesOf(s engine.Snapshot) []string {
	names := []string{engine.ViewAddr}
	for _, v := range s.Servers {
		names = append(names, v.Name)
	}
	for _, c := range s.Clients {
		names = append(names, c.Name)
	}
	return names
}

// Quiet is a cluster in its second view with everything well.
func Quiet(servers, clients int) engine.Snapshot {
	view := viewservice.View{Viewnum: 2, Primary: "s1", Backup: "s2"}
	s := engine.Snapshot{
		At:     10 * time.Second,
		Config: engine.Config{Servers: servers, Clients: clients, PingInterval: 100 * time.Millisecond, DeadPings: 5},
		Speed:  1,
		Why:    engine.Why{Now: "view 2: s1 answers once s2 has confirmed (S5)"},
		Map:    engine.Map{Rows: map[string][]pbservice.Row{}},
	}
	s.Viewservice = engine.ViewserviceState{State: netsim.Up, Boots: 1, Status: viewservice.Status{
		View: view, Acked: true, Up: 10 * time.Second,
		Changes: []viewservice.Change{{
			View: viewservice.View{Viewnum: 1, Primary: "s1"}, At: 10 * time.Millisecond,
			Causes: []viewservice.Cause{{Code: viewservice.FirstPing, Server: "s1"}},
		}, {
			View: view, At: 110 * time.Millisecond,
			Causes: []viewservice.Cause{{Code: viewservice.NoBackup, Server: "s2"}, {Code: viewservice.Appointed, Server: "s2"}},
		}},
	}}
	for i := range servers {
		v := engine.ServerState{Name: fmt.Sprintf("s%d", i+1), State: netsim.Up, Boots: 1, PingAge: time.Duration(20+10*i) * time.Millisecond}
		v.Status = pbservice.Status{Name: v.Name, View: view, Entered: 2, Role: pbservice.Idle, Complete: i < 2}
		switch i {
		case 0:
			v.Status.Role, v.Status.Phase = pbservice.Primary, pbservice.PhaseWaiting
		case 1:
			v.Status.Role = pbservice.Backup
		}
		s.Servers = append(s.Servers, v)
		s.Viewservice.Status.Servers = append(s.Viewservice.Status.Servers, viewservice.Member{Name: v.Name, Entered: 2, Place: max(i-1, 0)})
	}
	for i := range clients {
		s.Clients = append(s.Clients, engine.ClientState{Name: fmt.Sprintf("c%d", i+1), State: netsim.Up, View: 2})
	}
	return s
}

// Store puts a key into the maps of primary and backup, at the end of the keys.
func Store(s *engine.Snapshot, key, value string, on ...string) {
	s.Map.Keys = append(s.Map.Keys, key)
	s.Map.Total = len(s.Map.Keys)
	for i := range s.Servers {
		name := s.Servers[i].Name
		row := pbservice.Row{Size: -1}
		for _, o := range on {
			if o == name {
				row = pbservice.Row{Key: key, Value: value, Size: len(value), Sum: uint64(len(value))<<8 + uint64(value[0])}
				s.Servers[i].Status.Keys++
			}
		}
		s.Map.Rows[name] = append(s.Map.Rows[name], row)
	}
}

// Steady is a quiet cluster that has been used: three keys, and the last operations of two clients.
func Steady() engine.Snapshot {
	s := Quiet(3, 2)
	Store(&s, "a", "1", "s1", "s2")
	Store(&s, "b", "two words", "s1", "s2")
	Store(&s, "log", "x y z", "s1", "s2")
	put := pbservice.Op{Kind: pbservice.Put, Key: "b", Value: "two words"}
	s.Clients[0].Last = []engine.Done{{At: 9 * time.Second, Took: 3 * time.Millisecond, Op: put, Reply: pbservice.Reply{Err: pbservice.OK}}}
	s.Clients[1].Last = []engine.Done{{At: 9500 * time.Millisecond, Took: 400 * time.Microsecond, Op: pbservice.Op{Key: "a"}, Reply: pbservice.Reply{Err: pbservice.OK, Value: "1"}}}
	return s
}

// Crash lets the i-th server have crashed.
func Crash(s *engine.Snapshot, i int) {
	v := &s.Servers[i]
	v.State, v.Status = netsim.Crashed, pbservice.Status{}
	for j := range s.Map.Rows[v.Name] {
		s.Map.Rows[v.Name][j] = pbservice.Row{Size: -1}
	}
}

// Transfer is a cluster whose primary copies many keys to its backup.
func Transfer() engine.Snapshot {
	s := Steady()
	s.Map.Before, s.Map.Total = 41_000, 100_000
	for i := range 2 {
		s.Servers[i].Status.Keys = []int{100_000, 45_000}[i]
	}
	s.Servers[0].Status.Transfer = pbservice.Transfer{Done: 45_000, Keys: 100_000} // only who sends tells of it
	s.Servers[1].Status.Complete, s.Servers[1].Status.Entered, s.Servers[0].Status.Entered = false, 0, 1
	s.Servers[0].Status.Phase = pbservice.PhaseTransferring
	s.Viewservice.Status.Acked = false
	s.Why = engine.Why{Level: engine.Busy, Now: "s1 copies its map to s2: 45,000 of 100,000 keys; clients are served meanwhile (S6)"}
	return s
}

// TakeOver forms the third view, in which s2 has taken over from s1.
func TakeOver(s *engine.Snapshot) {
	view := viewservice.View{Viewnum: 3, Primary: "s2", Backup: "s3"}
	s.Viewservice.Status.View = view
	s.Viewservice.Status.Changes = append(s.Viewservice.Status.Changes, viewservice.Change{View: view, At: 8400 * time.Millisecond, Causes: []viewservice.Cause{
		{Code: viewservice.PrimarySilent, Server: "s1", Silent: 512 * time.Millisecond, Allowed: 500 * time.Millisecond},
		{Code: viewservice.Promoted, Server: "s2"}, {Code: viewservice.Appointed, Server: "s3"},
	}})
	s.Viewservice.Status.Servers = nil
	for i, r := range map[int]pbservice.Role{1: pbservice.Primary, 2: pbservice.Backup} {
		s.Servers[i].Status.View, s.Servers[i].Status.Role, s.Servers[i].Status.Entered = view, r, 3
	}
	s.Servers[1].Status.Phase, s.Servers[1].Status.Complete, s.Servers[2].Status.Complete = pbservice.PhaseWaiting, true, true
}

// Moved is a cluster in whose third view s2 took over, at about the time of Failover.
func Moved(servers int) engine.Snapshot {
	s := Quiet(servers, 2)
	s.At = 9 * time.Second
	s.Viewservice.Status.Up = s.At
	TakeOver(&s)
	s.Viewservice.Status.Servers = []viewservice.Member{{Name: "s2"}, {Name: "s1", Place: 2}, {Name: "s5", Place: 1}}
	s.Servers[0].Boots = 2
	for i := range s.Servers {
		s.Servers[i].Status.View, s.Servers[i].Status.Entered = s.Viewservice.Status.View, 3
	}
	s.Servers[0].Status.Role, s.Servers[0].Status.Complete = pbservice.Idle, false
	s.Why = engine.Why{Now: "view 3: s2 answers once s3 has confirmed (S5)"}
	return s
}

// Faulty is a cluster with faults of every kind, in slow motion.
func Faulty() engine.Snapshot {
	s := Steady()
	s.Speed = 0.05
	Crash(&s, 2)
	s.Faults = []netsim.Fault{
		{Kind: netsim.FaultCut, From: "c1", To: "c2"}, {Kind: netsim.FaultCut, From: "c2", To: "c1"},
		{Kind: netsim.FaultCut, From: "s3", To: "vs"},
		{Kind: netsim.FaultDelay, From: "s2", To: "s3", Delay: 300 * time.Millisecond, Jitter: 50 * time.Millisecond},
		{Kind: netsim.FaultLoss, From: "vs", To: "s1", Probability: 0.1}, {Kind: netsim.FaultLoss, From: "s2", To: "s1", Probability: 0.1},
		{Kind: netsim.FaultLoss, From: "s3", To: "s1", Probability: 0.1}, {Kind: netsim.FaultLoss, From: "c1", To: "s1", Probability: 0.1},
		{Kind: netsim.FaultReplyLoss, From: "s1", To: "c1", Probability: 0.2},
		{Kind: netsim.FaultDuplicate, From: "c1", To: "s1", Probability: 1},
		{Kind: netsim.FaultReorder, From: "c1", To: "s1", Window: netsim.DefaultWindow},
		{Kind: netsim.FaultHold, From: "s1", To: "s2"},
		{Kind: netsim.FaultFrozen, From: "c2"},
	}
	s.Clients[1].State = netsim.Frozen
	s.Held = HeldForwards(s.At)
	return s
}

// NewShelf has n keys.
func NewShelf(n int) *Shelf {
	s := &Shelf{}
	for i := range n {
		s.Keys = append(s.Keys, fmt.Sprintf("k%06d", i))
	}
	return s
}

// Look is what is seen of it in a window.
func (s *Shelf) Look(w engine.Window) engine.Snapshot {
	snap := Quiet(1, 1)
	var match []string
	for _, k := range s.Keys {
		if strings.Contains(k, w.Contains) {
			match = append(match, k)
		}
	}
	at, _ := slices.BinarySearch(match, w.From)
	first := max(at-w.Back, 0)
	snap.Map = engine.Map{Keys: match[first:min(at+w.Limit, len(match))], Before: first, Total: len(match)}
	var rows []pbservice.Row
	for _, k := range snap.Map.Keys {
		rows = append(rows, pbservice.Row{Key: k, Value: "v", Size: 1})
	}
	snap.Map.Rows = map[string][]pbservice.Row{"s1": rows}
	return snap
}

// Past is a timeline of two branches.
func Past() engine.Timeline {
	return engine.Timeline{
		Branch: "main", Step: 10, Length: 20,
		Branches: []engine.Branch{{Name: "main", Length: 20, End: 3 * time.Second}, {Name: "b1", Parent: "main", From: 6, Length: 9, End: 2 * time.Second}},
		Marks: []engine.Mark{
			{Step: 2, At: 10 * time.Millisecond, Text: "view 1 s1 ·"}, {Step: 6, At: 110 * time.Millisecond, Text: "view 2 s1 s2"},
			{Step: 12, At: 900 * time.Millisecond, Text: "kill s1"},
		},
	}
}
