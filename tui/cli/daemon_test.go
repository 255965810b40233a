package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/rpc"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"cluster/splitbrain/netsim/env"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/pbservice/process"
)

func paired(primary, backup string) bool { return primary != "" && backup != "" }

func TestFailoverUnderLoad(t *testing.T) {
	t.Parallel()
	for _, network := range []string{"unix", "tcp"} {
		t.Run(network, func(t *testing.T) {
			s := startService(t, network)
			var first string
			s.view(func(primary, backup string) bool { first = primary; return paired(primary, backup) })

			// A client of our own, each of whose appends must be there exactly once afterwards.
			appended := make(chan int)
			stop := make(chan struct{})
			go func() { // ends when stop is closed
				n := 0
				for ; ; n++ {
					select {
					case <-stop:
						appended <- n
						return
					default:
						s.must("append", "log", fmt.Sprintf("[%d]", n))
					}
				}
			}()
			load := processCommand("load", "--views", s.views.name, "--clients", "8", "--duration", "3s", "--json")
			out, err := load.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := load.Start(); err != nil {
				t.Fatal(err)
			}
			s.must("put", "before", "1")
			if code := s.byName(first).end(syscall.SIGKILL); code != -1 {
				t.Errorf("the killed server ended with %d", code)
			}
			s.view(func(primary, backup string) bool { return primary != first && paired(primary, backup) })
			s.must("put", "after", "2")

			var l process.Load
			if err := json.NewDecoder(out).Decode(&l); err != nil {
				t.Fatal(err)
			}
			if err := load.Wait(); err != nil || l.Ops == 0 || l.Errors != 0 {
				t.Errorf("load: %+v, %v", l, err)
			}
			close(stop)
			var want strings.Builder
			for n := range <-appended {
				fmt.Fprintf(&want, "[%d]", n)
			}
			if got := s.must("get", "log"); got != want.String() {
				t.Errorf("log is %q, want %q", got, want.String())
			}
			if got := s.must("get", "before") + s.must("get", "after"); got != "12" {
				t.Errorf("the keys put around the crash hold %q", got)
			}
		})
	}
}

// TestRelativeNames: a socket's name means the same socket in every folder. Otherwise the client of B who asks the service of A
// is told of a primary ./s1, and finds its own.
func TestRelativeNames(t *testing.T) {
	t.Parallel()
	a, b := t.TempDir(), t.TempDir()
	for _, dir := range []string{a, b} {
		startIn(t, dir, "viewd", "--listen", "./vs")
		startIn(t, dir, "kvd", "--listen", "./s1", "--views", "./vs")
	}
	ofA, err := filepath.Rel(b, a+"/vs")
	if err != nil {
		t.Fatal(err)
	}
	if r := runProcessIn(b, "put", "a", "1", "--views", ofA); r.code != 0 {
		t.Errorf("exit code %d, said %q", r.code, r.err)
	}
	if r := runProcessIn(a, "get", "a", "--views", "./vs"); r.out != "1" {
		t.Errorf("in A: exit code %d, %q, said %q", r.code, r.out, r.err)
	}
	if r := runProcessIn(b, "get", "a", "--views", "./vs"); r.code != 1 {
		t.Errorf("in B: exit code %d, %q, said %q", r.code, r.out, r.err)
	}
}

func TestFreshServerOnTheSameAddress(t *testing.T) {
	t.Parallel()
	s := startService(t, "unix")
	var first, second string
	s.view(func(primary, backup string) bool { first, second = primary, backup; return paired(primary, backup) })
	s.must("put", "a", "1")
	s.byName(first).end(syscall.SIGKILL)
	s.startServer(first) // the socket's file is still there, and nobody listens on it
	s.view(func(primary, _ string) bool { return primary == second })
	if got := s.must("get", "a"); got != "1" {
		t.Errorf("a is %q", got)
	}
}

// TestAllServersLost ends in one of two ways, by the order of pings: both holders are lost (V5), or the backup was
// promoted before its own loss was noticed, and never acknowledges (V3).
func TestAllServersLost(t *testing.T) {
	t.Parallel()
	s := startService(t, "unix")
	for _, p := range s.servers {
		p.end(syscall.SIGKILL)
	}
	for _, p := range s.servers {
		s.startServer(p.name)
	}
	r := runProcess("get", "ready", "--views", s.views.name, "--timeout", "1s")
	if r.code != 3 || strings.Count(r.err, "\n") != 1 || !strings.Contains(r.err, "by design") {
		t.Errorf("exit code %d, said %q", r.code, r.err)
	}
}

func TestNobodyThere(t *testing.T) {
	t.Parallel()
	nowhere := t.TempDir() + "/vs"
	for _, args := range [][]string{
		{"get", "a"}, {"put", "a", "1"}, {"append", "a", "1"}, {"view"}, {"load", "--duration", "200ms"},
	} {
		r := runProcess(append(args, "--views", nowhere, "--timeout", "300ms")...)
		if r.code != 3 || strings.Count(r.err, "\n") != 1 || r.out != "" {
			t.Errorf("%v: exit code %d, printed %q, said %q", args, r.code, r.out, r.err)
		}
	}
}

func TestSIGTERMEndsCleanly(t *testing.T) {
	t.Parallel()
	s := startService(t, "unix")
	for _, p := range append(s.servers, s.views) {
		if code := p.end(syscall.SIGTERM); code != 0 {
			t.Errorf("%s ended with %d", p.name, code)
		}
		if _, err := os.Stat(p.name); !os.IsNotExist(err) {
			t.Errorf("%s left its socket behind: %v", p.name, err)
		}
	}
}

// TestBadPeers has all kinds of strangers at a server's door while others are served.
func TestBadPeers(t *testing.T) {
	t.Parallel()
	s := startService(t, "unix")
	doors := []string{s.views.name}
	for _, p := range s.servers {
		doors = append(doors, p.name)
	}
	for _, door := range doors {
		for range 250 {
			dialRaw(t, door) // says nothing
		}
		io.WriteString(dialRaw(t, door), strings.Repeat("\x7f garbage \xff", 1000))
		io.WriteString(dialRaw(t, door), "\x20half a mess")
		neverReads(t, door)
	}
	s.must("put", "a", "1")
	if got := s.must("get", "a"); got != "1" {
		t.Errorf("a is %q", got)
	}
	for _, p := range append(s.servers, s.views) {
		if p.cmd.Process.Signal(syscall.Signal(0)) != nil {
			t.Errorf("%s is gone", p.name)
		}
	}
}

func dialRaw(t *testing.T, path string) net.Conn {
	conn, err := net.Dial("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// neverReads asks for far more than the socket's buffers hold, and reads none of it.
func neverReads(t *testing.T, path string) {
	conn := dialRaw(t, path)
	codec := env.NewClientCodec(conn)
	args := &pbservice.InspectArgs{Limit: pbservice.MaxRows}
	for i := range uint64(300) {
		request := &rpc.Request{ServiceMethod: pbservice.ServiceName + ".Inspect", Seq: i}
		if err := codec.WriteRequest(request, args); err != nil {
			t.Fatal(err)
		}
	}
}

func TestBadCommandLines(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"viewd"},
		{"viewd", "--listen", "nowhere"},
		{"viewd", "--listen", "/no/such/dir/vs"},
		{"viewd", "--listen", "/" + strings.Repeat("x", 200)},
		{"viewd", "--listen", ":0", "--dead-pings", "0"},
		{"viewd", "--listen", ":0", "--ping-interval", "-1s"},
		{"viewd", "--listen", "127.0.0.1:99999"},
		{"kvd", "--listen", ":0"},
		{"kvd", "--listen", ":0", "--views", "nowhere"},
		{"kvd", "--listen", ":0", "--views", ":1", "--ping-interval", "0s"},
		{"get", "--views", ":1"},
		{"get", "a", "b", "--views", ":1"},
		{"put", "a", "--views", ":1"},
		{"put", "a", "1", "--views", ":1", "--timeout", "0s"},
		{"put", strings.Repeat("k", pbservice.MaxKey+1), "1", "--views", ":1"},
		{"load", "--views", ":1", "--get", "101%"},
		{"load", "--views", ":1", "--clients", "0"},
		{"load", "--views", ":1", "--rate", "-1"},
		{"load", "--views", ":1", "--rate", "NaN"},
		{"load", "--views", ":1", "--rate", "Inf"},
		{"get", "a", "--views", "foo:99999"},
		{"get", "a", "--views", "foo:nosuchservice"},
		{"view", "--views", ":0"},
		{"kvd", "--listen", ":0", "--views", ":0"},
		{"kvd", "--listen", "0.0.0.0:0", "--views", ":1"},
		{"kvd", "--listen", ":0", "--advertise", "[::]:1", "--views", ":1"},
		{"load", "--views", ":1", "--value-size", "99999999"},
	} {
		r := runProcess(args...)
		if r.code != 2 || strings.Count(r.err, "\n") != 1 || r.out != "" {
			t.Errorf("%.80v: exit code %d, printed %q, said %q", args, r.code, r.out, r.err)
		}
	}
}
