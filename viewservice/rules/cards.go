package rules

import (
	"slices"
	"strings"
)

// Card is what can be looked up of one rule of docs/protocol.md: a table of that page is made from the cards.
type Card struct {
	Ref     Ref
	Title   string
	Says    string // the rule, in about two sentences
	Without string // what would go wrong if nobody kept it
}

var cards = []Card{
	{"V1", "First view", "The first server to ping becomes primary of view 1. There is no data yet, so it may be anybody.",
		"No service would ever begin."},
	{"V2", "Acknowledgement", "A view is acknowledged when its primary has pinged the view's number. From then on the viewservice knows that the primary has entered it.",
		"The viewservice could not tell a primary that serves from one that has not heard of its view."},
	{"V3", "The ack rule", "Until a view is acknowledged the viewservice stays in it, whoever dies. So a primary may serve while it fills its backup; but if it dies before it acknowledges, the service is stuck.",
		"The primary answers alone, and a backup that lacks what it answered is promoted: lost writes."},
	{"V4", "Reasons", "An acknowledged view ends when its primary or backup is lost, that is silent for DeadPings intervals or restarted, or when it has no backup and somebody volunteers. Nothing else ends it.",
		"A dead primary would stay for ever, or views would change for nothing."},
	{"V5", "Continuity", "The next primary is the present one, or if that is lost the present backup, provided it is alive and has not restarted. Nobody else has the data, so in any other case the view stays.",
		"An empty server becomes primary: lost writes."},
	{"V6", "One step", "A loss and the appointment that repairs it are one view change, and volunteers are taken in the order in which they came. The same pair never follows itself.",
		"A backup that was lost and is back would still count as one that has everything."},
	{"V7", "Restart", "A newer boot id means an empty server, however quickly it came back: a member of the view that restarted is lost. Pings of an older boot have no effect.",
		"A primary that restarted serves an empty map: lost writes."},
	{"V8", "Forgetting", "A volunteer that falls silent loses its place in the line. When it pings again it joins at the end.",
		"A dead server would be appointed backup, and clients would wait for it."},
	{"V9", "Amnesia", "A restarted viewservice never forms a view, and one that hears of a view that it did not form changes none any more. It can't know who has the data.",
		"An empty server could be the first to ping, and be handed the service: all writes lost."},
	{"V10", "Backup given up", "A primary whose backup does not confirm pings that this backup is lost. That acknowledges the view, and in the same step another one is formed, with the next volunteer or none.",
		"A backup that pings but can't be reached from its primary would keep the view unacknowledged for ever."},
	{"V11", "Own silence", "Time in which the viewservice itself stood still is nobody else's silence. When it goes on, all servers have an interval to be heard before anybody is missed.",
		"A viewservice that was suspended would take servers for dead that are alive."},

	{"S1", "Boot", "A server begins with nothing. Its state is complete for a view, or it is not there at all.",
		"Half a map would be served as if it were whole."},
	{"S2", "State of a primary", "A server that becomes primary has state only if it was complete in the view before, or if the view is the first one. Without state it refuses clients and never enters the view.",
		"Its empty map would become the truth: lost writes."},
	{"S3", "Becoming backup", "A new backup throws away what it has, and takes everything from the primary: the map and the duplicate filter.",
		"The next failover promotes a server that was never filled: lost writes."},
	{"S4", "Entering", "A server pings a view only after entering it: a backup when it is complete, a primary when its backup has confirmed all that the primary holds. So a backup that can be promoted is complete.",
		"A crash in mid-transfer promotes a backup that lacks answered writes: lost writes."},
	{"S5", "One order", "The primary puts all operations in one order, sends each to the backup, and answers once the backup has confirmed it. Gets too: a primary that was cut off can't know that it has been replaced.",
		"A cut-off primary answers Gets with old values, and answered writes vanish in a failover."},
	{"S6", "Serving during transfer", "While it fills its backup the primary goes on answering alone. From the last chunk of the transfer on, every operation waits for the backup.",
		"Clients would wait as long as a transfer takes."},
	{"S7", "The backup checks", "A backup takes only what the primary of its view sends to this boot of it, in sequence. The primary counts only confirmations of what it sent.",
		"A replaced primary is still confirmed, and there are two at once: split brain."},
	{"S8", "Refused or lost", "A message to the backup that is lost is sent again, the same. If the backup refuses it, the primary completes nothing more, tells all who wait that their outcome is unknown, and asks for the view.",
		"One lost message would hold up everybody, and a replaced primary would go on."},
	{"S9", "Stepping down", "Whoever learns of a view in which it is not the primary answers all who wait, and drops its state.",
		"Clients would wait at a server that can't answer any more, and old data could pass for new."},
	{"S10", "At most once", "Servers remember each client's newest operation, and answer a repeat without doing it again. A new backup gets this memory together with the data.",
		"A reply is lost, the client repeats its Append, and it is done twice."},
	{"S11", "Views never go back", "A reply that tells of an older view than the newest known one is ignored, by servers and by clients.",
		"A late reply would lead a server back into a view that has ended."},
	{"S12", "Off the critical path", "Servers ping on their clock, and clients ask for the view only after an error or a timeout: no operation waits for the viewservice.",
		"Each operation would cost a call to the viewservice, and nothing would be answered while it is down."},
	{"S13", "Limits", "A key has up to 4 KiB, a value up to 16 MiB. What is too large is answered in its turn like any result, so that both servers agree.",
		"One client could fill the memory of both servers, or leave them with different maps."},

	{"C1", "Until it is answered", "A client sends an operation until it is answered, always under the same number. An answer to any of its attempts counts.",
		"A lost message would lose the operation, or a repeat would pass for another one."},
	{"C2", "Promises", "Only results are promises. An operation that was cancelled or failed has an unknown outcome, and the error says so.",
		"Somebody would take a put that failed for one that never happened."},
	{"C3", "Linearizability", "What clients see is linearizable, and every acknowledged write is present exactly once, as long as the holders of the data are never all lost. All other rules are there for this one.",
		"Nobody could rely on what the service has told."},
}

// Cards are those of all rules, in the order of docs/protocol.md.
func Cards() []Card { return slices.Clone(cards) }

// CardOf finds the card of a rule, written in capitals or not, or by the name of what switches it off.
func CardOf(name string) (c Card, ok bool) {
	if r, ok := Named(name); ok {
		name = string(r.Refs()[0])
	}
	i := slices.IndexFunc(cards, func(c Card) bool { return strings.EqualFold(string(c.Ref), name) })
	if i < 0 {
		return Card{}, false
	}
	return cards[i], true
}

// Switches are what switches the rule off, and weakenedBy what takes some of it away for the damage of another rule.
func (r Ref) Switches() (own, weakenedBy []Rule) {
	for _, s := range All() {
		switch refs := s.Refs(); {
		case refs[0] == r:
			own = append(own, s)
		case refs.Has(r):
			weakenedBy = append(weakenedBy, s)
		}
	}
	return own, weakenedBy
}
