package netsim

// What the simulated engine shares with this network, so that both tell the same in the same words.

// NewTrace returns an empty trace for events that others Record. It remembers length messages of the routine method and
// as many other events, 4096 if length is not positive.
func NewTrace(length int, routine string) *Trace {
	if length <= 0 {
		length = defaultTraceLen
	}
	return &Trace{routine: routine, usual: ring{most: length}, rest: ring{most: length}}
}

// Record adds an event, and sets nothing but its Seq.
func (t *Trace) Record(e TraceEvent) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.add(e)
}

// Watched reports whether somebody watches, so that what happens to messages, dials and connections is recorded.
func (t *Trace) Watched() bool { return t.watched() }

// Forget drops all events, as if others had pushed them out. Seq goes on.
func (t *Trace) Forget() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.usual.forget()
	t.rest.forget()
	t.forgotten = t.last
}
