package tui

import tea "github.com/charmbracelet/bubbletea"

// typed takes apart what a fast typist, or a program, has typed at once.
func (m *Model) typed(k tea.KeyMsg) tea.Cmd {
	if k.Type != tea.KeyRunes || k.Paste || k.Alt || len(k.Runes) < 2 {
		return m.key(k)
	}
	return m.typeAll(string(k.Runes))
}

// key gives a key to what is open, or looks it up.
func (m *Model) key(k tea.KeyMsg) tea.Cmd {
	name := k.String()
	m.forgetIdle()
	if m.dialog != nil {
		if name == "esc" || name == "ctrl+g" {
			return m.escape()
		}
		if name != "ctrl+c" && name != "ctrl+z" {
			return m.dialog.key(m, k)
		}
	}
	landed := m.landed
	m.landed = false
	at := m.place()
	a := m.actionOf(name, at)
	if a == nil {
		a = m.triedBy(name)
	}
	if a == nil {
		m.tellIdle(name)
		return nil
	}
	if a.Name != "" && m.commands.text == welcome {
		m.commands.text = ""
	}
	if m.back != nil && !a.Looks {
		return m.actNow(name)
	}
	w := a.Do(at)
	if landed && name == forwardKey && w.Acts() { // one too many
		m.note("now again: " + name + " once more does it: " + w.Words())
		return nil
	}
	return m.grant(w)
}

// actNow shows what is so now, and what a key does there: what it was aimed at may be gone. What changes the cluster waits
// for being pressed once more.
func (m *Model) actNow(key string) tea.Cmd {
	m.toNow(backToNow)
	m.relayout()
	at := m.place()
	a := m.actionOf(key, at)
	if a == nil {
		if a = m.triedBy(key); a == nil {
			m.tellIdle(key)
			return nil
		}
		return m.grant(a.Do(at)) // which says why not
	}
	w := a.Do(at)
	if !w.Acts() {
		return m.grant(w)
	}
	if key == " " {
		key = "space"
	}
	m.note("now again: " + key + " once more does it: " + w.Words())
	return nil
}

func (m *Model) somethingOpen() bool {
	return m.dialog != nil || m.reads() || m.zoomed || m.presenting || m.inFront(m.help) || m.back != nil
}

// escapes is what escape does now, unless something is open.
func (m *Model) escapes() (name string, ok bool) {
	switch {
	case m.keptFilter() != nil:
		return "clear filter", true
	case m.commands.active() > 0:
		return "cancel", true
	case m.notes.Leads():
		return "play freely", true
	}
	return "end load", m.load != nil
}

// escape closes what is open, the last first. With nothing open it clears a filter, or cancels what runs.
func (m *Model) escape() tea.Cmd {
	switch {
	case m.dialog != nil:
		if f, ok := m.dialog.(*filterLine); ok {
			m.dialog = nil
			return f.leave(m)
		}
		if p, ok := m.dialog.(*prompt); ok && p.closeOffers() {
			break
		}
		if c, ok := m.dialog.(*confirm); ok {
			c.leave(m)
		}
		m.dialog = nil
	case m.back != nil:
		m.toNow(backToNow)
	case m.inFront(m.help):
		m.active = m.beforeH
	case m.presenting:
		m.presenting = false
	case m.reads():
		m.reader().Open()
		return nil
	case m.zoomed:
		m.zoomed = false
	case m.keptFilter() != nil:
		return m.setFilter(m.keptFilter(), "")
	case m.commands.active() > 0:
		m.commands.cancelSome()
	case m.notes.Leads():
		return m.playFreely()
	case m.load != nil:
		return m.commands.run("load off")
	}
	return m.poll.now()
}
