package world

import (
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/pbservice"
)

// Observer is told what happens in a world, at once. What nobody wants to know is nil and costs nothing.
type Observer struct {
	// Happened is told what becomes of nodes and links, as netsim's trace tells it, but for Seq.
	Happened func(netsim.TraceEvent)
	// Moved is told each stage of a message's life likewise.
	Moved func(netsim.TraceEvent)
	// Began and Ended are told of operations. The error of one that was given up is a *pbservice.UnknownOutcomeError.
	Began func(client Node, op pbservice.Op, at time.Duration)
	Ended func(client Node, op pbservice.Op, r pbservice.Reply, err error, at time.Duration)
}

// SetObserver makes witness see what happens from now on; nil ends it.
func (w *World) SetObserver(witness *Observer) { w.witness = witness }

// watched reports whether somebody wants to know of messages.
func (w *World) watched() bool { return w.witness != nil && w.witness.Moved != nil }

// note tells one stage of a message's life.
func (w *World) note(k netsim.EventKind, m *Message, why string) {
	if !w.watched() || m.Kind == Reset {
		return
	}
	e := netsim.TraceEvent{
		At: w.now, Kind: k, Direction: m.direction(), Msg: m.ID, CopyOf: m.CopyOf, From: m.From.String(), To: m.To.String(),
		Method: m.Method(), Summary: m.Summary(), Why: why,
	}
	if m.Asks != nil {
		e.Answers = m.Asks.ID
	}
	if k == netsim.MsgDelivered {
		e.Size = m.size()
	}
	w.witness.Moved(e)
}

// tell tells what becomes of a node or link.
func (w *World) tell(e netsim.TraceEvent) {
	if w.witness != nil && w.witness.Happened != nil {
		e.At = w.now
		w.witness.Happened(e)
	}
}
