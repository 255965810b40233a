package tui

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/history"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/viewservice"

	tea "github.com/charmbracelet/bubbletea"
)

// picture is a state that a pane has to show well.
type picture struct {
	name string
	snap engine.Snapshot
	tell func(*Model)
}

// pictures are those of each pane.
func pictures() map[string][]picture {
	plainly := func(*Model) {}
	return map[string][]picture{
		"messages": {
			{"empty", quiet(3, 2), plainly},
			{"steady", quiet(3, 2), tells(steadily(), "K", "K", "enter")},
			{"failover", quiet(3, 2), moves(3)},
			{"failover with pings, 5 servers", quiet(5, 2), moves(5, "z", "p")},
			{"held", faulty(), func(m *Model) { watchTravel(m); press(m, "enter") }},
			{"partition", partitioned(), tells(parting(), "K", "K", "K", "enter")},
			{"transfer", transfer(), tells(filling())},
			{"escapes", nasty(), tells(nastily())},
			{"as a list", quiet(3, 2), moves(3, "v")},
			{"filtered", quiet(3, 2), moves(3, "/", "l", "o", "s", "t", "enter")},
			{"64 clients", nine(), tells(crowd())},
		},
		"views": {
			{"start", engine.Snapshot{}, plainly}, {"steady", quiet(3, 2), plainly}, {"failover", moved(5), plainly},
			{"stuck", blockedView(), plainly},
		},
		"history": {
			{"empty", quiet(3, 2), plainly},
			{"overlapping", quiet(3, 2), does(overlapping(), history.Verdict{Judged: 4, Total: 6}, "K", "K", "enter")},
			{"violation", quiet(3, 2), violated()},
			{"violation read, all", quiet(3, 2), violated("w", "v", "enter")},
			{"undecided", quiet(3, 2), does(overlapping(), history.Verdict{Result: history.Undecided, Key: "a", Judged: 2, Total: 6})},
			{"escapes", quiet(3, 2), does(nastyBars(), history.Verdict{Judged: 3, Total: 3}, "enter")},
		},
		"charts": {
			{"empty", quiet(3, 2), plainly}, {"steady", quiet(3, 2), charted(0)}, {"countdown", countdown(), charted(400)}, {"9 servers", nine(), charted(100)},
		},
		"maps": {
			{"differing", differing(), func(m *Model) { press(m, "J", "J", "enter") }},
			{"escapes", nasty(), func(m *Model) { press(m, "J", "J", "J", "enter") }},
			{"100,000 keys", engine.Snapshot{}, func(m *Model) {
				see(m, crowded(m, "1"))
				press(m, "J", "J", "enter")
			}},
		},
	}
}

func tells(s *story, keys ...string) func(*Model) {
	return func(m *Model) {
		hears(m, m.now.Snapshot, s)
		press(m, keys...)
	}
}

// moves tells the story of a failover.
func moves(servers int, keys ...string) func(*Model) {
	return func(m *Model) {
		hears(m, moved(servers), failover())
		press(m, keys...)
	}
}

func does(bars []history.Bar, v history.Verdict, keys ...string) func(*Model) {
	return func(m *Model) {
		judged(m, m.now.Snapshot, bars, v)
		press(m, keys...)
	}
}

func violated(keys ...string) func(*Model) {
	bars, verdict := violation()
	return does(bars, verdict, keys...)
}

// steadily is a story of puts and pings.
func steadily() *story {
	s := &story{at: 8 * second}
	for i := range 4 {
		s.ping("s1")
		s.put("c1", fmt.Sprint(i))
		s.ping("s2")
		s.put("c2", fmt.Sprint(i))
		s.at += second / 10
	}
	return s
}

// parting is a story of two groups that are cut from each other.
func parting() *story {
	s := &story{at: 8 * second}
	s.put("c1", "1")
	for _, a := range []string{"s1", "c1"} {
		for _, b := range []string{"vs", "s2", "s3", "c2"} {
			s.happens(netsim.LinkCut, a, b, "")
			s.happens(netsim.LinkCut, b, a, "")
		}
	}
	s.sends("s1", "vs", "ViewServer.Ping", "Ping(2)", netsim.MsgLost)
	s.sends("s1", "s2", "PBServer.Forward", `view 2: op 5 get "a" ""`, netsim.MsgLost)
	s.happens(netsim.TimePaused, "time", "", "")
	return s
}

// filling is a story of a map that is copied in pieces.
func filling() *story {
	s := &story{at: 8 * second}
	for i := range 6 {
		id := s.sends("s1", "s2", "PBServer.Forward", fmt.Sprintf("view 2: chunk %d, 1000 keys, 2 ops", i+1), netsim.MsgDelivered)
		s.at += 8 * time.Millisecond
		s.answers(id, fmt.Sprintf("confirmed up to %d", 2*i+2), netsim.MsgDelivered)
	}
	return s
}

func nastily() *story {
	s := &story{at: 8 * second}
	id := s.sends("c1", "s1", "PBServer.PutAppend", "put "+evil, netsim.MsgDelivered)
	s.answers(id, evil+strings.Repeat("漢", 60))
	s.happens(netsim.NodeCrashed, evil, "", evil)
	s.sends(evil, "s1", evil, evil, netsim.MsgLost)
	return s
}

// crowd is a story in which many clients take part.
func crowd() *story {
	s := &story{at: 8 * second}
	for i := range 64 {
		s.put(fmt.Sprintf("c%d", i+1), "1")
	}
	return s
}

func blockedView() engine.Snapshot {
	s := stuck()
	s.Views.Status.Blocked = viewservice.Cause{Code: viewservice.UnackedDead, Server: "s2", View: 3, Silent: 2 * second, Allowed: second / 2}
	s.Views.Status.Servers = []viewservice.Member{{Name: "s1", Place: 1}}
	return s
}

func nastyBars() []history.Bar {
	bars := []history.Bar{did(0, "c1", pbservice.Put, evil, 1000, 1003), did(1, "c2", pbservice.Get, strings.Repeat("漢", 100), 2000, 2001), did(2, "c1", pbservice.Get, " blanks ", 3000, 5200)}
	bars[2].Key = evil
	return bars
}

// charted plays some seconds with operations, while pings age by step in each look.
func charted(step int) func(*Model) {
	return func(m *Model) {
		snap := m.now.Snapshot
		snap.At = 100 * second
		for i := range 60 {
			snap.At += second / 4
			var bars []history.Bar
			for j := range i % 7 {
				at := int(snap.At.Milliseconds()) - 100
				bars = append(bars, did(10*i+j, "c1", pbservice.Put, "1", at, at+1+i+j))
			}
			if i > 55 {
				snap.Servers = append([]engine.ServerState(nil), snap.Servers...)
				snap.Servers[0].PingAge += time.Duration(step) * time.Millisecond / 4
			}
			judged(m, snap, bars, history.Verdict{})
		}
	}
}

func differing() engine.Snapshot {
	s := steady()
	s.Map.Rows["s2"][1] = pbservice.Row{Key: "b", Value: "another", Size: 7, Sum: 7}
	store(&s, "long", strings.Repeat("long value ", 40)[:pbservice.ShownValue], "s1", "s2")
	s.Map.Rows["s1"][3].Size, s.Map.Rows["s2"][3].Size = 5000, 5000
	return s
}

// paneSizes are those of a pane in a tiny screen, in one of 80×24, and zoomed in larger ones.
var paneSizes = [][2]int{{20, 5}, {80, 12}, {120, 36}, {200, 56}}

// drawn is a pane in one of its states, alone.
func drawn(t *testing.T, pane string, p picture, size [2]int, opts Options) string {
	m := openAt(t, pane, p, opts)
	shown := m.panes[m.active]
	shown.resize(size[0], size[1])
	frame := strings.Join(m.drawPane(shown, size[0], size[1]), "\n")
	if err := wrongFrame(frame, size[0], size[1], opts); err != "" {
		t.Errorf("%s, %s, %v: %s", pane, p.name, size, err)
	}
	return frame
}

// openAt is a model with a pane in front, in one of its states.
func openAt(t *testing.T, pane string, p picture, opts Options) *Model {
	m, _ := begin(t, p.snap, 80, 24, opts)
	for range m.panes {
		if m.panes[m.active].name() != pane {
			press(m, "tab")
		}
	}
	p.tell(m)
	return m
}

// TestPictures draws each pane in all its states, one file for each size.
func TestPictures(t *testing.T) {
	for pane, all := range pictures() {
		for _, size := range paneSizes {
			var frames []string
			for _, p := range all {
				frames = append(frames, "═══ "+p.name, drawn(t, pane, p, size, Options{}))
			}
			golden(t, fmt.Sprintf("panes-%s-%dx%d", pane, size[0], size[1]), strings.Join(frames, "\n"))
		}
	}
}

// TestPictureThemes draws the richest state of each pane in all themes, without colour, and in ASCII.
func TestPictureThemes(t *testing.T) {
	rich := map[string]string{"messages": "failover", "views": "stuck", "history": "violation", "charts": "countdown", "maps": "differing"}
	for pane, name := range rich {
		i := slices.IndexFunc(pictures()[pane], func(p picture) bool { return p.name == name })
		var frames []string
		for _, opts := range []Options{{Theme: "dark"}, {Theme: "light"}, {Theme: "mono", Plain: true}, {Theme: "mono", ASCII: true, Plain: true}} {
			frames = append(frames, fmt.Sprintf("═══ %s, ASCII %v, no colour %v", opts.Theme, opts.ASCII, opts.Plain),
				drawn(t, pane, pictures()[pane][i], paneSizes[1], opts))
		}
		golden(t, "panes-"+pane+"-themes", strings.Join(frames, "\n"))
	}
}

// TestPicturesFill: each pane in each of its states fills any screen, whatever keys are pressed there.
func TestPicturesFill(t *testing.T) {
	for pane, all := range pictures() {
		for _, p := range all {
			m := openAt(t, pane, p, Options{})
			for _, keys := range [][]string{{}, {"z"}, {"home"}, {"J", "enter"}, {"pgdown", "w"}, {"v", "K"}, {"end", "p"}} {
				press(m, keys...)
				for w := 0; w <= 220; w += 31 {
					for h := 0; h <= 70; h += 9 {
						m.Update(tea.WindowSizeMsg{Width: w, Height: h})
						if err := wrongFrame(m.View(), w, h, Options{}); err != "" {
							t.Fatalf("%s, %s, after %v, %d×%d: %s\n%s", pane, p.name, keys, w, h, err, m.View())
						}
					}
				}
			}
		}
	}
}
