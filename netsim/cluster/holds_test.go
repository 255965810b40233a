package cluster_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/engine/enginetest"
	"cluster/splitbrain/pbservice"
)

// op runs one operation beside the story. The returned function waits for its answer.
func (f fixture) op(client string, kind pbservice.OpKind, key, value string) (end func() pbservice.Reply) {
	type outcome struct {
		reply pbservice.Reply
		err   error
	}
	done := make(chan outcome, 1)
	go func() { // ends with the operation
		r, err := engine.Do(f.Context(), f, client, pbservice.Op{Kind: kind, Key: key, Value: value})
		done <- outcome{r, err}
	}()
	return func() pbservice.Reply {
		f.Helper()
		o := <-done
		if o.err != nil {
			f.Fatalf("%s %v %s: %v", client, kind, key, o.err)
		}
		return o.reply
	}
}

func (f fixture) appends(client, key, value string) {
	f.Helper()
	f.op(client, pbservice.Append, key, value)()
}

// held waits until a message of that role and method is held on from > to, and returns the newest.
func (f fixture) held(from, to string, role netsim.Direction, method string) netsim.Held {
	f.Helper()
	var found netsim.Held
	f.until(fmt.Sprintf("%v %s held on %s > %s", role, method, from, to), func(s engine.Snapshot) bool {
		for _, h := range s.Held {
			if h.From == from && h.To == to && h.Direction == role && strings.HasSuffix(h.Method, method) {
				found = h
			}
		}
		return found.Msg != 0
	})
	return found
}

// same fails unless both servers hold key with value.
func (f fixture) same(key, value string, servers ...string) {
	f.Helper()
	f.until(fmt.Sprintf("%s = %s on %v", key, value, servers), func(s engine.Snapshot) bool {
		for _, name := range servers {
			if valueAt(s, name, key) != value {
				return false
			}
		}
		return true
	})
}

func valueAt(s engine.Snapshot, name, key string) string {
	for i, k := range s.Map.Keys {
		if k == key && i < len(s.Map.Rows[name]) {
			return s.Map.Rows[name][i].Value
		}
	}
	return ""
}

func TestHeldForwardIsDeliveredByHand(t *testing.T) {
	play(t, engine.Defaults, func(f fixture) {
		f.view("2 s1 s2")
		f.meet()
		f.must(enginetest.Do(f, "hold", "s1", "s2"))
		f.why(engine.Stuck, "the next operation will wait · s1 > s2 holds messages")
		end := f.op("c1", pbservice.Put, "a", "1")
		m := f.held("s1", "s2", netsim.Request, ".Forward")
		f.why(engine.Stuck, fmt.Sprintf("c1 waits · forward %d is held on s1 > s2", m.Msg))
		f.until("c1 to tell", func(s engine.Snapshot) bool {
			return s.Clients[0].Waits.Text == fmt.Sprintf("s1 waits for s2 to confirm (S5): forward %d is held on s1 > s2: deliver it by hand", m.Msg)
		})
		f.must(enginetest.Do(f, "deliver", m.Msg))
		end()
		f.same("a", "1", "s1", "s2")
		f.view("2 s1 s2")
		if held := f.look().Held; len(held) != 0 {
			f.Errorf("still held: %v", held)
		}
	})
}

func TestHeldRequestOfClient(t *testing.T) {
	play(t, engine.Defaults, func(f fixture) {
		f.view("2 s1 s2")
		f.meet()
		f.must(enginetest.Do(f, "hold", "c1", "s1"))
		end := f.op("c1", pbservice.Append, "a", "x")
		m := f.held("c1", "s1", netsim.Request, ".PutAppend")
		f.until("c1 to tell", func(s engine.Snapshot) bool {
			return s.Clients[0].Waits.Text == fmt.Sprintf("request %d is held on c1 > s1: deliver it by hand", m.Msg)
		})
		done, err := enginetest.Tell(f, "duplicate", m.Msg)
		f.must(err)
		var copied uint64
		if _, err := fmt.Sscanf(done, fmt.Sprintf("message %d duplicated: its copy %%d is held too", m.Msg), &copied); err != nil {
			f.Fatalf("%q: %v", done, err)
		}
		f.must(enginetest.Do(f, "deliver", m.Msg), enginetest.Do(f, "deliver", copied))
		f.must(enginetest.Do(f, "release"))
		end()
		f.gets("c2", "a", "x")
	})
}

// TestHeldMessageIsNamedAsLongAsItHelps: of a message that is sent again and again the oldest is named, as long as somebody waits for the
// answer to that one, and to deliver what is named is enough.
func TestHeldMessageIsNamedAsLongAsItHelps(t *testing.T) {
	for _, after := range []time.Duration{5 * time.Second, 25 * time.Second, 35 * time.Second, 120 * time.Second} {
		play(t, engine.Defaults, func(f fixture) {
			f.view("2 s1 s2")
			f.meet()
			f.must(enginetest.Do(f, "hold", "s1", "s2"))
			end := f.op("c1", pbservice.Append, "a", "x")
			first := f.held("s1", "s2", netsim.Request, ".Forward")
			time.Sleep(after)
			named := f.look().Why.Cause.Needs[0].Msg
			if after < 30*time.Second && named != first.Msg {
				f.Errorf("after %v: %d is named, and %d was sent first", after, named, first.Msg)
			}
			time.Sleep(3 * time.Second)
			if then := f.look().Why.Cause.Needs[0].Msg; then != named {
				f.Errorf("after %v: %d is named, and 3 s later %d", after, named, then)
			}
			f.must(enginetest.Do(f, "deliver", named))
			end()
		})
	}
}

// TestHeldRequestIsNamedAsLongAsItHelps: the same for what a client asks, and for the answers to it.
func TestHeldRequestIsNamedAsLongAsItHelps(t *testing.T) {
	for _, link := range [][2]any{{"c1", "s1"}, {"s1", "c1"}} {
		play(t, engine.Defaults, func(f fixture) {
			f.view("2 s1 s2")
			f.meet()
			f.put("c1", "a", "1")
			f.must(enginetest.Do(f, "hold", link[0], link[1]))
			end := f.op("c1", pbservice.Append, "a", "x")
			time.Sleep(10 * time.Second)
			held := f.look().Held
			named := f.look().Clients[0].Waits.Needs[0].Msg
			if len(held) < 2 || named != held[0].Msg {
				f.Fatalf("%v: %d is named of %v", link, named, held)
			}
			f.must(enginetest.Do(f, "deliver", named))
			if link[0] == "c1" {
				f.must(enginetest.Do(f, "release"))
			}
			end()
		})
	}
}

// A person who thinks for long: requests are sent anew meanwhile, and each is held.
func TestHeldForLong(t *testing.T) {
	play(t, engine.Defaults, func(f fixture) {
		f.view("2 s1 s2")
		f.meet()
		f.must(enginetest.Do(f, "hold", "s1", "s2"))
		end := f.op("c1", pbservice.Append, "a", "x")
		m := f.held("s1", "s2", netsim.Request, ".Forward")
		time.Sleep(10 * time.Second)
		held := f.look().Held
		if len(held) < 2 || len(held) > 100 {
			f.Errorf("%d held after 10 s", len(held))
		}
		f.view("2 s1 s2")
		f.must(enginetest.Do(f, "deliver", m.Msg))
		f.must(enginetest.Do(f, "release", "s1", "s2"))
		end()
		f.same("a", "x", "s1", "s2")
	})
}

// H10: a forward of an earlier view arrives when its sender was replaced.
func TestH10_ForwardOfAnEarlierView(t *testing.T) {
	play(t, engine.Defaults, func(f fixture) {
		f.view("2 s1 s2")
		f.meet()
		f.must(enginetest.Do(f, "hold", "s1", "s2"))
		end := f.op("c1", pbservice.Append, "a", "x")
		f.held("s1", "s2", netsim.Request, ".Forward")
		f.must(enginetest.Do(f, "partition s1 c1 | vs s2 s3 c2"), enginetest.Do(f, "heal", "s1", ">", "s2"), enginetest.Do(f, "heal", "s2", ">", "s1"))
		f.view("3 s2 s3")
		f.appends("c2", "a", "y")
		f.must(enginetest.Do(f, "release"))
		time.Sleep(2 * time.Second)
		f.same("a", "y", "s2", "s3")
		f.must(enginetest.Do(f, "heal"))
		end()
		f.same("a", "yx", "s2", "s3")
	})
}

// H10: a chunk of a transfer reaches a backup that has restarted since, or comes from a boot that is gone.
func TestH10_TransferOfACrashedBoot(t *testing.T) {
	for _, dies := range []string{"s2", "s3"} {
		play(t, engine.Defaults, func(f fixture) {
			f.view("2 s1 s2")
			f.put("c1", "a", "1")
			f.must(enginetest.Do(f, "hold", "s2", "s3"), enginetest.Do(f, "kill", "s1"))
			m := f.held("s2", "s3", netsim.Request, ".Forward")
			f.must(enginetest.Do(f, "restart", dies))
			enginetest.Do(f, "deliver", m.Msg) // which may have gone with its connection
			time.Sleep(5 * time.Second)
			f.must(enginetest.Do(f, "release"))
			if dies == "s2" {
				f.why(engine.Lost, "for ever")
				return
			}
			s := f.until("a filled backup", func(s engine.Snapshot) bool {
				return s.Viewservice.Status.Acked && s.Viewservice.Status.View.Backup != ""
			})
			f.same("a", "1", s.Viewservice.Status.View.Primary, s.Viewservice.Status.View.Backup)
		})
	}
}

// H10: a late confirmation of a backup that has crashed since.
func TestH10_ConfirmationOfACrashedBoot(t *testing.T) {
	play(t, engine.Defaults, func(f fixture) {
		f.view("2 s1 s2")
		f.meet()
		f.must(enginetest.Do(f, "hold", "s2", "s1"))
		end := f.op("c1", pbservice.Put, "a", "1")
		f.held("s2", "s1", netsim.Reply, ".Forward")
		f.must(enginetest.Do(f, "restart", "s2"), enginetest.Do(f, "release", "s2", "s1"))
		f.until("another view", func(s engine.Snapshot) bool {
			return s.Viewservice.Status.View.Viewnum > 2 && s.Viewservice.Status.Acked
		})
		end()
		s := f.until("a backup", func(s engine.Snapshot) bool {
			return s.Viewservice.Status.View.Backup != "" && s.Viewservice.Status.Acked
		})
		f.same("a", "1", s.Viewservice.Status.View.Primary, s.Viewservice.Status.View.Backup)
	})
}

// H11: at the same primary, and at the next.
func TestH11_ReplyToAnAppendIsLost(t *testing.T) {
	play(t, engine.Defaults, func(f fixture) {
		f.view("2 s1 s2")
		f.meet()
		f.must(enginetest.Do(f, "loss", "s1", "c1", float64(1), "replies"))
		end := f.op("c1", pbservice.Append, "a", "x")
		f.until("c1 to tell", func(s engine.Snapshot) bool {
			return s.Clients[0].Waits.Text == "s1 > c1 loses 100% of replies"
		})
		f.same("a", "x", "s1", "s2")
		time.Sleep(3 * time.Second)
		f.same("a", "x", "s1", "s2")
		f.must(enginetest.Do(f, "loss", "s1", "c1", float64(0), "replies"))
		end()
		f.same("a", "x", "s1", "s2")

		f.must(enginetest.Do(f, "loss", "s1", "c1", float64(1), "replies"))
		end = f.op("c1", pbservice.Append, "a", "y")
		f.same("a", "xy", "s1", "s2")
		f.must(enginetest.Do(f, "kill", "s1"))
		end()
		f.view("3 s2 s3")
		f.same("a", "xy", "s2", "s3")
	})
}

func TestH12_ReplyToAForwardIsLost(t *testing.T) {
	play(t, engine.Defaults, func(f fixture) {
		f.view("2 s1 s2")
		f.meet()
		f.must(enginetest.Do(f, "loss", "s2", "s1", float64(1), "replies"))
		first, second := f.op("c1", pbservice.Append, "a", "x"), f.op("c2", pbservice.Append, "b", "y")
		f.until("s2 to have applied", func(s engine.Snapshot) bool {
			// Both, or the one that came first: the other waits for its turn then.
			applied := valueAt(s, "s2", "a") == "x" || valueAt(s, "s2", "b") == "y"
			return applied && strings.HasSuffix(s.Clients[0].Waits.Text, "s2 > s1 loses 100% of replies")
		})
		time.Sleep(3 * time.Second)
		f.must(enginetest.Do(f, "loss", "s2", "s1", float64(0), "replies"))
		first()
		second()
		f.same("a", "x", "s1", "s2")
		f.same("b", "y", "s1", "s2")
		f.appends("c1", "a", "z")
		f.same("a", "xz", "s1", "s2")
	})
}

func TestH14_OneWayCuts(t *testing.T) {
	for _, cut := range [][2]string{{"s1", "s2"}, {"s2", "s1"}, {"s1", "c1"}, {"c1", "s1"}} {
		play(t, engine.Defaults, func(f fixture) {
			f.view("2 s1 s2")
			f.meet()
			f.must(enginetest.Do(f, "cut", cut[0], ">", cut[1]))
			end := f.op("c1", pbservice.Append, "a", "x")
			f.until("c1 to tell", func(s engine.Snapshot) bool {
				return strings.Contains(s.Clients[0].Waits.Text, fmt.Sprintf("%s > %s is cut", cut[0], cut[1]))
			})
			time.Sleep(5 * time.Second)
			f.view("2 s1 s2")
			f.must(enginetest.Do(f, "heal", cut[0], ">", cut[1]))
			end()
			f.same("a", "x", "s1", "s2")
		})
	}
}

// H17: the old primary has a client's request and a forward in its queues when it thaws.
func TestH17_FrozenPrimaryThaws(t *testing.T) {
	play(t, engine.Defaults, func(f fixture) {
		f.view("2 s1 s2")
		f.meet()
		f.must(enginetest.Do(f, "hold", "s1", "s2"))
		before := f.op("c1", pbservice.Append, "a", "x")
		f.held("s1", "s2", netsim.Request, ".Forward")
		f.must(enginetest.Do(f, "freeze", "s1"))
		during := f.op("c2", pbservice.Append, "a", "y")
		f.view("3 s2 s3")
		during()
		f.must(enginetest.Do(f, "thaw", "s1"), enginetest.Do(f, "release"))
		before()
		f.until("s1 to learn view 3", func(s engine.Snapshot) bool { return server(s, "s1").Status.View.Viewnum == 3 })
		if got := valueAt(f.look(), "s2", "a"); got != "xy" && got != "yx" {
			f.Errorf("a = %q, want x and y once each", got)
		}
		f.same("a", valueAt(f.look(), "s2", "a"), "s2", "s3")
	})
}

// H18: the backup is replaced while a batch waits for it.
func TestH18_PrimaryStaysWithABatchInFlight(t *testing.T) {
	cfg := engine.Defaults
	cfg.Clients = 6
	play(t, cfg, func(f fixture) {
		f.view("2 s1 s2")
		f.meet()
		f.must(enginetest.Do(f, "hold", "s1", "s2"))
		var ends []func() pbservice.Reply
		for i := range cfg.Clients {
			ends = append(ends, f.op(fmt.Sprintf("c%d", i+1), pbservice.Append, "a", fmt.Sprint(i)))
		}
		f.held("s1", "s2", netsim.Request, ".Forward")
		f.must(enginetest.Do(f, "cut", "s2", ">", "vs"))
		f.view("3 s1 s3")
		f.must(enginetest.Do(f, "release"))
		for _, end := range ends {
			end()
		}
		value := valueAt(f.look(), "s1", "a")
		for i := range cfg.Clients {
			if strings.Count(value, fmt.Sprint(i)) != 1 {
				f.Errorf("a = %q, want %d once", value, i)
			}
		}
		f.same("a", value, "s1", "s3")
	})
}

// H19: an old Ping(0), and the reply to an old ping, arrive when the server has long moved on.
func TestH19_LatePings(t *testing.T) {
	for _, c := range []struct {
		from, to string
		role     netsim.Direction
	}{{"s3", "vs", netsim.Request}, {"vs", "s3", netsim.Reply}} {
		play(t, engine.Defaults, func(f fixture) {
			f.view("2 s1 s2")
			f.must(enginetest.Do(f, "hold", c.from, c.to), enginetest.Do(f, "restart", "s3"))
			old := f.held(c.from, c.to, c.role, ".Ping")
			f.must(enginetest.Do(f, "kill", "s1"))
			f.deliverUntil(old.Msg, "3 s2 s3")
			f.must(enginetest.Do(f, "kill", "s2"))
			f.deliverUntil(old.Msg, "4 s3 ·")
			f.must(enginetest.Do(f, "deliver", old.Msg), enginetest.Do(f, "release"))
			for range 300 {
				time.Sleep(10 * time.Millisecond)
				if got := server(f.view("4 s3 ·"), "s3").Status.View.Viewnum; got != 4 {
					f.Fatalf("s3 went back to view %d", got)
				}
			}
			f.put("c1", "a", "1")
		})
	}
}

// deliverUntil delivers all that is held but the message old, until the view is acknowledged.
func (f fixture) deliverUntil(old uint64, view string) {
	f.Helper()
	f.until("view "+view, func(s engine.Snapshot) bool {
		for _, h := range s.Held {
			if h.Msg != old {
				f.must(enginetest.Do(f, "deliver", h.Msg))
			}
		}
		return s.Viewservice.Status.View.String() == view && s.Viewservice.Status.Acked
	})
}

func TestH19_ReorderedPings(t *testing.T) {
	play(t, engine.Defaults, func(f fixture) {
		f.view("2 s1 s2")
		for _, s := range []string{"s1", "s2", "s3"} {
			f.must(enginetest.Do(f, "reorder", s, "vs", 300*time.Millisecond), enginetest.Do(f, "reorder", "vs", s, 300*time.Millisecond),
				enginetest.Do(f, "dup", s, "vs", float64(0.5)), enginetest.Do(f, "dup", "vs", s, float64(0.5)))
		}
		last := map[string]uint64{}
		for range 3000 {
			s := f.look()
			for _, v := range s.Servers {
				if now := uint64(v.Status.View.Viewnum); now < last[v.Name] {
					f.Fatalf("%s went back from view %d to %d", v.Name, last[v.Name], now)
				}
				last[v.Name] = uint64(v.Status.View.Viewnum)
			}
			time.Sleep(10 * time.Millisecond)
		}
		f.must(enginetest.Do(f, "heal"))
		f.put("c1", "a", "1")
	})
}

// TestTraceNamesOperations: a client's request and its forward are seen to be of one operation, and a start to be the first.
func TestTraceNamesOperations(t *testing.T) {
	play(t, engine.Defaults, func(f fixture) {
		f.view("2 s1 s2")
		defer f.Trace().Watch()()
		f.put("c1", "a", "1")
		events, _ := f.Trace().Since(0)
		of := map[string]int{}
		for _, e := range events {
			if e.Kind == netsim.MsgDelivered && e.Op == (netsim.OpID{Client: "c1", Seq: 1}) {
				of[e.Method]++
			}
			if e.Kind == netsim.NodeStarted && e.Boots != 1 {
				f.Errorf("%v is start %d", e, e.Boots)
			}
		}
		if len(of) != 2 || of["PBServer.PutAppend"] != 1 || of["PBServer.Forward"] != 1 {
			f.Errorf("messages of c1's operation: %v", of)
		}
	})
}
