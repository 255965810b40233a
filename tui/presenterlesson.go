package tui

import (
	"strings"

	"cluster/splitbrain/tui/canvas"

	"github.com/charmbracelet/x/ansi"
)

// lessonRows are what a lesson tells now. The sentence that asks is as large as there is room.
func (o *presenter) lessonRows(w, h, margin int) []func(*canvas.Canvas) {
	text, most := o.lesson.LessonText(), max(h/2, 1)
	say := func(text string) []func(*canvas.Canvas) {
		return o.saying(canvas.Strong, text, w-2*margin, most, margin)
	}
	if now := o.lesson.Now; o.lesson.Leads() && now.Played && !now.Over && now.Shown().Question && h >= largeFromH {
		_, question, _ := sentences(now.Text())
		text = "? " + question + "\n" + text
	}
	if o.asksSmall || o.lesson.Now == nil || !o.lesson.Now.Open {
		return say(text)
	}
	before, question, choices := sentences(text)
	large := o.askLarge(question, w-2*margin, h/3, margin)
	if large == nil {
		return say(text)
	}
	rows := append(say(before), large...)
	return append(rows, say(choices)...)
}

// drawLessonHeading ends a row with the step and the lesson, if there is room.
func (o *presenter) drawLessonHeading(b *canvas.Canvas) {
	if head := o.lesson.Heading(); head != "" && ansi.StringWidth(head)+4 <= b.Left {
		b.Num(canvas.Muted, head, b.Left-1)
	}
}

// sentences are what stands before the sentence that asks, that sentence, and what can be answered.
func sentences(text string) (before, question, choices string) {
	question, choices, _ = strings.Cut(text, "\n")
	if i := strings.LastIndex(question, ". "); i >= 0 {
		before, question = question[:i+1], question[i+2:]
	}
	return before, question, choices
}

// askLarge writes a sentence in capitals of half cells, but for names of servers, in at most so many rows; nil if it does
// not fit.
func (o *presenter) askLarge(text string, w, most, margin int) []func(*canvas.Canvas) {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		if len(word) < 2 || word[0] != 's' || word[1] < '0' || word[1] > '9' {
			word = strings.ToUpper(word)
		}
		longer := strings.TrimSpace(line + " " + word)
		switch width := o.styles.LargeWidth(word, canvas.Halved); {
		case width == 0 || width > w:
			return nil
		case o.styles.LargeWidth(longer, canvas.Halved) > w:
			lines, line = append(lines, line), word
		default:
			line = longer
		}
	}
	lines = append(lines, line)
	high := o.styles.LargeHeight(canvas.Halved)
	if text == "" || len(lines)*(high+1)-1 > most {
		return nil
	}
	var rows []func(*canvas.Canvas)
	for i, line := range lines {
		if i > 0 {
			rows = append(rows, func(*canvas.Canvas) {})
		}
		for row := range high {
			rows = append(rows, func(b *canvas.Canvas) { b.Space(margin).Put(canvas.Strong, b.LargeRow(line, row, canvas.Halved)) })
		}
	}
	return rows
}
