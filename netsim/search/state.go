package search

import (
	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/world"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/viewservice"
)

// moment is a state of the search: an untimed world, what clients may see from now on, and what is left of the budget.
// It is never changed once it was returned.
type state struct {
	world  *world.World
	judge  *judge
	seqs   [MaxClients]uint8  // operations that the search let each client begin
	wrote  [MaxClients]uint16 // the newest put or append of each client that was answered, by its number
	waits  [MaxClients]uint16 // servers, as bits, at which each client's running operation waits for its turn
	gaveUp viewservice.Number // the newest view whose backup was given up
	boots  []boot             // in the order of their beginnings; never changed in place
	left   budget
}

// setting is what stays the same in a search.
type scope struct {
	servers, clients int
	key              string
	kinds            []pbservice.OpKind // of the operations that clients may begin
	properties       Properties
	ops              uint8 // that each client has begun before
	goal             *Goal // looked for in place of broken promises, if not nil
	symmetric        bool  // servers and clients differ in their names only
}

// first is the state from which a search of w begins. Of operations that run already nothing is known but that they run;
// what key holds on the server that would answer for it is taken for what it ought to hold.
func (s *scope) initialState(w *world.World, budget Budget) *state {
	st := &state{world: w, left: budget.start(), judge: newJudge(s.currentValue(w))}
	for i := range s.servers {
		if core := w.ServerCore(world.Server(i + 1)); core != nil {
			st.boots = append(st.boots, boot{uint8(i), core.Boot()})
		}
	}
	for i := range s.clients {
		st.seqs[i] = s.ops
		if op := w.ClerkCore(world.Client(i + 1)).Progress().Op; op.Seq > 0 && op.Key == s.key {
			st.judge = st.judge.begin(op)
		}
	}
	return st
}

// held is what the key holds now, by the server that answers for it: the one that can, or else has all the data of
// the newest view.
func (s *scope) currentValue(w *world.World) (r register) {
	newest := viewservice.Number(0)
	for i := range s.servers {
		core := w.ServerCore(world.Server(i + 1))
		if core == nil || core.Holds() == 0 {
			continue
		}
		if able, _ := core.Completes(); able || core.Holds() > newest {
			newest = core.Holds()
			r.value, r.found = core.Value(s.key)
		}
	}
	return r
}

// begin tells the judge that an operation began.
func (st *state) begin(key string, op pbservice.Op) {
	if op.Key == key {
		st.judge = st.judge.begin(op)
	}
}

// end tells the judge what a client was told. An operation that was given up, or refused, is never answered.
func (st *state) end(key string, op pbservice.Op, r pbservice.Reply, err error) {
	if op.Key != key || err != nil {
		return
	}
	if n, ok := world.ParseNode(op.Client); ok && writes(op) && index(n) < MaxClients {
		st.wrote[index(n)] = uint16(op.Seq)
	}
	st.judge = st.judge.end(op.Client, op.Seq, register{r.Value, r.Err == pbservice.OK && !writes(op)})
}

func up(w *world.World, n world.Node) bool { return w.State(n) == netsim.Up }

// stepKind says what a step is.
type stepKind uint8

const (
	tick          stepKind = iota // an interval passes on node; it pings, and the reply arrives, unless fate says otherwise
	pingArrival                   // the ping msg, sent outside of the clock, arrives, and its reply
	arrival                       // of msg
	arrivalTwice                  // msg arrives, and may arrive again
	retry                         // the client looks the view up and sends its operation again
	invocation                    // of an operation of the client, of kind
	deathDeclared                 // the viewservice counts the server as dead
	crash
	restart
)

// fate is what becomes of a ping.
type pingOutcome uint8

const (
	pingAnswered pingOutcome = iota
	pingLost                 // it does not arrive
	replyLost                // its reply does not
	pingLate                 // it is under way
	replyLate                // its reply is under way
)

// step is one thing that can happen.
type step struct {
	kind    stepKind
	node    world.Node
	msg     uint64
	op      pbservice.OpKind
	outcome pingOutcome
	lost    uint8 // clients, as bits, to whom a result does not get through
}

// matters reports whether the arrival of a message can still change anything, ever.
func matters(w *world.World, msg *world.Message) bool {
	switch msg.Kind {
	case world.ForwardReply:
		return w.Awaited(msg)
	case world.PingReply:
		core := w.ServerCore(msg.To)
		return core != nil && core.Boot() == msg.Asks.Boot &&
			msg.Body.(viewservice.PingReply).View.Viewnum >= core.View().Viewnum
	case world.Forward:
		return w.Awaited(msg) || !deadLetter(w, msg)
	}
	return true
}

// deadLetter reports whether a forward is for a boot that is gone: all later ones refuse it, and nobody waits for what
// they say.
func deadLetter(w *world.World, msg *world.Message) bool {
	core := w.ServerCore(msg.To)
	return core == nil || core.Boot() != msg.Body.(*pbservice.ForwardArgs).Boot
}
