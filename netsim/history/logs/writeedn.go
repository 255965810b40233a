package logs

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"slices"
	"time"

	"cluster/splitbrain/netsim/history"
	"cluster/splitbrain/pbservice"
)

// WriteEDN writes a map per event and line, in their order, as Jepsen does: keys stand in the values. A client gets another
// process after an operation of unknown outcome. The first event says how many operations were earlier, and are missing.
func WriteEDN(w io.Writer, bars []history.Bar, earlier int) error {
	out := bufio.NewWriter(w)
	processes := map[string]int{}
	next := 0
	of := make([]int, len(bars))
	for index, e := range eventsOf(bars) {
		b := &bars[e.bar]
		if !e.end {
			if _, ok := processes[b.Client]; !ok {
				processes[b.Client] = next
				next++
			}
			of[e.bar] = processes[b.Client]
		} else if !b.Known {
			delete(processes, b.Client)
		}
		missing := ""
		if index == 0 && earlier > 0 {
			missing = fmt.Sprintf(":earlier %d, ", earlier)
		}
		fmt.Fprintf(out, "{%s:index %d, :time %d, :process %d, :client %s, :type :%s, :f :%s, :value [%s %s]}\n",
			missing, index, e.at, of[e.bar], quoted(b.Client), e.kind(b), verbs[b.Kind], quoted(b.Key), e.value(b))
	}
	return out.Flush()
}

var verbs = map[pbservice.OpKind]string{pbservice.Get: "read", pbservice.Put: "write", pbservice.Append: "append"}

// written is an event that is to be written.
type written struct {
	bar    int
	end    bool
	at     time.Duration
	number int
}

// eventsOf are the calls and ends of operations, in their order. What ended with an unknown outcome ends when its client calls
// the next one, or at the end of all.
func eventsOf(bars []history.Bar) []written {
	var all []written
	open := map[string]int{} // by client
	for i, b := range bars {
		if was, ok := open[b.Client]; ok {
			all = append(all, written{was, true, b.Call, b.Called})
			delete(open, b.Client)
		}
		all = append(all, written{i, false, b.Call, b.Called})
		switch {
		case b.Known:
			all = append(all, written{i, true, b.Return, b.Returned})
		case b.Open:
			open[b.Client] = i
		}
	}
	slices.SortStableFunc(all, func(a, b written) int { return cmp.Or(cmp.Compare(a.number, b.number), cmp.Compare(a.at, b.at)) })
	for i, b := range bars {
		if was, ok := open[b.Client]; ok && was == i {
			at := b.Call
			if n := len(all); n > 0 {
				at = all[n-1].at
			}
			all = append(all, written{i, true, at, 0})
		}
	}
	return all
}

func (e written) kind(b *history.Bar) string {
	switch {
	case !e.end:
		return "invoke"
	case !b.Known:
		return "info"
	case b.Refused:
		return "fail"
	}
	return "ok"
}

func (e written) value(b *history.Bar) string {
	switch {
	case b.Kind != pbservice.Get:
		return quoted(b.Value)
	case e.end && b.Known && b.Found:
		return quoted(b.Got)
	}
	return "nil"
}
