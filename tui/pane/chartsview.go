package pane

import (
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
	most   float64 // the top of the chart
	now    string  // the newest value
	scale  string  // what the top is
	tall   bool    // it is worth more than a row
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
// stands nothing more happens in it, and it is shown, unless it would pretend that there are fewer operations than before.
func (p *Charts) whole(now *Index) []bucket {
	n := len(p.buckets) - 1
	if n < 0 {
		return nil
	}
	newest := p.buckets[n].ops
	if (now.Paused || now.Standing) && newest > 0 && (n == 0 || newest >= p.buckets[n-1].ops) {
		n++
	}
	return p.buckets[:n]
}

func (p *Charts) seriesOf(now *Index) []series {
	buckets := p.whole(now)
	rate := series{label: "operations", look: canvas.Good, tall: true}
	half := series{label: "latency p50", look: canvas.Plain, tall: true}
	most := series{label: "latency p99", look: canvas.Plain, tall: true}
	for i := range buckets {
		b := &buckets[i]
		rate.values = append(rate.values, float64(b.ops)*float64(time.Second/bucketTime))
		half.values = append(half.values, took(b.p50, b.ops > 0))
		most.values = append(most.values, took(b.p99, b.ops > 0))
	}
	perSecond := func(v float64) string { return engine.Count(int(v)) + " /s" }
	newest := time.Duration(p.first+len(buckets)-1) * bucketTime
	length := func(v float64) string { return now.TookWords(time.Duration(v), newest) }
	rate.finish(perSecond, "")
	half.finish(length, "")
	most.finish(length, "")
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
		s.now, s.look = "dead", canvas.Dead
	case v.State == netsim.Frozen:
		s.look = canvas.Frozen
	case v.PingAge > now.Config.PingInterval*3/2:
		s.look = canvas.Warning
	}
	return s
}

// finish finds the top of a chart and writes its newest value.
func (s *series) finish(words func(float64) string, none string) {
	for _, v := range s.values {
		s.most = max(s.most, v)
	}
	s.now, s.scale = "–", none
	if n := len(s.values); n > 0 && s.values[n-1] >= 0 {
		s.now = words(s.values[n-1])
	}
	if s.most > 0 {
		s.scale = "top " + words(s.most)
	}
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
	b.Space(across - len(values))
	if len(values) > 0 {
		cells := make([]canvas.Glyph, len(values))
		for i, v := range values {
			cells[i] = s.look.Glyph(canvas.Bar(v, s.most, rows-1-row, rows))
		}
		b.Glyphs(cells)
	}
	switch row {
	case rows - 1:
		b.Num(s.look, s.now, nowCol)
		if rows == 1 {
			b.Space(2).Put(canvas.Muted, s.scale)
		}
	case 0:
		b.Space(nowCol+2).Put(canvas.Muted, s.scale)
	}
}
