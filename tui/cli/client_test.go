package cli

import (
	"bytes"
	"encoding/json"
	"strings"
	"syscall"
	"testing"
	"time"

	"cluster/splitbrain/netsim/env"
	"cluster/splitbrain/pbservice/process"
	"cluster/splitbrain/viewservice"
)

// A load that nobody answers says why, and ends with its object all the same.
func TestUnansweredLoad(t *testing.T) {
	t.Parallel()
	views := start(t, "viewd", "--listen", t.TempDir()+"/vs")
	r := runProcess("load", "--json", "--clients", "3", "--duration", "300ms", "--views", views.name)
	var l process.Load
	if err := json.Unmarshal([]byte(r.out), &l); err != nil || l.Ops != 0 || l.Errors != 3 || l.LongestGapMS < 300 {
		t.Errorf("%v: %s", err, r.out)
	}
	if r.code != 3 || !strings.Contains(r.err, "no operation in 300ms: no view is known; no server has pinged yet (V1)") || strings.Count(r.err, "\n") != 1 {
		t.Errorf("exit code %d, said %q", r.code, r.err)
	}
}

// At a low rate the first operation is begun at once.
func TestSlowLoad(t *testing.T) {
	t.Parallel()
	s := startService(t, "unix")
	r := s.client("load", "--json", "--rate", "0.01", "--duration", "300ms")
	if r.code != 0 || !strings.HasPrefix(r.out, `{"ops":1,`) {
		t.Errorf("exit code %d, printed %q, said %q", r.code, r.out, r.err)
	}
}

// Who asks a server in place of the viewservice is told so at once.
func TestNoViewservice(t *testing.T) {
	t.Parallel()
	s := startService(t, "unix")
	server := s.servers[0].name
	began := time.Now()
	for _, args := range [][]string{{"get", "a"}, {"put", "a", "1"}, {"view"}, {"load", "--duration", "1m"}} {
		r := runProcess(append(args, "--views", server, "--timeout", "1m")...)
		if r.code != 2 || !strings.Contains(r.err, server+` is no viewservice: it says "rpc: can't find service`) || r.out != "" {
			t.Errorf("%v: exit code %d, printed %q, said %q", args, r.code, r.out, r.err)
		}
	}
	if took := time.Since(began); took > 30*time.Second {
		t.Errorf("it took %v", took)
	}
}

// While a view is not acknowledged, its primary is asked why.
func TestViewSaysWhyUnacknowledged(t *testing.T) {
	t.Parallel()
	s := startService(t, "unix")
	var primary, backup string
	s.view(func(p, b string) bool { primary, backup = p, b; return paired(p, b) })
	lost := start(t, "kvd", "--listen", t.TempDir()+"/lost", "--views", t.TempDir()+"/nobody")
	for name, want := range map[string]string{
		lost.name:       "knows no view yet (S1)",
		primary:         "view 1 waits for Ping(1) from its primary (V2), which is in view 2 already: views never go back (S11)",
		backup:          "(S9)",
		"/nowhere/sock": "view 1 waits for Ping(1) from its primary (V2), which does not answer",
	} {
		views := start(t, "viewd", "--listen", t.TempDir()+"/vs", "--ping-interval", "1m")
		clerk := viewservice.NewClerk(env.System, process.Dial, views.name, time.Minute)
		if _, err := clerk.Ping(t.Context(), viewservice.PingArgs{Me: name, Boot: 1}); err != nil {
			t.Fatal(err)
		}
		clerk.Close()
		r := runProcess("view", "--views", views.name)
		if lines := strings.Split(r.out, "\n"); len(lines) < 3 || !strings.HasSuffix(lines[0], "not acknowledged") || !strings.HasSuffix(lines[2], want) {
			t.Errorf("%s: exit code %d, printed %q, said %q", name, r.code, r.out, r.err)
		}
		if r := runProcess("view", "--json", "--views", views.name); !strings.Contains(r.out, `"unacknowledged":"`) || !strings.Contains(r.out, want) {
			t.Errorf("%s: printed %q", name, r.out)
		}
	}
}

// TestWatch: each change is one line, the absence of the viewservice too, and ctrl-c is its end.
func TestWatch(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	said := newLines()
	watch := processCommand("view", "--watch", "--views", dir+"/vs")
	watch.Stdout = said
	if err := watch.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { watch.Process.Kill() })
	said.wait(t, "the viewservice does not answer: ", "no such file")
	views := start(t, "viewd", "--listen", dir+"/vs")
	said.wait(t, "view 0: ", "no server has pinged yet (V1)")
	start(t, "kvd", "--listen", dir+"/s1", "--views", views.name)
	said.wait(t, "view 1: ", "acknowledged; because ", "pinged first: primary of view 1 (V1)", `s1" primary`)
	s2 := start(t, "kvd", "--listen", dir+"/s2", "--views", views.name)
	said.wait(t, "view 2: ", "acknowledged; because no backup, and ", "volunteers (V4)", `s2", acknowledged`, `s2" backup`)
	s2.end(syscall.SIGKILL)
	said.wait(t, "view 3: ", "silent for", `s2" forgotten, dead`)
	views.end(syscall.SIGTERM)
	said.wait(t, "view 3", "the viewservice does not answer: ")
	if err := watch.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if err := watch.Wait(); err != nil {
		t.Error(err)
	}
	if n := said.count(); n > 20 {
		t.Errorf("%d lines:\n%s", n, said.all())
	}
}

// TestMissedRate: a rate that a few clients can't reach is told to be missed, and why.
func TestMissedRate(t *testing.T) {
	t.Parallel()
	s := startService(t, "unix")
	r := s.client("load", "--clients", "1", "--rate", "1e9", "--duration", "300ms")
	if r.code != 0 || !strings.Contains(r.out, "per second less than was asked for: 1 clients, one operation each at a time") {
		t.Errorf("exit code %d, %s%s", r.code, r.out, r.err)
	}
}

// TestGetWritesExactBytes: into a pipe a value goes as it is, to a terminal as a line in which nothing does anything.
func TestGetWritesExactBytes(t *testing.T) {
	t.Parallel()
	const value = "two\nlines \x1b[2J\xff"
	s := startService(t, "unix")
	if r := s.client("put", "a", value); r.code != 0 {
		t.Fatal(r.err)
	}
	if r := s.client("get", "a"); r.out != value {
		t.Errorf("a pipe gets %q", r.out)
	}
	var terminal bytes.Buffer
	if n, err := (shown{&terminal}).Write([]byte(value)); n != len(value) || err != nil || terminal.String() != `two\nlines \x1b[2J\xff`+"\n" {
		t.Errorf("a terminal gets %q: %d %v", terminal.String(), n, err)
	}
}
