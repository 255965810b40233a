package world

import (
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/env"
	"cluster/splitbrain/pbservice"
)

// Observer is told what happens in a world. Its functions are called while an action is being applied, and must not use
// the world. A function that is nil costs nothing.
type Observer struct {
	// Happened is told what becomes of nodes and links, as netsim's trace tells it, without Seq.
	Happened func(netsim.TraceEvent)
	// Moved is told each stage of a message's life likewise.
	Moved func(netsim.TraceEvent)
	// Began and Ended are told of clients' operations. err is a *pbservice.RefusedError, or a
	// *pbservice.UnknownOutcomeError if the operation was cancelled.
	Began func(client Node, op pbservice.Op, at time.Duration)
	Ended func(client Node, op pbservice.Op, r pbservice.Reply, err error, at time.Duration)
}

// SetObserver lets an observer be told what happens from now on, in place of the one before; nil for nobody.
func (w *World) SetObserver(o *Observer) { w.observer = o }

// watched reports whether the observer wants to know about messages.
func (w *World) watched() bool { return w.observer != nil && w.observer.Moved != nil }

// note tells the observer one stage of a message's life.
func (w *World) note(k netsim.EventKind, m *Message, why string) {
	if !w.watched() || m.Kind == Reset {
		return
	}
	e := netsim.TraceEvent{
		At: w.now, Kind: k, Direction: m.direction(), Msg: m.ID, CopyOf: m.CopyOf, From: m.From.String(), To: m.To.String(),
		Method: m.Method(), Summary: m.Summary(), Says: env.SaysOf(m.Body), Op: netsim.OpOf(m.Body), Why: why,
	}
	if m.Asks != nil {
		e.Answers = m.Asks.ID
	}
	switch k {
	case netsim.MsgDelivered:
		e.Size = m.size()
	case netsim.MsgDelayed:
		e.Due = m.Due
	}
	w.observer.Moved(e)
}

// tell tells the observer what becomes of a node or link.
func (w *World) tell(e netsim.TraceEvent) {
	if w.observer != nil && w.observer.Happened != nil {
		e.At = w.now
		w.observer.Happened(e)
	}
}
