//go:build unix

package cli

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"cluster/splitbrain/netsim/search"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/pbservice/process"
	"cluster/splitbrain/viewservice"
)

// Who is interrupted says so, and blames nobody.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	views := start(t, "viewd", "--listen", t.TempDir()+"/vs")
	o := process.LoadOptions{
		ClientOptions: process.ClientOptions{
			Views: views.name, Timeout: time.Minute, Config: viewservice.Config{PingInterval: 10 * time.Millisecond, DeadPings: 5},
		},
		Clients: 2, Duration: time.Minute, Keys: 1,
	}
	frozen := start(t, "viewd", "--listen", t.TempDir()+"/vs")
	if err := frozen.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	silent := o.ClientOptions
	silent.Views = frozen.name
	for want, use := range map[string]func(ctx context.Context, out *bytes.Buffer) error{
		"load: interrupted after 0.": func(ctx context.Context, out *bytes.Buffer) error { return process.RunLoad(ctx, out, o, true) },
		`get "a": interrupted: nothing is known of the value`: func(ctx context.Context, out *bytes.Buffer) error {
			return process.Do(ctx, out, o.ClientOptions, pbservice.Op{Kind: pbservice.Get, Key: "a"})
		},
		`put "a": interrupted: it may have happened, or happen yet`: func(ctx context.Context, out *bytes.Buffer) error {
			return process.Do(ctx, out, o.ClientOptions, pbservice.Op{Kind: pbservice.Put, Key: "a"})
		},
		"interrupted": func(ctx context.Context, out *bytes.Buffer) error { return process.View(ctx, out, silent, false) },
	} {
		ctx, cancel := context.WithTimeoutCause(t.Context(), 50*time.Millisecond, &interrupted{Signal: syscall.SIGINT})
		var out bytes.Buffer
		err := use(ctx, &out)
		cancel()
		if err == nil || !strings.HasPrefix(err.Error(), want) || exitCode(err) != 130 || errors.Is(err, process.ErrUnreachable) {
			t.Errorf("%s: %v, exit code %d", want, err, exitCode(err))
		}
		if asked := strings.HasPrefix(want, "load"); asked != strings.HasPrefix(out.String(), `{"ops":0,`) {
			t.Errorf("%s: printed %q", want, &out)
		}
	}
}

// A pipe that nobody writes to does not keep a run from ending.
func TestPipe(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeoutCause(t.Context(), 50*time.Millisecond, errors.New("no more"))
	defer cancel()
	var out bytes.Buffer
	if r := runOf(&out, runAll(ctx, &out, runOptions{}, []string{pipe})); r.code != 2 || r.err != pipe+" was not read to its end: no more" {
		t.Errorf("%+v", r)
	}
}

// What is written to a pipe is not read twice.
func TestWrittenPipe(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	go os.WriteFile(pipe, []byte("put a 1\nexpect get a = 1\n"), 0o600) // ends when Run has read it
	var out bytes.Buffer
	if r := runOf(&out, runAll(t.Context(), &out, runOptions{}, []string{pipe})); r.code != 0 || !strings.Contains(r.out, "as expected: get a = 1") {
		t.Errorf("%+v", r)
	}
}

// A pipe that nobody writes to does not keep a search from ending.
func TestSearchFromAPipe(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeoutCause(t.Context(), 50*time.Millisecond, errors.New("no more"))
	defer cancel()
	use := searchUse{Options: search.Defaults, from: pipe}
	if err := use.openWorld(ctx); err == nil || !strings.Contains(err.Error(), "pipe was not read to its end: no more") {
		t.Error(err)
	}
}

// A signal ends the context, and says which it was.
func TestUntilSignalled(t *testing.T) {
	for s, want := range map[syscall.Signal]string{syscall.SIGINT: "interrupted 130", syscall.SIGTERM: "terminated 143"} {
		ctx, stop := untilSignalled(t.Context())
		if err := syscall.Kill(os.Getpid(), s); err != nil {
			t.Fatal(err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(10 * time.Second):
			t.Fatal("nothing comes")
		}
		i, ok := errors.AsType[*interrupted](context.Cause(ctx))
		if !ok || i.Error()+" "+strconv.Itoa(i.code()) != want {
			t.Errorf("%v: %v", s, context.Cause(ctx))
		}
		stop()
	}
}

// TestFoundWithoutState: what was found is told although it can't be written how the search goes on. A limit of the size of files
// stands for a disk that is full.
func TestFoundWithoutState(t *testing.T) {
	var before syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
		t.Fatal(err)
	}
	none := before
	none.Cur = 0
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &none); err != nil {
		t.Fatal(err)
	}
	state := filepath.Join(t.TempDir(), "state")
	out, _, err := searchFor("--time", "1ms", "--state", state)
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
		t.Fatal(err)
	}
	if err == nil || !strings.HasPrefix(err.Error(), "--state "+state+": ") || !strings.HasPrefix(out, "nothing was found\n") {
		t.Errorf("%v, said %q", err, out)
	}
}
