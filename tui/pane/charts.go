package pane

import (
	"slices"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/history"
)

// Charts shows how many operations a second there are, how long they take, and how old the servers' pings are, over
// the cluster's own time.
type Charts struct {
	Front bool // the other panes stand beside it

	w, h    int
	buckets []bucket // the newest is last, and not over yet
	first   int      // number of buckets[0]
	newest  int      // the newest operation seen
	counted map[int]bool
	series  []series

	branch string        // of a simulated cluster
	told   time.Duration // operations that ended before are counted already, though they come again
	anew   bool          // nothing is known of what lies before the present moment
}

// bucket is what happened in a piece of time.
type bucket struct {
	ops      int
	took     []time.Duration                  // of some of them
	p50, p99 time.Duration                    // of ops, if any
	ages     [engine.MaxServers]time.Duration // the oldest pings; 0: not known
}

const (
	bucketTime  = 500 * time.Millisecond
	mostBuckets = 300
	mostTook    = 512
	stillOpen   = 4 // buckets of which operations may still be learnt
)

// NewCharts makes the pane, empty.
func NewCharts() *Charts { return &Charts{counted: map[int]bool{}, newest: -1} }

func (p *Charts) Name() string { return "charts" }

func (p *Charts) Status() string {
	text := ""
	if seen := min(p.shown(), p.across()); seen > 0 {
		text = "the last " + engine.Elapsed(time.Duration(seen)*bucketTime)
	}
	if p.anew {
		text += "  no samples from before the rewind"
	}
	if hidden := len(p.series) - p.h; hidden > 0 && p.h > 0 {
		text += "  " + engine.Count(hidden) + " charts hidden"
	}
	return text
}

func (p *Charts) Scroll(Motion) {}

func (p *Charts) Resize(w, h int) { p.w, p.h = w, h }

func (p *Charts) Observe(o Observation, now *Index) {
	number := int(now.At / bucketTime)
	last := p.first + len(p.buckets) - 1
	if _, rewound := o.Newest(); rewound || number < last || number > last+mostBuckets {
		p.rewind(o, number)
	}
	if o.Past != nil {
		p.branch = o.Past.Branch
	}
	if len(p.buckets) == 0 {
		p.first, p.buckets = number, []bucket{{}}
	}
	for p.first+len(p.buckets) <= number {
		p.buckets = append(p.buckets, bucket{})
		if over := len(p.buckets) - mostBuckets; over > 0 {
			p.buckets, p.first = slices.Delete(p.buckets, 0, over), p.first+over
		}
	}
	p.age(now)
	p.count(o.Bars)
	p.series = p.seriesOf(now)
}

// rewind keeps what lies before the present moment, if that was seen of this branch. Operations behind it come again.
func (p *Charts) rewind(o Observation, number int) {
	kept := min(number-p.first, len(p.buckets))
	known := o.Past != nil && o.Past.Branch == p.branch && kept > 0 && number-p.first-kept < mostBuckets
	fresh := Charts{w: p.w, h: p.h, counted: map[int]bool{}, newest: -1, anew: o.Past != nil && len(p.buckets) > 0}
	if known {
		fresh.buckets, fresh.first, fresh.anew = p.buckets[:kept], p.first, p.anew
		fresh.told = time.Duration(p.first+kept) * bucketTime
	}
	*p = fresh
}

// age notes how old pings are, as long as somebody listens to them.
func (p *Charts) age(now *Index) {
	if now.Viewservice.State == netsim.Crashed {
		return
	}
	b := &p.buckets[len(p.buckets)-1]
	for i := range now.Servers {
		if i < len(b.ages) {
			b.ages[i] = max(b.ages[i], now.Servers[i].PingAge)
		}
	}
}

// count notes the operations that have ended. Of those that were not seen it is known only how many they are.
func (p *Charts) count(bars []history.Bar) {
	touched := map[int]bool{}
	for i := range bars {
		bar := &bars[i]
		if missed := bar.ID - p.newest - 1; missed > 0 && p.newest >= 0 {
			p.buckets[len(p.buckets)-1].ops += missed
		}
		p.newest = max(p.newest, bar.ID)
		if bar.Running || bar.Open || p.counted[bar.ID] {
			continue
		}
		p.counted[bar.ID] = true
		if bar.Return < p.told {
			continue
		}
		at := int(bar.Return/bucketTime) - p.first
		if at < 0 || at >= len(p.buckets) {
			continue
		}
		b := &p.buckets[at]
		b.ops++
		touched[at] = true
		if len(b.took) < mostTook {
			b.took = append(b.took, bar.Return-bar.Call)
		}
	}
	for at := range touched {
		p.buckets[at].measure()
	}
	p.forget()
}

func (p *Charts) forget() {
	for id := range p.counted {
		if id < p.newest-2*MostOfLook {
			delete(p.counted, id)
		}
	}
	if at := len(p.buckets) - stillOpen; at >= 0 {
		p.buckets[at].took = nil
	}
}

// measure finds the median, of two the shorter one, and the time that 99 of 100 operations keep within.
func (b *bucket) measure() {
	slices.Sort(b.took)
	n := len(b.took)
	b.p50, b.p99 = b.took[(n-1)/2], b.took[min(n*99/100, n-1)]
}
