package script

import (
	"slices"
	"strings"
	"testing"
)

func TestComplete(t *testing.T) {
	names := Names{Nodes: newFake().nodes, Keys: []string{"a", "ab", "b c"}, Messages: []uint64{17, 18, 200}, Replays: true}
	for line, want := range map[string]string{
		"":                  strings.Join(verbs(registry), "; "),
		"pa":                "partition; pause; pace",
		"kill":              "",
		"kill ":             "kill vs; kill s1; kill s2; kill s3",
		"kill s":            "kill s1; kill s2; kill s3",
		"kill s1 ":          "",
		"kill x":            "",
		"frobnicate ":       "",
		"freeze c":          "freeze c1; freeze c2",
		"get a":             "get a; get ab",
		"get b":             "",
		"rule":              "rule; rules",
		"get ":              `get a; get ab; get "b c"`,
		`get "b`:            `get "b c"`,
		`get "b `:           "",
		"put a ":            "",
		"put a 1 ":          "put a 1 @c1; put a 1 @c2",
		"get a @":           "get a @c1; get a @c2",
		"add ":              "add s4",
		"cut s1 ":           "cut s1 vs; cut s1 s2; cut s1 s3; cut s1 c1; cut s1 c2",
		"cut s1 > s":        "cut s1 > s2; cut s1 > s3",
		"cut s1>s":          "cut s1>s2; cut s1>s3",
		"cut s1 > s2 ":      "",
		"heal s1 v":         "heal s1 vs",
		"partition s1 | s":  "partition s1 | s2; partition s1 | s3",
		"partition s1 s2|c": "partition s1 s2|c1; partition s1 s2|c2",
		"delay s1 s2 ":      "",
		"hold s1 > s":       "hold s1 > s2; hold s1 > s3",
		"release s2 v":      "release s2 vs",
		"loss s1 s2 ":       "",
		"loss s1 > s2 5% r": "loss s1 > s2 5% replies",
		"deliver ":          "deliver 17; deliver 18; deliver 200",
		"drop 1":            "drop 17; drop 18",
		"duplicate 17 ":     "",
		"step ":             "step ping; step message; step event",
		"speed 0":           "speed 0.01; speed 0.1",
		"help r":            "help restart; help reorder; help release; help resume; help rule; help rules; help rewind; help record; help reset",
		"# k":               "",
		"wait v":            "wait view",
		"wait view 3 s1 ac": "wait view 3 s1 acked",
		"wait view 3 w":     "wait view 3 within",
		"expect r":          "expect role; expect result; expect refused; expect rpcs",
		"expect role s1 p":  "expect role s1 primary",
		"expect role s1 b":  "expect role s1 backup",
		"expect data s2 a ": "expect data s2 a =; expect data s2 a absent",
		"expect waiting ":   "expect waiting c1; expect waiting c2",
		"rule f":            "rule forward-gets; rule filter-duplicates",
		"rule ack-rule ":    "rule ack-rule off; rule ack-rule on",
		"load c1 r":         "load c1 rate=",
		"load o":            "load off",
		"lesson n":          "lesson next",
		"open everything":   "open everything-dies",
		"help expect vi":    "",
		`"expect view" `:    "",
		"expect\vview ":     "",
		"expect vi":         "expect view; expect violation",
		"kill s1 # ":        "",
		"put a>":            "",
		"kill s1>":          "",
	} {
		if got := strings.Join(Complete(line, names), "; "); got != want {
			t.Errorf("%q\n got %s\nwant %s", line, got, want)
		}
	}
}

// TestCompleteOffersWhatWorks: a live cluster has no past, so nothing that needs one is offered.
func TestCompleteOffersWhatWorks(t *testing.T) {
	live, simulated := Names{}, Names{Replays: true}
	for line, want := range map[string]string{"ch": "check; choices; choose", "save ": "save world", "vi": "visit", "rew": "rewind"} {
		if got := strings.Join(Complete(line, simulated), "; "); got != want {
			t.Errorf("simulated: %q: got %s, want %s", line, got, want)
		}
	}
	for line, want := range map[string]string{"ch": "check", "save ": "", "vi": "", "rew": "", "br": "", "comp": ""} {
		if got := strings.Join(Complete(line, live), "; "); got != want {
			t.Errorf("live: %q: got %s, want %s", line, got, want)
		}
	}
}

func TestCompleteDoesNotTouchNames(t *testing.T) {
	names := Names{Nodes: newFake().nodes}
	Complete("cut s1 ", names)
	Complete("kill ", names)
	if !slices.Equal(names.Nodes, newFake().nodes) {
		t.Errorf("names are now %v", names.Nodes)
	}
}
