package engine_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/world"
	"cluster/splitbrain/viewservice/rules"
)

// ordeal is a cluster and what is done to it: lines of the command language, and "wait 500ms".
type ordeal struct {
	cfg   engine.Config
	lines []string
}

func (o ordeal) String() string {
	return fmt.Sprintf("servers=%d deadpings=%d seed=%d off=[%v]\n  %s",
		o.cfg.Servers, o.cfg.DeadPings, o.cfg.Seed, o.cfg.Disabled, strings.Join(o.lines, "\n  "))
}

// run does all lines, and looks into the future after each of them.
func (o ordeal) run(ask bool) (lies []lie, moments int) {
	w := world.NewWorld(o.cfg)
	r := &course{world: w}
	for i, line := range o.lines {
		r.do(line)
		future := &course{world: w.Clone(), late: r.late, asks: ask}
		found, n := future.goOn()
		for _, l := range found {
			l.line = i
			lies = append(lies, l)
		}
		moments += n
	}
	return lies, moments
}

// randomOrdeal makes up what is done.
func randomOrdeal(seed uint64) ordeal {
	r := rand.New(rand.NewPCG(seed, 7))
	o := ordeal{cfg: engine.Config{
		Servers: 1 + r.IntN(4), Clients: 3, PingInterval: 100 * time.Millisecond, DeadPings: 3 + r.IntN(3), Seed: seed,
	}}
	if r.IntN(3) == 0 {
		for range 1 + r.IntN(2) {
			o.cfg.Disabled = o.cfg.Disabled.Set(rules.All()[r.IntN(len(rules.All()))], true)
		}
	}
	if r.IntN(4) > 0 {
		o.lines = append(o.lines, "put a 1 @c3", fmt.Sprintf("wait %dms", 300+r.IntN(700)))
	}
	for range 1 + r.IntN(6) {
		o.lines = append(o.lines, randomLine(r, o.cfg.Servers), fmt.Sprintf("wait %dms", []int{1, 10, 90, 200, 500, 900}[r.IntN(6)]))
	}
	return o
}

func randomLine(r *rand.Rand, servers int) string {
	pick := func(all ...string) string { return all[r.IntN(len(all))] }
	server := func() string { return fmt.Sprintf("s%d", 1+r.IntN(servers)) }
	process := func() string {
		if r.IntN(5) == 0 {
			return "vs"
		}
		return server()
	}
	node := func() string {
		switch r.IntN(6) {
		case 0, 1:
			return "vs"
		case 2:
			return pick("c1", "c2")
		}
		return server()
	}
	link := func() string {
		a := node()
		for {
			if b := node(); b != a && !(a[0] == 'c' && b[0] == 'c') {
				return a + pick(" ", " > ") + b
			}
		}
	}
	oneWay := func() string { return strings.ReplaceAll(link(), " > ", " ") }
	switch r.IntN(20) {
	case 0, 1, 2:
		return "kill " + process()
	case 3, 4, 5:
		return "restart " + process()
	case 6:
		return pick("freeze ", "freeze ", "thaw ") + pick(process(), server(), "c1")
	case 7, 8, 9:
		return "cut " + link()
	case 10:
		return "heal " + link()
	case 11:
		return pick("heal", "heal s1", "heal vs", "release", "deliver first", "deliver last", "drop first", "duplicate first", "duplicate last")
	case 12, 13:
		return "hold " + oneWay()
	case 14:
		return "delay " + oneWay() + pick(" 50ms", " 150ms", " 250ms", " 0")
	case 15:
		return "loss " + oneWay() + pick(" 30%", " 100%", " 100% replies", " 0%")
	case 16:
		return pick("reorder "+oneWay()+" 100ms", "dup "+oneWay()+" 50%", "isolate "+server())
	case 17:
		if r.IntN(2) == 0 {
			return fmt.Sprintf("rule %v %s", rules.All()[r.IntN(len(rules.All()))], pick("on", "off"))
		}
	}
	return pick("put a x", "get a", "append a y") + " @" + pick("c1", "c2")
}

// shrink leaves out what the lie does not need.
func (o ordeal) shrink(ask bool, l lie) (ordeal, lie) {
	o.lines = o.lines[:l.line+1]
	for i := len(o.lines) - 1; i >= 0; i-- {
		fewer := o
		fewer.lines = slices.Delete(slices.Clone(o.lines), i, i+1)
		lies, _ := fewer.run(ask)
		for _, found := range lies {
			if found.claim.Code == l.claim.Code {
				o, l = fewer, found
				break
			}
		}
	}
	return o, l
}
