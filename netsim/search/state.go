package search

import (
	"slices"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/world"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/viewservice"
)

// state is a state of the model that is checked: an untimed world, what clients may see from now on, and what is left
// of the budget. A state is never changed once a function has returned it: many states share parts.
type state struct {
	world    *world.World
	judges   [maxKeys]*judge    // of the scope's keys
	seqs     [MaxClients]uint8  // how many operations the search has let each client begin
	wrote    [MaxClients]uint16 // the number of each client's newest answered put or append
	waits    [MaxClients]uint16 // bit i: the client's running operation waits in the queue of the server with index i
	gaveUp   viewservice.Number // the newest view in which a primary gave its backup up
	dataLost bool               // by design (lossBy); known where the scope watches only
	boots    *boots
	left     budget
}

// scope is what all states of one search have in common: the size of the cluster, what clients may do, and what must
// hold. Read-only while a search runs; its workers share one.
type scope struct {
	servers, clients int
	keys             []string           // on which clients operate, at most maxKeys
	kinds            []pbservice.OpKind // what clients may begin
	properties       Properties         // what must hold in every state
	ops              uint8              // operations that each client began before the search
	past             clientsPast        // what clients did before it; nil if all of that has ended, and the servers are believed
	dataLost         bool               // the data were lost by design before it
	fine             Fine               // reductions that are taken out
	goal             *Goal              // if not nil, the search looks for this and not for violations
	prune            *Goal              // if not nil, nothing is tried in states that are so
	toDo             int                // operations that clients begin if they begin all
	workload         Workload           // if not nil, what clients do in place of any operations
	fairOf           uint64             // of so many states one is tried for stalls
	forgetful        bool               // duplicate filters have so little room that they forget clients
	symmetric        bool               // servers and clients differ in nothing but their names, but for what clients do
	memory           *memory            // of a worker, whose copy of the scope it is; nil remembers nothing
}

// from returns the scope of what begins at o.
func (s *scope) from(o opening) *scope {
	n := *s
	n.ops, n.past, n.dataLost = uint8(o.ops), o.past, o.dataLost
	return &n
}

// initialState returns the state from which a search of w begins.
func (s *scope) initialState(w *world.World, budget Budget) *state {
	st := &state{world: w, left: budget.start(), boots: new(boots), dataLost: s.dataLost}
	for k, key := range s.keys {
		st.judges[k] = s.firstJudge(w, key)
	}
	for i := range s.servers {
		if core := w.ServerCore(world.Server(i + 1)); core != nil {
			st.boots.all = append(st.boots.all, boot{uint8(i), core.Boot()})
		}
	}
	for i := range s.clients {
		n := world.Client(i + 1)
		st.seqs[i], st.wrote[i] = s.ops, uint16(s.past.wrote(n.String()).Seq)
		for j := range s.servers {
			if server := world.Server(j + 1); w.AskedBy(server, n) {
				st.waits[i] |= bit(server)
			}
		}
	}
	return st
}

// firstJudge returns the judge of a key of w, the world in which a search begins. It explains whatever the past of the clients
// allows for: an operation that runs, or was given up, may have happened already. Where that past is too hard, the servers
// are believed if nothing is on its way, and nothing is judged of the key otherwise.
func (s *scope) firstJudge(w *world.World, key string) *judge {
	if s.past != nil && s.past[key] == nil {
		return newJudge(register{})
	}
	if s.past != nil {
		if j, ok := s.past[key].from(); ok {
			return j
		}
	}
	switch all := s.valuesNow(w, key); len(all) {
	case 0:
		return newJudge(register{})
	case 1:
		return newJudge(all[0].register)
	}
	return allExplained
}

// held is what a key holds on a server.
type held struct {
	register
	by world.Node
}

// valuesNow returns what a key holds on the servers that can complete operations now, each value once; or else on that which
// could if its backup confirmed, or else on one that is complete in the newest view. It is empty if there is none.
func (s *scope) valuesNow(w *world.World, key string) (all []held) {
	var able, newest []held
	last := viewservice.Number(0)
	for i := range s.servers {
		n := world.Server(i + 1)
		core := w.ServerCore(n)
		if core == nil || core.Holds() == 0 {
			continue
		}
		one := []held{{valueOf(core, key), n}}
		if can, _ := core.Completes(); can {
			able = one
		}
		if core.Holds() > last {
			last, newest = core.Holds(), one
		}
		if completes(w, n, pbservice.Get) && !slices.ContainsFunc(all, func(h held) bool { return h.register == one[0].register }) {
			all = append(all, one...)
		}
	}
	for _, others := range [][]held{able, newest} {
		if len(all) == 0 {
			all = others
		}
	}
	return all
}

// brokenAtFirst says which promise is broken in first, the state in which a search begins; "" if none. Only what breaks during
// the search can be laid to its events.
func (s *scope) brokenAtFirst(first *state) string {
	const already = "where the search begins already, "
	for p := range propertyCount {
		if s.goal != nil || !s.properties.has(p) {
			continue
		}
		why := s.check(p, first, first, s.ableOnes(first.world))
		for k, key := range s.keys {
			if p == linearizable && !first.judges[k].linearizable() {
				why = s.past[key].wrong + ": no order of the operations explains that"
			}
		}
		if why != "" {
			return p.broken(already + why)
		}
	}
	return ""
}

// invoked notes that a client began op during the search.
func (s *scope) invoked(st *state, client world.Node, op pbservice.Op) {
	st.seqs[client.Index()]++
	spend(&st.left.ops)
	s.begin(st, op)
}

// begin tells the judge of op's key that a client began op.
func (s *scope) begin(st *state, op pbservice.Op) {
	if k := slices.Index(s.keys, op.Key); k >= 0 {
		st.judges[k] = s.memory.begun(st.judges[k], op)
	}
}

// end tells the judge of op's key what the client of op was told. An operation that was given up or refused stays open
// for the judge: it may or may not have happened (C2).
func (s *scope) end(st *state, op pbservice.Op, r pbservice.Reply, err error) {
	k := slices.Index(s.keys, op.Key)
	if k < 0 || err != nil {
		return
	}
	if n, ok := world.ParseNode(op.Client); ok && writes(op) && n.Index() < MaxClients {
		st.wrote[n.Index()] = uint16(op.Seq)
	}
	st.judges[k] = s.memory.ended(st.judges[k], op.Client, op.Seq, sawOf(op, r))
}

// sawOf is what r, an answer to op, says that the key holds.
func sawOf(op pbservice.Op, r pbservice.Reply) register {
	return register{r.Value, r.Err == pbservice.OK && !writes(op)}
}

// noteBoot adds the present boot of n, which has restarted, to the boots that are told apart.
func (s *scope) noteBoot(st *state, n world.Node) {
	if n.IsServer() {
		st.boots = s.memory.booted(st.boots, boot{uint8(n.Index()), st.world.ServerCore(n).Boot()})
	}
}

func up(w *world.World, n world.Node) bool { return w.State(n) == netsim.Up }

// stepKind says what happens in a step.
type stepKind uint8

const (
	tick           stepKind = iota // a ping interval passes on node, with the ping and its reply as outcome says
	pingArrival                    // msg, a ping that no tick has sent (S12), arrives, and its reply as outcome says
	arrival                        // msg arrives
	arrivalTwice                   // msg arrives, and a copy stays under way
	retry                          // the client looks up the view and sends its operation again
	viewUnanswered                 // the client gives up its question for the view, which only a saved world leaves open
	invocation                     // the client begins an operation of kind op
	deathDeclared                  // the viewservice counts the server as dead
	quiet                          // the viewservice has not heard the server lately
	crash
	restart
	connectionLost // msg is lost with its connection, which its caller learns
)

// pingOutcome is what becomes of a ping and its reply.
type pingOutcome uint8

const (
	pingAnswered pingOutcome = iota // both arrive
	pingLost
	replyLost
	pingLate  // the ping stays under way
	replyLate // the ping arrives, and its reply stays under way
)

// step is one transition that is possible in a state.
type step struct {
	kind    stepKind
	node    world.Node
	msg     uint64
	op      pbservice.OpKind
	outcome pingOutcome
	lost    uint8 // bit i: a result for the client with index i gets lost
	joins   bool  // msg is a request whose operation waits there already, which the budget of duplicates pays for
}

// matters reports whether the arrival of msg, now or later, can change anything.
func (s *scope) matters(w *world.World, msg *world.Message) bool {
	if s.fine.has(fineLetters) {
		return true
	}
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

// deadLetter reports whether msg, a forward, is for a boot that is gone. Every later boot refuses it (S7).
func deadLetter(w *world.World, msg *world.Message) bool {
	core := w.ServerCore(msg.To)
	return core == nil || core.Boot() != msg.Body.(*pbservice.ForwardArgs).Boot
}
