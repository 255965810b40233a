package process

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"cluster/splitbrain/netsim/env"
)

// A viewservice leaves a marker before it answers anybody, by which its next life knows that views may have been formed
// (V9). Only one that has ended in order without having formed a view takes its marker away again.
//
// The marker says since which start of the machine it stands there. Where only this machine reaches the address, all who
// could know of a view ended with an earlier start, so that whatever starts the same line again may do so then as well.

// marker is the file at which a viewservice that listens on addr leaves its marker: beside a socket, or among the user's
// state. It is "" for a port that is chosen anew each time.
func marker(addr string) (string, error) {
	network, where, err := address(addr)
	if err != nil {
		return "", err
	}
	if network == "unix" {
		return where + ".ran", nil
	}
	host, port, err := net.SplitHostPort(where)
	if err != nil || port == "0" {
		return "", err
	}
	dir := cmp.Or(os.Getenv("STATE_DIRECTORY"), env.StateDir(os.Getenv)) // systemd sets the first one
	if dir == "" {
		return "", fmt.Errorf("no place to note that a viewservice runs at %s (V9): name a file with --marker", where)
	}
	odd := func(r rune) rune {
		if strings.ContainsRune(`/%:`, r) {
			return '_'
		}
		return r
	}
	return filepath.Join(dir, strings.Map(odd, "viewd-"+host+"-"+port+".ran")), nil
}

// ranBefore reports whether an earlier viewservice at addr may have formed views that somebody knows: it has left a
// marker, or a socket on which nobody listens.
func ranBefore(addr, marker string) (bool, error) {
	text, err := os.ReadFile(marker)
	switch {
	case marker == "" || errors.Is(err, fs.ErrNotExist):
		return deadSocket(addr), nil
	case err != nil:
		return false, err
	}
	before, now := strings.TrimSpace(string(text)), machineBoot()
	return !onlyHere(addr) || before == now || before == "" || now == "", nil
}

// deadSocket reports whether addr is a socket's file that a crashed process has left.
func deadSocket(addr string) bool {
	network, where, err := address(addr)
	if err != nil || network != "unix" {
		return false
	}
	conn, err := net.DialTimeout("unix", where, patience)
	if err == nil {
		conn.Close()
	}
	return errors.Is(err, syscall.ECONNREFUSED)
}

// onlyHere reports whether nobody on another machine can reach addr.
func onlyHere(addr string) bool {
	network, where, err := address(addr)
	if err != nil || network == "unix" {
		return err == nil
	}
	tcp, err := net.ResolveTCPAddr("tcp", where)
	return err == nil && tcp.IP.IsLoopback()
}

// machineBoot names this start of the machine; "" where that is not known.
func machineBoot() string {
	id, _ := os.ReadFile("/proc/sys/kernel/random/boot_id") // Linux only
	return strings.TrimSpace(string(id))
}

// leaveMarker notes that a viewservice runs.
func leaveMarker(marker string) error {
	if marker == "" {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(marker), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(marker, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(f, machineBoot())
	return errors.Join(err, f.Sync(), f.Close())
}
