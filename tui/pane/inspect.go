package pane

import (
	"cmp"
	"slices"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/tui/canvas"
	"cluster/splitbrain/tui/script"
	"cluster/splitbrain/viewservice"
)

// Known are the panes that know something of a node.
type Known struct {
	Now       *Index
	Views     *Views
	Messages  *Messages
	Chronicle *Chronicle
}

// InspectRow is a row of what is known of a node: what it is about in its first row, when that was, and the words.
type InspectRow struct {
	Label, When string
	Style       canvas.Style
	Text        string
}

// inspection collects rows.
type inspection struct {
	Known
	node  string
	label string // of the next row
	rows  []InspectRow
}

// How much is told of a node.
const (
	mostInspectedViews = 12
	mostInspectedKeys  = 8
	mostInspectedBoots = 12
)

// Inspect tells all that is known of a node.
func Inspect(k Known, node string) []InspectRow {
	in := &inspection{Known: k, node: node}
	switch v := k.Now.Server(node); {
	case node == engine.ViewAddr:
		in.viewservice()
	case v != nil:
		in.server(v)
	default:
		if c := k.Now.Client(node); c != nil {
			in.client(c)
		}
	}
	in.links()
	in.sent()
	in.boots()
	return in.rows
}

// about begins what is told under a label.
func (in *inspection) about(label string) *inspection {
	in.label = label
	return in
}

func (in *inspection) say(look canvas.Style, text string) *inspection {
	return in.saidAt("", look, text)
}

func (in *inspection) at(when time.Duration, look canvas.Style, text string) *inspection {
	return in.saidAt(Clock(when), look, text)
}

func (in *inspection) saidAt(when string, look canvas.Style, text string) *inspection {
	if text != "" {
		in.rows = append(in.rows, InspectRow{in.label, when, look, text})
		in.label = ""
	}
	return in
}

// bootWords say how a process fares, and which boot of its node it is.
func bootWords(state netsim.State, boot int) string {
	text, _ := StateWords(state)
	return text + ", boot " + engine.Count(boot)
}

func (in *inspection) server(v *engine.ServerState) {
	now, s := in.Now, &v.Status
	role, look := RoleWords(s.Role)
	if now.Outdated(v) {
		role, look = now.RoleMark(v)
	}
	up := v.State == netsim.Up || v.State == netsim.Frozen
	if !up {
		_, role, look = now.PlaceOf(v.Name)
	}
	if role != "" {
		role += ", "
	}
	in.about("state").say(look, role+bootWords(v.State, v.Boots)).say(tonesOf(now.Says(v).Tone), now.Says(v).Text)
	if age := now.AgeBar(v); age != nil {
		text := "not heard by vs for " + AgeWords(v.PingAge) + " of " + AgeWords(now.Limit)
		if v.PingAge >= now.Limit {
			text = "dead: not heard by vs for " + AgeWords(v.PingAge) + ", " + AgeWords(now.Limit) + " allowed"
		}
		in.about("ping").say(age.Look, text)
	}
	in.entered(v)
	if !up {
		return
	}
	in.keys(v)
	remembers := "remembers the newest operation of " + engine.Plural(s.Clients, "client") + ", with its answer (S10)"
	if s.Clients == 0 {
		remembers = "remembers no operation (S10)"
	}
	in.about("filter").say(canvas.Plain, remembers)
	in.about("queue").say(canvas.Plain, engine.Plural(s.Waiting, "operation")+" to be applied, the map is at position "+engine.Count(int(s.Position)))
	in.say(canvas.Warning, s.Waits.String())
	if t := s.Transfer; t.Keys > 0 {
		in.about("transfer").say(canvas.Warning, engine.Count(t.Done)+" of "+engine.Plural(t.Keys, "key")+" copied to "+s.View.Backup)
	}
	in.about("refuses").say(canvas.Warning, s.Refuses.String())
}

// tonesOf is how it looks what a server says of itself.
func tonesOf(t engine.Tone) canvas.Style {
	if t > engine.Quiet {
		return canvas.Warning
	}
	return canvas.Plain
}

// entered are the views in which a server had a place, the newest first, with when it entered each, and why.
func (in *inspection) entered(v *engine.ServerState) {
	in.about("views")
	n := 0
	for _, f := range slices.Backward(in.Views.Past) {
		role := "backup"
		switch v.Name {
		case f.View.Primary:
			role = "primary"
		case f.View.Backup:
		default:
			continue
		}
		if n++; n > mostInspectedViews {
			in.say(canvas.Muted, "older ones: pane views")
			break
		}
		text := "view " + engine.Count(int(f.View.Viewnum)) + ", " + role
		if at, ok := in.Chronicle.entering(v.Name, f.View.Viewnum); ok {
			text += ", entered before " + Clock(at)
		} else {
			text += ", not seen to enter it"
		}
		in.at(f.At, canvas.Strong, text)
		for _, c := range f.Causes {
			in.say(canvas.Plain, c.String())
		}
	}
	if n == 0 {
		in.say(canvas.Muted, "none: it had no place in any")
	}
}

// keys are what a server holds, as far as the maps show it.
func (in *inspection) keys(v *engine.ServerState) {
	whole := "complete for view " + engine.Count(int(v.Status.View.Viewnum))
	if !v.Status.Complete {
		whole = "not complete for any view"
	}
	in.about("map").say(canvas.Plain, engine.Plural(v.Status.Keys, "key")+", "+whole)
	if in.Now.Covers("maps") {
		return
	}
	quote, told := new(canvas.Styles).Quoted, 0
	for i, row := range in.Now.Map.Rows[v.Name] {
		if i < len(in.Now.Map.Keys) && row.Size >= 0 && told < mostInspectedKeys {
			told++
			in.say(canvas.Plain, quote(Shorter(in.Now.Map.Keys[i]))+" = "+quote(Shorter(row.Value)))
		}
	}
	if more := v.Status.Keys - told; more > 0 && told > 0 {
		in.say(canvas.Muted, "and "+engine.Count(more)+" more: pane maps")
	}
}

func (in *inspection) client(c *engine.ClientState) {
	state, look := StateWords(c.State)
	in.about("state").say(look, state)
	in.about("now")
	if c.Running {
		in.say(canvas.Warning, script.OpText(Brief(c.Op))+", for "+AgeWords(c.Since)).say(canvas.Plain, c.Waits.Text)
	} else {
		in.say(canvas.Muted, "runs nothing")
	}
	in.about("results")
	for _, d := range c.Last {
		words := ""
		for _, s := range in.Now.doneWords(&d) {
			words += s.Text
		}
		if why := d.Outcome.Failure(); why != "" {
			words = opWords(d.Op) + " " + why
		}
		if !tellsTime(&d) {
			words += ", took " + in.Now.TookWords(d.Took, d.At)
		}
		in.at(d.At, canvas.Plain, words)
	}
}

func (in *inspection) viewservice() {
	vs := &in.Now.Viewservice
	in.about("state").say(canvas.Plain, bootWords(vs.State, vs.Boots))
	said, look := mayChange(in.Now)
	in.about("view")
	if vs.Status.View.Viewnum > 0 {
		in.say(canvas.Strong, vs.Status.View.String())
	}
	in.say(look, said)
	in.about("hears")
	for i := range vs.Status.Servers {
		m := &vs.Status.Servers[i]
		text := m.Name + " " + AgeWords(m.Silent) + " ago, in view " + engine.Count(int(m.Entered))
		switch {
		case m.Dead:
			text = m.Name + " not any more: dead"
		case m.Restarted:
			text += ", came back empty (V7)"
		case m.Place > 0:
			text += ", volunteer " + engine.Count(m.Place)
		}
		in.say(canvas.Plain, text)
	}
	in.about("views")
	for i, f := range slices.Backward(in.Views.Past) {
		if len(in.Views.Past)-i > mostInspectedViews {
			in.say(canvas.Muted, "older ones: pane views")
			break
		}
		text, refs := viewservice.InShort(f.Causes, in.Now.Config.PingInterval)
		in.at(f.At, canvas.Plain, "view "+f.View.String()+"   "+text+" "+refs.String())
	}
}

// links are what is broken on the node's links.
func (in *inspection) links() {
	in.about("broken")
	for _, f := range in.Now.Faults {
		if f.From == in.node || f.To == in.node {
			in.say(canvas.Broken, f.Kind.Row().Mark+" "+f.String())
		}
	}
}

// stream is what a node has sent to another.
type stream struct {
	to        string
	all, lost int
	newest    *message
}

// sent is what the node has sent to whom, of the messages that are remembered.
func (in *inspection) sent() {
	if in.Now.Covers("messages") {
		return
	}
	by := map[string]*stream{}
	for _, h := range in.Messages.all {
		if h.message == nil || h.arrival || h.from != in.node {
			continue
		}
		s := by[h.to]
		if s == nil {
			s = &stream{to: h.to}
			by[h.to] = s
		}
		s.all++
		if h.lost() {
			s.lost++
		}
		s.newest = h.message
	}
	all := make([]*stream, 0, len(by))
	for _, s := range by {
		all = append(all, s)
	}
	slices.SortFunc(all, func(x, y *stream) int {
		return cmp.Compare(slices.Index(in.Now.Nodes, x.to), slices.Index(in.Now.Nodes, y.to))
	})
	in.about("sends")
	for _, s := range all {
		text := "to " + s.to + " " + engine.Plural(s.all, "message")
		if s.lost > 0 {
			text += ", " + engine.Count(s.lost) + " lost"
		}
		in.at(s.newest.first().at, canvas.Plain, text+", the last: "+s.newest.what())
	}
	if len(all) == 0 {
		in.say(canvas.Muted, "nothing that is remembered")
	}
}

func (in *inspection) boots() {
	in.about("boots")
	for i, e := range in.Chronicle.boots(in.node) {
		if i == mostInspectedBoots {
			in.say(canvas.Muted, "older ones: pane events")
			return
		}
		in.at(e.At, e.Style, e.Text)
	}
}
