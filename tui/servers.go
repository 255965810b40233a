package tui

import (
	"strconv"
	"strings"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/viewservice"
)

// The columns of the servers' table, in cells, and how wide the screen must be for those that may go.
const (
	nameCol, roleCol, stateCol, viewCol, keysCol, waitCol = 7, 12, 14, 6, 9, 9

	barCells, ageCol = 10, 20
	ageFrom          = 58 // the bar
	keysFrom         = 67
	waitFrom         = 76
	noteFrom         = 90
)

func (m *Model) drawServers(b *block) {
	h := b.h
	if h > len(m.now.Servers) {
		m.serverHeading(b.next())
	}
	for i := range m.now.Servers {
		if b.full() {
			return
		}
		m.drawServer(b.next(), &m.now.Servers[i])
	}
	if !b.full() && m.now.nodes != nil {
		m.drawViewsRow(b.next())
	}
}

func (m *Model) serverHeading(b *block) {
	b.at(nameCol)
	b.col(muted, "role", roleCol).col(muted, "state", stateCol).col(muted, "view", viewCol)
	if b.w >= ageFrom {
		b.col(muted, "ping age", ageCol)
	}
	if b.w >= keysFrom {
		b.num(muted, "keys", keysCol)
	}
	if b.w >= waitFrom {
		b.num(muted, "waiting", waitCol)
	}
}

// mark shows which row keys act on.
func (m *Model) mark(b *block, name string) role {
	if name == m.selected {
		b.put(selected, "▸ ")
		return selected
	}
	b.space(2)
	return plain
}

func (m *Model) drawServer(b *block, v *engine.ServerState) {
	look := m.mark(b, v.Name)
	b.col(look, v.Name, nameCol-2)
	m.drawRole(b, v)
	m.drawState(b, v)
	b.col(plain, viewWords(v), viewCol)
	if b.w >= ageFrom {
		m.drawAge(b, v)
	}
	up := v.State != netsim.Crashed && v.State != netsim.Off
	if b.w >= keysFrom {
		text := "–"
		if up {
			text = count(v.Status.Keys)
		}
		b.num(plain, text, keysCol)
	}
	if b.w < waitFrom {
		return
	}
	switch t := v.Status.Transfer; {
	case t.Keys > 0 && b.w < noteFrom:
		b.num(warning, transferWords(t.Done, t.Keys), waitCol+3)
	case v.Status.Waiting > 0:
		b.num(warning, count(v.Status.Waiting), waitCol)
	default:
		b.num(muted, "", waitCol)
	}
	if b.w >= noteFrom {
		text, look := m.remark(v)
		b.space(3).put(look, text)
	}
}

func (m *Model) drawRole(b *block, v *engine.ServerState) {
	if v.State == netsim.Crashed || v.State == netsim.Off {
		b.col(muted, "–", roleCol)
		return
	}
	text, look := m.roleOf(v)
	b.col(look, text, roleCol)
}

// roleOf is a server's role in words, with the view where that is past.
func (m *Model) roleOf(v *engine.ServerState) (string, role) {
	if m.now.outdated(v) {
		return m.now.roleMark(v)
	}
	return roleWords(v.Status.Role)
}

// drawState says how the process fares, or else which links it misses, and which incarnation it is.
func (m *Model) drawState(b *block, v *engine.ServerState) {
	text, look := stateWords(v.State)
	if v.State == netsim.Up && len(v.CutOff) > 0 {
		text, look = "⊘ "+m.now.cutWords(v), broken
	}
	incarnation := " #" + strconv.Itoa(v.Incarnation)
	b.cell(look, text, stateCol-1-len(incarnation), 0)
	b.put(muted, incarnation)
	b.at(nameCol + roleCol + stateCol)
}

// cutWords say from whom a server is cut off.
func (s *scene) cutWords(v *engine.ServerState) string {
	if len(v.CutOff) >= len(s.Servers) { // all the others, and the viewservice
		return "cut off"
	}
	return "cut " + strings.Join(v.CutOff, " ")
}

// viewWords is the view entered, and the one that is known where that is newer.
func viewWords(v *engine.ServerState) string {
	if v.State == netsim.Crashed || v.State == netsim.Off {
		return "–"
	}
	entered := strconv.Itoa(int(v.Status.Entered))
	if v.Status.View.Viewnum > v.Status.Entered {
		return entered + "→" + strconv.Itoa(int(v.Status.View.Viewnum))
	}
	return entered
}

// drawAge fills a bar toward the moment at which the viewservice declares the server dead.
func (m *Model) drawAge(b *block, v *engine.ServerState) {
	limit := m.now.limit
	if v.PingAge < 0 || limit <= 0 || m.now.Views.State == netsim.Crashed {
		text := "never heard"
		if m.now.Views.State == netsim.Crashed {
			text = "nobody listens"
		}
		b.col(muted, text, ageCol)
		return
	}
	full := int(int64(barCells) * int64(v.PingAge) / int64(limit))
	look, words := plain, ageWords(v.PingAge)
	switch {
	case v.PingAge >= limit:
		full, look, words = barCells, dead, "dead"
	case v.PingAge > limit/2:
		look = warning
	}
	full = min(full, barCells)
	b.repeat(look, '█', full).repeat(faint, '·', barCells-full)
	b.num(look, words, ageCol-barCells-2).space(2)
}

// ageWords has no fractions below a second: they would only flicker.
func ageWords(d time.Duration) string {
	if d < time.Second {
		return strconv.FormatInt(d.Milliseconds(), 10) + " ms"
	}
	return elapsed(d)
}

func transferWords(done, keys int) string {
	return "copied " + percent(done, keys)
}

func percent(done, of int) string {
	if of <= 0 {
		return "0%"
	}
	return strconv.Itoa(min(100*done/of, 100)) + "%"
}

// remark says what else there is to say of a server, in the room that wide screens have.
func (m *Model) remark(v *engine.ServerState) (string, role) {
	s := &v.Status
	switch {
	case v.State == netsim.Crashed:
		return "its memory is gone", muted
	case s.Transfer.Keys > 0:
		return "copied " + count(s.Transfer.Done) + " of " + count(s.Transfer.Keys) + " keys, " + percent(s.Transfer.Done, s.Transfer.Keys), warning
	case s.Waiting > 0:
		return s.Waits.String(), warning
	case s.Role != pbservice.Idle && s.Refuses.Code != pbservice.CodeNone:
		return s.Refuses.String(), muted
	}
	return phaseWords(s.Phase), muted
}

// phaseWords don't say of a primary without operations that it is waiting.
func phaseWords(phase string) string {
	if phase == pbservice.PhaseWaiting {
		return "confirms with its backup (S5)"
	}
	return phase
}

// drawViewsRow is the viewservice's row in the table.
func (m *Model) drawViewsRow(b *block) {
	vs := &m.now.Views
	look := m.mark(b, engine.Views)
	b.col(look, engine.Views, nameCol-2).col(plain, "views", roleCol)
	text, state := stateWords(vs.State)
	if cut := m.now.cutFrom(engine.Views); vs.State == netsim.Up && len(cut) > 0 {
		text, state = "⊘ cut "+strings.Join(cut, " "), broken
	}
	incarnation := " #" + strconv.Itoa(vs.Incarnation)
	b.cell(state, text, stateCol-1-len(incarnation), 0).put(muted, incarnation)
	b.at(nameCol + roleCol + stateCol)
	if vs.State == netsim.Crashed { // it knows of no view and no volunteer
		b.col(plain, "–", viewCol)
		return
	}
	b.col(plain, strconv.Itoa(int(vs.Status.View.Viewnum)), viewCol)
	b.put(muted, volunteers(vs.Status.Servers))
}

// volunteers are the servers that wait for a place, in their order.
func volunteers(all []viewservice.Member) string {
	names := make([]string, len(all)+1)
	for _, v := range all {
		if v.Place > 0 && v.Place < len(names) {
			names[v.Place] = v.Name
		}
	}
	text := strings.Join(strings.Fields(strings.Join(names, " ")), " ")
	if text == "" {
		return ""
	}
	return "volunteers: " + text
}
