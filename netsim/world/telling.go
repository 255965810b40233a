package world

import (
	"fmt"
	"strings"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/viewservice"
)

// Tell says in plain words what happens by e, which is possible in w and has not happened yet.
func (w *World) Tell(e Action) string {
	node := e.Node.String()
	switch msg := w.Message(e.Msg); e.Kind {
	case Tick:
		return "an interval passes on " + node
	case Deliver:
		if msg.Kind == Reset {
			return fmt.Sprintf("%s learns that its connection to %s is broken", msg.To, msg.From)
		}
		return fmt.Sprintf("%s hears %s: %s", msg.To, msg.From, msg.Words())
	case Lose:
		return fmt.Sprintf("%s never hears %s: %s", msg.To, msg.From, msg.Words())
	case Duplicate:
		return fmt.Sprintf("%s will hear %s twice: %s", msg.To, msg.From, msg.Words())
	case Fail:
		return fmt.Sprintf("the connection from %s to %s breaks, and with it is lost: %s", msg.From, msg.To, msg.Words())
	case Timer:
		return node + " has waited long enough"
	case ViewTimeout:
		return node + " no longer waits for the view"
	case ViewserviceTick:
		return "vs looks who was not heard for too long"
	case DeclareDead:
		if w.State(e.Node) == netsim.Up {
			return fmt.Sprintf("vs counts %s as dead, though it runs", node)
		}
		return fmt.Sprintf("vs counts %s as dead", node)
	case Quiet:
		return fmt.Sprintf("vs has not heard %s lately", node)
	case Crash:
		return node + " crashes"
	case Restart:
		if w.State(e.Node) == netsim.Up {
			return node + " crashes and is back, with nothing"
		}
		return node + " restarts, with nothing"
	case Invoke:
		return fmt.Sprintf("%s begins: %s", node, e.Op.Says().Words)
	case Cancel:
		return node + " gives its operation up"
	}
	return e.String()
}

// Words say in plain words what the message tells its receiver.
func (m *Message) Words() string {
	switch body := m.Body.(type) {
	case viewservice.GetArgs:
		return "which view is it?"
	case RequestArgs:
		return body.Op.Says().Words
	case pbservice.Reply:
		return replyWords(m.Asks.Body.(RequestArgs).Op, body)
	case *pbservice.ForwardArgs:
		return forwardWords(body)
	case pbservice.ForwardReply:
		switch {
		case body.Refused.Code == pbservice.TellsBoot:
			return "this boot (S7)"
		case body.Refused.Code != pbservice.CodeNone:
			return "refused, since " + body.Refused.String()
		}
		return fmt.Sprintf("confirmed, up to operation %d", body.Position)
	}
	if m.Kind == Reset {
		return "the connection is broken"
	}
	return m.Summary()
}

func replyWords(op pbservice.Op, r pbservice.Reply) string {
	switch {
	case r.Why.Code != pbservice.CodeNone:
		return "refused, since " + r.Why.String()
	case op.Kind != pbservice.Get:
		return "done"
	case r.Err == pbservice.NoKey:
		return "no value"
	case r.Value == "":
		return `""`
	}
	return strings.TrimPrefix(r.Says().Words, "= ")
}

func forwardWords(a *pbservice.ForwardArgs) string {
	ops := ""
	switch len(a.Ops) {
	case 0:
	case 1:
		ops = fmt.Sprintf("%s, its operation %d", a.Ops[0].Says().Words, a.Position+1)
	default:
		ops = fmt.Sprintf("its operations %d to %d", a.Position+1, a.Position+uint64(len(a.Ops)))
	}
	if a.Boot == 0 {
		return "which boot is it? (S7)"
	}
	if a.Chunk == nil {
		return ops
	}
	text := "a piece of its data, "
	if a.Chunk.Last {
		text = "the last piece of its data, "
	}
	text += engine.Plural(len(a.Chunk.Pairs), "key")
	if ops != "" {
		text += ", and " + ops
	}
	return text
}
