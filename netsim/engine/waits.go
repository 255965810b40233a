package engine

import (
	"slices"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/viewservice"
	"cluster/splitbrain/viewservice/rules"
)

// Wait is what a client with a running operation waits for.
type Wait struct {
	Text    string     // in plain words with the rules; "" while none runs
	Plain   string     // Text without the rules
	Rules   rules.Refs // that the text cites
	For     WaitKind
	Server  string          // whose answer is awaited, if For is an Answer
	Refused pbservice.Cause // by which the last attempt was answered, if For is a Retry after a refusal
	Needs   []Obstacle      // what is known to be in the way
	Claims  []Claim         // what the words promise
}

// WaitKind says what must happen before the operation goes on.
type WaitKind uint8

// What a client can wait for.
const (
	ForNothing WaitKind = iota // no operation runs
	ForThaw                    // the client is frozen
	ForSending                 // the first attempt is about to be sent
	ForView                    // the viewservice is to tell the view
	ForRetry                   // an interval is to pass after an attempt that failed (C1)
	ForAnswer                  // a server is to answer
)

// String is the wait in words.
func (w Wait) String() string { return w.Text }

func (w Wait) said(text words, needs ...Obstacle) Wait {
	w.Text, w.Plain, w.Rules = text.text, text.plain, text.rules
	w.Needs = slices.DeleteFunc(needs, func(o Obstacle) bool { return !o.is() })
	return w
}

// wait is what a client waits for whose Clerk is doing p. What the Clerk knows comes first; why nothing comes back, only
// the network and the servers know.
func (x *Index) wait(k ClientState, p pbservice.Progress) Wait {
	var w Wait
	views := x.unheard(k.Name, ViewAddr)
	switch {
	case k.State == netsim.Frozen:
		w = Wait{For: ForThaw}.said(say("%s is frozen", k.Name), frozen(k.Name))
	case p.Op.Seq == 0:
		w = Wait{For: ForSending}.said(say("about to be sent"))
	case p.Waits == pbservice.WaitsForView && views.is():
		w = Wait{For: ForView}.said(say("knows no view: %s", views.Text), views)
	case p.Waits == pbservice.WaitsForView && x.Forgotten() && x.Viewservice.Status.View.Viewnum == 0:
		w = Wait{For: ForView}.said(say("knows no view, and vs remembers none").cite("V9"))
	case p.Waits == pbservice.WaitsForView:
		w = Wait{For: ForView}.said(say("asks vs for the view").cite("C1"))
	case p.Waits == pbservice.WaitsToRetry:
		why := say("%s", p.Why)
		switch r := p.Refused; {
		case r.Code == pbservice.CodeNone:
		case x.leftView(r.Server, r.View):
			why = say("%s refused it in view %d, which is past", r.Server, r.View).cite(r.Rule())
		default:
			why = told(r)
		}
		why = why.then("; tries again").cite("C1")
		w = Wait{For: ForRetry, Refused: p.Refused}.said(noNewerView(why, views), views)
	default:
		w = x.waitForAnswer(k.Name, p.Server, views)
	}
	w.Claims = x.claims(k, w)
	if x.Paused {
		w.Text += "; time is paused"
	}
	return w
}

// leftView reports whether a server has gone on from a view, so that what it said of that is no longer so.
func (x *Index) leftView(name string, view viewservice.Number) bool {
	s := x.Server(name)
	return s != nil && view > 0 && s.Status.View.Viewnum > view
}

// claims are what the words of a wait promise: that the client gets no answer, where neither the server that is asked nor
// the viewservice can give one; and that a server answers nobody that can't get its backup's confirmation.
func (x *Index) claims(k ClientState, w Wait) []Claim {
	never := func(o Obstacle) bool { return o.Kind == Crashed || o.Kind == Frozen || o.Kind == CutLink }
	views := never(x.unheard(k.Name, ViewAddr))
	switch {
	case w.For == ForThaw, w.For == ForView && views, w.For == ForAnswer && views && never(x.unheard(k.Name, w.Server)):
		return []Claim{{Code: Unanswered, Who: k.Name}}
	case w.For != ForAnswer:
		return nil
	}
	s := x.Server(w.Server)
	if s == nil || s.Status.Waits.Code == pbservice.CodeNone || x.Disabled.Has(rules.ForwardGets) {
		return nil
	}
	if v := x.voiceOf(s); v.fate <= barred {
		return []Claim{{Code: Silent, Who: s.Name, View: s.Status.View.Viewnum}}
	}
	return nil
}

// noNewerView adds why the client won't learn that another server should be asked.
func noNewerView(w words, views Obstacle) words {
	if views.is() {
		return w.then("; no newer view: %s", views.Text)
	}
	return w
}

// waitForAnswer says why a server has not answered.
func (x *Index) waitForAnswer(client, name string, views Obstacle) Wait {
	w := Wait{For: ForAnswer, Server: name}
	server := x.Server(name)
	if server == nil {
		return w.said(say("%s has not answered", name))
	}
	if why := x.unheard(client, name); why.is() {
		return w.said(noNewerView(say("%s", why.Text), views), why, views)
	}
	waits := server.Status.Waits
	if waits.Code == pbservice.CodeNone {
		return w.said(say("no answer of %s has arrived yet", name))
	}
	if why := x.unheard(name, waits.Other); why.is() {
		return w.said(told(waits).then(": %s", why.Text), why)
	}
	return w.said(told(waits))
}

// unheard is why messages between from and the node to lead to no answer, as far as that is known.
func (x *Index) unheard(from, to string) Obstacle {
	if o := x.unreached(from, to); o.is() {
		return o
	}
	if x.Cut(to, from) {
		o := cutLink(to, from)
		o.Text += ": no reply arrives"
		return o
	}
	if held := x.heldBack(from, to); held.is() {
		return held
	}
	return x.losing(from, to)
}

// heldBack is the message between two nodes that waits for a person: a request whose sender still waits for the answer, or else
// a reply.
func (x *Index) heldBack(from, to string) Obstacle {
	is := func(d netsim.Direction) func(netsim.Held) bool {
		return func(h netsim.Held) bool { return h.Direction == d }
	}
	if h, ok := x.awaited(x.HeldOn(from, to), is(netsim.Request)); ok {
		return byHand(heldMessage(h, x.heldWord(h)))
	}
	if h, ok := x.awaited(x.HeldOn(to, from), is(netsim.Reply)); ok {
		return byHand(heldMessage(h, x.heldWord(h)))
	}
	return Obstacle{}
}

func byHand(held Obstacle) Obstacle {
	held.Text += ": deliver it by hand"
	return held
}

// losing says that requests or their replies get lost at random, or come late.
func (x *Index) losing(from, to string) Obstacle {
	for _, f := range x.Faults {
		switch loses := f.Kind.Row().Loses; {
		case loses == netsim.Request && f.From == from && f.To == to, loses == netsim.Reply && f.From == to && f.To == from:
			return lossy(f)
		case f.Kind == netsim.FaultDelay && (f.From == from && f.To == to || f.From == to && f.To == from):
			return Obstacle{Kind: Slow, From: f.From, To: f.To, Text: f.From + " > " + f.To + " is " + f.Effect()}
		}
	}
	return Obstacle{}
}
