package search

import (
	"fmt"
	"slices"
	"strings"

	"cluster/splitbrain/netsim/world"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/viewservice"
	"cluster/splitbrain/viewservice/rules"
)

// coverage is what walks have seen happen at all: what servers refused clients and each other, why views were formed, and
// what held views up in the end. One bit for each code of a cause.
type coverage struct {
	refused uint64 // by pbservice.Code
	decided uint64 // by viewservice.Code
}

// note adds what has happened from one state of a world to the next.
func (c *coverage) note(before, after *world.World) {
	all := after.Transit()
	for i := len(all) - 1; i >= 0 && all[i].ID > before.Messages(); i-- {
		switch body := all[i].Body.(type) {
		case pbservice.Reply:
			c.refused |= 1 << body.Why.Code
		case pbservice.ForwardReply:
			c.refused |= 1 << body.Refused.Code
		}
	}
	x, y := before.ViewCore(), after.ViewCore()
	if x == y || x == nil || y == nil {
		return
	}
	from, _ := x.Current()
	if to, _ := y.Current(); to.Viewnum == from.Viewnum {
		return
	}
	for _, change := range y.Clone().Status(after.ViewserviceTime()).Changes {
		for _, cause := range change.Causes {
			if change.View.Viewnum > from.Viewnum {
				c.decided |= 1 << cause.Code
			}
		}
	}
}

// noteEnd adds what holds the views up in w.
func (c *coverage) noteEnd(w *world.World) {
	if views := w.ViewCore(); views != nil {
		c.decided |= 1 << views.Clone().Status(w.ViewserviceTime()).Blocked.Code
	}
}

func (c *coverage) add(other coverage) {
	c.refused |= other.refused
	c.decided |= other.decided
}

// What no walk can see: clients of walks keep to the limits, waiting is not refusing, views are formed without V3 or V5 only
// where that is switched off, and a world has one cluster, whose servers have names and intervals as they should.
var (
	neverRefused = []pbservice.Code{
		pbservice.KeyTooLong, pbservice.ValueTooLong, pbservice.BadClient, pbservice.AwaitsBackup, pbservice.AwaitsTransfer,
		pbservice.OtherCluster, pbservice.Replaced,
	}
	neverDecided = []viewservice.Code{
		viewservice.Usurped, viewservice.PromotedUnacked, viewservice.PromotedUnfilled, viewservice.PromotedUnseen,
		viewservice.Stranger, viewservice.NameTwice, viewservice.Unreached, viewservice.OtherInterval,
	}
)

// Seen says which of the decisions and refusals that the rules know a search of walks has seen.
type Seen struct {
	Count int
	Of    int
	Never []string // those that it has not, in words, each with its rule
}

func (c coverage) seen() (s Seen) {
	for _, code := range pbservice.Codes() {
		if !slices.Contains(neverRefused, code) {
			s.add(c.refused&(1<<code) != 0, pbservice.Cause{Code: code}.Rule(), code.String())
		}
	}
	for _, code := range viewservice.Codes() {
		if !slices.Contains(neverDecided, code) {
			s.add(c.decided&(1<<code) != 0, viewservice.Cause{Code: code}.Rule(), code.String())
		}
	}
	return s
}

func (s *Seen) add(seen bool, rule rules.Ref, words string) {
	s.Of++
	if seen {
		s.Count++
		return
	}
	s.Never = append(s.Never, fmt.Sprintf("%s: %s", rule, withoutFacts.Replace(words)))
}

// withoutFacts puts something general where the facts of a cause would stand.
var withoutFacts = strings.NewReplacer("{server}", "a server", "{other}", "another", "{view}", "n", "{silent}", "some time",
	"{allowed}", "some time", "{n}", "n", "{or for ever}", "")
