package pbservice

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"cluster/splitbrain/viewservice"
)

var update = flag.Bool("update", false, "rewrite the transcripts in testdata")

// TestTranscripts plays testdata/*.txt. A line "> command" is carried out, the lines after it are what it brought
// about, comments tell the story.
func TestTranscripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no transcripts: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			want, err := os.ReadFile(file)
			must(t, err)
			got := play(t, string(want))
			switch {
			case got == string(want):
			case *update:
				must(t, os.WriteFile(file, []byte(got), 0o644))
			default:
				t.Errorf("got:\n%s\nrewrite with -update, and review the difference", got)
			}
		})
	}
}

// play carries out the commands of a transcript and returns it with what they bring about now.
func play(t *testing.T, transcript string) string {
	s := &stage{world: newWorld(t), views: map[string]viewservice.View{}}
	s.watch = s.note
	for _, line := range strings.SplitAfter(transcript, "\n") {
		words, ok := strings.CutPrefix(line, "> ")
		switch {
		case ok:
			s.out.WriteString(line)
			s.command(strings.Fields(words))
		case strings.HasPrefix(line, "#") || strings.TrimSpace(line) == "":
			s.out.WriteString(line)
		}
	}
	return s.out.String()
}

// stage is a world whose events are told.
type stage struct {
	*world
	out   strings.Builder
	views map[string]viewservice.View // last told, by server
}

func (s *stage) command(words []string) {
	args := append(words[1:], "", "", "")
	switch words[0] {
	case "start":
		for _, name := range words[1:] {
			s.start(name)
			delete(s.views, name)
		}
	case "remember":
		n, err := strconv.Atoi(args[0])
		must(s.t.(*testing.T), err)
		s.limits.FilterClients = n
	case "locate":
		s.locate(args[0], args[1])
		fmt.Fprintf(&s.out, "  %s knows position %d\n", args[0], s.since[args[0]])
	case "crash":
		s.crash(args[0])
	case "rounds":
		n, err := strconv.Atoi(args[0])
		must(s.t.(*testing.T), err)
		s.rounds(n)
	case "get", "put", "append":
		kind := OpKind(slices.Index([]string{"get", "put", "append"}, words[0]))
		s.ask(args[0], kind, args[1], args[2])
		s.run()
	case "again":
		s.again(args[0], args[1])
	case "cut":
		s.part(args[0], args[1])
	case "lose":
		s.lose(pattern{kind: args[0], from: args[1], to: args[2]})
	case "heal":
		s.heal()
	case "hold":
		s.hold(pattern{kind: args[0], from: args[1], to: args[2]})
	case "release":
		s.release()
		s.run()
	case "state":
		s.state()
	default:
		s.t.Fatalf("unknown command %q", words)
	}
}

// again sends a client's newest operation once more.
func (s *stage) again(client, server string) {
	seq := uint64(1)
	for s.calls[opName{client, seq + 1}] != nil {
		seq++
	}
	s.send(s.calls[opName{client, seq}], server, 0)
	s.run()
}

// note tells of a letter that arrived. Pings are told by what they bring: a view.
func (s *stage) note(l *letter) {
	var what string
	switch body := l.body.(type) {
	case question:
		what = fmt.Sprintf("%s %q %q %s/%d", body.op.Kind, body.op.Key, body.op.Value, body.op.Client, body.op.Seq)
	case viewservice.PingArgs:
		if !body.BackupLost {
			return
		}
		what = body.Summary()
	case viewservice.PingReply:
		if n := s.nodes[l.to]; n != nil && n.view != s.views[l.to] {
			s.views[l.to] = n.view
			fmt.Fprintf(&s.out, "  %s learns view %s\n", l.to, n.view)
		}
		return
	case Reply:
		what = body.Summary()
	case *ForwardArgs:
		what = body.Summary()
	case ForwardReply:
		what = body.Summary()
	}
	fmt.Fprintf(&s.out, "  %s → %s: %s\n", l.from, l.to, strings.TrimSpace(what))
}

func (s *stage) state() {
	for _, name := range s.names {
		n := s.nodes[name]
		if n == nil {
			fmt.Fprintf(&s.out, "  %s crashed\n", name)
			continue
		}
		var pairs []string
		n.Core.state.data.Scan(func(key, value string) bool {
			pairs = append(pairs, fmt.Sprintf("%s=%s", key, value))
			return true
		})
		st := n.Status()
		line := []string{name, string(st.Role), fmt.Sprintf("view %s, entered %d, position %d, {%s}", st.View, st.Entered, st.Position, strings.Join(pairs, " "))}
		if st.Phase != "" {
			line = append(line, st.Phase)
		}
		fmt.Fprintf(&s.out, "  %s\n", strings.Join(line, ", "))
	}
}
