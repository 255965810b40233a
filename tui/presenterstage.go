package tui

import (
	"strings"

	"cluster/splitbrain/tui/canvas"
	"cluster/splitbrain/tui/pane"
)

// leastStage are the rows of a stage worth looking at from the back of a room, its tabs included.
const leastStage = 10

// staged are the rows above the stage: the view, and as large as there is room how the service fares and who is what; nil if
// there is no room for both.
func (o *presenter) staged(w, h int) []func(*canvas.Canvas) {
	if w < compactBelowW || h+2 < compactBelowH {
		return nil
	}
	for scale := 2; scale >= canvas.Halved; scale-- {
		for _, airy := range []bool{true, false} {
			lamp := o.lampLarge(scale, w, 1)
			if lamp == nil || len(lamp) > h/3 {
				continue
			}
			if rows := o.stagedBy(lamp, airy, w, h); len(rows)+leastStage <= h {
				return rows
			}
		}
	}
	rows := o.stagedBy(o.lampSmall(), false, w, h)
	if len(rows)+leastStage-2 <= h {
		return rows
	}
	return nil
}

// stagedBy puts the view, the lamp, what is told of it and a lesson's text below each other.
func (o *presenter) stagedBy(lamp []func(*canvas.Canvas), airy bool, w, h int) []func(*canvas.Canvas) {
	const margin = 1
	rows := []func(*canvas.Canvas){func(b *canvas.Canvas) {
		head := append(o.viewWord(), canvas.Plain.Span("   "))
		b.Space(margin).Spans(head)
		b.Spans(o.brokenIn(b.Left))
		o.drawLessonHeading(b)
	}}
	part := func(all []func(*canvas.Canvas)) {
		if airy && len(all) > 0 {
			rows = append(rows, func(*canvas.Canvas) {})
		}
		rows = append(rows, all...)
	}
	part(lamp)
	state := pane.LampOf(o.now, o.broken())
	says, look := state.Text, canvas.Plain
	if o.subtitle != "" {
		says, look = o.subtitle, canvas.Strong
	}
	part(o.saying(look, says, w-2*margin, 2, margin))
	if o.tellsWhy() {
		rows = append(rows, o.saying(canvas.Plain, o.whyBelow(says), w-2*margin, 2, margin)...)
	}
	part(o.lessonRows(w, h, margin))
	return rows
}

// whyBelow is why, and what comes next, below what is said already; with what is so if that does not say it, or nobody would know
// of whom it speaks. "" for nothing more.
func (o *presenter) whyBelow(said string) string {
	why := o.now.Why
	if why.More == "" && why.Next == "" {
		return ""
	}
	if strings.Contains(said, why.Now) {
		why.Now = ""
	}
	return strings.TrimPrefix(why.String(), " · ")
}

// broken is the promise that is found broken now; "" while all hold.
func (o *overview) broken() string {
	if text, past := o.violation(); !past {
		return text
	}
	return ""
}

// largeWord is a word of the lamp, or a server with its role.
type largeWord struct {
	text string
	look canvas.Style
}

// rolesLarge are who is primary and who is backup.
func (o *presenter) rolesLarge() []largeWord {
	return []largeWord{
		{"P " + pane.OrNobody(o.now.Primary), o.memberSpan("", o.now.Primary, canvas.Primary).Style},
		{"B " + pane.OrNobody(o.now.Backup), o.memberSpan("", o.now.Backup, canvas.Backup).Style},
	}
}

// lampLarge are the lamp's word, and beside it, or else below, primary and backup in large letters; nil if they don't fit.
func (o *presenter) lampLarge(scale, w, margin int) []func(*canvas.Canvas) {
	const gap = 4
	state := pane.LampOf(o.now, o.broken())
	roles := o.rolesLarge()
	lamp := largeWord{state.Word, state.Look}
	width := func(all []largeWord) int {
		n := margin + gap*(len(all)-1)
		for _, word := range all {
			each := o.styles.LargeWidth(word.text, scale)
			if each == 0 {
				return w + 1
			}
			n += each
		}
		return n
	}
	in := func(all []largeWord) (rows []func(*canvas.Canvas)) {
		for row := range o.styles.LargeHeight(scale) {
			rows = append(rows, func(b *canvas.Canvas) {
				b.Space(margin)
				for i, word := range all {
					if i > 0 {
						b.Space(gap)
					}
					b.Put(word.look, b.LargeRow(word.text, row, scale))
				}
			})
		}
		return rows
	}
	switch one := append([]largeWord{lamp}, roles...); {
	case width(one) <= w:
		return in(one)
	case width(roles) <= w && width([]largeWord{lamp}) <= w:
		return append(append(in([]largeWord{lamp}), func(*canvas.Canvas) {}), in(roles)...)
	}
	return nil
}

// lampWord is the lamp's word alone in letters of half cells, or in usual ones where it has none; nil if nobody may know it.
func (o *presenter) lampWord(margin int) []func(*canvas.Canvas) {
	state := pane.LampOf(o.now, o.broken())
	if state.Word == pane.Unknown {
		return nil
	}
	if o.styles.LargeWidth(state.Word, canvas.Halved) == 0 {
		return []func(*canvas.Canvas){func(b *canvas.Canvas) { b.Space(margin).Put(state.Look, "■ "+state.Word) }}
	}
	var rows []func(*canvas.Canvas)
	for row := range o.styles.LargeHeight(canvas.Halved) {
		rows = append(rows, func(b *canvas.Canvas) { b.Space(margin).Put(state.Look, b.LargeRow(state.Word, row, canvas.Halved)) })
	}
	return rows
}

// lampSmall are the same in one row of usual letters.
func (o *presenter) lampSmall() []func(*canvas.Canvas) {
	return []func(*canvas.Canvas){func(b *canvas.Canvas) {
		state := pane.LampOf(o.now, o.broken())
		b.Space(1).Put(state.Look, "■ "+state.Word)
		for _, word := range o.rolesLarge() {
			b.Space(3).Put(word.look, word.text)
		}
	}}
}
