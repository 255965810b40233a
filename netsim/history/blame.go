package history

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"cluster/splitbrain/pbservice"
)

// Blame explains a violation: one operation that can't be explained, the culprit, and what contradicts it. Read-only.
type Blame struct {
	Culprit Operation
	// Because are the operations that contradict the culprit, in the order of their calls: without any one of them there would
	// be an explanation of the others. Where none is such by itself, they are those that must be at another time. Empty if the
	// culprit contradicts all that was ever written.
	Because []Operation
	Could   []string // what the culprit could have returned, in words: `"2"` or "no value"; at most 4
	Text    string   // one sentence
	Window  []Bar    // the operations on the key around the culprit, in the order of their calls

	found []Operation   // those that must be where they are too, and do not contradict the culprit: it found what they wrote
	ids   []int         // of Culprit and Because
	could []value       // Could, before it was put into words
	base  value         // what the key held before Window
	since time.Duration // when it held that
}

// IsCulprit reports whether a bar of the history that was judged is the operation that can't be explained.
func (b *Blame) IsCulprit(bar *Bar) bool {
	if len(b.ids) > 0 {
		return bar.ID == b.ids[0]
	}
	return bar.Client == b.Culprit.Client && bar.Call == b.Culprit.Call
}

// Limits of the search for what to blame. It runs while the screen waits.
const (
	blameTime  = 200 * time.Millisecond
	maxCould   = 4
	maxGuesses = 64
)

// claim is an operation in the search for what to blame.
type claim struct {
	*entry
	unordered bool // count it as a write that may have happened at any time, or never
}

// accuse explains why no configuration explains culprit. It finds a smallest set of operations that contradict culprit:
// it leaves out gets, and makes writes unordered, as long as there is still no explanation.
func (k *keyState) accuse(culprit *entry) *Blame {
	b := &Blame{Culprit: culprit.Operation, ids: []int{culprit.id}}
	if claims := k.claims(culprit); !k.cut && !linearizable(k.base, claims) {
		deadline := time.Now().Add(blameTime)
		b.base, b.since = k.base, k.since
		b.could = k.could(claims, culprit, deadline)
		explains := func(claims []claim) bool { return linearizable(k.base, claims) }
		b.because(shrink(explains, claims, culprit, deadline))
	}
	for _, e := range k.window {
		b.Window = append(b.Window, Bar{
			ID: e.id, Operation: e.Operation, Running: !e.ended, Open: e.gaveUp(), Blamed: slices.Contains(b.ids, e.id),
		})
	}
	tell := b.contrast()
	for _, v := range b.could {
		b.Could = append(b.Could, tell(v))
	}
	b.Text = b.Sentence(formatTimes)
	return b
}

// because notes what contradicts the culprit, and what had to stay where it is besides.
func (b *Blame) because(contradict, found []claim) {
	for _, c := range contradict {
		b.ids = append(b.ids, c.id)
		b.Because = append(b.Because, c.Operation)
	}
	for _, c := range found {
		b.found = append(b.found, c.Operation)
	}
}

// claims returns the operations of window that can matter to culprit.
func (k *keyState) claims(culprit *entry) []claim {
	var all []claim
	for _, e := range k.window {
		if !e.Refused && (e.Kind != pbservice.Get || e.returned <= culprit.returned) {
			all = append(all, claim{entry: e})
		}
	}
	return all
}

// linearizable judges claims on a key that holds base at first. When in doubt they are linearizable.
func linearizable(base value, claims []claim) bool {
	k := newKeyState(base)
	for _, e := range trial(claims) {
		if k.step(e) != nil {
			return false
		}
	}
	return true
}

// trial returns the events of claims up to the last end of a get: later ones can't change the verdict.
func trial(claims []claim) []event {
	last := 0
	for _, c := range claims {
		if c.Kind == pbservice.Get {
			last = max(last, c.returned)
		}
	}
	var events []event
	for _, c := range claims {
		e := *c.entry
		if c.unordered {
			e.called, e.returned, e.ended, e.Outcome = 0, never, true, Outcome{}
		}
		events = append(events, event{entry: &e, at: e.called})
		if e.returned <= last {
			events = append(events, event{entry: &e, at: e.returned, end: true})
		}
	}
	slices.SortStableFunc(events, func(a, b event) int { return cmp.Compare(a.at, b.at) })
	for i, e := range events {
		if !e.end {
			e.id = i
		}
	}
	return events
}

// shrink returns which claims contradict culprit, as few as can be, and those that must be where they are although they don't,
// since culprit found what they wrote. explains says whether there is an explanation of claims, and yes when in doubt.
func shrink(explains func([]claim) bool, claims []claim, culprit *entry, deadline time.Time) (contradict, found []claim) {
	for _, gets := range []bool{true, false} { // a get that only saw what is known anyhow is innocent
		claims = without(explains, claims, deadline, func(c claim) bool { return c.entry != culprit && (c.Kind == pbservice.Get) == gets })
	}
	for _, c := range claims {
		switch {
		case c.unordered || c.gaveUp() || c.entry == culprit:
		case time.Now().After(deadline) || explains(slices.DeleteFunc(slices.Clone(claims), c.is)):
			contradict = append(contradict, c)
		default:
			found = append(found, c)
		}
	}
	if contradict == nil { // each wrote a part of it, in another order
		return found, nil
	}
	return contradict, found
}

func (c claim) is(other claim) bool { return c.entry == other.entry }

// without leaves out what may be left out of claims, one after the other, as long as there is still no explanation: gets, while
// writes become unordered.
func without(explains func([]claim) bool, claims []claim, deadline time.Time, may func(claim) bool) []claim {
	claims = slices.Clone(claims)
	for i := 0; i < len(claims) && time.Now().Before(deadline); i++ {
		if !may(claims[i]) {
			continue
		}
		less := slices.Clone(claims)
		if less[i].Kind == pbservice.Get {
			less = slices.Delete(less, i, i+1)
		} else {
			less[i].unordered = true
		}
		if !explains(less) {
			i -= len(claims) - len(less)
			claims = less
		}
	}
	return claims
}

// could returns up to maxCould values that culprit could have returned. It tries guesses.
func (k *keyState) could(claims []claim, culprit *entry, deadline time.Time) []value {
	var could []value
	for _, guess := range k.guesses(claims) {
		if len(could) == maxCould || time.Now().After(deadline) {
			break
		}
		instead := *culprit
		instead.Found, instead.Got = guess.found, guess.text
		tried := slices.Clone(claims)
		for i := range tried {
			if tried[i].entry == culprit {
				tried[i].entry = &instead
			}
		}
		if linearizable(k.base, tried) {
			could = append(could, guess)
		}
	}
	slices.SortFunc(could, func(a, b value) int { return cmp.Compare(a.String(), b.String()) })
	return could
}

// guesses returns values that the key may have held, the likely ones first.
func (k *keyState) guesses(claims []claim) []value {
	var all []value
	add := func(v value) {
		if len(all) < maxGuesses && !slices.Contains(all, v) {
			all = append(all, v)
		}
	}
	todo := slices.Clone(k.configurations)
	for n := 0; n < len(todo) && n < maxGuesses; n++ {
		c := todo[n]
		add(c.state)
		for at := range c.pending {
			if c.canBeNext(at) {
				todo = append(todo, c.linearize(at))
			}
		}
	}
	for _, c := range slices.Backward(claims) {
		if c.Kind == pbservice.Get {
			add(c.got())
		} else {
			add(k.base.after(&c.Operation))
		}
	}
	add(k.base)
	return all
}

// Sentence returns Text with other words for when something was: words is given two times, the later one first, and returns what
// tells them apart, like "at 40 ms" and "at 20 ms".
func (b *Blame) Sentence(words func(at, before time.Duration) (string, string)) string {
	c := b.Culprit
	ended, _ := words(c.Return, c.Return)
	if c.Refused {
		return fmt.Sprintf("%s %s %s was refused %s, and yet it has been seen", c.Client, c.Kind, name(c.Key), ended)
	}
	if c.If.Demanded {
		return fmt.Sprintf("%s had happened %s, which no order of the operations gives", c, ended)
	}
	text := b.evidence(words)
	if text == "" {
		text = fmt.Sprintf("%s get %s returned %s %s, which no order of the operations gives", c.Client, name(c.Key), b.contrast()(c.got()), ended)
	}
	switch len(b.Could) {
	case 0:
		return text
	case 1:
		return text + ": it should have seen " + b.Could[0]
	}
	return text + ": it could have seen " + strings.Join(b.Could[:len(b.Could)-1], ", ") + " or " + b.Could[len(b.Could)-1]
}

// evidence says what a get has returned, and what was so before it began; "" if nothing known before contradicts it.
func (b *Blame) evidence(words func(at, before time.Duration) (string, string)) string {
	c, w, tell := b.Culprit, b.witness(), b.contrast()
	earlier := b.since
	switch {
	case w != nil:
		earlier = w.Return
	case b.since == 0 || c.Call < b.since:
		return ""
	}
	began, before := words(c.Call, earlier)
	text := fmt.Sprintf("%s get %s, begun %s, returned %s; ", c.Client, name(c.Key), began, tell(c.got()))
	switch {
	case w == nil:
		text += fmt.Sprintf("it had been %s already", tell(b.base))
	case w.Kind == pbservice.Get:
		text += fmt.Sprintf("%s’s get had returned %s already", w.Client, tell(w.got()))
	default:
		text += fmt.Sprintf("%s’s %s %s %s had returned already", w.Client, w.Name(), name(w.Key), quoted(w.Value))
	}
	if before == began { // at the same time as the clock tells it
		return text
	}
	return text + ", " + before
}

// witness returns the operation that returned last before the culprit was called, of those that contradict the culprit;
// nil if there is none.
func (b *Blame) witness() *Operation {
	var last *Operation
	for i, o := range b.Because {
		if o.Known && o.Return <= b.Culprit.Call && (last == nil || o.Return >= last.Return) {
			last = &b.Because[i]
		}
	}
	return last
}

// contrast returns a function that puts values into words. Where what the culprit has returned and what it could have are long
// and begin alike, it shows where they differ.
func (b *Blame) contrast() func(value) string {
	values := append([]value{b.Culprit.got()}, b.could...)
	same := values[0].text
	for _, v := range values[1:] {
		n := 0
		for n < min(len(same), len(v.text)) && same[n] == v.text[n] {
			n++
		}
		same = same[:n]
	}
	from := len(same) - shown/2
	return func(v value) string {
		if len(values) == 1 || from <= 0 || !strings.HasPrefix(v.text, same) || len(v.text) <= shown {
			return v.String()
		}
		return quoted("…" + strings.ToValidUTF8(v.text[from:], ""))
	}
}

// formatTimes formats two times, "at 40 ms", with as many digits as it takes to tell them apart.
func formatTimes(a, b time.Duration) (string, string) {
	x, y := formatTime(a), formatTime(b)
	for digits := 3; x == y && a != b && digits <= 9; digits += 3 {
		x, y = formatDigits(a, digits), formatDigits(b, digits)
	}
	return "at " + x, "at " + y
}

// formatDigits formats a time to so many digits of a second: "314.016 ms" to 6.
func formatDigits(at time.Duration, digits int) string {
	if at < time.Second {
		return fmt.Sprintf("%.*f ms", digits-3, float64(at)/float64(time.Millisecond))
	}
	return fmt.Sprintf("%.*f s", digits, at.Seconds())
}

// formatTime formats a time: "3.21 s", "40 ms".
func formatTime(at time.Duration) string {
	if at < time.Second {
		return fmt.Sprintf("%d ms", at.Milliseconds())
	}
	return fmt.Sprintf("%.2f s", at.Seconds())
}
