package cluster

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/engine/enginetest"
	"cluster/splitbrain/netsim/history"
	"cluster/splitbrain/netsim/history/invariant"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/viewservice"
)

// TestCampaign lets clients work through a virtual minute of random failures, many times, and judges what they saw
// (C3). SPLITBRAIN_SEEDS says how many times. A seed fixes the plan, not the order in which goroutines run.
func TestCampaign(t *testing.T) {
	seeds := 24
	if s := os.Getenv("SPLITBRAIN_SEEDS"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatal(err)
		}
		seeds = n
	}
	var sum tally
	t.Run("seeds", func(t *testing.T) {
		for seed := range seeds {
			t.Run(strconv.Itoa(seed), func(t *testing.T) {
				t.Parallel()
				sum.add(runCampaign(t, uint64(seed)))
			})
		}
	})
	t.Logf("%d seeds: %d operations answered, %d unknown, %d views, %d ended stuck by design",
		seeds, sum.answered, sum.unknown, sum.views, sum.stuck)
	if seeds >= 50 && (sum.stuck > seeds/2 || sum.answered < 200*seeds) {
		t.Errorf("these campaigns test too little")
	}
}

// tally counts over all seeds what shows that the campaigns were worth it.
type tally struct {
	mu                              sync.Mutex
	answered, unknown, views, stuck int
}

func (s *tally) add(c *campaign) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, op := range c.cluster.History().Operations() {
		if op.Known {
			s.answered++
		} else {
			s.unknown++
		}
	}
	s.views += int(c.last.Viewservice.Status.View.Viewnum)
	if !c.served {
		s.stuck++
	}
}

// campaign is one run.
type campaign struct {
	t       *testing.T
	cluster *Cluster
	random  *rand.Rand // of the plan
	careful bool       // keep one complete server alive, so that the service can go on
	began   time.Time

	last   engine.Snapshot                        // the newest seen
	watch  invariant.Watcher                      // of all that was seen
	known  map[string]viewservice.Number          // by boot: the newest view it was seen to know
	serves map[viewservice.Number]map[string]bool // by view: who was seen ready to answer clients
	final  map[string]string
	served bool // at the end
}

const (
	campaignLength = time.Minute
	campaignKeys   = 4 // the first is only appended to
)

func runCampaign(t *testing.T, seed uint64) *campaign {
	c := &campaign{
		t: t, random: rand.New(rand.NewPCG(seed, 1)), known: map[string]viewservice.Number{},
		serves: map[viewservice.Number]map[string]bool{}, final: map[string]string{},
	}
	synctest.Test(t, func(t *testing.T) {
		c.t = t
		c.run(seed)
	})
	ops := c.cluster.History().Operations()
	switch v := history.Check(ops, time.Minute); v.Result {
	case history.Linearizable:
	case history.Undecided: // one in thousands takes porcupine more than a minute; the verdict below does without it
		t.Logf("seed %d: %v", seed, v)
	default:
		t.Errorf("seed %d: %v", seed, v)
	}
	if v := c.cluster.History().Judge(time.Minute); v.Result != history.Linearizable || v.Total != len(ops) {
		t.Errorf("seed %d: judged live: %v, %d of %d operations kept: %+v", seed, v, len(ops), v.Total, v.Blame)
	}
	if c.served {
		for _, line := range wrongAppends(ops, c.final["k0"]) {
			t.Errorf("seed %d: %s", seed, line)
		}
	}
	return c
}

// wrongAppends returns one line for each acknowledged append to k0 that is not in the final value exactly once, and for each
// unknown one that is there more than once. Nothing but unique values is appended to k0.
func wrongAppends(ops []history.Operation, final string) (wrong []string) {
	for _, op := range ops {
		if op.Key != "k0" || op.Kind != pbservice.Append || op.Refused {
			continue
		}
		if n := strings.Count(final, op.Value); n > 1 || op.Known && n == 0 {
			wrong = append(wrong, fmt.Sprintf("%s: append %q is there %d times", op.Client, op.Value, n))
		}
	}
	return wrong
}

func TestWrongAppends(t *testing.T) {
	op := func(value string, known bool) history.Operation {
		return history.Operation{Client: "c1", Kind: pbservice.Append, Key: "k0", Value: value, Outcome: history.Outcome{Known: known}}
	}
	ops := []history.Operation{op("[1]", true), op("[2]", true), op("[3]", false)}
	for final, want := range map[string]int{"[1][2]": 0, "[1][3][2]": 0, "[1]": 1, "[1][2][2]": 1, "[1][2][3][3]": 1, "": 2} {
		if got := wrongAppends(ops, final); len(got) != want {
			t.Errorf("%s: %q, want %d lines", final, got, want)
		}
	}
}

// run is the whole campaign, inside a bubble: a goroutine that outlives Close fails it.
func (c *campaign) run(seed uint64) {
	c.careful = c.random.IntN(5) > 0
	cluster, err := New(engine.Config{
		Servers: 3 + c.random.IntN(3), Clients: 3 + c.random.IntN(4), Seed: seed,
		PingInterval: engine.Defaults.PingInterval, DeadPings: engine.Defaults.DeadPings,
		Latency: time.Duration(seed%3) * 5 * time.Millisecond / 2, // none, as in tests and benchmarks, or some, as on the screen
	})
	if err != nil {
		c.t.Fatal(err)
	}
	c.cluster, c.began = cluster, time.Now()
	cluster.History().Keep(1 << 20)
	defer cluster.Close()
	ctx, cancel := context.WithTimeout(context.Background(), campaignLength+10*time.Second)
	defer cancel()
	var clients sync.WaitGroup
	for i := range c.observe().Clients {
		name, random := fmt.Sprintf("c%d", i+1), rand.New(rand.NewPCG(seed, uint64(i+2)))
		clients.Go(func() { c.client(ctx, name, random) })
	}
	for pause := time.Duration(0); time.Since(c.began) < campaignLength; pause -= 150 * time.Millisecond {
		if pause <= 0 {
			c.fail()
			pause = time.Duration(100+c.random.IntN(1500)) * time.Millisecond
		}
		time.Sleep(150 * time.Millisecond)
		c.check(c.observe())
		c.handle(c.last.Held)
	}
	c.repair()
	clients.Wait()
	time.Sleep(3 * time.Second)
	c.check(c.observe())
	c.judgeQuiet()
}

// client works until the campaign's failures are over.
func (c *campaign) client(ctx context.Context, name string, random *rand.Rand) {
	for n := 0; time.Since(c.began) < campaignLength; n++ {
		op := pbservice.Op{Kind: pbservice.OpKind(random.IntN(3)), Key: fmt.Sprintf("k%d", random.IntN(campaignKeys))}
		if op.Key == "k0" && op.Kind == pbservice.Put {
			op.Kind = pbservice.Append
		}
		if op.Kind != pbservice.Get {
			op.Value = fmt.Sprintf("[%s.%d]", name, n)
		}
		c.operate(ctx, name, op, random.IntN(20) == 0)
		time.Sleep(time.Duration(random.IntN(200)) * time.Millisecond)
	}
}

// operate runs one operation. A hasty client gives up soon.
func (c *campaign) operate(ctx context.Context, name string, op pbservice.Op, hasty bool) {
	if hasty {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, 50*time.Millisecond)
		defer cancel()
	}
	_, err := c.cluster.Do(ctx, name, op)
	if err == nil {
		return
	}
	if _, unknown := errors.AsType[*pbservice.UnknownOutcomeError](err); !unknown {
		c.t.Errorf("%s %v: %v", name, op, err)
	}
}

// fail does one thing to the cluster at random. What is impossible just now is no failure.
func (c *campaign) fail() {
	s := c.observe()
	server := s.Servers[c.random.IntN(len(s.Servers))]
	nodes := c.cluster.Nodes()
	from, to := nodes[c.random.IntN(len(nodes))], nodes[c.random.IntN(len(nodes))]
	switch c.random.IntN(24) {
	case 0, 1:
		if c.spares(s, server) {
			enginetest.Do(c.cluster, "kill", server.Name)
		}
	case 2, 3, 4:
		if server.State == netsim.Crashed || c.spares(s, server) {
			enginetest.Do(c.cluster, "restart", server.Name)
		}
	case 5:
		enginetest.Do(c.cluster, "freeze", nodes[c.random.IntN(len(nodes))])
	case 6:
		enginetest.Do(c.cluster, "cut", from, ">", to)
	case 7:
		enginetest.Do(c.cluster, "cut", from, ">", to)
		enginetest.Do(c.cluster, "cut", to, ">", from)
	case 8:
		enginetest.Do(c.cluster, "isolate", server.Name)
	case 9:
		at := 1 + c.random.IntN(len(nodes)-1)
		c.random.Shuffle(len(nodes), func(i, j int) { nodes[i], nodes[j] = nodes[j], nodes[i] })
		enginetest.Do(c.cluster, "partition", strings.Join(nodes[:at], " "), "|", strings.Join(nodes[at:], " "))
	case 10:
		base := time.Duration(c.random.IntN(150)) * time.Millisecond
		enginetest.Do(c.cluster, "delay", from, to, base, "±", base/2)
	case 11, 12:
		enginetest.Do(c.cluster, "loss", from, to, c.random.Float64()/3)
	case 13:
		enginetest.Do(c.cluster, "loss", from, to, c.random.Float64()/3, "replies")
	case 14:
		enginetest.Do(c.cluster, "dup", from, to, c.random.Float64())
	case 15:
		enginetest.Do(c.cluster, "reorder", from, to, time.Duration(1+c.random.IntN(100))*time.Millisecond)
	case 16:
		enginetest.Do(c.cluster, "unreliable", from)
	case 17:
		c.hold(s, from, to)
	case 18, 19:
		c.outage(s, server)
	case 20:
		c.restartViewservice()
	case 21:
		enginetest.Do(c.cluster, "speed", fmt.Sprint([]float64{0.1, 1, 1, 4}[c.random.IntN(4)]))
	default:
		enginetest.Do(c.cluster, "heal")
	}
}

// outage cuts servers off from the viewservice, in one or both directions and at any phase of their pings, for up to
// somewhat longer than they may be silent. Meanwhile one server may crash (H15, H26).
func (c *campaign) outage(s engine.Snapshot, victim engine.ServerState) {
	crashes := c.random.IntN(2) == 0 && c.spares(s, victim)
	ways := 1 + c.random.IntN(3) // bits: the pings, their replies
	all := c.random.IntN(2) == 0
	time.Sleep(time.Duration(c.random.IntN(100)) * time.Millisecond)
	for i, server := range s.Servers {
		if !all && server.Name != victim.Name && c.random.IntN(2) == 0 {
			continue
		}
		if ways&1 != 0 {
			enginetest.Do(c.cluster, "cut", server.Name, ">", engine.ViewAddr)
		}
		if ways&2 != 0 {
			enginetest.Do(c.cluster, "cut", engine.ViewAddr, ">", server.Name)
		}
		if i == 0 {
			time.Sleep(time.Duration(c.random.IntN(100)) * time.Millisecond)
		}
	}
	time.Sleep(time.Duration(c.random.IntN(600)) * time.Millisecond)
	if crashes {
		enginetest.Do(c.cluster, "kill", victim.Name)
	}
	time.Sleep(time.Duration(c.random.IntN(300)) * time.Millisecond)
	for _, server := range s.Servers {
		enginetest.Do(c.cluster, "heal", engine.ViewAddr, server.Name)
	}
}

// restartViewservice ends all changes of views (V9): the service goes on in the present one as long as it can. So only
// campaigns that need not go on do it.
func (c *campaign) restartViewservice() {
	if !c.careful {
		enginetest.Do(c.cluster, "kill", engine.ViewAddr)
		time.Sleep(time.Duration(c.random.IntN(1000)) * time.Millisecond)
		enginetest.Do(c.cluster, "restart", engine.ViewAddr)
	}
}

// hold holds a link, or the one between the servers of the view. What is held already meets a person.
func (c *campaign) hold(s engine.Snapshot, from, to string) {
	if v := s.Viewservice.Status.View; v.Backup != "" && c.random.IntN(2) == 0 {
		from, to = v.Primary, v.Backup
		if c.random.IntN(2) == 0 {
			from, to = to, from
		}
	}
	enginetest.Do(c.cluster, "hold", from, to)
	if c.random.IntN(4) == 0 {
		enginetest.Do(c.cluster, "release")
	}
}

// handle does something to some of the messages that are held.
func (c *campaign) handle(held []netsim.Held) {
	for _, h := range held {
		switch c.random.IntN(12) {
		case 0, 1:
			enginetest.Do(c.cluster, "deliver", h.Msg)
		case 2:
			enginetest.Do(c.cluster, "drop", h.Msg)
		case 3:
			enginetest.Do(c.cluster, "duplicate", h.Msg)
		case 4:
			enginetest.Do(c.cluster, "release", h.From, h.To)
		}
	}
}

// spares reports whether the loss of server leaves somebody who may go on with the data.
func (c *campaign) spares(s engine.Snapshot, server engine.ServerState) bool {
	if !c.careful {
		return true
	}
	v := s.Viewservice.Status
	if server.Name != v.View.Primary && server.Name != v.View.Backup {
		return true
	}
	if !v.Acked || v.View.Backup == "" {
		return false
	}
	for _, other := range s.Servers {
		member := other.Name == v.View.Primary || other.Name == v.View.Backup
		if member && other.Name != server.Name {
			return other.Status.Complete && other.State == netsim.Up && len(engine.NewIndex(s).CutOff(other.Name)) == 0
		}
	}
	return false
}

func (c *campaign) observe() engine.Snapshot {
	s, err := c.cluster.Observe(context.Background(), engine.Window{Limit: campaignKeys})
	if err != nil {
		c.t.Fatal(err)
	}
	return s
}

// check holds the newest snapshot against what must always be so.
func (c *campaign) check(s engine.Snapshot) {
	for _, broken := range c.watch.Watch(s) {
		c.t.Errorf("at %v %s: %s", s.At, broken.Name, broken.Text)
	}
	c.cluster.History().Judge(time.Millisecond)
	forgot := s.Viewservice.Boots > c.last.Viewservice.Boots
	if now, before := s.Viewservice.Status.View.Viewnum, c.last.Viewservice.Status.View.Viewnum; now < before && !forgot {
		c.t.Errorf("at %v the viewservice went back from view %d to %d", s.At, before, now)
	}
	c.last = s
	for _, server := range s.Servers {
		v := server.Status.View.Viewnum
		boot := fmt.Sprintf("%s/%d", server.Name, server.Boots)
		if server.State == netsim.Crashed || v == 0 {
			continue
		}
		if v < c.known[boot] {
			c.t.Errorf("at %v %s went back from view %d to %d (S11)", s.At, boot, c.known[boot], v)
		}
		c.known[boot] = v
		if server.Status.Refuses.Code != pbservice.CodeNone {
			continue
		}
		if c.serves[v] == nil {
			c.serves[v] = map[string]bool{}
		}
		c.serves[v][boot] = true
		if len(c.serves[v]) > 1 {
			c.t.Errorf("at %v view %d has several servers that could answer: %v", s.At, v, c.serves[v])
		}
	}
}

// repair ends all failures.
func (c *campaign) repair() {
	enginetest.Do(c.cluster, "heal")
	enginetest.Do(c.cluster, "speed", fmt.Sprint(1))
	for _, server := range c.observe().Servers {
		if server.State == netsim.Crashed {
			enginetest.Do(c.cluster, "restart", server.Name)
		}
	}
}

// judgeQuiet looks at the maps when nothing happens any more.
func (c *campaign) judgeQuiet() {
	s := c.observe()
	if s.Viewservice.Status.Blocked.Code != viewservice.CodeNone {
		return // by design
	}
	v := s.Viewservice.Status.View
	primary, backup := s.Map.Rows[v.Primary], s.Map.Rows[v.Backup]
	if !slices.Equal(primary, backup) {
		c.t.Errorf("view %v: primary and backup differ:\n%v\n%v", v, primary, backup)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	for i := range campaignKeys {
		key := fmt.Sprintf("k%d", i)
		r, err := c.cluster.Do(ctx, "c1", pbservice.Op{Kind: pbservice.Get, Key: key})
		if err != nil {
			c.t.Errorf("all is repaired, and yet: %v", err)
			return
		}
		c.final[key] = r.Value
	}
	c.served = true
}
