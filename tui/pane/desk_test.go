package pane

import (
	"slices"
	"strings"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/tui/canvas"
	"cluster/splitbrain/tui/script"
)

// desk shows one pane, without the program around it.
type desk struct {
	Pane
	now    *Index
	w, h   int
	wished []string // command lines
	look   script.Look
}

// sit looks at a pane of w × h cells.
func sit(p Pane, w, h int) *desk {
	d := &desk{Pane: p, now: NewIndex(engine.Snapshot{}, nil), w: w, h: h}
	p.Resize(w, h)
	return d
}

// see hands an observation of a moment to the pane.
func (d *desk) see(snap engine.Snapshot, o Observation) {
	o.Snap, o.Nodes = snap, nodesOf(snap)
	d.now = NewIndex(snap, o.Nodes)
	d.now.Look = d.look
	d.Observe(o, d.now)
	d.Resize(d.w, d.h)
}

func (d *desk) hears(snap engine.Snapshot, s *story) { d.see(snap, Observation{Events: s.Events}) }

// motions are what the program around a pane makes of keys.
var motions = map[string]Motion{
	"K": {Rows: -1}, "J": {Rows: +1}, "pgup": {Pages: -1}, "pgdown": {Pages: +1}, "home": {To: ToStart}, "end": {To: ToEnd},
}

// press does what keys do: what the pane says, else what they do in every pane.
func (d *desk) press(keys ...string) {
	at := Place{Now: d.now, Front: d.Name(), Shown: []string{d.Name()}}
	for _, key := range keys {
		switch a := d.action(key, at); {
		case a != nil:
			if w := a.Do(at); w.Line != "" {
				d.wished = append(d.wished, w.Line)
			}
		case key == "enter":
			d.Pane.(Reader).Open()
		default:
			if by, is := motions[key]; is {
				d.Scroll(by)
			}
		}
		d.Resize(d.w, d.h)
	}
}

// action is the pane's own for a key; nil if it has none now.
func (d *desk) action(key string, at Place) *Action {
	of, ok := d.Pane.(Actor)
	if !ok {
		return nil
	}
	all := of.Actions()
	i := slices.IndexFunc(all, func(a Action) bool {
		_, works := a.Available(at)
		return works && slices.Contains(a.Keys, key)
	})
	if i < 0 {
		return nil
	}
	return &all[i]
}

// rows are what is seen.
func (d *desk) rows() []string {
	b := new(canvas.Styles).Canvas(d.w, d.h)
	d.Draw(b, d.now)
	return b.Lines()
}

func (d *desk) String() string { return strings.Join(d.rows(), "\n") }

// rowWith is the first row with a text; "" if there is none.
func (d *desk) rowWith(text string) string {
	if i := slices.IndexFunc(d.rows(), func(row string) bool { return strings.Contains(row, text) }); i >= 0 {
		return d.rows()[i]
	}
	return ""
}

func lastOf[T any](all []T) T {
	var none T
	if len(all) == 0 {
		return none
	}
	return all[len(all)-1]
}
