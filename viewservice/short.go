package viewservice

import (
	"strings"
	"time"

	"cluster/splitbrain/viewservice/rules"
)

// InShort tells why a view was formed in one line that is as short as it can be, and the rules behind it: "s1 silent 5
// pings: s2 promoted, s3 joins" and V4 V5 V6. Silence is counted in intervals; an interval of 0 is not known.
func InShort(causes []Cause, interval time.Duration) (text string, cited rules.Refs) {
	var parts []string
	for i, c := range causes {
		if c.Code == CodeNone {
			continue
		}
		// Who volunteers is told by the cause that follows: it joins.
		joins := c.Code == NoBackup && i+1 < len(causes) && causes[i+1].Code == Appointed
		switch {
		case !joins:
			parts = append(parts, c.fill(c.phrase().short, interval))
		case i == 0:
			parts = append(parts, "no backup")
		}
		if rule := c.Rule(); !cited.Has(rule) {
			cited = append(cited, rule)
		}
	}
	if len(parts) == 0 {
		return "", nil
	}
	text = parts[0]
	if len(parts) > 1 {
		text += ": " + strings.Join(parts[1:], ", ")
	}
	return text, cited
}
