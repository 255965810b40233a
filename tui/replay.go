package tui

import (
	"slices"
	"sort"
	"strconv"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/tui/pane"
	"cluster/splitbrain/tui/script"
	"cluster/splitbrain/tui/transcript"
	"cluster/splitbrain/viewservice"

	tea "github.com/charmbracelet/bubbletea"
)

// replay plays once more what was seen of a view change, slowly.
type replay struct {
	scenes []scene
	at     int       // the scene that is played
	began  time.Time // when that did
}

// scene is a part of a replay: some of the cluster's time, with what is told meanwhile.
type scene struct {
	from, to time.Duration
	lasts    time.Duration // of the viewer's time
	says     func(at time.Duration) string
}

// replayTick goes on with a replay.
type replayTick struct{ of *replay }

// rate is how fast the cluster's time goes in a scene, with two digits, which are enough to be read.
func (s *scene) rate() float64 {
	rate, _ := strconv.ParseFloat(strconv.FormatFloat(float64(s.to-s.from)/float64(s.lasts), 'g', 2, 64), 64)
	return rate
}

const (
	replayEvery  = time.Second / 20
	leastScene   = 3 * time.Second
	readsPerChar = 45 * time.Millisecond
)

// offersReplay is for how much of the cluster's time after a view was formed the hint to play that goes before others.
const offersReplay = 10 * time.Second

func onceMoreAction(m *Model) pane.Action {
	fresh := func() bool {
		past := m.live().views.Past
		calm := !m.now.Covered && m.violated == "" && m.now.Why.Level < engine.Stuck // or else other keys help more
		return len(past) > 2 && calm && m.now.At-past[len(past)-1].At < offersReplay
	}
	works := func(pane.Place) (string, bool) {
		if m.back != nil {
			return "once more", len(m.live().views.Past) > 0
		}
		return "", len(m.live().views.Past) > 0
	}
	return pane.Action{
		Keys: []string{"o"}, Shown: "o", Name: "once more, slowly", Help: "play the last view change once more, slowly, with its causes",
		Works: works, Do: does(m.onceMore), Looks: true,
		Urgent: func(pane.Place) bool { return m.back != nil || fresh() }, Late: func(pane.Place) bool { return true },
	}
}

// onceMore plays the last view change.
func (m *Model) onceMore() tea.Cmd {
	past := m.live().views.Past
	m.toNow("")
	if m.now.Covered {
		m.warn(pane.CoveredWords)
		return nil
	}
	if eng, ok := m.session.Engine.(engine.Replayer); ok {
		return m.askPast(eng, &past[len(past)-1])
	}
	if !m.beginLookBack() {
		m.note("nothing is remembered yet")
		return nil
	}
	return m.playLast()
}

// playLast begins to play the last view change of the look back.
func (m *Model) playLast() tea.Cmd {
	scenes := m.back.scenesOf(m.live().views.Past, m.now.Config.PingInterval)
	if scenes == nil {
		m.toNow("the last view change is too long ago: nothing is remembered of it")
		return nil
	}
	m.note("")
	m.back.replay = &replay{scenes: scenes, began: time.Now()}
	return m.play(time.Now())
}

// The times at which a cluster that can go back is asked how it was: so many in each ping interval, up to so many intervals after
// a view was formed, by when it is acknowledged if all is well. Of a silence that is long only its ends are looked at so closely,
// and of what lies between at most so many looks are taken.
const (
	looksPerInterval = 8
	mostUnacked      = 20
	mostOfSilence    = 200
)

// lookTimes are those around the forming of a view, none of them after now.
func lookTimes(formed *transcript.Formed, interval, now time.Duration) []time.Duration {
	_, silent := silence(formed.Causes)
	closely := interval / looksPerInterval
	rarely := max(closely, silent/mostOfSilence)
	var times []time.Duration
	for at := max(formed.At-silent-interval, 0); at <= min(now, formed.At+mostUnacked*interval); {
		if n := len(times); n > 0 && times[n-1] < formed.At && formed.At < at {
			times = append(times, formed.At)
		}
		times = append(times, at)
		step := closely
		if at >= formed.At-silent+interval {
			step = max(closely, min(rarely, formed.At-interval-at))
		}
		at += step
	}
	return times
}

// askPast asks a cluster that can go back how it was around the forming of a view. What was seen of it may be of another branch.
func (m *Model) askPast(eng engine.Replayer, formed *transcript.Formed) tea.Cmd {
	session, window, times := m.session, m.maps.Window(), lookTimes(formed, m.now.Config.PingInterval, m.now.At)
	return func() tea.Msg {
		seen, err := eng.ObservePast(window, times)
		return pastSeen{session, window, seen, err}
	}
}

// pastSeen is how a cluster was.
type pastSeen struct {
	session *script.Session
	asked   engine.Window
	seen    []engine.Snapshot
	err     error
}

// playSeen plays a view change as the cluster has been asked for it.
func (m *Model) playSeen(past pastSeen) tea.Cmd {
	switch {
	case past.session != m.session, m.back != nil, m.dialog != nil, m.now.Covered, len(past.seen) == 0 && past.err == nil:
		return nil // something else has begun meanwhile
	case past.err != nil:
		m.warn(past.err.Error())
		return nil
	}
	m.back = &lookBack{at: len(past.seen) - 1}
	for _, s := range past.seen {
		was := sight{overview: m.overview, asked: past.asked, unjudged: true}
		was.now = pane.NewIndex(s, m.now.Nodes)
		was.now.Simulated = true
		m.back.sights = append(m.back.sights, was)
	}
	m.back.takeEvents(m.session.Engine.Trace())
	return m.playLast()
}

// scenesOf are the scenes of the last view change: the view before, the silence, the decision, and the new view up to where
// it is acknowledged; nil if it was not seen.
func (b *lookBack) scenesOf(past []transcript.Formed, interval time.Duration) []scene {
	n := len(past)
	if n == 0 || b.sights[0].now.At > past[n-1].At {
		return nil
	}
	formed := &past[n-1]
	lost, silent := silence(formed.Causes)
	first, last := b.sights[0].now.At, b.sights[len(b.sights)-1].now.At
	from := max(formed.At-silent, first)
	is := func(s *engine.Snapshot) bool { return s.Viewservice.Status.View == formed.View }
	decided, _ := b.first(is)
	acked, ends := b.first(func(s *engine.Snapshot) bool { return is(s) && s.Viewservice.Status.Acked })
	var all []scene
	add := func(from, to time.Duration, says func(time.Duration) string) {
		all = append(all, scene{from, to, max(leastScene, time.Duration(len([]rune(says(to))))*readsPerChar), says})
	}
	if n > 1 {
		before := viewInWords(past[n-2].View)
		add(max(from-interval, first), from, func(time.Duration) string { return "before: " + before })
	}
	if silent > 0 {
		add(from, formed.At, func(at time.Duration) string {
			return "silence: vs has not heard " + lost.Server + " for " + pane.AgeWords(max(at-from, 0)) + " of " + pane.AgeWords(lost.Allowed)
		})
	}
	number := engine.Count(int(formed.View.Viewnum))
	for _, c := range formed.Causes {
		text := "vs decides on view " + number + ": " + c.String()
		add(decided, decided, func(time.Duration) string { return text })
	}
	waits := "view " + number + " waits for Ping(" + number + ") from " + formed.View.Primary + ", its primary (V2)"
	add(decided, acked, func(time.Duration) string { return waits })
	if ends {
		after := "✓ acknowledged: " + viewInWords(formed.View)
		add(acked, min(acked+interval, last), func(time.Duration) string { return after })
	}
	return all
}

// silence is the cause of a view that names who was not heard, and how long; none if nobody was lost so.
func silence(causes []viewservice.Cause) (viewservice.Cause, time.Duration) {
	for _, c := range causes {
		if c.Code == viewservice.PrimarySilent || c.Code == viewservice.BackupSilent {
			return c, c.Silent
		}
	}
	return viewservice.Cause{}, 0
}

// first is when something was seen first, or the newest sight if it was not.
func (b *lookBack) first(is func(*engine.Snapshot) bool) (at time.Duration, ok bool) {
	for _, s := range b.sights {
		if at = s.now.At; is(&s.now.Snapshot) {
			return at, true
		}
	}
	return at, false
}

// viewInWords is a view with who is what in it.
func viewInWords(v viewservice.View) string {
	text := "view " + engine.Count(int(v.Viewnum)) + ", primary " + pane.OrNobody(v.Primary)
	if v.Backup == "" {
		return text + ", no backup"
	}
	return text + ", backup " + v.Backup
}

// replayed goes on with a replay, if that is still the one on the screen.
func (m *Model) replayed(tick replayTick) tea.Cmd {
	if m.back == nil || m.back.replay != tick.of {
		return nil
	}
	return m.play(time.Now())
}

// play shows what a replay has come to at a time.
func (m *Model) play(now time.Time) tea.Cmd {
	r := m.back.replay
	for now.Sub(r.began) > r.scenes[r.at].lasts {
		r.began = r.began.Add(r.scenes[r.at].lasts)
		if r.at++; r.at == len(r.scenes) {
			m.toNow("now again: that was the last view change")
			return nil
		}
	}
	sc := &r.scenes[r.at]
	at := sc.from + time.Duration(float64(sc.to-sc.from)*float64(now.Sub(r.began))/float64(sc.lasts))
	m.showBetween(at, sc.rate())
	m.subtitle = sc.says(at)
	return m.poll.timer(replayEvery, func(time.Time) tea.Msg { return replayTick{r} })
}

// heard is when a server of the sight that is shown was heard last before a time, as that sight, the next one, or the trace tells.
// Where all that is known is that it was heard between two sights that are many pings apart, its age stays as it was seen.
func (b *lookBack) heard(v engine.ServerState, at time.Duration) time.Duration {
	is := b.sights[b.at].now
	last, again := is.At-v.PingAge, false
	if b.at+1 < len(b.sights) {
		next := b.sights[b.at+1].now
		if o := next.Server(v.Name); o != nil && o.PingAge >= 0 && next.At-o.PingAge <= at {
			last = max(last, next.At-o.PingAge)
		} else if o != nil && o.PingAge >= 0 {
			again = next.At-is.At > is.Config.PingInterval
		}
	}
	i := sort.Search(len(b.events), func(i int) bool { return b.events[i].At > at }) - 1
	for ; i >= 0 && b.events[i].At > last; i-- {
		e := &b.events[i]
		if e.From == v.Name && e.Kind == netsim.MsgDelivered && e.Direction == netsim.Request && e.Method == viewservice.PingMethod {
			return e.At
		}
	}
	isPing := func(e netsim.TraceEvent) bool { return e.Method == viewservice.PingMethod }
	if again && !slices.ContainsFunc(b.events[:i+1], isPing) { // which are forgotten before others
		return at - v.PingAge
	}
	return last
}

// showBetween shows what was so at a moment between two looks, in which time goes at a rate.
func (m *Model) showBetween(at time.Duration, rate float64) {
	b := m.back
	b.at = b.nearest(at)
	s := b.sights[b.at]
	snap := s.now.Later(at, func(v engine.ServerState) time.Duration { return b.heard(v, at) })
	snap.Paused, snap.Standing, snap.Speed, snap.Pace = false, rate == 0, rate, 1
	s.now = pane.NewIndex(snap, s.now.Nodes)
	m.recall(s, b.at)
}
