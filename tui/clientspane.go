package tui

import (
	"slices"
	"time"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/pbservice"
)

// clients shows the results of all clients, newest last.
type clients struct {
	list
	done   []result
	newest map[string]time.Duration // by client: when its newest result here came
}

// result is one operation that has ended.
type result struct {
	client string
	engine.Done
}

func newClients() *clients { return &clients{newest: map[string]time.Duration{}} }

func (p *clients) name() string { return "clients" }

func (p *clients) observe(_ observed, now *scene) {
	var batch []result
	for i := range now.Clients {
		c := &now.Clients[i]
		newest := p.newest[c.Name]
		for _, d := range c.Last {
			if d.At > newest {
				batch = append(batch, result{c.Name, d})
				p.newest[c.Name] = max(p.newest[c.Name], d.At)
			}
		}
	}
	slices.SortStableFunc(batch, func(a, b result) int { return int(a.At - b.At) })
	p.done = append(p.done, batch...)
	p.grow(len(batch))
	if over := len(p.done) - mostEntries; over > 0 {
		p.done = slices.Delete(p.done, 0, over)
		p.n -= over
		p.clamp()
	}
}

func (p *clients) draw(b *block, _ *scene) {
	from, to := p.window()
	if from == to {
		b.next().space(1).put(muted, "no operation has ended yet: press : and type  get a")
	}
	for _, d := range p.done[from:to] {
		b.next().space(1).col(muted, clock(d.At), 11).col(plain, d.client, 5)
		answer, look := b.answer(d.Done)
		b.col(plain, b.op(brief(d.Op)), min(40, b.left/2))
		b.num(muted, elapsed(d.Took), 8).space(2)
		b.put(look, answer)
	}
}

// answer is the outcome of an operation in words.
func (k *ink) answer(d engine.Done) (string, role) {
	switch {
	case d.Err != "":
		return "✗ " + d.Err, warning
	case d.Reply.Err == pbservice.NoKey:
		return "→ no such key", plain
	case d.Reply.Err != pbservice.OK && d.Reply.Why.Code != pbservice.CodeNone:
		return "✗ " + d.Reply.Why.String(), warning
	case d.Reply.Err != pbservice.OK:
		return "✗ " + string(d.Reply.Err), warning
	case d.Op.Kind == pbservice.Get:
		return "→ " + k.quoted(shorter(d.Reply.Value)), good
	}
	return "✓ ok", good
}

// brief cuts what is too long to be shown anyhow.
func brief(o pbservice.Op) pbservice.Op {
	o.Key, o.Value = shorter(o.Key), shorter(o.Value)
	return o
}
