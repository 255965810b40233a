package viewservice

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the transcripts in testdata")

// TestTranscripts plays testdata/*.txt. The lines of a transcript are comments (#), commands, and, indented, what
// they show:
//
//	amnesia             the viewservice is a restarted one; first of all
//	bootless s1 ...     these servers send no boot id
//	ping s1 2           s1 pings view 2
//	ping s1 2 lost      and gives its backup up
//	ping s1 2 boot=1    late, from that boot
//	restart s1          s1's next boot pings for the first time
//	alive 500ms s1 ...  time passes in which only these servers ping, each as it did last
//	status              what an observer sees
func TestTranscripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no transcripts", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) { playTranscript(t, file) })
	}
}

func playTranscript(t *testing.T, file string) {
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	got := transcript(string(want))
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got), -update rewrites it:\n%s", file, diff)
	}
}

const indent = "    "

// transcript plays text's commands and returns it with what they show now.
func transcript(text string) string {
	var out strings.Builder
	p := newPlay(standard)
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, indent) {
			continue
		}
		out.WriteString(line)
		if words := strings.Fields(line); len(words) > 0 && words[0] != "#" {
			for _, shown := range p.run(words) {
				out.WriteString(indent + shown + "\n")
			}
		}
	}
	return out.String()
}

// run carries one command out and returns what there is to see, new views first.
func (p *play) run(words []string) []string {
	known := len(p.core.changes)
	answer := p.command(words[0], words[1:])
	var lines []string
	for _, change := range p.core.changes[known:] {
		lines = append(lines, fmt.Sprintf("view %v is formed at %v", change.View, change.At))
		for _, cause := range change.Causes {
			lines = append(lines, "  "+cause.String())
		}
	}
	if answer != "" {
		lines = append(lines, strings.Split(answer, "\n")...)
	}
	return lines
}

func (p *play) command(verb string, words []string) string {
	switch verb {
	case "amnesia":
		p.core = New(Config{PingInterval: interval, DeadPings: DefaultDeadPings, Restarted: true})
		return ""
	case "bootless":
		p.bootless(words...)
		return ""
	case "ping":
		return p.pingCommand(words)
	case "restart":
		return p.restart(words[0]).Summary()
	case "alive":
		d, err := time.ParseDuration(words[0])
		if err != nil {
			return err.Error()
		}
		p.alive(d, words[1:]...)
		return ""
	case "status":
		return p.core.Status(p.now).text()
	}
	return "unknown command"
}

func (p *play) pingCommand(words []string) string {
	n, err := strconv.Atoi(words[1])
	if err != nil {
		return err.Error()
	}
	a := PingArgs{Me: words[0], Viewnum: Number(n), Boot: p.boot(words[0])}
	for _, option := range words[2:] {
		if boot, ok := strings.CutPrefix(option, "boot="); ok {
			a.Boot, err = strconv.ParseUint(boot, 10, 64)
		} else {
			a.BackupLost = option == "lost"
		}
	}
	if err != nil {
		return err.Error()
	}
	return p.send(a).Summary()
}

// text is a Status in the words of an observer.
func (s Status) text() string {
	lines := []string{GetReply{View: s.View, Acked: s.Acked}.Summary()}
	for _, m := range s.Servers {
		line := fmt.Sprintf("%s boot %d, in view %d, silent for %s", m.Name, m.Boot, m.Entered, SilenceWords(m.Silent))
		if m.Dead {
			line += ", dead"
		}
		if m.Restarted {
			line += ", restarted"
		}
		if m.Place > 0 {
			line += fmt.Sprint(", volunteer ", m.Place)
		}
		lines = append(lines, line)
	}
	if s.Blocked.Code != CodeNone {
		until := "blocked: "
		if s.Blocked.ForEver() {
			until = "blocked for ever: "
		}
		lines = append(lines, until+s.Blocked.String())
	}
	return strings.Join(lines, "\n")
}
