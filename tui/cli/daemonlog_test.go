package cli

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"cluster/splitbrain/netsim/env"
	"cluster/splitbrain/pbservice/process"
	"cluster/splitbrain/viewservice"
)

// TestDaemonsExplainThemselves: what happens to a service is told in its logs, and operations are not.
func TestDaemonsExplainThemselves(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	views := start(t, "viewd", "--listen", dir+"/vs")
	s1 := start(t, "kvd", "--listen", dir+"/s1", "--views", views.name)
	s1.log.wait(t, "joined: the viewservice answers", `"view 1" primary=`+s1.name, `"this server"=primary`, "entered view 1", "serves without a backup")
	s2 := start(t, "kvd", "--listen", dir+"/s2", "--views", views.name)
	s2.log.wait(t, "joined", `"view 2" primary=`+s1.name+" backup="+s2.name+` "this server"=backup`, "entered view 2")
	s1.log.wait(t, "fills the backup", "the backup is complete")
	s1.log.wait(t, "fills the backup", "entered view 2") // before or after that, as the log looks at the server
	views.log.wait(t, "joined server="+s1.name, `"view 1"`, "joined server="+s2.name, `"view 2"`, "(V6)", "view 2 is acknowledged")
	before := s1.log.count() + s2.log.count() + views.log.count()
	if r := runProcess("load", "--views", views.name, "--duration", "2s"); r.code != 0 {
		t.Error(r.err)
	}
	if after := s1.log.count() + s2.log.count() + views.log.count(); after > before+20 { // a machine that is starved has pings to tell of
		t.Errorf("a load is told in %d lines of\n%s%s%s", after-before, s1.log.all(), s2.log.all(), views.log.all())
	}
	s1.end(syscall.SIGKILL)
	views.log.wait(t, "silent for too long", "server="+s1.name, `"view 3" primary=`+s2.name)
	s2.end(syscall.SIGKILL)
	again := start(t, "kvd", "--listen", dir+"/s2", "--views", views.name)
	views.log.wait(t, "level=ERROR", "no view is formed", "for ever")
	again.log.wait(t, "level=ERROR", "refuses clients", "has no state")
	views.end(syscall.SIGTERM)
	again.log.wait(t, "level=WARN", "the viewservice does not answer", "no such file")
	forgetful := start(t, "viewd", "--listen", dir+"/vs", "--log-level", "error")
	forgetful.log.wait(t, "level=ERROR", "(V9)")
	again.log.wait(t, "level=ERROR", "the viewservice refuses this server", "it belongs to cluster ")
	if text := forgetful.log.all(); strings.Contains(text, "level=INFO") {
		t.Errorf("told in spite of --log-level error:\n%s", text)
	}
	again.end(syscall.SIGHUP)
	again.log.wait(t, "msg=ends")
}

// count is how many lines there are.
func (l *lines) count() int { return strings.Count(l.all(), "\n") }

func (l *lines) all() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text
}

// TestSIGHUPEndsCleanly: like SIGTERM, it is no failure and leaves no socket behind.
func TestSIGHUPEndsCleanly(t *testing.T) {
	t.Parallel()
	s := startService(t, "unix")
	for _, p := range append(s.servers, s.views) {
		if code := p.end(syscall.SIGHUP); code != 0 {
			t.Errorf("%s ended with %d", p.name, code)
		}
	}
}

// TestWronglySetUp: what is wrong with how a server was set up is told by the viewservice, in view, and to the server.
func TestWronglySetUp(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		first, second []string // two servers, besides --listen and --views
		says          string
		told          string // in the log of the second
	}{
		"interval":    {nil, []string{"--ping-interval", "70ms"}, "pings every 70 ms, and this viewservice counts intervals of 100 ms", "pings every 70 ms"},
		"unreachable": {nil, []string{"--advertise", "127.0.0.1:1"}, "gets no answer from 127.0.0.1:1", "gets no answer from 127.0.0.1:1"},
		"twice":       {[]string{"--advertise", "localhost:1"}, []string{"--advertise", "localhost:1"}, "two processes ping as localhost:1", "two processes ping as"},
	} {
		t.Run(name, func(t *testing.T) {
			views := start(t, "viewd", "--listen", ":0")
			kvd := []string{"kvd", "--listen", ":0", "--views", views.name}
			first := start(t, append(kvd, c.first...)...)
			first.log.wait(t, "joined")
			second := start(t, append(kvd, c.second...)...)
			views.log.wait(t, "level=WARN", c.says)
			second.log.wait(t, "level=WARN", c.told)
			if name == "twice" {
				first.log.wait(t, "level=ERROR", "is out: a newer process of that name")
			}
			if name == "unreachable" {
				first.log.wait(t, "level=WARN", "the backup can't be reached", "connection refused")
			}
			if r := runProcess("view", "--views", views.name); !strings.Contains(r.out, c.says) {
				t.Errorf("view says\n%s", r.out)
			}
		})
	}
}

// TestClockSetBack: a server whose clock was set back joins all the same, as a restart of the one before.
func TestClockSetBack(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	views := start(t, "viewd", "--listen", dir+"/vs")
	clerk := viewservice.NewClerk(env.System, process.Dial, views.name, time.Minute)
	defer clerk.Close()
	later := uint64(time.Now().Add(time.Hour).UnixNano())
	if _, err := clerk.Ping(t.Context(), viewservice.PingArgs{Me: dir + "/s1", Boot: later}); err != nil {
		t.Fatal(err)
	}
	s1 := start(t, "kvd", "--listen", dir+"/s1", "--views", views.name)
	s1.log.wait(t, "was the clock set back?", "entered view 1")
	if r := runProcess("put", "a", "1", "--views", views.name); r.code != 0 {
		t.Error(r.err)
	}
}

// TestNoViewserviceThere: a server that is given another one's address in place of the viewservice's says so.
func TestNoViewserviceThere(t *testing.T) {
	t.Parallel()
	s := startService(t, "unix")
	lost := start(t, "kvd", "--listen", s.address("lost"), "--views", s.servers[0].name)
	lost.log.wait(t, "level=ERROR", "is no viewservice", "can't find service")
	if r := runProcess("kvd", "--listen", s.address("x"), "--views", s.views.name, "--log-level", "loud"); r.code != 2 ||
		!strings.Contains(r.err, `--log-level "loud": must be one of debug, info, warn, error`) {
		t.Errorf("exit code %d, said %q", r.code, r.err)
	}
}
