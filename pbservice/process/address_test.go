package process

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAddress(t *testing.T) {
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct{ addr, network, where string }{
		{"./vs", "unix", here + "/vs"}, {"../x/./vs", "unix", filepath.Dir(here) + "/x/vs"},
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
	l, err := Listen(path)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the socket is not private: %v, %v", info.Mode(), err)
	}
	if _, err := Listen(path); err == nil || !strings.Contains(err.Error(), "in use") {
		t.Errorf("a live socket was taken: %v", err)
	}
	// As a crash leaves it: the file stays, and nobody listens.
	l.(enduring).Listener.(*net.UnixListener).SetUnlinkOnClose(false)
	l.Close()
	l, err = Listen(path)
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
	if _, err := Listen(path); err == nil || !strings.Contains(err.Error(), "not a socket") {
		t.Errorf("got %v", err)
	}
	if data, err := os.ReadFile(path); err != nil || string(data) != "data" {
		t.Errorf("the file is now %q, %v", data, err)
	}
}

func TestExposed(t *testing.T) {
	for addr, want := range map[string]bool{":0": false, "127.0.0.1:0": false, "0.0.0.0:0": true} {
		l, err := Listen(addr)
		if err != nil {
			t.Fatal(err)
		}
		if exposed(l) != want {
			t.Errorf("%s: exposed is %v", addr, !want)
		}
		l.Close()
	}
}

// TestAdvertised: a server that listens on all addresses has no name of its own, and no name is taken that others can't dial.
func TestAdvertised(t *testing.T) {
	for _, test := range []struct{ listen, advertise, name, says string }{
		{"127.0.0.1:0", "kv-1.example.org:7001", "kv-1.example.org:7001", ""},
		{"0.0.0.0:0", "[fe80::1%eth0]:7001", "[fe80::1%eth0]:7001", ""},
		{"0.0.0.0:0", ":7001", "127.0.0.1:7001", ""},
		{"0.0.0.0:0", "", "", "add --advertise HOST:PORT"},
		{"[::]:0", "", "", "add --advertise HOST:PORT"},
		{"0.0.0.0:0", "0.0.0.0:7001", "", "stands for all addresses"},
		{"0.0.0.0:0", "[::]:7001", "", "stands for all addresses"},
		{"0.0.0.0:0", "kv-1:0", "", "port 0"},
		{"0.0.0.0:0", "kv-1", "", "must be a path with a slash, or host:port"},
		{"0.0.0.0:0", "kv 1:7001", "", "neither an IP address nor the name of a host"},
		{"0.0.0.0:0", "1.2.3:7001", "", "neither an IP address nor the name of a host"},
		{"0.0.0.0:0", "kv-1:99999", "", "no port"},
	} {
		l, err := Listen(test.listen)
		if err != nil {
			t.Fatal(err)
		}
		name, err := advertised(l, test.advertise)
		if name != test.name || (err == nil) != (test.says == "") || err != nil && !strings.Contains(err.Error(), test.says) {
			t.Errorf("--listen %s --advertise %q: %q, %v", test.listen, test.advertise, name, err)
		}
		l.Close()
	}
}
