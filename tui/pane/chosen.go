package pane

import "slices"

// chosenList is a list of which one row is chosen: the newest, until somebody chooses another. Rows are told by keys.
type chosenList struct {
	list
	keys []uint64
	key  uint64 // the chosen row's
	held bool   // somebody has chosen it
}

// at is the chosen row; -1 if there is none.
func (l *chosenList) at() int {
	if l.held {
		if i := slices.Index(l.keys, l.key); i >= 0 {
			return i
		}
	}
	return len(l.keys) - 1
}

// renew takes the keys of the rows as they are now, and keeps the chosen one where it was on the screen.
func (l *chosenList) renew(keys []uint64) {
	from, _ := l.window()
	offset := l.at() - from
	l.keys, l.n = keys, len(keys)
	if !l.held {
		l.above = 0
		return
	}
	l.above = l.n - (l.at() - offset) - l.h
	l.clamp()
	l.reveal()
}

func (l *chosenList) Scroll(by Motion) {
	at := l.at() + by.Rows + by.Pages*max(1, l.h-1)
	switch by.To {
	case ToStart:
		at = 0
	case ToEnd:
		at = l.n
	}
	l.choose(at)
}

// choose picks a row. Past the last one is the last one, whichever it will be.
func (l *chosenList) choose(at int) {
	if l.n == 0 {
		return
	}
	at = min(max(at, 0), l.n-1)
	l.held, l.key = at < l.n-1, l.keys[at]
	l.reveal()
}

// pin keeps the chosen row chosen, whatever comes.
func (l *chosenList) pin() {
	if at := l.at(); at >= 0 {
		l.held, l.key = true, l.keys[at]
	}
}

// reveal scrolls as little as shows the chosen row.
func (l *chosenList) reveal() {
	from, to := l.window()
	switch at := l.at(); {
	case at < from:
		l.above = l.n - at - l.h
	case at >= to:
		l.above = l.n - at - 1
	}
	l.clamp()
}
