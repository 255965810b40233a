package pane

import (
	"math"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/tui/canvas"
)

// series is one chart: a value for each bucket, a negative one where there is none.
type series struct {
	label  string
	look   canvas.Style
	values []float64
	words  func(float64) string // what a value is; nil: the top is fixed
	most   float64              // the top, if it is fixed
	scale  string               // what that is
	now    string               // the newest value
	tall   bool                 // it is worth more than a row
}

const (
	labelCol = 14
	nowCol   = 11
	scaleCol = 15
)

// across is how many buckets are seen.
func (p *Charts) across() int { return max(p.w-2-labelCol-nowCol-scaleCol, 0) }

// shown is how many buckets are shown of the operations.
func (p *Charts) shown() int {
	if len(p.series) == 0 {
		return 0
	}
	return len(p.series[0].values)
}

// whole are the buckets whose operations are known. The newest is not over: its rate would rise while one looks. While time
// stands nothing more happens in it, and it is shown if anything has happened.
func (p *Charts) whole(now *Index) []bucket {
	n := len(p.buckets) - 1
	if n < 0 {
		return nil
	}
	if (now.Paused || now.Standing) && p.buckets[n].ops > 0 {
		n++
	}
	return p.buckets[:n]
}

// rate is how many operations a second there were in a bucket. The newest one may have just begun: with few operations in a
// moment its rate would say nothing, so the bucket before counts with it.
func (p *Charts) rate(i int, at time.Duration) float64 {
	ops, during := p.buckets[i].ops, bucketTime
	if i > 0 && i == len(p.buckets)-1 {
		ops += p.buckets[i-1].ops
		during += at - time.Duration(p.first+i)*bucketTime
	}
	return math.Round(float64(ops) / during.Seconds())
}

func (p *Charts) seriesOf(now *Index) []series {
	buckets := p.whole(now)
	rate := series{label: "operations", look: canvas.Good, tall: true}
	half := series{label: "latency p50", look: canvas.Plain, tall: true}
	most := series{label: "latency p99", look: canvas.Plain, tall: true}
	for i := range buckets {
		b := &buckets[i]
		rate.values = append(rate.values, p.rate(i, now.At))
		half.values = append(half.values, took(b.p50, b.ops > 0))
		most.values = append(most.values, took(b.p99, b.ops > 0))
	}
	perSecond := func(v float64) string { return engine.Count(int(v)) + " /s" }
	newest := time.Duration(p.first+len(buckets)-1) * bucketTime
	length := func(v float64) string { return now.TookWords(time.Duration(v), newest) }
	rate.finish(perSecond)
	half.finish(length)
	most.finish(length)
	all := []series{rate, half, most}
	for i := range now.Servers {
		all = append(all, p.ageSeries(now, i))
	}
	return all
}

// took is a time as a value, if there is one.
func took(d time.Duration, known bool) float64 {
	if !known {
		return -1
	}
	return float64(d)
}

// ageSeries is how old a server's pings were, up to where it is declared dead.
func (p *Charts) ageSeries(now *Index, i int) series {
	v := &now.Servers[i]
	s := series{label: "ping age " + v.Name, look: canvas.Plain, most: float64(now.Limit), scale: "of " + engine.Elapsed(now.Limit)}
	for j := range p.buckets {
		age := time.Duration(-1)
		if i < len(p.buckets[j].ages) {
			age = p.buckets[j].ages[i]
		}
		s.values = append(s.values, took(age, age > 0))
	}
	s.now = "–"
	if v.PingAge >= 0 {
		s.now = AgeWords(v.PingAge)
	}
	switch {
	case now.Viewservice.State == netsim.Crashed:
		s.now, s.look, s.scale = "–", canvas.Muted, "vs is down"
	case v.PingAge >= now.Limit && now.Limit > 0:
		s.now, s.look, s.scale = "dead", canvas.Dead, "after "+engine.Elapsed(now.Limit)
	case v.State == netsim.Frozen:
		s.look = canvas.Frozen
	case v.PingAge > now.Config.PingInterval*3/2:
		s.look = canvas.Warning
	}
	return s
}

// finish writes the newest value.
func (s *series) finish(words func(float64) string) {
	s.words, s.now = words, "–"
	if n := len(s.values); n > 0 && s.values[n-1] >= 0 {
		s.now = words(s.values[n-1])
	}
}

// top is the top of the chart of values, those that are seen, and what it is.
func (s *series) top(values []float64) (most float64, text string) {
	if s.words == nil {
		return s.most, s.scale
	}
	for _, v := range values {
		most = max(most, v)
	}
	if most == 0 {
		return 0, ""
	}
	return most, "top " + s.words(most)
}

func (p *Charts) Draw(b *canvas.Canvas, _ *Index) {
	if len(p.series) == 0 {
		b.Next().Space(2).Put(canvas.Muted, "nothing to show yet")
		return
	}
	tall := p.tallRows()
	for i := range p.series {
		s := &p.series[i]
		rows := 1
		if s.tall {
			rows = tall
		}
		for row := range rows {
			p.drawRow(b.Next(), s, row, rows)
		}
		if tall > 1 && s.tall {
			b.Next()
		}
	}
}

// Wants is a row for each chart, and on a high screen two, and one between, for those that are worth it.
func (p *Charts) Wants(h int) int {
	const high = 50
	switch rows := len(p.series); {
	case p.Front:
		return h
	case h >= high:
		return rows + 2*p.worthMore()
	default:
		return rows
	}
}

// worthMore is how many charts are worth more than a row.
func (p *Charts) worthMore() int {
	n := 0
	for i := range p.series {
		if p.series[i].tall {
			n++
		}
	}
	return n
}

// tallRows are those of a chart that is worth more than one.
func (p *Charts) tallRows() int {
	const tallest = 6
	n := p.worthMore()
	spare := p.h - len(p.series) - n // a row between
	return 1 + max(min(spare/n, tallest-1), 0)
}

// drawRow writes one row of a chart, the first on top.
func (p *Charts) drawRow(b *canvas.Canvas, s *series, row, rows int) {
	b.Space(2)
	if row == rows-1 {
		b.Col(canvas.Muted, s.label, labelCol)
	} else {
		b.Space(labelCol)
	}
	across := p.across()
	values := s.values[max(len(s.values)-across, 0):]
	most, scale := s.top(values)
	b.Space(across - len(values))
	if len(values) > 0 {
		cells := make([]canvas.Glyph, len(values))
		for i, v := range values {
			cells[i] = s.look.Glyph(canvas.Bar(v, most, rows-1-row, rows))
		}
		b.Glyphs(cells)
	}
	switch row {
	case rows - 1:
		b.Num(s.look, s.now, nowCol)
		if rows == 1 {
			b.Space(2).Put(canvas.Muted, scale)
		}
	case 0:
		b.Space(nowCol+2).Put(canvas.Muted, scale)
	}
}
