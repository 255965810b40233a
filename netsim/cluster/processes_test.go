package cluster

import (
	"bufio"
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/rpc"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/env"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/pbservice/process"
	"cluster/splitbrain/viewservice"
)

// asProcess makes this test binary run a command instead of tests: a daemon, or one end of the echo.
const asProcess = "SPLITBRAIN_AS_PROCESS"

func TestMain(m *testing.M) {
	if os.Getenv(asProcess) == "" {
		os.Exit(m.Run())
	}
	if err := beProcess(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// beProcess runs one end of the echo, a viewservice or a server at addr; peer is the address that it calls, if it calls.
func beProcess(what, addr, peer string) error {
	ctx := context.Background()
	views := viewservice.Config{PingInterval: engine.Defaults.PingInterval, DeadPings: engine.Defaults.DeadPings}
	switch what {
	case "echo-back":
		return serveEcho(addr, "Back", back{})
	case "echo-front":
		next, err := rpc.Dial("unix", peer)
		if err != nil {
			return err
		}
		defer next.Close()
		f, end := newFront(func(all *Echoes) (n int, err error) {
			err = next.Call("Back.Echo", all, &n)
			return n, err
		})
		defer end()
		return serveEcho(addr, "Front", f)
	case "viewd":
		return process.ServeViews(ctx, os.Stdout, process.ViewsOptions{Listen: addr, Log: slog.New(slog.DiscardHandler), Config: views})
	}
	return process.ServeKeys(ctx, os.Stdout, process.ServerOptions{Listen: addr, Views: peer, Log: slog.New(slog.DiscardHandler), Config: views})
}

func serveEcho(addr, name string, receiver any) error {
	server := rpc.NewServer()
	if err := server.RegisterName(name, receiver); err != nil {
		return err
	}
	l, err := process.Listen(addr)
	if err != nil {
		return err
	}
	fmt.Println(name, "listens")
	for {
		conn, err := l.Accept()
		if err != nil {
			return err
		}
		go server.ServeConn(conn) // ends with its connection
	}
}

// startProcess runs such a process until the benchmark ends, and returns once it listens.
func startProcess(b *testing.B, what, addr, peer string) {
	cmd := exec.Command(os.Args[0], what, addr, peer)
	cmd.Env = append(os.Environ(), asProcess+"=1")
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	if line, err := bufio.NewReader(out).ReadString('\n'); !strings.Contains(line, "listen") {
		b.Fatalf("%v: %q, %v", what, line, err)
	}
}

// BenchmarkProcesses is the service as separate processes on unix sockets against the two-hop echo on the same.
func BenchmarkProcesses(b *testing.B) {
	for _, n := range []int{1, 16, 64} {
		b.Run(fmt.Sprintf("put/clients=%d", n), func(b *testing.B) { processes(b, n, 0) })
	}
	b.Run("get90/clients=64", func(b *testing.B) { processes(b, 64, 90) })
}

func processes(b *testing.B, n, gets int) {
	dir := b.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	startProcess(b, "echo-back", at("back"), "")
	startProcess(b, "echo-front", at("front"), at("back"))
	startProcess(b, "viewd", at("vs"), "")
	startProcess(b, "kvd", at("s1"), at("vs"))
	startProcess(b, "kvd", at("s2"), at("vs"))
	limit, service := make([]call, n), make([]doer, n)
	for i := range n {
		caller, err := rpc.Dial("unix", at("front"))
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { caller.Close() })
		limit[i] = func(key, value string) error {
			return caller.Call("Front.Echo", &Echo{key, value}, &Echo{})
		}
		clerk := pbservice.NewClerk(pbservice.ClerkConfig{
			Client: rand.Text(), Views: at("vs"), Clock: env.System, Dial: process.Dial,
			PingInterval: engine.Defaults.PingInterval, DeadPings: engine.Defaults.DeadPings,
		})
		b.Cleanup(clerk.Close)
		service[i] = func(op pbservice.Op) error {
			_, err := clerk.Do(context.Background(), op)
			return err
		}
	}
	awaitBackup(b, at("vs"))
	compare(b, limit, service, gets)
}

// awaitBackup waits until a view with a backup is acknowledged: only then do operations take two hops.
func awaitBackup(b *testing.B, views string) {
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); <-time.After(10 * time.Millisecond) {
		var out strings.Builder
		o := process.ClientOptions{
			Views: views, Timeout: time.Second,
			Config: viewservice.Config{PingInterval: engine.Defaults.PingInterval, DeadPings: engine.Defaults.DeadPings},
		}
		err := process.View(context.Background(), &out, o, true)
		if err == nil && strings.Contains(out.String(), `"acknowledged":true`) && !strings.Contains(out.String(), `"backup":""`) {
			return
		}
	}
	b.Fatal("no backup joined")
}
