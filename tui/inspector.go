package tui

import (
	"slices"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/tui/canvas"
	"cluster/splitbrain/tui/pane"

	tea "github.com/charmbracelet/bubbletea"
)

// inspector tells all that is known of the selected node, as it is while that is looked at.
type inspector struct {
	m   *Model
	top int
}

// inspectAction opens the inspector. Enter does where it has nothing else to do.
func inspectAction(m *Model) pane.Action {
	return pane.Action{
		Keys: []string{"I"}, Shown: "I", Name: "inspect", Help: "all of the selected node: views, keys, queue, what it sends, boots; enter too in stage, events, views, charts",
		Works: onNode(m), Do: does(m.inspect), Looks: true, Late: func(pane.Place) bool { return true },
	}
}

// inspectByEnter does the same by enter, in panes in which nothing is chosen.
func inspectByEnter(m *Model) pane.Action {
	plain := []string{m.stage.Name(), m.events.Name(), m.views.Name(), m.charts.Name()}
	return pane.Action{
		Keys: []string{"enter"}, Do: does(m.inspect), Looks: true,
		Works: func(at pane.Place) (string, bool) {
			return "", slices.Contains(plain, at.Front) && m.reader() == nil && slices.Contains(m.now.Nodes, m.selected)
		},
	}
}

// inspect opens the inspector, unless it would answer a question that is open.
func (m *Model) inspect() tea.Cmd {
	if m.now.Covered {
		m.warn(pane.CoveredWords)
		return nil
	}
	m.dialog = &inspector{m: m}
	return nil
}

func (i *inspector) hints() []hint {
	return []hint{{"↑↓", "scroll"}, {"←→", "other nodes"}, {"esc", "close"}}
}

func (i *inspector) key(m *Model, k tea.KeyMsg) tea.Cmd {
	switch k.String() {
	case "up", "k":
		i.wheel(-1)
	case "down", "j":
		i.wheel(+1)
	case "pgup":
		i.wheel(-max(i.seen()-1, 1))
	case "pgdown", " ":
		i.wheel(+max(i.seen()-1, 1))
	case "home":
		i.top = 0
	case "end":
		i.wheel(len(i.rows(m.w)))
	case "left", "h", "shift+tab":
		i.turn(-1)
	case "right", "l", "tab":
		i.turn(+1)
	case "enter", "I", "q":
		m.dialog = nil
	default:
		return i.leaveTo(k)
	}
	return nil
}

// leaveTo does what a key does without the inspector, which stays only if that selects another node.
func (i *inspector) leaveTo(k tea.KeyMsg) tea.Cmd {
	m, was := i.m, i.m.selected
	m.dialog = nil
	cmd := m.key(k)
	if m.dialog == nil && m.selected != was {
		m.dialog, i.top = i, 0
	}
	return cmd
}

// turn goes on to another node.
func (i *inspector) turn(by int) {
	i.m.moveSelection(by)
	i.top = 0
}

// seen is how many rows there is room for.
func (i *inspector) seen() int {
	_, covered := i.m.overlaid()
	return max(covered.h-1, 0)
}

func (i *inspector) wheel(by int) { i.top = max(0, min(i.top+by, len(i.rows(i.m.w))-i.seen())) }

func (i *inspector) click(*Model, int, int) tea.Cmd { return nil }

func (i *inspector) draw(m *Model, b *canvas.Canvas) {
	b.Space(1).Put(canvas.Strong, "inspect "+m.selected)
}

// The columns of an inspector, in cells.
const inspectLabel, inspectWhen = 10, 10

// rows are what there is to tell, in rows of w cells.
func (i *inspector) rows(w int) []pane.InspectRow {
	m := i.m
	if m.now.Covered { // a question was asked meanwhile
		return []pane.InspectRow{{Style: canvas.Muted, Text: pane.CoveredWords}}
	}
	var all []pane.InspectRow
	for _, row := range pane.Inspect(pane.Known{Now: m.now, Views: m.views, Messages: m.messages, Chronicle: m.chronicle}, m.selected) {
		for _, line := range m.styles.Wrap(row.Text, w-inspectLabel-inspectWhen-2, 6) {
			row.Text = line
			all = append(all, row)
			row.Label, row.When = "", ""
		}
	}
	return all
}

func (i *inspector) drawOver(b *canvas.Canvas) {
	rows := i.rows(b.W)
	h := max(b.H-1, 0)
	top := max(0, min(i.top, len(rows)-h))
	end := min(top+h, len(rows))
	head := ""
	if len(rows) > h {
		head = engine.Count(top+1) + "–" + engine.Count(end) + " of " + engine.Count(len(rows))
	}
	b.Next().Repeat(canvas.Faint, '─', 1).Put(canvas.Selected, "["+i.m.selected+"]")
	endHeading(b, head)
	for _, row := range rows[top:end] {
		b.Next().Space(1).Col(canvas.Muted, row.Label, inspectLabel).Col(canvas.Muted, row.When, inspectWhen).Put(row.Style, row.Text)
	}
}
