package cli

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/spf13/cobra"
)

// asProcess makes this test binary run a command instead of tests.
const asProcess = "SPLITBRAIN_AS_PROCESS"

func TestMain(m *testing.M) {
	if os.Getenv(asProcess) == "" {
		os.Exit(m.Run())
	}
	root := &cobra.Command{Use: "splitbrain", SilenceErrors: true, SilenceUsage: true}
	root.AddCommand(processCommands()...)
	err := root.Execute()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(exitCode(err))
}

// daemon is one that runs, and listens.
type daemon struct {
	cmd  *exec.Cmd
	name string // its address, as it told
	said string // the rest of its output; valid after end
	log  *lines
	rest sync.WaitGroup
}

// processCommand prepares a command of the program as a process of its own.
func processCommand(args ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), asProcess+"=1")
	return cmd
}

// start runs a daemon and waits until it listens.
func start(t *testing.T, args ...string) *daemon {
	t.Helper()
	return startIn(t, "", args...)
}

// startIn is start in a folder.
func startIn(t *testing.T, dir string, args ...string) *daemon {
	t.Helper()
	p := &daemon{cmd: processCommand(args...), log: newLines()}
	p.cmd.Dir = dir
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.cmd.Stderr = p.log
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.end(syscall.SIGKILL) })
	lines := bufio.NewReader(out)
	line, err := lines.ReadString('\n')
	if err != nil {
		t.Fatalf("%v: said %q: %v", args, line, err)
	}
	p.name = strings.TrimSuffix(strings.Fields(line)[1], ":")
	p.rest.Go(func() { // ends with the process's output
		rest, _ := io.ReadAll(lines)
		p.said = string(rest)
	})
	return p
}

// lines are what a process writes while it runs. Safe for concurrent use.
type lines struct {
	mu   sync.Mutex
	more *sync.Cond
	text string
	late bool
}

func newLines() *lines {
	l := &lines{}
	l.more = sync.NewCond(&l.mu)
	return l
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text += string(b)
	l.more.Broadcast()
	return len(b), nil
}

// wait waits until all those words were written, in this order.
func (l *lines) wait(t *testing.T, words ...string) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	defer time.AfterFunc(time.Minute, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.late = true
		l.more.Broadcast()
	}).Stop()
	for !inOrder(l.text, words) {
		if l.late {
			t.Fatalf("not %q in\n%s", words, l.text)
		}
		l.more.Wait()
	}
}

func inOrder(text string, words []string) bool {
	for _, w := range words {
		_, after, found := strings.Cut(text, w)
		if !found {
			return false
		}
		text = after
	}
	return true
}

// end sends the process a signal, waits for its end and returns its exit code, -1 for one that the signal killed.
func (p *daemon) end(s syscall.Signal) int {
	if p.cmd.ProcessState == nil {
		p.cmd.Process.Signal(s)
		p.rest.Wait()
		p.cmd.Wait()
	}
	return p.cmd.ProcessState.ExitCode()
}

// ran is what a command that has ended left behind.
type ran struct {
	out, err string
	code     int
}

// runProcess carries a command through to its end.
func runProcess(args ...string) ran { return runProcessIn("", args...) }

// runProcessIn is runProcess in a folder.
func runProcessIn(dir string, args ...string) ran {
	cmd := processCommand(args...)
	cmd.Dir = dir
	var out, err strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &err
	cmd.Run()
	return ran{out.String(), err.String(), cmd.ProcessState.ExitCode()}
}

// service is a viewservice with three servers.
type service struct {
	t       *testing.T
	address func(name string) string
	views   *daemon
	servers []*daemon
}

// startService starts a service, over unix sockets or TCP, and waits until a key can be put.
func startService(t *testing.T, network string) *service {
	t.Helper()
	dir := t.TempDir()
	s := &service{t: t, address: func(name string) string { return filepath.Join(dir, name) }}
	if network == "tcp" {
		s.address = func(string) string { return ":0" }
	}
	s.views = start(t, "viewd", "--listen", s.address("vs"))
	for i := range 3 {
		s.servers = append(s.servers, s.startServer(s.address(fmt.Sprintf("s%d", i+1))))
	}
	s.must("put", "ready", "yes")
	return s
}

func (s *service) startServer(listen string) *daemon {
	s.t.Helper()
	return start(s.t, "kvd", "--listen", listen, "--views", s.views.name)
}

// client runs a client command against the service.
func (s *service) client(args ...string) ran {
	return runProcess(append(args, "--views", s.views.name, "--timeout", "30s")...)
}

// must is client for what has to succeed.
func (s *service) must(args ...string) string {
	s.t.Helper()
	r := s.client(args...)
	if r.code != 0 {
		s.t.Fatalf("%v: exit code %d, %s", args, r.code, r.err)
	}
	return strings.TrimSuffix(r.out, "\n")
}

// view waits until the service is in a view as wanted.
func (s *service) view(wanted func(primary, backup string) bool) {
	s.t.Helper()
	for range 1000 { // each takes milliseconds; a service takes less than a second
		var primary, backup string
		var n int
		line := strings.SplitN(s.must("view"), "\n", 2)[0]
		fmt.Sscanf(line, "view %d: primary %q, backup %q", &n, &primary, &backup)
		if strings.HasSuffix(line, ", acknowledged") && wanted(primary, backup) {
			return
		}
	}
	s.t.Fatalf("the view never came: %s", s.must("view"))
}

// byName finds the process of a server.
func (s *service) byName(name string) *daemon {
	for _, p := range s.servers {
		if p.name == name {
			return p
		}
	}
	s.t.Fatalf("no server %q", name)
	return nil
}
