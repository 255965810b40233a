package history

import (
	"math"
	"slices"
	"sort"
	"time"

	"cluster/splitbrain/pbservice"

	"github.com/anishathalye/porcupine"
)

// Limits of telling what is to blame on a key that only porcupine understands.
const (
	hardBlameTime = 3 * time.Second
	hardTrial     = 300 * time.Millisecond // for one question
)

// accuseByPorcupine explains why there is no explanation of the operations of a key: it finds the one that had ended when
// there was none for the first time, and what contradicts it. It returns nil if that would take too long.
func accuseByPorcupine(all []*entry) *Blame {
	var ends []*entry
	for _, e := range all {
		if e.returned != never {
			ends = append(ends, e)
		}
	}
	slices.SortFunc(ends, func(a, b *entry) int { return a.returned - b.returned })
	explained := func(claims []claim) bool { return askPorcupine(forPorcupine(claims), hardTrial) != Violated }
	deadline := time.Now().Add(hardBlameTime)
	sure := true // as long as each question had an answer
	n := sort.Search(len(ends), func(n int) bool {
		r := Undecided
		if sure && time.Now().Before(deadline) {
			r = askPorcupine(forPorcupine(claimsUntil(all, ends[n].returned)), hardTrial)
		}
		sure = sure && r != Undecided
		return r == Violated
	})
	if !sure || n == len(ends) {
		return nil
	}
	culprit := ends[n]
	b := &Blame{Culprit: culprit.Operation, ids: []int{culprit.id}}
	b.because(shrink(explained, claimsUntil(all, culprit.returned), culprit, deadline))
	b.Text = b.Sentence(formatTimes)
	return b
}

// claimsUntil are the operations that had been called before an event, of which what ended later has not ended yet.
func claimsUntil(all []*entry, event int) []claim {
	var claims []claim
	for _, e := range all {
		switch {
		case e.called > event || e.Refused:
		case e.returned <= event:
			claims = append(claims, claim{entry: e})
		case e.Kind != pbservice.Get:
			open := *e
			open.returned, open.Outcome = never, Outcome{}
			claims = append(claims, claim{entry: &open})
		}
	}
	return claims
}

// forPorcupine makes porcupine's operations of claims.
func forPorcupine(claims []claim) []porcupine.Operation {
	var ops []porcupine.Operation
	for i, c := range claims {
		o := porcupine.Operation{ClientId: i, Input: c.Operation, Output: c.Outcome, Call: int64(c.called), Return: int64(c.returned)}
		if c.unordered {
			o.Call, o.Output = 0, Outcome{}
		}
		if c.unordered || !c.Known {
			o.Return = math.MaxInt64
		}
		ops = append(ops, o)
	}
	return ops
}
