package pane

import (
	"slices"
	"strings"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/env"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/tui/canvas"
	"cluster/splitbrain/viewservice"
)

// message is what is known of one message.
type message struct {
	id      uint64
	no      uint64 // of its happening
	arrived uint64 // of the happening of its late arrival; 0 if there is none
	answers uint64 // of a reply: its request
	reply   uint64 // of a request: the newest that answers it
	copyOf  uint64
	role    netsim.Direction
	from    string
	to      string
	method  string
	summary string
	says    env.Says
	op      netsim.OpID
	size    int
	life    []lifeStage // never empty
}

// lifeStage is one thing that happened to a message.
type lifeStage struct {
	at   time.Duration
	kind netsim.EventKind
	why  string
}

func (m *message) first() lifeStage { return m.life[0] }

func (m *message) last() lifeStage { return m.life[len(m.life)-1] }

// connecting is what the row of a call says for which there was no connection.
const connecting = "connects"

// refused reports whether nobody listened, so that nothing was sent.
func (m *message) refused() bool { return m.last().kind == netsim.DialRefused }

// isPing reports whether it belongs to a ping. Servers ask the viewservice nothing else.
func (m *message) isPing() bool {
	return m.method == viewservice.PingMethod || m.refused() && m.to == engine.ViewAddr && !isClient(m.from)
}

func (m *message) lost() bool { return m.last().kind == netsim.MsgLost || m.refused() }

// waited reports whether something keeps the message in the network.
func (m *message) waited() bool {
	if m.life == nil {
		return false
	}
	switch m.last().kind {
	case netsim.MsgQueued, netsim.MsgDelayed, netsim.MsgHeld:
		return true
	}
	return false
}

// methodName is a method without its service.
func methodName(method string) string {
	if _, name, ok := strings.Cut(method, "."); ok {
		return Shorter(name)
	}
	return Shorter(method)
}

// what is the message in few words. What a primary sends to its backup is told from what a client asks for.
func (m *message) what() string {
	text := wordsOf(m.role, m.method, m.says)
	if m.role == netsim.Request && m.method == pbservice.ForwardMethod {
		return "forward: " + text
	}
	return text
}

// wordsOf are the words of a message, or its method where it has none.
func wordsOf(of netsim.Direction, method string, says env.Says) string {
	switch {
	case says.Words != "":
		return Shorter(says.Words)
	case of == netsim.Reply:
		return "reply to " + methodName(method)
	}
	return methodName(method)
}

// words are what with a sign of a reply, and of a copy.
func (m *message) words() string {
	text := m.what()
	if m.role == netsim.Reply {
		text = "└ " + text
	}
	if m.copyOf != 0 {
		text = "2× " + text
	}
	return text
}

// fate is what became of the message so far.
func (m *message) fate() (string, canvas.Style) {
	s := m.last()
	switch s.kind {
	case netsim.MsgQueued:
		return "… " + s.why, canvas.Warning
	case netsim.MsgDelayed:
		return "~ delayed " + s.why, canvas.Warning
	case netsim.MsgHeld:
		return "‖ held", canvas.Broken
	case netsim.MsgDelivered:
		if took := s.at - m.first().at; took >= time.Millisecond/10 {
			return "✓ after " + engine.Elapsed(took), canvas.Good
		}
		return "✓ delivered", canvas.Good
	case netsim.DialRefused:
		return "✗ refused: " + s.why, canvas.Dead
	case netsim.MsgLost:
		return strings.TrimSuffix("✗ lost: "+s.why, ": "), canvas.Dead
	}
	return "→ on its way", canvas.Warning
}

// kinds are words of a filter that ask for messages of one kind.
var kinds = map[string]func(*message) bool{
	"request": func(m *message) bool { return m.role == netsim.Request },
	"reply":   func(m *message) bool { return m.role == netsim.Reply },
	"lost":    (*message).lost,
	"held":    func(m *message) bool { return m.has(netsim.MsgHeld) },
	"delayed": func(m *message) bool { return m.has(netsim.MsgDelayed) },
	"dup":     func(m *message) bool { return m.copyOf != 0 },
}

func (m *message) has(kind netsim.EventKind) bool {
	return slices.ContainsFunc(m.life, func(s lifeStage) bool { return s.kind == kind })
}

// matches reports whether all words of a filter are in the message. The name of a node means its messages alone, and
// that of a kind those of the kind.
func (m *message) matches(words, nodes []string) bool {
	text := ""
	for _, w := range words {
		if slices.Contains(nodes, w) {
			if m.from != w && m.to != w {
				return false
			}
			continue
		}
		if is := kinds[w]; is != nil {
			if !is(m) {
				return false
			}
			continue
		}
		if text == "" {
			text = strings.ToLower(m.method + " " + m.summary + " " + m.what() + " " + numberOf(m.id))
		}
		if !strings.Contains(text, w) {
			return false
		}
	}
	return true
}

// matches reports whether all words of a filter are in the mark.
func (k *mark) matches(words []string) bool {
	text := strings.ToLower(k.text)
	for _, w := range words {
		if !strings.Contains(text, w) {
			return false
		}
	}
	return true
}
