package script

import (
	"context"
	"fmt"
	"strings"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/pbservice"
)

// stating are the commands that tell how the cluster is, to who has no screen to look at.
func stating() []Command {
	return []Command{{
		Name: "status", Help: "tells the view, how each node is, what the maps hold, and what is broken", Example: "status", run: status, unsaved: true,
	}, {
		Name: "why", Help: "tells what is so now, why, and what comes next", Example: "why", run: why, unsaved: true,
	}}
}

// statusKeys is how many keys of the maps a status tells.
const statusKeys = 8

func status(ctx context.Context, s *Session, inv Invocation) (Result, error) {
	snap, err := s.look(ctx, engine.Window{Limit: statusKeys})
	if err != nil {
		return Result{}, of(inv, err)
	}
	seen := engine.NewIndex(snap)
	rows := []string{viewStatus(seen)}
	for i := range seen.Servers {
		rows = append(rows, serverStatus(&seen.Servers[i]))
	}
	for i := range seen.Clients {
		rows = append(rows, clientStatus(&seen.Clients[i]))
	}
	rows = append(rows, mapStatus(&seen.Map, seen.Servers)...)
	return Result{Text: strings.Join(append(rows, brokenStatus(seen)), "\n"), Pane: "stage"}, nil
}

func why(ctx context.Context, s *Session, inv Invocation) (Result, error) {
	seen, err := s.look(ctx, engine.Window{})
	if err != nil {
		return Result{}, of(inv, err)
	}
	return Result{Text: seen.Why.String()}, nil
}

func viewStatus(x *engine.Index) string {
	vs := &x.Viewservice
	text := "vs " + vs.State.String()
	switch {
	case vs.State == netsim.Crashed:
		return text
	case x.View.Viewnum == 0:
		return text + ", no view yet"
	case x.Forgotten():
		return text + ", has forgotten all views; the newest was " + x.View.String()
	case !vs.Status.Acked:
		return text + ", view " + x.View.String() + ", not acknowledged"
	}
	return text + ", view " + x.View.String() + ", acknowledged"
}

func serverStatus(v *engine.ServerState) string {
	text := v.Name + " " + v.State.String()
	if v.State == netsim.Crashed || v.State == netsim.Stopped {
		return text
	}
	text += fmt.Sprintf(", %v, view %d, %s", v.Status.Role, v.Status.View.Viewnum, engine.Plural(v.Status.Keys, "key"))
	if v.Status.Entered < v.Status.View.Viewnum {
		text += fmt.Sprintf(", has entered view %d", v.Status.Entered)
	}
	if v.PingAge >= 0 {
		text += ", last ping " + engine.Elapsed(v.PingAge) + " ago"
	}
	if t := v.Status.Transfer; t.Keys > 0 {
		text += fmt.Sprintf(", a transfer has come to %d of %s", t.Done, engine.Plural(t.Keys, "key"))
	}
	if v.Status.Waiting > 0 {
		text += ", " + engine.Plural(v.Status.Waiting, "operation") + " waiting"
	}
	return text
}

func clientStatus(c *engine.ClientState) string {
	text := c.Name + " " + c.State.String()
	switch {
	case c.Running:
		return text + ", " + OpText(c.Op) + " for " + engine.Elapsed(c.Since) + ": " + c.Waits.Text
	case len(c.Last) == 0:
		return text + ", has done nothing yet"
	}
	return text + ", last " + OpText(c.Last[0].Op) + ": " + doneText(&c.Last[0])
}

// OpText is an operation as it would be typed.
func OpText(op pbservice.Op) string {
	text := op.Kind.String() + " " + Quote(op.Key)
	if op.Kind != pbservice.Get {
		text += " " + Quote(op.Value)
	}
	return text
}

func doneText(d *engine.Done) string {
	switch {
	case d.Outcome.Failure() != "":
		return d.Outcome.Failure()
	case d.Outcome.Kind == engine.Absent:
		return "no such key"
	case d.Op.Kind == pbservice.Get:
		return Quote(d.Reply.Value)
	}
	return "ok"
}

// mapStatus has a line for each of the first keys.
func mapStatus(m *engine.Map, servers []engine.ServerState) []string {
	var rows []string
	for i, key := range m.Keys {
		text := "key " + Quote(key) + ":"
		for j := range servers {
			if rows := m.Rows[servers[j].Name]; i < len(rows) && rows[i].Size >= 0 {
				text += " " + servers[j].Name + " has " + valueText(&rows[i]) + ","
			}
		}
		rows = append(rows, strings.TrimSuffix(text, ","))
	}
	if more := m.Total - len(m.Keys); more > 0 {
		rows = append(rows, "and "+engine.Plural(more, "key")+" more")
	}
	return rows
}

// valueText is a value, or how it begins.
func valueText(r *pbservice.Row) string {
	if r.Size > len(r.Value) {
		return fmt.Sprintf("%s… (%d bytes)", Quote(r.Value), r.Size)
	}
	return Quote(r.Value)
}

// brokenStatus tells what was done to the cluster and lasts.
func brokenStatus(x *engine.Index) string {
	all := x.NetworkBroken()
	if x.Disabled != 0 {
		all = append(all, "rules off: "+x.Disabled.String())
	}
	if x.Paused {
		all = append(all, "paused")
	}
	if len(all) == 0 {
		return "nothing is broken"
	}
	return "broken: " + strings.Join(all, ", ")
}
