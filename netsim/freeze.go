package netsim

// What freezing, thawing and ending a process mean to a link that begins or ends at it. Callers hold net.mu.

func (l *link) freezeFrom() {
	l.mu.Lock()
	defer l.unlock()
	l.fromFrozen = true
}

func (l *link) freezeTo() {
	l.mu.Lock()
	defer l.unlock()
	l.toFrozen = true
}

// thawFrom sends what the process on from has written while it was frozen. The faults of now decide over that.
func (l *link) thawFrom() {
	l.mu.Lock()
	defer l.unlock()
	l.fromFrozen = false
	held := l.outbox
	l.outbox = nil
	for i := range held {
		l.send(&held[i])
	}
}

// thawTo delivers what has arrived while the process on to was frozen, at once unless time is paused. A cut can't lose
// that any more.
func (l *link) thawTo() {
	l.mu.Lock()
	defer l.unlock()
	l.toFrozen = false
	if !l.paused {
		l.deliverInbox()
	}
}

func (l *link) deliverInbox() {
	waiting := l.inbox
	l.inbox = nil
	for i := range waiting {
		l.deliver(&waiting[i])
	}
}

// dropFrom loses what a process on from, which has ended, wrote while it was frozen.
func (l *link) dropFrom(why string) {
	l.mu.Lock()
	defer l.unlock()
	l.fromFrozen = false
	held := l.outbox
	l.outbox = nil
	for i := range held {
		if held[i].kind == closing {
			l.send(&held[i])
			continue
		}
		l.lose(&held[i], why)
	}
}

// dropTo loses what queued for a process on to, which has ended.
func (l *link) dropTo(why string) {
	l.mu.Lock()
	defer l.unlock()
	l.toFrozen = false
	held := l.inbox
	l.inbox = nil
	for i := range held {
		if held[i].kind != closing {
			l.lose(&held[i], why)
		}
	}
}
