package invariant

import (
	"slices"
	"strings"
	"testing"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/viewservice"
	"cluster/splitbrain/viewservice/rules"
)

// healthy is a cluster in view 2: s1 primary, s2 backup, s3 idle.
func healthy() engine.Snapshot {
	v := viewservice.View{Viewnum: 2, Primary: "s1", Backup: "s2"}
	s := engine.Snapshot{At: time.Second, Viewservice: engine.ViewserviceState{State: netsim.Up, Boots: 1, Status: viewservice.Status{
		View: v, Acked: true, Changes: []viewservice.Change{{View: viewservice.View{Viewnum: 1, Primary: "s1"}}, {View: v}},
	}}}
	roles := []pbservice.Role{pbservice.Primary, pbservice.Backup, pbservice.Idle}
	for i, name := range []string{"s1", "s2", "s3"} {
		member := roles[i] != pbservice.Idle
		status := pbservice.Status{Name: name, Boot: uint64(10 + i), View: v, Entered: 2, Role: roles[i], Complete: member}
		if member {
			status.Keys, status.Position = 1, 7
		}
		s.Servers = append(s.Servers, engine.ServerState{Name: name, State: netsim.Up, Boots: 1, Status: status})
		s.Viewservice.Status.Servers = append(s.Viewservice.Status.Servers, viewservice.Member{Name: name, Boot: status.Boot})
	}
	s.Servers[0].Status.Phase = pbservice.PhaseWaiting
	s.Map = engine.Map{Keys: []string{"a"}, Rows: map[string][]pbservice.Row{
		"s1": {{Key: "a", Size: 1, Sum: 5}}, "s2": {{Key: "a", Size: 1, Sum: 5}}, "s3": {{Size: -1}},
	}}
	return s
}

type change func(*engine.Snapshot)

// status changes what a server says.
func status(i int, do func(*pbservice.Status)) change {
	return func(s *engine.Snapshot) { do(&s.Servers[i-1].Status) }
}

func state(i int, st netsim.State) change {
	return func(s *engine.Snapshot) { s.Servers[i-1].State = st }
}

// promoted: s2 serves view 3 alone.
func promoted(s *engine.Snapshot) {
	v := viewservice.View{Viewnum: 3, Primary: "s2"}
	s.Viewservice.Status.View = v
	s.Viewservice.Status.Changes = append(s.Viewservice.Status.Changes, viewservice.Change{View: v})
	st := &s.Servers[1].Status
	st.View, st.Entered, st.Role, st.Phase = v, 3, pbservice.Primary, pbservice.PhaseAlone
}

// dropped: s3 serves view 4 alone, and s2 is out.
func dropped(s *engine.Snapshot) {
	before, v := viewservice.View{Viewnum: 3, Primary: "s2", Backup: "s3"}, viewservice.View{Viewnum: 4, Primary: "s3"}
	s.Viewservice.Status.View = v
	s.Viewservice.Status.Changes = append(s.Viewservice.Status.Changes, viewservice.Change{View: before}, viewservice.Change{View: v})
	s2, s3 := &s.Servers[1].Status, &s.Servers[2].Status
	s2.View, s2.Role, s2.Phase, s2.Complete, s2.Keys = v, pbservice.Idle, "", false, 0
	s3.View, s3.Entered, s3.Role, s3.Phase, s3.Complete, s3.Keys = v, 4, pbservice.Primary, pbservice.PhaseAlone, true, 1
	s.Map.Rows["s2"], s.Map.Rows["s3"] = s.Map.Rows["s3"], s.Map.Rows["s2"]
}

func rule(off rules.Rule) change {
	return func(s *engine.Snapshot) { s.Disabled = rules.Without(off) }
}

func service(do func(*viewservice.Status)) change {
	return func(s *engine.Snapshot) { do(&s.Viewservice.Status) }
}

func then(changes ...change) change {
	return func(s *engine.Snapshot) {
		for _, c := range changes {
			c(s)
		}
	}
}

func asIs(*engine.Snapshot) {}

func TestWatcher(t *testing.T) {
	oldAlone := status(1, func(s *pbservice.Status) { s.Phase = pbservice.PhaseAlone })
	incomplete := status(2, func(s *pbservice.Status) { s.Complete, s.Entered = false, 1 })
	unacked := service(func(v *viewservice.Status) { v.Acked = false })
	differs := func(s *engine.Snapshot) { s.Map.Rows["s2"] = []pbservice.Row{{Key: "a", Size: 1, Sum: 6}} }
	reborn := status(1, func(s *pbservice.Status) { s.Boot = 99 })
	back := status(3, func(s *pbservice.Status) { s.View.Viewnum, s.Entered = 1, 1 })
	for _, test := range []struct {
		name  string
		snaps []change
		want  string // of the last snapshot; "" for none in any
		says  string
	}{
		{"healthy", []change{asIs, asIs, asIs}, "", ""},
		{"failover, the old primary has not heard", []change{asIs, promoted, promoted, promoted}, "", ""},
		{"failover seen askew", []change{asIs, then(promoted, oldAlone), asIs}, "", ""},
		{"the old primary completes", []change{promoted, then(promoted, oldAlone), then(promoted, oldAlone)}, "one-serves",
			"s1 can still complete operations in view 2, although s2 could do so in view 3 already (S5 S7)"},
		{"its backup confirms all the same", []change{promoted, then(promoted, rule(rules.BackupChecksView)),
			then(promoted, rule(rules.BackupChecksView))}, "one-serves", ""},
		{"its backup confirms all the same, though it is neither any more", []change{dropped, then(dropped, rule(rules.BackupChecksView)),
			then(dropped, rule(rules.BackupChecksView))}, "one-serves", "s1 can still complete operations in view 2, although s3 could do so in view 4 already (S5 S7)"},
		{"it answers gets alone", []change{promoted, then(promoted, rule(rules.ForwardGets)),
			then(promoted, rule(rules.ForwardGets))}, "one-serves", "s1 can still answer gets in view 2, although s2 could do so in view 3 already (S5 S7)"},
		{"it refuses", []change{promoted, then(promoted, oldAlone, refusing), then(promoted, oldAlone, refusing)}, "", ""},
		{"it stands still", []change{promoted, then(promoted, oldAlone, state(1, netsim.Frozen)),
			then(promoted, oldAlone, state(1, netsim.Frozen))}, "", ""},
		{"once is not proof", []change{promoted, then(promoted, oldAlone), promoted}, "", ""},
		{"the next boot serves the same view", []change{asIs, reborn, reborn}, "one-per-view", "s1 was started again and can complete operations in view"},
		{"the next boot refuses", []change{asIs, then(reborn, refusing), then(reborn, refusing)}, "", ""},
		{"backup incomplete", []change{asIs, incomplete, incomplete}, "backup-complete", "its backup s2"},
		{"backup not there yet, as seen askew", []change{then(unacked, incomplete), incomplete, asIs}, "", ""},
		{"backup of an unacknowledged view", []change{then(unacked, incomplete), then(unacked, incomplete), then(unacked, incomplete)}, "", ""},
		{"backup is another boot", []change{asIs, then(incomplete, status(2, func(s *pbservice.Status) { s.Boot = 98 })),
			then(incomplete, status(2, func(s *pbservice.Status) { s.Boot = 98 }))}, "", ""},
		{"data differs", []change{differs, differs}, "same-data", `differ after 7 operations: key "a"`},
		{"keys differ", []change{keys(2, 4), keys(2, 4)}, "same-data", "1 key and 4"},
		{"data differs, the backup is ahead", []change{then(differs, ahead), then(differs, ahead)}, "", ""},
		{"the backup's rows did not come", []change{noRows, noRows}, "", ""},
		{"server goes back", []change{asIs, back, back}, "views-forward", "s3 went back from view 2 to 1"},
		{"another boot knows less", []change{asIs, then(back, status(3, func(s *pbservice.Status) { s.Boot = 97 })),
			then(back, status(3, func(s *pbservice.Status) { s.Boot = 97 }))}, "", ""},
		{"entered goes back", []change{asIs, entered(3, 1), entered(3, 1)}, "views-forward", "entered view 1 only"},
		{"viewservice goes back", []change{servicePast, asIs, asIs}, "service-forward", "the viewservice went back from view 9 to 2"},
		{"viewservice was restarted", []change{promoted, restartedViews, restartedViews}, "", ""},
		{"same view twice", []change{with(viewservice.View{Viewnum: 3, Primary: "s1", Backup: "s2"})}, "views-differ", "views 2 and 3 are the same"},
		{"a view left out", []change{with(viewservice.View{Viewnum: 4, Primary: "s1"})}, "views-differ", "view 4 follows on view 2"},
		{"primary out of nowhere", []change{with(viewservice.View{Viewnum: 3, Primary: "s3"})}, "continuity", "s3 is primary of view 3"},
		{"entered without data", []change{status(2, func(s *pbservice.Status) { s.Complete = false })}, "entered-complete", "s2 has entered view 2 as backup"},
		{"idle with data", []change{keys(3, 2)}, "idle-empty", "s3 is neither primary nor backup of view 2"},
		{"idle with waiting clients", []change{status(3, func(s *pbservice.Status) { s.Waiting = 2 })}, "idle-empty", "2 waiting"},
	} {
		t.Run(test.name, func(t *testing.T) { watchAll(t, test.snaps, test.want, test.says) })
	}
}

func watchAll(t *testing.T, snaps []change, want, says string) {
	t.Helper()
	var w Watcher
	var all, last []Violation
	for i, change := range snaps {
		s := healthy()
		change(&s)
		s.At += time.Duration(i) * time.Second
		last = w.Watch(s)
		all = append(all, last...)
	}
	if want == "" {
		if len(all) > 0 {
			t.Errorf("false alarm: %v", all)
		}
		return
	}
	i := slices.IndexFunc(last, func(b Violation) bool { return b.Name == want })
	if i < 0 || !strings.Contains(last[i].Text, says) || len(last[i].Rules) == 0 || !strings.HasSuffix(last[i].Text, last[i].Rules.String()) {
		t.Errorf("got %v, want %s: %s", all, want, says)
	}
}

func refusing(s *engine.Snapshot) {
	s.Servers[0].Status.Refuses = pbservice.Cause{Code: pbservice.NoState}
}

func ahead(s *engine.Snapshot)  { s.Servers[1].Status.Position++ }
func noRows(s *engine.Snapshot) { s.Map.Rows["s2"] = []pbservice.Row{{Size: -1}} }

func keys(i, n int) change { return status(i, func(s *pbservice.Status) { s.Keys = n }) }

func entered(i int, v viewservice.Number) change {
	return status(i, func(s *pbservice.Status) { s.Entered = v })
}

func with(v viewservice.View) change {
	return service(func(s *viewservice.Status) { s.Changes = append(s.Changes, viewservice.Change{View: v}) })
}

func servicePast(s *engine.Snapshot) { s.Viewservice.Status.View.Viewnum = 9 }

func restartedViews(s *engine.Snapshot) {
	promoted(s)
	s.Viewservice.Boots, s.Viewservice.Status = 2, viewservice.Status{}
}

// TestToldOnce: what stays broken is told once, and anew for another past.
func TestToldOnce(t *testing.T) {
	var w Watcher
	s := healthy()
	keys(3, 2)(&s)
	if got := w.Watch(s); len(got) != 1 {
		t.Errorf("%v", got)
	}
	s.At++
	if got := w.Watch(s); len(got) != 0 {
		t.Errorf("told again: %v", got)
	}
	s.At = 0
	if got := w.Watch(s); len(got) != 1 {
		t.Errorf("another past: %v", got)
	}
}

func TestAllHaveNames(t *testing.T) {
	names := map[string]bool{}
	for _, i := range checks {
		if i.name == "" || len(i.rules) == 0 || i.text == "" || names[i.name] {
			t.Errorf("%+v", i.name)
		}
		names[i.name] = true
	}
}
