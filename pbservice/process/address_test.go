package process

import (
	"net"
	"os"
	"strings"
	"testing"
)

func TestAddress(t *testing.T) {
	tests := []struct{ addr, network, where string }{
		{"./vs", "unix", "./vs"},
		{"/tmp/vs", "unix", "/tmp/vs"},
		{":7000", "tcp", "127.0.0.1:7000"},
		{"localhost:7000", "tcp", "localhost:7000"},
		{"[::1]:7000", "tcp", "[::1]:7000"},
		{"", "", ""}, {"vs", "", ""}, {"localhost:", "", ""}, {"/" + strings.Repeat("x", 107), "", ""},
	}
	for _, test := range tests {
		network, where, err := address(test.addr)
		if network != test.network || where != test.where || (err == nil) != (test.network != "") {
			t.Errorf("%q is %q %q, %v", test.addr, network, where, err)
		}
	}
}

func TestSocketFiles(t *testing.T) {
	path := t.TempDir() + "/s1"
	l, _, err := Listen(path)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the socket is not private: %v, %v", info.Mode(), err)
	}
	if _, _, err := Listen(path); err == nil || !strings.Contains(err.Error(), "in use") {
		t.Errorf("a live socket was taken: %v", err)
	}
	// As a crash leaves it: the file stays, and nobody listens.
	l.(enduring).Listener.(*net.UnixListener).SetUnlinkOnClose(false)
	l.Close()
	l, _, err = Listen(path)
	if err != nil {
		t.Fatalf("a dead socket was not replaced: %v", err)
	}
	l.Close()
}

func TestOtherFilesAreKept(t *testing.T) {
	path := t.TempDir() + "/precious"
	if err := os.WriteFile(path, []byte("data"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Listen(path); err == nil || !strings.Contains(err.Error(), "not a socket") {
		t.Errorf("got %v", err)
	}
	if data, err := os.ReadFile(path); err != nil || string(data) != "data" {
		t.Errorf("the file is now %q, %v", data, err)
	}
}

func TestExposed(t *testing.T) {
	for addr, want := range map[string]bool{":0": false, "127.0.0.1:0": false, "0.0.0.0:0": true} {
		l, _, err := Listen(addr)
		if err != nil {
			t.Fatal(err)
		}
		if exposed(l) != want {
			t.Errorf("%s: exposed is %v", addr, !want)
		}
		l.Close()
	}
}
