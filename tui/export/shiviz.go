package export

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"strings"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine/lex"
)

// clocks are the vector clocks of all nodes: how many events of each node came before the last one of a node.
type clocks map[string]map[string]int

// event lets one more event happen at a node, which has learnt what somebody knew, and returns the node's clock.
func (c clocks) event(node string, learnt map[string]int) map[string]int {
	now := c[node]
	if now == nil {
		now = map[string]int{}
		c[node] = now
	}
	for other, n := range learnt {
		now[other] = max(now[other], n)
	}
	now[node]++
	return now
}

// writeShiviz writes a line for each event of a node and one with its vector clock, as ShiViz reads them by itself. What only
// the network knows, as that a message is lost, is no event of a node.
func writeShiviz(w io.Writer, s Source) error {
	now, sent := clocks{}, map[uint64]map[string]int{}
	for _, e := range s.Events {
		host, learnt := e.From, map[string]int(nil)
		switch {
		case e.Kind == netsim.MsgDuplicated: // the copy knows what the original knew
			sent[e.Msg] = sent[e.CopyOf]
			continue
		case e.Kind == netsim.MsgDelivered:
			host, learnt = e.To, sent[e.Msg]
		case e.Kind != netsim.MsgSent && !ofNode(e.Kind):
			continue
		}
		clock := now.event(lane(host), learnt)
		if e.Kind == netsim.MsgSent {
			sent[e.Msg] = maps.Clone(clock)
		}
		told, err := json.Marshal(clock)
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(w, "%s\n%s %s\n", toldOf(e), lane(host), told); err != nil {
			return err
		}
	}
	return nil
}

func ofNode(kind netsim.EventKind) bool {
	switch kind {
	case netsim.NodeStarted, netsim.NodeExited, netsim.NodeCrashed, netsim.NodeFrozen, netsim.NodeThawed:
		return true
	}
	return false
}

// lane is a node's name as ShiViz can read it: without blanks.
func lane(name string) string { return strings.ReplaceAll(lex.Safe(name), " ", "_") }

// toldOf tells an event in a line.
func toldOf(e netsim.TraceEvent) string {
	text := clock(e.At) + " s: "
	switch {
	case e.Kind == netsim.MsgSent:
		return text + fmt.Sprintf("#%d to %s: %s", e.Msg, lane(e.To), words(e))
	case e.Kind == netsim.MsgDelivered:
		return text + fmt.Sprintf("#%d from %s: %s", e.Msg, lane(e.From), words(e))
	}
	return text + lex.Safe(e.String())
}
