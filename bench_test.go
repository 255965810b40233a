package main

import (
	"io"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/creack/pty"
)

// BenchmarkCPU is what the playground takes of one core at 120×40: while nobody does anything, and under 10,000 events
// of messages a second, those of the cluster's own work included. It is the difference of a long run and a short one.
func BenchmarkCPU(b *testing.B) {
	const short, long = 4 * time.Second, 24 * time.Second
	for _, c := range []struct{ name, keys string }{{"idle", ""}, {"events=10000", ":load rate=1250\r"}} { // 8 events each
		b.Run(c.name, func(b *testing.B) {
			took := cpuOf(b, c.keys, long) - cpuOf(b, c.keys, short)
			b.ReportMetric(100*took.Seconds()/(long-short).Seconds(), "%-of-a-core")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// cpuOf is the time of the machine that the program takes in a life of that length, after whose beginning keys are
// pressed.
func cpuOf(b *testing.B, keys string, life time.Duration) time.Duration {
	cmd := exec.Command(binary)
	cmd.Env = append(os.Environ(), "TERM=xterm", "LANG=C.UTF-8", "LC_ALL=")
	tty, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 40, Cols: 120})
	if err != nil {
		b.Fatal(err)
	}
	defer tty.Close()
	go func() { _, _ = io.Copy(io.Discard, tty) }() // ends with the program
	end := time.After(life)
	<-time.After(time.Second)
	press := func(keys string) {
		if _, err := tty.WriteString(keys); err != nil {
			b.Fatal(err)
		}
	}
	press(keys)
	<-end
	press("\x03")
	if err := cmd.Wait(); err != nil {
		b.Fatal(err)
	}
	return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
}
