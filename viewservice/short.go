package viewservice

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// InShort tells why a view was formed in one line that is as short as it can be, all rules last: "s1 silent 5 pings:
// s2 promoted, s3 joins (V4 V5 V6)". Silence is counted in intervals; an interval of 0 is not known.
func InShort(causes []Cause, interval time.Duration) (text, rules string) {
	var parts, cited []string
	for i, c := range causes {
		if c.Code == CodeNone {
			continue
		}
		joins := c.Code == NoBackup && i+1 < len(causes) && causes[i+1].Code == Appointed
		switch words := c.short(interval); {
		case joins && i > 0: // which the next one tells
		case joins:
			parts = append(parts, "no backup")
		default:
			parts = append(parts, words)
		}
		if rule := c.Rule(); !slices.Contains(cited, rule) {
			cited = append(cited, rule)
		}
	}
	if len(parts) == 0 {
		return "", ""
	}
	text = parts[0]
	if rest := strings.Join(parts[1:], ", "); rest != "" {
		text += ": " + rest
	}
	return text, "(" + strings.Join(cited, " ") + ")"
}

// short is words with what stands beside it on a screen left out.
func (c Cause) short(interval time.Duration) string {
	switch c.Code {
	case FirstPing:
		return c.Server + " pinged first"
	case PrimarySilent, BackupSilent:
		return c.Server + " silent " + intervals(c.Silent, interval)
	case PrimaryRestarted, BackupRestarted:
		return c.Server + " came back empty"
	case BackupGivenUp:
		return c.Other + " gave " + c.Server + " up"
	case NoBackup:
		return c.Server + " volunteers"
	case Promoted:
		return c.Server + " promoted"
	case Appointed:
		return c.Server + " joins"
	case Usurped:
		return c.Server + " promoted without data"
	default:
		return c.shortObstacle()
	}
}

func (c Cause) shortObstacle() string {
	switch c.Code {
	case NoServer:
		return "nobody has pinged"
	case Amnesia:
		return "vs has forgotten all views"
	case Stranger:
		return fmt.Sprintf("vs does not know view %d of %s", c.View, c.Server)
	case UnackedDead:
		return fmt.Sprintf("%s silent before Ping(%d)", c.Server, c.View)
	case UnackedRestart:
		return fmt.Sprintf("%s crashed before Ping(%d)", c.Server, c.View)
	case UnackedLoss:
		return fmt.Sprintf("%s lost, Ping(%d) awaited", c.Other, c.View)
	case UnackedJoin:
		return fmt.Sprintf("%s volunteers, Ping(%d) awaited", c.Other, c.View)
	case LoneLost:
		return c.Server + ", alone with the data, is silent"
	case LoneRestarted:
		return c.Server + ", alone with the data, came back empty"
	case BothLost:
		return c.Server + " and " + c.Other + " lost"
	case BothRestarted:
		return c.Server + " and " + c.Other + " came back empty"
	case NextUnheard:
		return c.Server + " to lead, its ping awaited"
	}
	return unknownCause
}

// intervals tells a silence in pings that were missed.
func intervals(silent, interval time.Duration) string {
	if interval <= 0 {
		return ms(silent)
	}
	if n := int(silent / interval); n != 1 {
		return fmt.Sprintf("%d pings", n)
	}
	return "1 ping"
}
