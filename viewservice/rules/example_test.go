package rules_test

import (
	"fmt"

	"cluster/splitbrain/viewservice/rules"
)

func Example() {
	off := rules.Without(rules.AckRule).Set(rules.Continuity, true)
	for _, rule := range off.Rules() {
		fmt.Println(rule, rule.Refs(), off.Has(rule))
	}
	fmt.Println(off.Has(rules.ForwardGets))
	// Output:
	// ack-rule (V3 S2) true
	// continuity (V5 S2) true
	// false
}
