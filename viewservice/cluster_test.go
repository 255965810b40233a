package viewservice

import (
	"fmt"
	"math"
	"net/rpc"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// refused sends a ping that must be refused in words, and change nothing.
func refused(t *testing.T, k *Clerk, a PingArgs, words string) {
	t.Helper()
	before := inspect(t, k)
	_, err := k.Ping(t.Context(), a)
	if _, said := err.(rpc.ServerError); !said || !strings.Contains(err.Error(), words) {
		t.Errorf("%+v: %v, want %q", a, err, words)
	}
	if after := inspect(t, k); after.View != before.View || after.Acked != before.Acked || len(after.Servers) != len(before.Servers) {
		t.Errorf("%+v: %+v became %+v", a, before, after)
	}
}

// TestS13_OtherClusters: pings of another cluster are refused, and listed; the lab's, which name none, are not.
func TestS13_OtherClusters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := clerkOf(t, start(t))
		ping(t, k, "s1", 0)
		refused(t, k, PingArgs{Me: "s1", Boot: 1, Viewnum: 1, Cluster: 7}, "it belongs to cluster 0000000000000007, this viewservice to ")
		refused(t, k, PingArgs{Me: "s2", Boot: 1, Cluster: 7}, "it belongs to cluster 0000000000000007")
		refused(t, k, PingArgs{Me: "s1", Boot: 1, Viewnum: 1}, "it names view 1, and no cluster")
		ping(t, k, "s1", 1)
		if _, err := k.Ping(t.Context(), PingArgs{Me: "lab", Viewnum: 0}); err != nil {
			t.Errorf("the lab's ping: %v", err)
		}
		time.Sleep(limit / 2)
		s := inspect(t, k)
		if len(s.Refused) != 2 || s.Refused[1].Name != "s2" || s.Refused[1].Cluster != 7 || s.Refused[1].Silent != limit/2 || s.Cluster == 0 {
			t.Errorf("cluster %v, refused %+v", s.Cluster, s.Refused)
		}
		for i := range 2 * maxRefused {
			_, _ = k.Ping(t.Context(), PingArgs{Me: fmt.Sprint(i), Boot: 1, Cluster: 8})
		}
		if s := inspect(t, k); len(s.Refused) != maxRefused {
			t.Errorf("%d refused servers are remembered", len(s.Refused))
		}
	})
}

// TestV9_ViewOfAnotherCluster: another viewservice has formed the view that a ping names, beyond the present one. It was in
// this one's place before.
func TestV9_ViewOfAnotherCluster(t *testing.T) {
	for _, begun := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			k := clerkOf(t, start(t))
			if begun {
				ping(t, k, "fresh", 0)
				ping(t, k, "fresh", 1)
			}
			if _, err := k.Ping(t.Context(), PingArgs{Me: "s1", Boot: 1, Viewnum: 5, Cluster: 7}); err != nil {
				t.Error(err)
			}
			if s := inspect(t, k); s.Blocked.Code != Stranger {
				t.Errorf("a view was formed here: %v; blocked %v", begun, s.Blocked)
			}
		})
	}
}

// TestForgedBoot: a boot id that leaves none for later boots shuts no server out.
func TestForgedBoot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := clerkOf(t, start(t))
		ping(t, k, "s1", 0)
		refused(t, k, PingArgs{Me: "s1", Boot: math.MaxUint64}, "lies more than a year ahead")
		ping(t, k, "s1", 1)
		if s := inspect(t, k); !s.Acked {
			t.Errorf("the server's own ping had no effect: %+v", s)
		}
	})
}

// TestForgedNames: names that somebody makes up shut out no server that shows that it has heard of the view.
func TestForgedNames(t *testing.T) {
	c := New(Config{PingInterval: time.Second, DeadPings: 5})
	must := func(a PingArgs) {
		t.Helper()
		if _, err := c.Ping(time.Second, a); err != nil {
			t.Error(err)
		}
	}
	must(PingArgs{Me: "s1", Boot: 1})
	must(PingArgs{Me: "s1", Boot: 1, Viewnum: 1})
	forge := func(from int) {
		for i := range maxServers {
			_, _ = c.Ping(time.Second, PingArgs{Me: fmt.Sprint("forged-", from+i), Boot: 1})
		}
	}
	forge(0)
	must(PingArgs{Me: "s2", Boot: 1})
	must(PingArgs{Me: "s2", Boot: 1, Viewnum: 2})
	forge(maxServers)
	s := c.Status(time.Second)
	if s.Member("s1") == nil || s.Member("s2") == nil || len(s.Servers) != maxServers {
		t.Errorf("s1: %v, s2: %v, of %d", s.Member("s1"), s.Member("s2"), len(s.Servers))
	}
}
