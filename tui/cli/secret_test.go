package cli

import (
	"net"
	"net/rpc"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cluster/splitbrain/netsim/env"
	"cluster/splitbrain/pbservice/process"
	"cluster/splitbrain/viewservice"
)

// secretFile writes a secret that only its user may read.
func secretFile(t *testing.T, secret string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(file, []byte(secret), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// startSecret starts a viewservice and a server that share a secret, and returns their names.
func startSecret(t *testing.T, file string) (views, server string) {
	dir := t.TempDir()
	v := start(t, "viewd", "--listen", dir+"/vs", "--secret", file)
	s := start(t, "kvd", "--listen", dir+"/s1", "--views", v.name, "--secret", file)
	return v.name, s.name
}

// TestSecret: who knows the secret is served, and nobody else is answered.
func TestSecret(t *testing.T) {
	t.Parallel()
	file := secretFile(t, strings.Repeat("s", 32)+"\n")
	views, server := startSecret(t, file)
	if r := runProcess("put", "a", "1", "--views", views, "--secret", secretFile(t, strings.Repeat("s", 32))); r.code != 0 {
		t.Fatalf("who knows the secret: exit code %d, said %q", r.code, r.err)
	}
	for _, args := range [][]string{{"get", "a"}, {"put", "a", "2"}, {"view"}, {"load", "--duration", "1m"}} {
		args = append(args, "--views", views, "--timeout", "1m")
		if r := runProcess(args...); r.code != 2 || !strings.Contains(r.err, "the other side wants a secret") || strings.Count(r.err, "\n") != 1 || r.out != "" {
			t.Errorf("%v without the secret: exit code %d, printed %q, said %q", args, r.code, r.out, r.err)
		}
		args = append(args, "--secret", secretFile(t, "another secret altogether"))
		if r := runProcess(args...); r.code != 2 || !strings.Contains(r.err, "knows another secret") || strings.Count(r.err, "\n") != 1 || r.out != "" {
			t.Errorf("%v with another secret: exit code %d, printed %q, said %q", args, r.code, r.out, r.err)
		}
	}
	for addr, method := range map[string]string{views: "ViewServer.Get", server: "PBServer.Get"} {
		conn, err := net.Dial("unix", addr)
		if err != nil {
			t.Fatal(err)
		}
		lab := rpc.NewClient(conn)
		var reply viewservice.GetReply
		if err := lab.Call(method, &viewservice.GetArgs{}, &reply); err == nil || reply.View.Viewnum != 0 {
			t.Errorf("the lab's client was answered: %+v, %v", reply, err)
		}
		lab.Close()
	}
	if r := runProcess("get", "a", "--views", views, "--secret", file); r.out != "1" {
		t.Errorf("a is %q, said %q", r.out, r.err)
	}
}

// TestSecretUnused: who offers a secret that nobody wants is told so.
func TestSecretUnused(t *testing.T) {
	t.Parallel()
	views := start(t, "viewd", "--listen", t.TempDir()+"/vs")
	r := runProcess("get", "a", "--views", views.name, "--timeout", "1m", "--secret", secretFile(t, strings.Repeat("s", 32)))
	if r.code != 2 || !strings.Contains(r.err, "uses no secret") || strings.Count(r.err, "\n") != 1 {
		t.Errorf("exit code %d, said %q", r.code, r.err)
	}
}

func TestBadSecrets(t *testing.T) {
	t.Parallel()
	open := secretFile(t, strings.Repeat("s", 32))
	if err := os.Chmod(open, 0o644); err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]string{
		open:                        "has mode 0644: others may use it",
		secretFile(t, "short"):      "holds 5 bytes: 16 to 4096",
		secretFile(t, ""):           "holds 0 bytes",
		t.TempDir():                 "is no file",
		t.TempDir() + "/not/there/": "no such file",
	} {
		for _, command := range [][]string{{"viewd", "--listen", ":0"}, {"kvd", "--listen", ":0", "--views", ":1"}, {"view", "--views", ":1"}} {
			r := runProcess(append(command, "--secret", file)...)
			if r.code != 2 || !strings.Contains(r.err, want) || strings.Count(r.err, "\n") != 1 || r.out != "" {
				t.Errorf("%v: exit code %d, printed %q, said %q", command, r.code, r.out, r.err)
			}
		}
	}
}

// TestLabPings: a server of the lab, which speaks plain net/rpc and knows neither boots nor clusters, is served as ever.
func TestLabPings(t *testing.T) {
	t.Parallel()
	views := start(t, "viewd", "--listen", t.TempDir()+"/vs")
	type PingArgs struct {
		Me      string
		Viewnum uint
	}
	type View struct {
		Viewnum         uint
		Primary, Backup string
	}
	type Reply struct{ View View }
	ping := func(me string, viewnum uint) View {
		conn, err := net.Dial("unix", views.name)
		if err != nil {
			t.Fatal(err)
		}
		lab := rpc.NewClient(conn) // a new one for each call, as the lab has it
		defer lab.Close()
		var reply Reply
		if err := lab.Call("ViewServer.Ping", &PingArgs{me, viewnum}, &reply); err != nil {
			t.Fatal(err)
		}
		return reply.View
	}
	ping("lab1", 0)
	ping("lab1", 1)
	if v := ping("lab2", 0); v != (View{2, "lab1", "lab2"}) {
		t.Errorf("view %+v", v)
	}
}

// TestViewserviceOfAnotherCluster: a viewservice that takes the place of an earlier one, and could not know that, learns it from
// a server that has served under that one.
func TestViewserviceOfAnotherCluster(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first := start(t, "viewd", "--listen", dir+"/vs", "--marker", dir+"/marker")
	start(t, "kvd", "--listen", dir+"/s1", "--views", first.name)
	if r := runProcess("put", "a", "1", "--views", first.name); r.code != 0 {
		t.Fatal(r.err)
	}
	first.end(9)
	for _, left := range []string{dir + "/vs", dir + "/marker"} {
		if err := os.Remove(left); err != nil {
			t.Fatal(err)
		}
	}
	second := start(t, "viewd", "--listen", dir+"/vs", "--new")
	if r := runProcess("get", "a", "--views", second.name, "--timeout", "1s"); r.code != 3 || !strings.Contains(r.err, "V9") {
		t.Errorf("exit code %d, said %q", r.code, r.err)
	}
}

// TestOtherCluster: a server of another cluster is refused in words, and listed.
func TestOtherCluster(t *testing.T) {
	t.Parallel()
	views := start(t, "viewd", "--listen", t.TempDir()+"/vs")
	clerk := viewservice.NewClerk(env.System, process.Dial, views.name, time.Minute)
	defer clerk.Close()
	_, err := clerk.Ping(t.Context(), viewservice.PingArgs{Me: "/old/s1", Boot: 1, Cluster: 7})
	if err == nil || !strings.Contains(err.Error(), "it belongs to cluster 0000000000000007") {
		t.Errorf("error %v", err)
	}
	r := runProcess("view", "--views", views.name)
	if !strings.Contains(r.out, `"/old/s1" is refused: it belongs to cluster 0000000000000007, this is `) {
		t.Errorf("printed %q, said %q", r.out, r.err)
	}
	if r := runProcess("view", "--json", "--views", views.name); !strings.Contains(r.out, `"refused":[{"name":"/old/s1","cluster":"0000000000000007"`) {
		t.Errorf("printed %q, said %q", r.out, r.err)
	}
}
