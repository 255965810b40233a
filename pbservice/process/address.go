package process

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"net/rpc"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// address splits an address of the command line: with a slash it is a unix socket's path, else host:port, where no
// host means loopback. A path is absolute from here on, so that an address means one thing in every folder.
func address(addr string) (network, where string, err error) {
	if strings.Contains(addr, "/") {
		path, err := filepath.Abs(addr)
		if err != nil {
			return "", "", fmt.Errorf("address %q: %w", addr, err)
		}
		if len(path) > mostPath {
			return "", "", fmt.Errorf("address %q: a socket's whole path has at most %d bytes, %q has %d", addr, mostPath, path, len(path))
		}
		return "unix", path, nil
	}
	h, port, err := net.SplitHostPort(addr)
	if err != nil || port == "" {
		return "", "", fmt.Errorf("address %q: must be a path with a slash, or host:port", addr)
	}
	if _, err := net.LookupPort("tcp", port); err != nil {
		return "", "", fmt.Errorf("address %q: no port %q: must be 0 to 65535", addr, port)
	}
	return "tcp", net.JoinHostPort(cmp.Or(h, "127.0.0.1"), port), nil
}

// mostPath is how many bytes the kernel's sockaddr_un holds before a 0: 107 on Linux and Windows, 103 on macOS and FreeBSD.
const mostPath = len(syscall.RawSockaddrUnix{}.Path) - 1

// peer is the address at which somebody else can be called. The error says why nobody can be called at addr.
func peer(addr string) (where string, err error) {
	network, where, err := address(addr)
	if err != nil || network == "unix" {
		return where, err
	}
	host, port, err := net.SplitHostPort(where)
	switch {
	case err != nil:
		return "", err
	case port == "0":
		return "", fmt.Errorf("address %q: port 0 is to listen on: it stands for a free one", addr)
	case net.ParseIP(host).IsUnspecified():
		return "", fmt.Errorf("address %q: %s is to listen on: it stands for all addresses of a machine", addr, host)
	case !resolvable(host):
		return "", fmt.Errorf("address %q: %q is neither an IP address nor the name of a host", addr, host)
	}
	return where, nil
}

// resolvable reports whether a host is an IP address, or has the form of a name.
func resolvable(host string) bool {
	if _, err := netip.ParseAddr(host); err == nil {
		return true
	}
	const most = 253
	odd := func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && r != '-' && r != '_' && r != '.'
	}
	return len(host) <= most && !strings.ContainsFunc(host, odd) && strings.Trim(host, "0123456789.") != ""
}

// advertised is the name of a server that listens on l: the address under which others reach it.
func advertised(l net.Listener, advertise string) (string, error) {
	if advertise != "" {
		name, err := peer(advertise)
		if err != nil {
			return "", fmt.Errorf("--advertise: %w", err)
		}
		return name, nil
	}
	if tcp, ok := l.Addr().(*net.TCPAddr); ok && tcp.IP.IsUnspecified() {
		return "", fmt.Errorf("--listen %s: every machine would call itself that: add --advertise HOST:PORT, the address "+
			"under which others reach this one", tcp)
	}
	return l.Addr().String(), nil
}

// Dial is an env.Dialer for real sockets of processes that share no secret.
func Dial(ctx context.Context, addr string) (rpc.ClientCodec, error) { return Secret{}.dial(ctx, addr) }

func connect(ctx context.Context, addr string) (net.Conn, error) {
	network, where, err := address(addr)
	if err != nil {
		return nil, err
	}
	d := net.Dialer{Timeout: patience}
	conn, err := d.DialContext(ctx, network, where)
	if err != nil {
		return nil, err
	}
	return impatient{conn}, nil
}

// patience is how long a connection may take to be made, or to take what is written to it.
const patience = 2 * time.Second

// impatient is a connection that breaks when its other end stops reading: net/rpc writes while its callers wait.
type impatient struct{ net.Conn }

func (c impatient) Write(b []byte) (int, error) {
	if err := c.SetWriteDeadline(time.Now().Add(patience)); err != nil {
		return 0, err
	}
	return c.Conn.Write(b)
}

// enduring is a listener that waits when the process has no file descriptor left, and hands out impatient
// connections.
type enduring struct{ net.Listener }

func (l enduring) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		switch {
		case err == nil:
			return impatient{conn}, nil
		case errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE):
			time.Sleep(10 * time.Millisecond)
		default:
			return nil, err
		}
	}
}

// Listen opens addr. A unix socket is private to its user; the file of a dead one is replaced, that of a live one
// refused. The listener's address has the whole path of a socket, and the port that was chosen for port 0.
func Listen(addr string) (l net.Listener, err error) {
	network, where, err := address(addr)
	if err != nil {
		return nil, err
	}
	if network == "unix" {
		l, err = listenUnix(where)
	} else {
		l, err = net.Listen(network, where)
	}
	if err != nil {
		return nil, err
	}
	return enduring{l}, nil
}

func listenUnix(path string) (net.Listener, error) {
	if err := clear(path); err != nil {
		return nil, err
	}
	var l net.Listener
	var err error
	privately(func() { l, err = net.Listen("unix", path) })
	return l, err
}

// clear removes what a crashed process left at path, and nothing else.
func clear(path string) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case info.Mode().Type() != fs.ModeSocket:
		return fmt.Errorf("%s exists and is not a socket", path)
	}
	conn, err := net.DialTimeout("unix", path, time.Second)
	if err == nil {
		conn.Close()
		return fmt.Errorf("%s is in use by a running process", path)
	}
	if !errors.Is(err, syscall.ECONNREFUSED) {
		return fmt.Errorf("%s may be in use: %w", path, err)
	}
	return os.Remove(path)
}

// exposed reports whether l can be reached from other machines.
func exposed(l net.Listener) bool {
	tcp, ok := l.Addr().(*net.TCPAddr)
	return ok && !tcp.IP.IsLoopback()
}
