package tui

import (
	"cluster/splitbrain/viewservice"

	"github.com/charmbracelet/x/ansi"
)

// drawViews is the row of views, the newest last, and what brought that one about.
func (m *Model) drawViews(b *block) {
	b.next()
	all := m.views.past
	if len(all) == 0 {
		b.space(1).put(muted, "views appear here, each with its cause")
		return
	}
	text, rules := viewservice.InShort(all[len(all)-1].Causes, m.now.Config.PingInterval)
	if m.now.Forgotten() {
		text, rules = viewservice.InShort([]viewservice.Cause{{Code: viewservice.Amnesia}}, 0)
	}
	words, cited := ansi.StringWidth(text), ansi.StringWidth(" "+rules)
	past := pastSpans(all, max(b.w-1-2-words-cited, b.w/3))
	b.space(1).spans(past).space(min(3, max(b.left-words-cited, 1)))
	b.cell(plain, text, b.left-cited, 0).put(plain, " "+rules)
}

// pastSpans are as many of the newest views as fit into room cells, but one at least.
func pastSpans(all []formed, room int) []span {
	const next, more = " → ", "… → "
	var past []span
	for i := len(all) - 1; i >= 0; i-- {
		one := viewSpans(all[i].View, i == len(all)-1)
		if i < len(all)-1 {
			one = append(one, span{muted, next})
		}
		left := room
		if i > 0 {
			left -= ansi.StringWidth(more)
		}
		if len(past) > 0 && spansWidth(one)+spansWidth(past) > left {
			return append([]span{{muted, more}}, past...)
		}
		past = append(one, past...)
	}
	return past
}

func viewSpans(v viewservice.View, newest bool) []span {
	if !newest {
		return []span{{plain, v.String()}}
	}
	return []span{
		{strong, count(int(v.Viewnum)) + " "},
		{primary, orNobody(v.Primary)}, {plain, " "}, {backup, orNobody(v.Backup)},
	}
}
