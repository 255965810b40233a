package world

import (
	"math/rand/v2"
	"testing"

	"cluster/splitbrain/netsim/engine"
)

// Worlds that are made of others that nobody uses any more are what they would be otherwise, and so are those that were cloned
// before: of three worlds that are kept one goes on by a random event, beside its plain clone.
func TestWorldsMadeOfSpareOnes(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var spare Spare
	kept, hashes := [3]*World{}, [3]uint64{}
	for i := range kept {
		kept[i] = spare.Clone(NewStable(engine.Defaults))
		hashes[i] = kept[i].Hash()
	}
	for range 3_000 {
		from, to := random.IntN(len(kept)), random.IntN(len(kept))
		all := kept[from].Events()
		e := all[random.IntN(len(all))]
		plain, next := kept[from].Clone(), spare.Clone(kept[from])
		plain.MustApply(e)
		next.MustApply(e)
		if random.IntN(4) > 0 { // most are dropped at once
			spare.Discard(next)
		} else {
			spare.Discard(kept[to])
			kept[to], hashes[to] = next, plain.Hash()
		}
		for i, w := range kept {
			if w.Hash() != hashes[i] {
				t.Fatalf("after %v of world %d world %d is another one", e, from, i)
			}
		}
	}
}
