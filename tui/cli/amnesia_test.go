package cli

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"cluster/splitbrain/netsim/env"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/pbservice/process"
	"cluster/splitbrain/viewservice"
)

// TestViewserviceRestartedByTheSameLine: whatever ended it and whoever pings first, the next life hands the service to
// nobody (V9), lists the primary that has the data, and that one goes on serving those who know it.
func TestViewserviceRestartedByTheSameLine(t *testing.T) {
	for network, end := range map[string]syscall.Signal{"unix": syscall.SIGKILL, "tcp": syscall.SIGTERM} {
		t.Run(network, func(t *testing.T) {
			t.Setenv("STATE_DIRECTORY", t.TempDir())
			s, line := startSmallService(t, network)
			var holder string
			s.view(func(primary, backup string) bool { holder = primary; return paired(primary, backup) })
			k := clerk(s.views.name)
			defer k.Close()
			const lives = 2
			for life := range lives {
				if err := k.Append(t.Context(), "log", fmt.Sprintf("[%d]", life)); err != nil {
					t.Fatal(err)
				}
				s.views.end(end)
				s.startServer(s.address(fmt.Sprintf("fresh%d", life))) // it pings first, at any time after the start
				s.views = start(t, line...)
				forgetful(s, holder)
			}
			got, _, err := k.Get(t.Context(), "log")
			if err != nil || strings.Count(got, "[") != lives {
				t.Errorf("log is %q, %v", got, err)
			}
			if s.views.end(syscall.SIGTERM); !strings.Contains(s.views.said, "--new") {
				t.Errorf("it said %q", s.views.said)
			}
		})
	}
}

// startSmallService starts a viewservice by a line that can be used again, and two servers.
func startSmallService(t *testing.T, network string) (s *service, line []string) {
	t.Helper()
	dir := t.TempDir()
	s = &service{t: t, address: func(name string) string { return filepath.Join(dir, name) }}
	listen := s.address("vs")
	if network == "tcp" {
		s.address = func(string) string { return ":0" }
		listen = freePort(t)
	}
	line = []string{"viewd", "--listen", listen}
	s.views = start(t, line...)
	s.startServer(s.address("s1"))
	s.startServer(s.address("s2"))
	s.must("put", "ready", "yes")
	return s, line
}

// freePort is an address that nobody listens on.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func clerk(views string) *pbservice.Clerk {
	return pbservice.NewClerk(pbservice.ClerkConfig{
		Client: "patient", Views: views, PingInterval: viewservice.DefaultPingInterval, DeadPings: viewservice.DefaultDeadPings,
		Clock: env.System, Dial: process.Dial,
	})
}

// forgetful checks what a restarted viewservice says until it has heard holder.
func forgetful(s *service, holder string) {
	s.t.Helper()
	for range 1000 {
		var v struct {
			View    int
			Blocked string
			Servers []struct {
				Name    string
				Entered int
			}
		}
		if err := json.Unmarshal([]byte(s.must("view", "--json")), &v); err != nil {
			s.t.Fatal(err)
		}
		if v.View != 0 || !strings.Contains(v.Blocked, "(V9)") {
			s.t.Fatalf("after its restart: %+v", v)
		}
		for _, server := range v.Servers {
			if server.Name == holder && server.Entered > 0 && len(v.Servers) > 2 {
				return
			}
		}
	}
	s.t.Fatalf("%s, which has the data, is not listed: %s", holder, s.must("view"))
}

// TestViewserviceThatFormedNothing may be stopped in order and started again: nobody knows a view.
func TestViewserviceThatFormedNothing(t *testing.T) {
	t.Parallel()
	views := t.TempDir() + "/vs"
	for _, end := range []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL} {
		p := start(t, "viewd", "--listen", views)
		if text := runProcess("view", "--views", views).out; strings.Contains(text, "V9") {
			t.Fatalf("it was not restarted, and says %s", text)
		}
		p.end(end)
	}
	p := start(t, "viewd", "--listen", views)
	if text := runProcess("view", "--views", views).out; !strings.Contains(text, "V9") {
		t.Errorf("it was killed, and now says %s", text)
	}
	p.end(syscall.SIGTERM)
	start(t, "viewd", "--listen", views, "--new")
	if text := runProcess("view", "--views", views).out; strings.Contains(text, "V9") {
		t.Errorf("it is new, and says %s", text)
	}
}

// TestViewserviceAfterTheMachineStartedAnew: nobody who could reach a socket or loopback is left from before.
func TestViewserviceAfterTheMachineStartedAnew(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/proc/sys/kernel/random/boot_id"); err != nil {
		t.Skip("this system does not tell its starts apart")
	}
	views := t.TempDir() + "/vs"
	start(t, "viewd", "--listen", views).end(syscall.SIGKILL)
	if err := os.WriteFile(views+".ran", []byte("an earlier start\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	start(t, "viewd", "--listen", views)
	if text := runProcess("view", "--views", views).out; strings.Contains(text, "V9") {
		t.Errorf("it says %s", text)
	}
}

// TestViewserviceThatCannotRemember does not serve.
func TestViewserviceThatCannotRemember(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, args := range [][]string{
		{"--listen", dir + "/vs", "--marker", dir + "/no\x01such/../../" + strings.Repeat("x", 300)},
		{"--listen", dir + "/vs", "--marker", dir},
		{"--listen", dir + "/vs", "--new", "--restarted"},
	} {
		r := runProcess(append([]string{"viewd"}, args...)...)
		if r.code == 0 || r.code == -1 || strings.Count(r.err, "\n") != 1 {
			t.Errorf("%q: exit code %d, said %q", args, r.code, r.err)
		}
	}
}
