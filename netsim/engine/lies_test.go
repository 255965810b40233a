package engine_test

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/world"
	"cluster/splitbrain/pbservice"
)

// The lie detector: random scripts of faults, and at each moment of what follows, all claims that are on the screen, held
// against what then happens.

// lie is a claim that did not come true.
type lie struct {
	claim engine.Claim
	said  string // the words
	when  time.Duration
	line  int // after which it was said
	saw   string
}

// course is a world with what has happened in it.
type course struct {
	world  *world.World
	asks   bool          // the witness asks for something all the time
	late   time.Duration // how long messages may still be under way
	asked  int           // operations of the witness so far
	counts []uint64      // operations that each server had applied when the witness' began
	most   []uint64      // that it has applied at any time since

	views   []viewAt
	answers []answerAt
	knows   [][]knownAt // by server
}

type viewAt struct {
	at    time.Duration
	num   engine.Claim // View, and Who and Other as primary and backup
	acked bool
}

type knownAt struct {
	at   time.Duration
	view uint64
	boot uint64
}

// answerAt is an operation that was answered.
type answerAt struct {
	at, began   time.Duration
	server      string
	client      string
	unconfirmed string // the backup that had not confirmed it
}

// witness is the client whose links nobody touches. It is the last one.
func (c *course) witness() world.Node { return world.Client(c.world.Config().Clients) }

// do does one line.
func (c *course) do(line string) {
	if wait, ok := strings.CutPrefix(line, "wait "); ok {
		d, err := time.ParseDuration(wait)
		if err != nil {
			panic(err)
		}
		c.pass(d)
		return
	}
	if strings.HasPrefix(line, "delay") || strings.HasPrefix(line, "reorder") {
		c.late = mostDelay
	}
	if verb, which, _ := strings.Cut(line, " "); which == "first" || which == "last" {
		held := c.world.HeldMessages()
		if len(held) == 0 {
			return
		}
		h := held[0]
		if which == "last" {
			h = held[len(held)-1]
		}
		line = fmt.Sprintf("%s %d", verb, h.Msg)
	}
	ev, err := world.ParseEvent(line)
	if err != nil {
		panic(line + ": " + err.Error())
	}
	_ = c.world.Apply(ev) // what is impossible changes nothing
}

const (
	mostDelay = 250 * time.Millisecond
	grace     = 8 * time.Millisecond // until what was under way has arrived
	sample    = 30 * time.Millisecond
	samples   = 24
)

// pass lets time go on and notes what happens.
func (c *course) pass(d time.Duration) {
	w := c.world
	for end := w.Now() + d; ; {
		ev, at, ok := w.Next()
		if !ok || at > end {
			w.AdvanceTo(end)
			return
		}
		var reply *world.Message
		if ev.Kind == world.Deliver {
			if m := w.Message(ev.Msg); m.Kind == world.RequestReply {
				reply = m
			}
		}
		c.step(reply)
		c.note()
	}
}

// step makes the next step, and notes the answer that it brings.
func (c *course) step(reply *world.Message) {
	w := c.world
	running := reply != nil && w.Running(reply.To) && w.State(reply.To) == netsim.Up
	began := time.Duration(0)
	if running {
		began = w.Began(reply.To)
	}
	w.Step()
	c.measure()
	if !running || w.Running(reply.To) {
		return
	}
	a := answerAt{at: w.Now(), began: began, server: reply.From.String(), client: reply.To.String()}
	if reply.To == c.witness() && c.counts != nil {
		a.unconfirmed = c.behind(reply.From)
	}
	c.answers = append(c.answers, a)
}

// measure notes how much the servers have applied: one that drops its state later has confirmed what it had nevertheless.
func (c *course) measure() {
	if c.counts == nil || !c.world.Running(c.witness()) {
		return
	}
	for i := range c.most {
		if core := c.world.ServerCore(world.Server(i + 1)); core != nil {
			c.most[i] = max(c.most[i], core.Status().Position)
		}
	}
}

// behind is the backup of a server's view that has applied nothing since the witness' operation began.
func (c *course) behind(server world.Node) string {
	core := c.world.ServerCore(server)
	if core == nil {
		return ""
	}
	backup := core.Status().View.Backup
	b, ok := world.ParseNode(backup)
	if !ok || b.Index() >= len(c.counts) {
		return ""
	}
	if c.most[b.Index()] > c.counts[b.Index()] {
		return ""
	}
	return backup
}

// note notes what has changed of views.
func (c *course) note() {
	w := c.world
	v, acked := w.View()
	if n := len(c.views); n == 0 || c.views[n-1].num.View != v.Viewnum || c.views[n-1].acked != acked {
		c.views = append(c.views, viewAt{w.Now(), engine.Claim{View: v.Viewnum, Who: v.Primary, Other: v.Backup}, acked})
	}
	for i := range w.Nodes()[1 : 1+len(c.knows)] {
		now := knownAt{at: w.Now()}
		if core := w.ServerCore(world.Server(i + 1)); core != nil {
			now.view, now.boot = uint64(core.View().Viewnum), core.Boot()
		}
		k := c.knows[i]
		if n := len(k); n == 0 || k[n-1].view != now.view || k[n-1].boot != now.boot {
			c.knows[i] = append(k, now)
		}
	}
}

// moment is what was claimed at one time.
type moment struct {
	at     time.Duration
	views  int  // of the course so far
	known  bool // the witness knew the view, or could learn it
	knows  uint64
	now    *engine.Index
	claims []spoken
}

type spoken struct {
	engine.Claim
	words string
}

// goOn looks at the claims of the next moments, and then at what comes of them.
func (c *course) goOn() (lies []lie, moments int) {
	cfg := c.world.Config()
	c.knows = make([][]knownAt, countServers(c.world))
	c.note()
	var all []moment
	told := map[string]bool{}
	for i := range samples {
		m := c.look()
		all = append(all, m)
		for _, s := range m.claims {
			if i < samples/2 && !told[s.words] && forGood(s.Code) {
				told[s.words] = true
				lies = append(lies, c.cures(s)...)
			}
		}
		c.probe()
		c.pass(sample)
	}
	for end := c.world.Now() + time.Duration(2*cfg.DeadPings)*cfg.PingInterval + 1200*time.Millisecond; c.world.Now() < end; {
		c.probe()
		c.pass(sample)
	}
	seen := map[string]bool{}
	lies = append(lies, c.omits(all)...)
	for _, m := range all {
		for _, s := range m.claims {
			claimed[s.Code]++
			if saw := c.refute(m, s.Claim); saw != "" && !seen[s.words] {
				seen[s.words] = true
				lies = append(lies, lie{claim: s.Claim, said: s.words, when: m.at, saw: saw})
			}
		}
	}
	return lies, len(all)
}

// omits says what the line that says why has kept quiet: that nobody is answered, or that what it said to be under way has
// not ended.
func (c *course) omits(all []moment) (lies []lie) {
	end, last := c.look(), all[len(all)-1]
	why := end.now.Why
	answered := slices.ContainsFunc(c.answers, func(a answerAt) bool { return a.client == c.witness().String() && a.at > last.at })
	l := lie{said: why.String(), when: end.at}
	if why.Level == engine.Calm && c.asks && !answered && c.world.Running(c.witness()) && len(end.now.FaultsOn(c.witness().String(), end.now.View.Primary)) == 0 && len(end.now.FaultsOn(end.now.View.Primary, c.witness().String())) == 0 {
		l.saw = "nobody was answered since " + last.at.String()
		lies = append(lies, l)
	}
	was := last.now.Why
	if why.Level == engine.Busy && was.Level == engine.Busy && was.Cause.Code == why.Cause.Code && was.Cause.View == why.Cause.View && was.Cause.Server == why.Cause.Server && was.Cause.Code != engine.OldPrimary && was.Cause.Code != engine.ClientWaits && !heardSince(end, last) {
		l.saw = "it said so at " + last.at.String() + " too: " + was.String()
		lies = append(lies, l)
	}
	return lies
}

// heardSince reports whether the silence ended of which was told at the last moment, though the server is silent again.
func heardSince(end, last moment) bool {
	cause := end.now.Why.Cause
	who := cause.Server
	switch cause.Code {
	case engine.BackupFails, engine.BackupFailsUnacked:
		who = cause.Other
	case engine.TakesOver, engine.PrimaryFailsUnacked:
	default:
		return false
	}
	m := end.now.Member(who)
	return m != nil && !m.Restarted && m.Silent < end.at-last.at
}

var claimed = map[engine.ClaimCode]int{}

func countServers(w *world.World) int { return len(w.Nodes()) - 1 - w.Config().Clients }

// probe lets the witness ask for something.
func (c *course) probe() {
	w, k := c.world, c.witness()
	if !c.asks || w.Running(k) {
		return
	}
	c.asked++
	op := pbservice.Op{Kind: pbservice.Get, Key: "a"}
	if c.asked%2 == 0 {
		op = pbservice.Op{Kind: pbservice.Put, Key: "a", Value: strconv.Itoa(c.asked)}
	}
	c.counts = make([]uint64, countServers(w))
	for i := range c.counts {
		if core := w.ServerCore(world.Server(i + 1)); core != nil {
			c.counts[i] = core.Status().Position
		}
	}
	c.most = slices.Clone(c.counts)
	w.MustApply(world.Action{Kind: world.Invoke, Node: k, Details: &world.Details{Op: op}})
}

// snapshot is what the screen shows.
func (c *course) snapshot() engine.Snapshot {
	s := c.world.Snapshot(engine.Window{})
	engine.Explain(&s, func(i int) pbservice.Progress { return c.world.ClerkCore(world.Client(i + 1)).Progress() })
	return s
}

// look notes all that is claimed now.
func (c *course) look() moment {
	s := c.snapshot()
	knows := c.world.ClerkCore(c.witness()).View().Viewnum
	m := moment{at: s.At, views: len(c.views), now: engine.NewIndex(s)}
	vs := s.Viewservice
	m.knows = uint64(knows)
	m.known = c.asks && knows > 0 && (knows == m.now.View.Viewnum || vs.State == netsim.Up && vs.Status.View.Viewnum >= knows)
	add := func(words string, claims []engine.Claim) {
		for _, cl := range claims {
			if cl.Code == engine.NoClaim {
				continue
			}
			m.claims = append(m.claims, spoken{cl, words})
		}
	}
	add(s.Why.String(), s.Why.Claims)
	if strings.Contains(s.Why.String(), "  ") || strings.Contains(s.Why.String(), " :") || strings.Contains(s.Why.String(), " ,") {
		m.claims = append(m.claims, spoken{words: s.Why.String()})
	}
	if s.Why.Level >= engine.Stuck && s.Why.Cause.Code != engine.ClientWaits && s.Why.Cause.Code != engine.BackupHeld {
		add("expect stuck holds: "+s.Why.String(), []engine.Claim{{Code: engine.Silent, View: s.Viewservice.Status.View.Viewnum}})
	}
	for i := range s.Servers {
		says := m.now.Says(&s.Servers[i])
		add(s.Servers[i].Name+" "+says.Text, says.Claims)
	}
	for _, k := range s.Clients {
		add(k.Name+" "+k.Waits.Text, k.Waits.Claims)
	}
	return m
}

func forGood(c engine.ClaimCode) bool {
	return c == engine.Curable || c == engine.StaysForEver || c == engine.SilentForEver
}

// cures tries what could help, and says which claim that refutes.
func (c *course) cures(s spoken) (lies []lie) {
	for _, also := range []string{"", "servers", "vs"} {
		if also != "" && s.Code == engine.Curable {
			break
		}
		n := &course{world: c.world.Clone(), asks: true, late: c.late}
		n.pass(grace)
		n.cure(also)
		n.answers = nil // what was under way
		n.knows = make([][]knownAt, countServers(n.world))
		began, v := n.world.Now(), s.View
		for range 60 {
			n.probe()
			n.pass(50 * time.Millisecond)
			if len(n.answers) > 0 && s.Code == engine.Curable {
				break
			}
		}
		l := lie{claim: s.Claim, said: s.words, when: began}
		switch now, _ := n.world.View(); {
		case s.Code == engine.Curable && len(n.answers) == 0:
			l.saw = "nobody was answered after all was mended: " + n.snapshot().Why.String()
		case s.Code == engine.StaysForEver && now.Viewnum > v:
			l.saw = fmt.Sprintf("view %v was formed after all was mended, and %q restarted", now, also)
		case s.Code == engine.SilentForEver && len(n.answers) > 0:
			l.saw = fmt.Sprintf("%s answered after all was mended, and %q restarted", n.answers[0].server, also)
		default:
			continue
		}
		lies = append(lies, l)
	}
	return lies
}

// cure mends everything, starts what has crashed, and starts again what also says.
func (c *course) cure(also string) {
	c.do("heal")
	c.do("release")
	for i, n := range c.world.Nodes() {
		if n.IsClient() {
			continue
		}
		if c.world.State(n) == netsim.Crashed || also == "servers" && i > 0 || also == "vs" && i == 0 {
			c.do("restart " + n.String())
		}
	}
}

// refute says what shows that a claim of a moment was wrong; "" if nothing does.
func (c *course) refute(m moment, cl engine.Claim) string {
	switch cl.Code {
	case engine.NoClaim:
		return "a gap in the words"
	case engine.Silent, engine.Unanswered:
		return c.refuteSilence(m, cl)
	case engine.Answers:
		return c.refuteAnswers(m, cl)
	case engine.Confirmed:
		for _, a := range c.answers {
			if a.began > m.at && a.server == cl.Who && a.unconfirmed == cl.Other && c.knownView(cl.Who, a.began) == uint64(cl.View) && c.knownView(cl.Who, a.at) == uint64(cl.View) {
				return fmt.Sprintf("%s answered %s at %v, and %s had confirmed nothing", a.server, a.client, a.at, cl.Other)
			}
		}
		return ""
	}
	return c.refuteView(m, cl)
}

func (c *course) refuteView(m moment, cl engine.Claim) string {
	rounds, acked := 0, false
	for i, v := range c.views {
		if i < m.views-1 { // it was past
			continue
		}
		later := v.num.View > cl.View && i >= m.views
		if v.num.View >= cl.View && v.acked || v.num.View > cl.View {
			acked = true
		}
		if later && !c.views[i-1].acked && c.views[i-1].num.View == cl.View && v.num.Who != c.views[i-1].num.Who && cl.Code == engine.AckFirst {
			return fmt.Sprintf("view %v was formed at %v", v.num, v.at)
		}
		if !later {
			continue
		}
		if v.num.View != c.views[i-1].num.View {
			rounds++
		}
		switch {
		case cl.Code == engine.Stays && v.at > m.at+grace+c.late:
			return fmt.Sprintf("view %v was formed at %v", v.num, v.at)
		case cl.Code == engine.Moves, cl.Code == engine.Leads && v.num.Who == cl.Who, cl.Code == engine.Follows && v.num.Other == cl.Who,
			cl.Code == engine.Leaves && v.num.Who != cl.Who && v.num.Other != cl.Who:
			return ""
		}
	}
	switch cl.Code {
	case engine.Moves, engine.Leads, engine.Follows, engine.Leaves:
		return fmt.Sprintf("no such view: %v", c.views)
	case engine.Acks:
		if !acked {
			return "it was not acknowledged"
		}
	case engine.GoesRound:
		if rounds < 3 {
			return fmt.Sprintf("%d views followed", rounds)
		}
	}
	return ""
}

// knownView is the view that a server knew at a time.
func (c *course) knownView(server string, at time.Duration) uint64 {
	n, _ := world.ParseNode(server)
	view := uint64(0)
	for _, k := range c.knows[n.Index()] {
		if k.at <= at {
			view = k.view
		}
	}
	return view
}

// leaves is when a server learns of a later view than that; of the viewservice, when it forms one.
func (c *course) leaves(server string, view uint64, after time.Duration) time.Duration {
	if server == "" {
		for _, v := range c.views {
			if uint64(v.num.View) > view {
				return max(v.at, after)
			}
		}
		return world.Never
	}
	n, _ := world.ParseNode(server)
	for _, k := range c.knows[n.Index()] {
		if k.view > view && k.at >= after {
			return k.at
		}
	}
	return world.Never
}

func (c *course) refuteSilence(m moment, cl engine.Claim) string {
	from, until := m.at+grace+c.late, time.Duration(world.Never)
	if cl.Code == engine.Silent && (cl.View > 0 || cl.Who != "") {
		until = c.leaves(cl.Who, uint64(cl.View), m.at)
	}
	for _, a := range c.answers {
		switch {
		case a.at < from || a.at > until:
		case cl.Code == engine.Unanswered && a.client == cl.Who && a.began <= m.at,
			cl.Code == engine.Silent && (cl.Who == "" || cl.Who == a.server):
			return fmt.Sprintf("%s answered %s at %v", a.server, a.client, a.at)
		}
	}
	return ""
}

// refuteAnswers wants an answer, if the server stays in its view for long enough.
func (c *course) refuteAnswers(m moment, cl engine.Claim) string {
	until := min(c.leaves("", uint64(cl.View), m.at), c.leaves(cl.Who, uint64(cl.View), m.at), c.world.Now())
	witness := c.witness().String()
	reached := len(m.now.FaultsOn(witness, cl.Who))+len(m.now.FaultsOn(cl.Who, witness)) == 0
	if !m.known || m.knows < uint64(cl.View) || !reached || until < m.at+800*time.Millisecond+2*c.late {
		return ""
	}
	for _, a := range c.answers {
		if a.began > m.at && a.server == cl.Who && a.at <= until {
			return ""
		}
	}
	return fmt.Sprintf("it answered nobody until %v", until)
}

// TestNoLies holds every claim on the screen against what then happens. SPLITBRAIN_MOMENTS says at how many moments
// (20,000), SPLITBRAIN_SEED where to begin.
func TestNoLies(t *testing.T) {
	want, seed := 20_000, uint64(1)
	if n, err := strconv.Atoi(os.Getenv("SPLITBRAIN_MOMENTS")); err == nil {
		want = n
	}
	if n, err := strconv.ParseUint(os.Getenv("SPLITBRAIN_SEED"), 10, 64); err == nil {
		seed = n
	}
	moments, lies := 0, 0
	seen := map[string]int{}
	for ; moments < want; seed++ {
		o := randomOrdeal(seed)
		ask := seed%3 > 0
		found, n := o.run(ask)
		moments += n
		for _, l := range found {
			lies++
			key := l.claim.Code.String() + " " + strings.Map(letters, l.said)
			if seen[key]++; seen[key] > 1 || len(seen) > 12 {
				continue
			}
			smaller, l := o.shrink(ask, l)
			t.Errorf("seed %d, asking %v: %v\nat %v it says: %s\nthat claims: %v %+v\nbut %s", seed, ask, smaller, l.when, l.said, l.claim.Code, l.claim, l.saw)
		}
	}
	t.Log(claimed)
	t.Logf("%d moments, %d lies of %d kinds", moments, lies, len(seen))
}

func letters(r rune) rune {
	if r >= '0' && r <= '9' {
		return -1
	}
	return r
}
