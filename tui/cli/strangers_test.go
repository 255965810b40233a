package cli

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"cluster/splitbrain/netsim/env"
	"cluster/splitbrain/netsim/env/envtest"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/viewservice"
)

// conversations are what a caller may say, from which strangers' are made.
func conversations() [][]byte {
	ping := envtest.Call{Method: "ViewServer.Ping", Args: &viewservice.PingArgs{Me: "stranger", Viewnum: 3}}
	get := envtest.Call{Method: "PBServer.Get", Args: &pbservice.GetArgs{Key: "ready", Client: "stranger", Seq: 1, Viewnum: 1}}
	put := envtest.Call{Method: "PBServer.PutAppend", Args: &pbservice.PutAppendArgs{Key: "ready", Value: "forged", Client: "stranger", Seq: 2}}
	forward := envtest.Call{Method: "PBServer.Forward", Args: &pbservice.ForwardArgs{
		Viewnum: 2, Primary: "stranger", Boot: 1, Attempt: 1, Index: 1, Ops: make([]pbservice.Op, 100),
		Chunk: &pbservice.Chunk{Filter: make([]pbservice.FilterEntry, 10), Pairs: make([]pbservice.Pair, 10), Last: true},
	}}
	inspect := envtest.Call{Method: "PBServer.Inspect", Args: &pbservice.InspectArgs{Limit: 10}}
	views := envtest.Call{Method: "ViewServer.Inspect", Args: &viewservice.InspectArgs{}}
	unknown := envtest.Call{Method: "ViewServer.Nothing", Args: &pbservice.InspectReply{Rows: make([]pbservice.Row, 3)}}
	calls := []envtest.Call{ping, get, put, forward, inspect, views, unknown, get, inspect, views}
	return [][]byte{envtest.InFrames(calls...), envtest.InGob(calls...)}
}

// strangers open n connections, one after the other, and say something that is almost sensible on each.
func strangers(t *testing.T, path string, random *rand.Rand, n int) {
	all := conversations()
	for range n {
		said := envtest.Mutate(random, all[random.IntN(len(all))])
		conn, err := net.DialUnix("unix", nil, &net.UnixAddr{Name: path})
		if err != nil {
			t.Fatal(err)
		}
		_, err = conn.Write(said) // an error says that the connection was ended
		if err == nil && random.IntN(4) == 0 {
			_ = conn.CloseWrite()
			_, _ = io.Copy(io.Discard, conn)
		}
		conn.Close()
	}
}

// resident is how much memory a process holds, in MiB.
func resident(t *testing.T, pid int) int {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Skip("this system does not say how much memory a process holds:", err)
	}
	_, after, _ := strings.Cut(string(status), "VmRSS:")
	kib, err := strconv.Atoi(strings.Fields(after)[0])
	if err != nil {
		t.Fatal(err)
	}
	return kib >> 10
}

// TestStrangers: however many strangers talk nonsense, servers and viewservice go on, and hold no more memory than before
// (S13). SPLITBRAIN_STRANGERS says how many.
func TestStrangers(t *testing.T) {
	n := 500
	if many := os.Getenv("SPLITBRAIN_STRANGERS"); many != "" {
		var err error
		if n, err = strconv.Atoi(many); err != nil {
			t.Fatal(err)
		}
	}
	seed := uint64(time.Now().UnixNano())
	t.Log("seed", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	s := startService(t, "unix")
	all := append(s.servers, s.views)
	began := make([]int, len(all))
	const parts, slack = 10, 64 // MiB
	for part := range parts {
		for i, p := range all {
			strangers(t, p.name, random, n/parts/len(all))
			held := resident(t, p.cmd.Process.Pid)
			if part == 0 {
				began[i] = held
			}
			t.Logf("%s after %d: %d MiB", p.name, (part+1)*n/parts/len(all), held)
			if held > began[i]+slack {
				t.Errorf("%s held %d MiB at first, and then %d", p.name, began[i], held)
			}
		}
	}
	if got := s.must("get", "ready"); got != "yes" {
		t.Errorf("what was acknowledged is %q", got)
	}
}

// raw is a body as a stranger makes it up.
type raw []byte

func (r *raw) Pack(b []byte) []byte { return append(b, *r...) }
func (*raw) Unpack(*env.Unpacking)  {}

// TestCostlyStrangers: messages that were announced and never come, and one whose parts would take a gigabyte, cost little and
// hold nobody up (S13).
func TestCostlyStrangers(t *testing.T) {
	s := startService(t, "unix")
	forward := raw{0, 1, 0, 0, 0, 0, 0}
	forward = env.PackUint(forward, 10_000_000)
	forward = append(forward, make([]byte, 60<<20)...)
	said := envtest.InFrames(envtest.Call{Method: "PBServer.Forward", Args: &forward})
	for _, p := range append(s.servers, s.views) {
		for range 25 {
			go dialRaw(t, p.name).Write(said[:1<<20]) // ends with the connection
		}
		_, _ = dialRaw(t, p.name).Write(said)
	}
	if got := s.must("get", "ready"); got != "yes" {
		t.Errorf("what was acknowledged is %q", got)
	}
	for _, p := range append(s.servers, s.views) {
		if held := resident(t, p.cmd.Process.Pid); held > 300 {
			t.Errorf("%s holds %d MiB", p.name, held)
		} else {
			t.Logf("%s holds %d MiB", p.name, held)
		}
	}
}
