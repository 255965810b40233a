package tui

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"cluster/splitbrain/netsim"
)

// message is what is known of one message, or a remark between messages, which has no id.
type message struct {
	id      uint64
	answers uint64 // of a reply: its request
	reply   uint64 // of a request: the newest that answers it
	copyOf  uint64
	role    netsim.Role
	from    string
	to      string
	method  string
	summary string
	size    int
	life    []stage // never empty
}

// stage is one thing that happened to a message.
type stage struct {
	at   time.Duration
	kind netsim.Kind
	why  string
}

const (
	mostMessages = 2000
	mostStages   = 12 // of one message; the later ones replace the last
)

// traffic remembers the newest messages, in the order in which they were seen first.
type traffic struct {
	all  []*message
	byID map[uint64]*message
}

func newTraffic() traffic { return traffic{byID: map[uint64]*message{}} }

// note takes in one event of the trace. Those that are not about messages are left out.
func (t *traffic) note(e netsim.Event) {
	if e.Role == netsim.NoRole || e.Msg == 0 || e.Kind > netsim.MsgLost {
		return
	}
	m := t.message(e.Msg)
	m.answers, m.copyOf, m.role, m.from, m.to = e.Answers, e.CopyOf, e.Role, e.From, e.To
	m.method, m.size = shorter(e.Method), max(m.size, e.Size)
	if e.Summary != "" {
		m.summary = shorter(e.Summary)
	}
	if len(m.life) == mostStages {
		m.life = m.life[:mostStages-1]
	}
	m.life = append(m.life, stage{e.At, e.Kind, shorter(e.Why)})
	if request := t.byID[e.Answers]; request != nil {
		request.reply = e.Msg
	}
}

// hold takes in a message that is held, perhaps since before anybody watched.
func (t *traffic) hold(h netsim.Held) *message {
	m := t.message(h.Msg)
	if m.life == nil {
		m.life = []stage{{h.Since, netsim.MsgHeld, ""}}
	}
	m.answers, m.copyOf, m.role, m.from, m.to = h.Answers, h.CopyOf, h.Role, h.From, h.To
	m.method, m.summary = shorter(h.Method), shorter(h.Summary)
	return m
}

func (t *traffic) message(id uint64) *message {
	m := t.byID[id]
	if m == nil {
		m = &message{id: id}
		t.byID[id] = m
		t.all = append(t.all, m)
	}
	return m
}

// remark puts a line between the messages.
func (t *traffic) remark(at time.Duration, text string) {
	t.all = append(t.all, &message{summary: text, life: []stage{{at: at}}})
}

// trim forgets the oldest messages.
func (t *traffic) trim() {
	over := len(t.all) - mostMessages
	if over <= 0 {
		return
	}
	for _, m := range t.all[:over] {
		delete(t.byID, m.id)
	}
	t.all = slices.Delete(t.all, 0, over)
}

func (m *message) last() stage { return m.life[len(m.life)-1] }

func (m *message) isPing() bool { return strings.HasSuffix(m.method, ".Ping") }

func (m *message) lost() bool { return m.last().kind == netsim.MsgLost }

// what is the message in few words: its summary without the view, after its method unless the summary says that.
func (m *message) what() string {
	_, method, ok := strings.Cut(m.method, ".")
	if !ok {
		method = m.method
	}
	word, _, _ := strings.Cut(m.summary, " ")
	word, _, _ = strings.Cut(word, "(")
	switch {
	case m.role == netsim.Reply && m.summary == "":
		return "reply to " + method
	case m.role == netsim.Reply:
		return m.summary
	case m.summary == "":
		return method
	case word != "" && strings.Contains(strings.ToLower(method), strings.ToLower(word)):
		return m.summary
	}
	if strings.HasPrefix(m.summary, "view ") {
		if _, rest, ok := strings.Cut(m.summary, ": "); ok {
			return method + ": " + rest
		}
	}
	return method + ": " + m.summary
}

// fate is what became of the message so far.
func (m *message) fate() (string, role) {
	s := m.last()
	switch s.kind {
	case netsim.MsgQueued:
		return "… " + s.why, warning
	case netsim.MsgDelayed:
		return "~ delayed " + s.why, warning
	case netsim.MsgHeld:
		return "‖ held", broken
	case netsim.MsgDelivered:
		if took := s.at - m.life[0].at; took >= time.Millisecond/10 {
			return "✓ after " + elapsed(took), good
		}
		return "✓ delivered", good
	case netsim.MsgLost:
		return "✗ lost: " + s.why, dead
	}
	return "→ on its way", warning
}

// matches reports whether all words of a filter are in the message. The name of a node means its messages alone.
func (m *message) matches(words, nodes []string) bool {
	text := ""
	for _, w := range words {
		if slices.Contains(nodes, w) {
			if m.from != w && m.to != w {
				return false
			}
			continue
		}
		if text == "" {
			text = strings.ToLower(m.method + " " + m.summary + " #" + strconv.FormatUint(m.id, 10))
		}
		if !strings.Contains(text, w) {
			return false
		}
	}
	return true
}
