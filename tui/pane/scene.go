package pane

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/tui/canvas"
	"cluster/splitbrain/tui/script"
)

// scene is what the stage shows of one moment, as data: who is there, what happens between them or is broken, and how the
// service fares. It has neither places nor signs of lines.
type scene struct {
	lamp    Lamp
	top     []*actor // the viewservice and the servers
	clients []*actor
	more    int     // clients that are not among them
	wires   []*wire // only where something happens or is broken, what matters most first
	parted  string  // what a partition parts, group by group, or who is cut off from all; "" if nobody is
}

// actor is a box: a node, or several servers of which there is nothing to say.
type actor struct {
	nodes    []string
	head     []canvas.Span // name and role
	short    []canvas.Span // the same where there is little room
	lines    [][]canvas.Span
	cuts     func(w int) canvas.Span // the first line in w cells: the links that it misses; nil if it misses none
	says     canvas.Span             // what it does now, where there is room for a sentence
	age      *AgeBar                 // nil if nobody is to hear of it
	fill     float64                 // of a transfer into it, 0 to 1; negative while there is none
	dead     bool                    // it has crashed: its box is empty
	frozen   bool
	idle     bool // it waits for a place in the view
	selected bool
	pointed  bool // a lesson points at it
	telling  int  // of clients: how much there is to see
}

// wire is the link between two nodes, a being the one that stands before b.
type wire struct {
	a, b    string
	faults  []netsim.Fault // of both directions
	flights []*flight      // the oldest first
	weight  int            // how much it matters
	pointed []engine.Link  // the directions that a lesson points at
}

// sceneOf is what there is to see now of the flights that are remembered. violation is the promise that was found
// broken, "" while all hold.
func sceneOf(now *Index, flights []*flight, selected, violation string) *scene {
	s := &scene{lamp: LampOf(now, violation)}
	if now.Nodes == nil {
		return s
	}
	s.top = append(s.top, now.viewsActor())
	for i := range now.Servers {
		s.top = append(s.top, now.serverActor(&now.Servers[i]))
	}
	for i := range now.Clients {
		s.clients = append(s.clients, now.clientActor(&now.Clients[i]))
	}
	for _, a := range slices.Concat(s.top, s.clients) {
		a.selected, a.pointed = a.nodes[0] == selected, now.Marked(a.nodes[0])
	}
	switch alone := now.cuts.Alone; {
	case len(alone) > 0:
		s.parted = "cut off: " + strings.Join(alone, "  |  ")
	case len(now.cuts.Sides) > 1:
		s.parted = "parted: " + strings.Join(partsOf(now.cuts.Sides), "  |  ")
	}
	s.wires = wiresOf(now, flights)
	for _, w := range s.wires {
		for _, a := range s.clients {
			if a.nodes[0] == w.a || a.nodes[0] == w.b {
				a.telling += w.weight
			}
		}
	}
	return s
}

// partsOf names the nodes of each group, but for one that has many.
func partsOf(groups [][]string) []string {
	const many = 6
	var parts []string
	largest := slices.MaxFunc(groups, func(a, b []string) int { return cmp.Compare(len(a), len(b)) })
	for _, g := range groups {
		if len(g) > many && g[0] == largest[0] {
			parts = append(parts, "all others")
		} else {
			parts = append(parts, strings.Join(g, " "))
		}
	}
	return parts
}

// viewsActor is the viewservice.
func (s *Index) viewsActor() *actor {
	vs := &s.Viewservice
	name := canvas.Strong.Span(engine.ViewAddr)
	a := &actor{nodes: []string{engine.ViewAddr}, fill: -1, head: []canvas.Span{name}, short: []canvas.Span{name}}
	a.suffer(s, engine.ViewAddr, vs.State)
	v := vs.Status.View
	switch {
	case a.dead:
		return a
	case s.Forgotten():
		a.say(canvas.Dead, "has forgotten")
		return a
	case v.Viewnum == 0:
		a.say(canvas.Plain, "no view yet")
		return a
	case vs.Status.Acked && !s.Covered && s.Why.Level == engine.Lost:
		a.say(canvas.Dead, "✗ stuck")
	case vs.Status.Acked:
		a.say(canvas.Good, "✓ acked")
	default:
		a.say(canvas.Warning, "✗ not acked")
	}
	a.head = append(a.head, canvas.Strong.Span(" view "+engine.Count(int(v.Viewnum))))
	a.lines = append(a.lines, []canvas.Span{
		s.MemberLook(v.Primary, canvas.Primary).Span("P " + OrNobody(v.Primary)),
		s.MemberLook(v.Backup, canvas.Backup).Span("  B " + OrNobody(v.Backup)),
	})
	return a
}

// suffer says how a node's process fares, unless all is well.
func (a *actor) suffer(s *Index, name string, state netsim.State) {
	switch state {
	case netsim.Crashed, netsim.Stopped:
		a.dead = true
		text, look := StateWords(state)
		a.say(look, text)
	case netsim.Frozen:
		a.frozen = true
		text, look := StateWords(state)
		a.say(look, text)
	default:
		if s.CutWords(name, 0) != "" {
			a.lines = append(a.lines, nil)
			a.cuts = func(w int) canvas.Span { return canvas.Broken.Span("⊘ " + s.CutWords(name, w-2)) }
		}
	}
}

func (a *actor) say(look canvas.Style, text string) {
	if text != "" {
		a.lines = append(a.lines, []canvas.Span{look.Span(text)})
	}
}

// serverActor is a server.
func (s *Index) serverActor(v *engine.ServerState) *actor {
	a := &actor{nodes: []string{v.Name}, fill: -1}
	a.suffer(s, v.Name, v.State)
	text, look := RoleWords(v.Status.Role)
	mark, _ := s.roleInShort(v)
	if s.Outdated(v) {
		text, look = s.RoleMark(v)
	}
	if a.dead {
		mark, text, look = s.PlaceOf(v.Name)
	}
	a.head = []canvas.Span{canvas.Strong.Span(v.Name)}
	a.short = a.head
	if text != "" {
		a.head = []canvas.Span{a.head[0], look.Span(" " + text)}
		a.short = []canvas.Span{a.head[0], look.Span(" " + mark)}
	}
	a.age = s.AgeBar(v)
	if a.dead {
		return a
	}
	a.fill = s.fillOf(v.Name)
	a.idle = v.State == netsim.Up && v.Status.Role == pbservice.Idle && v.Status.Waiting == 0
	if v.Status.Waiting > 0 {
		a.say(canvas.Warning, engine.Count(v.Status.Waiting)+" waiting")
	}
	a.say(canvas.Plain, engine.Plural(v.Status.Keys, "key"))
	if !s.Covers("maps") {
		a.lines = append(a.lines, s.valuesOf(v.Name)...)
	}
	if says := s.Says(v); !s.Covered && says.Text != "" {
		look := canvas.Muted
		if says.Tone > engine.Quiet {
			look = canvas.Warning
		}
		a.says = look.Span(says.Text)
	}
	return a
}

// fillOf is how much of its primary's data a server has been given, 0 to 1; negative while there is no transfer to it.
func (s *Index) fillOf(server string) float64 {
	t := s.Filling(server)
	if t.Keys == 0 {
		return -1
	}
	return min(float64(t.Done)/float64(t.Keys), 1)
}

// PlaceOf is the place in the view of a server that does not run, by its mark and in words; "" if it has none.
func (s *Index) PlaceOf(name string) (sign, words string, look canvas.Style) {
	var role pbservice.Role
	switch name {
	case s.Primary:
		role = pbservice.Primary
	case s.Backup:
		role = pbservice.Backup
	default:
		return "", "", canvas.Plain
	}
	sign, _ = RoleSign(role)
	words, look = RoleWords(role)
	return sign, words, s.MemberLook(name, look)
}

// mostValues is how many keys a box shows at most.
const mostValues = 3

// valuesOf are the first keys of a server with their values.
func (s *Index) valuesOf(server string) [][]canvas.Span {
	var lines [][]canvas.Span
	rows := s.Map.Rows[server]
	for i, key := range s.Map.Keys {
		if i < len(rows) && rows[i].Size >= 0 && len(lines) < mostValues {
			quote := new(canvas.Styles).Quoted
			lines = append(lines, []canvas.Span{canvas.Muted.Span(quote(Shorter(key)) + " "), canvas.Plain.Span(quote(Shorter(rows[i].Value)))})
		}
	}
	return lines
}

// clientActor is a client: what it does, else what it did last.
func (s *Index) clientActor(c *engine.ClientState) *actor {
	a := &actor{nodes: []string{c.Name}, fill: -1, head: []canvas.Span{canvas.Strong.Span(c.Name)}}
	a.short = a.head
	a.suffer(s, c.Name, c.State)
	switch {
	case c.Running && s.Late(c):
		a.telling = 1_000_000 + int(min(c.Since, time.Hour).Milliseconds())
		a.say(canvas.Warning, opWords(c.Op)+" … "+AgeWords(c.Since))
		if !s.Covered {
			a.say(canvas.Warning, c.Waits.Plain)
		}
	case c.Running:
		a.telling = 1000
		a.say(canvas.Plain, opWords(c.Op)+" …")
	case len(c.Last) > 0:
		done := &c.Last[0]
		a.telling = 100
		a.lines = append(a.lines, s.doneWords(done))
	default:
		a.say(canvas.Muted, "idle")
	}
	return a
}

func opWords(o pbservice.Op) string { return script.OpText(Brief(o)) }

// doneWords are an operation that has ended, with how it did.
func (s *Index) doneWords(d *engine.Done) []canvas.Span {
	op := canvas.Plain.Span(opWords(d.Op) + " ")
	switch {
	case d.Outcome.Kind == engine.Unknown:
		return []canvas.Span{op, canvas.Warning.Span("outcome unknown")}
	case d.Outcome.Kind == engine.Refused:
		return []canvas.Span{op, canvas.Warning.Span("refused")}
	case d.Outcome.Kind == engine.Absent:
		return []canvas.Span{op, canvas.Muted.Span("✓ no such key")}
	case d.Op.Kind == pbservice.Get:
		return []canvas.Span{op, canvas.Good.Span("= " + new(canvas.Styles).Quoted(Shorter(d.Reply.Value)))}
	}
	return []canvas.Span{op, canvas.Good.Span("✓ " + s.TookWords(d.Took, d.At))}
}

// tellsTime reports whether doneWords tell how long it took.
func tellsTime(d *engine.Done) bool { return d.Outcome.Kind == engine.OK && d.Op.Kind != pbservice.Get }

// crowded shares one box among the idle servers that are not selected.
func (s *scene) crowded() *scene {
	var top []*actor
	var together *actor
	for i, a := range s.top {
		switch {
		case i == 0 || !a.idle || a.selected || a.pointed:
			top = append(top, a)
		case together == nil:
			shared := *a
			shared.age, shared.lines, shared.cuts = nil, nil, nil
			together = &shared
			together.nodes = slices.Clone(a.nodes)
			top = append(top, together)
		default:
			together.nodes = append(together.nodes, a.nodes...)
		}
	}
	if together == nil || len(together.nodes) == 1 {
		return s
	}
	n := strconv.Itoa(len(together.nodes))
	together.head = []canvas.Span{canvas.Plain.Span(n + " idle")}
	together.short = together.head
	together.says = canvas.Muted.Span(strings.Join(together.nodes, " "))
	out := *s
	out.top = top
	return &out
}
