package engine

import "cluster/splitbrain/viewservice"

// Claim is one thing that the words beside it promise, as data. Most claims speak of what comes if nobody interferes; those
// that end in ForEver hold whatever is healed, thawed, released and restarted, as long as the rules stay as they are.
type Claim struct {
	Code       ClaimCode
	Who, Other string // servers; Who is a client of Unanswered
	View       viewservice.Number
}

// ClaimCode says what is claimed.
type ClaimCode uint8

// The claims.
const (
	NoClaim ClaimCode = iota

	Moves         // a view after View is formed
	Leads         // a view after View has Who as its primary
	Follows       // a view after View has Who as its backup
	Leaves        // a view after View is formed without Who
	Acks          // View is acknowledged, or a later one is formed
	AckFirst      // no view after View is formed before that is acknowledged
	Stays         // no view after View is formed
	GoesRound     // view follows view without end
	Answers       // Who answers clients that know of View
	Confirmed     // Who answers nothing in View that Other has not confirmed
	Silent        // Who answers nobody as long as the view is View; nobody does if there is no Who
	Unanswered    // Who gets no answer
	Curable       // clients are answered once all is healed, thawed and released, and what crashed is started again
	StaysForEver  // no view after View is ever formed
	SilentForEver // nobody is ever answered again

	claimCodes // how many there are
)

var claimNames = [claimCodes]string{
	"nothing", "moves", "leads", "follows", "leaves", "acks", "ack first", "stays", "goes round", "answers", "confirmed", "silent",
	"unanswered", "curable", "stays for ever", "silent for ever",
}

// String is the claim's name in failures of tests.
func (c ClaimCode) String() string { return claimNames[c] }
