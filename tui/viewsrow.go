package tui

import (
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/tui/canvas"
	"cluster/splitbrain/tui/pane"
	"cluster/splitbrain/tui/transcript"
	"cluster/splitbrain/viewservice"

	"github.com/charmbracelet/x/ansi"
)

// drawViews is the row of views, the newest last, and what brought that one about.
func (o *overview) drawViews(b *canvas.Canvas, all []transcript.Formed) {
	b.Next()
	if len(all) == 0 {
		b.Space(1).Put(canvas.Muted, "views appear here, each with its cause")
		return
	}
	text, refs := viewservice.InShort(all[len(all)-1].Causes, o.now.Config.PingInterval)
	switch {
	case o.now.Covered:
		text, refs = "", nil
	case o.now.Forgotten():
		text, refs = viewservice.InShort([]viewservice.Cause{{Code: viewservice.Amnesia}}, 0)
	}
	rules := refs.String()
	words, cited := ansi.StringWidth(text), ansi.StringWidth(" "+rules)
	past := pastSpans(all, max(b.W-1-2-words-cited, b.W/3))
	b.Space(1).Spans(past).Space(min(3, max(b.Left-words-cited, 1)))
	b.Cell(canvas.Plain, text, b.Left-cited, 0).Put(canvas.Plain, " "+rules)
}

// pastSpans are as many of the newest views as fit into room cells, but one at least.
func pastSpans(all []transcript.Formed, room int) []canvas.Span {
	const next, more = " → ", "… → "
	var past []canvas.Span
	for i := len(all) - 1; i >= 0; i-- {
		one := viewSpans(all[i].View, i == len(all)-1)
		if i < len(all)-1 {
			one = append(one, canvas.Muted.Span(next))
		}
		left := room
		if i > 0 {
			left -= ansi.StringWidth(more)
		}
		if len(past) > 0 && canvas.SpansWidth(one)+canvas.SpansWidth(past) > left {
			return append([]canvas.Span{canvas.Muted.Span(more)}, past...)
		}
		past = append(one, past...)
	}
	return past
}

func viewSpans(v viewservice.View, newest bool) []canvas.Span {
	if !newest {
		return []canvas.Span{canvas.Plain.Span(v.String())}
	}
	return []canvas.Span{
		canvas.Strong.Span(engine.Count(int(v.Viewnum)) + " "),
		canvas.Primary.Span(pane.OrNobody(v.Primary)), canvas.Plain.Span(" "), canvas.Backup.Span(pane.OrNobody(v.Backup)),
	}
}
