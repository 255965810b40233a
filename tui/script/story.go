package script

import (
	"context"
	"slices"
	"strings"
	"time"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/tui/export"
)

// Passage is a step as it was played.
type Passage struct {
	Step     int           // 0 is what comes before the first text
	From, To time.Duration // in the cluster's time
	Events   [2]uint64     // the numbers of the trace's newest event before it, and at its end
	Ran      []LineResult
	Picture  string // the screen at its end: rows with ANSI styles; "" for none
}

// passed notes a step that has been played, and what was to be seen at its end.
func (p *Player) passed(ctx context.Context, session *Session, one Passage) {
	now := p.State()
	now.Running, now.Ran = "", one.Ran
	one.To, one.Events[1] = session.Engine.Now(), lastEvent(session.Engine)
	if session.Picture != nil && one.Step > 0 {
		one.Picture = session.Picture(ctx, &now)
	}
	p.show(func(s *PlayerState) { s.Past = append(slices.Clip(s.Past), one) })
}

// lastEvent is the number of the newest event in an engine's trace.
func lastEvent(e engine.Engine) uint64 {
	if t := e.Trace(); t != nil {
		return t.Last()
	}
	return 0
}

// follow lets the session know who plays a script on it.
func (s *Session) follow(p *Player) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.player = p
}

// Source is all that there is to export of the session, as it is seen now.
func (s *Session) Source(ctx context.Context) (export.Source, error) {
	seen, err := s.look(ctx, engine.Window{})
	if err != nil {
		return export.Source{}, err
	}
	src := export.Of(ctx, s.Engine, seen)
	src.Script, _ = s.saved(seen) // of one that is too long the page has none
	s.mu.Lock()
	player := s.player
	src.DoneEarlier = s.forgot + max(len(s.journal)-mostTold, 0)
	for _, e := range s.journal[max(len(s.journal)-mostTold, 0):] {
		if line := e.line; line != "" && !strings.HasPrefix(line, "#") && !tellingLine(line) {
			src.Done = append(src.Done, export.Command{At: e.at, End: e.end, Line: line, Text: cameTo(line, e.text)})
		}
	}
	for _, b := range s.broken {
		src.Broken = append(src.Broken, printable(b.Text))
	}
	s.mu.Unlock()
	world, simulated := s.Engine.(engine.Replayer)
	if simulated {
		markUndone(src.Done, world.Timeline())
	}
	if simulated && world.Provenance() != "" {
		src.Script = "" // no script repeats it
	}
	var now PlayerState
	if player != nil {
		now = player.State()
		src.Story = now.story(simulated)
	}
	if s.Picture != nil {
		src.Picture = s.Picture(ctx, &now)
	}
	return src, nil
}

// markUndone marks the rules that were switched in another past than that of the present branch.
func markUndone(done []export.Command, past engine.Timeline) {
	for i := range done {
		c := &done[i]
		c.Undone = strings.HasPrefix(c.Line, "rule ") && !slices.ContainsFunc(past.Marks, func(m engine.Mark) bool { return m.At == c.At && m.Text == c.Line })
	}
}

// mostTold is how many lines of a session an export tells at most: the newest.
const mostTold = 10_000

// tellingLine reports whether a line only speaks to who watches.
func tellingLine(line string) bool {
	verb, _, _ := strings.Cut(line, " ")
	return slices.Contains(tellers, verb)
}

// story is what the script has told so far.
func (s *PlayerState) story(simulated bool) *export.Story {
	t := &export.Story{
		Title: s.Script.Heading(), About: printable(s.Script.About), Replay: replayLines(s.Script.Name, simulated), Over: s.Over, Free: s.Free,
	}
	for i := range s.Past {
		one := &s.Past[i]
		if one.Step > 0 || len(one.Ran) > 0 {
			t.Steps = append(t.Steps, s.told(one))
		}
	}
	if s.Over {
		t.Score = s.Score().String()
		for _, try := range s.Script.Tries {
			t.Tries = append(t.Tries, printable(try))
		}
	}
	return t
}

// told is a step as a page tells it.
func (s *PlayerState) told(one *Passage) export.Step {
	step := &s.Script.Steps[one.Step]
	to := export.Step{
		Number: one.Step, Text: printable(step.Text), Question: step.Question, Because: printable(step.Asks.Because),
		Then: printable(step.Then), From: one.From, To: one.To, Events: one.Events, Picture: one.Picture,
	}
	if step.Question && len(step.Asks.Choices) == 0 {
		to.Because = printable(step.Asks.Answer)
	}
	said := ""
	for _, p := range s.Predictions {
		if p.Step == one.Step {
			said = p.Said
		}
	}
	for i, choice := range step.Asks.Choices {
		to.Choices = append(to.Choices, export.Choice{Text: printable(choice), Right: i == step.Asks.Right, Said: choice == said})
	}
	for _, r := range one.Ran {
		c := export.Command{Line: printable(r.Line), Text: cameTo(r.Line, r.Text)}
		if r.Err != nil {
			c.Text, c.Failed = printable(r.Err.Error()), true
		}
		to.Commands = append(to.Commands, c)
	}
	return to
}

// cameTo is what a line came to, without the line.
func cameTo(line, text string) string {
	line = strings.TrimSuffix(line, " &")
	if text == "begun: "+line {
		return "begun"
	}
	return printable(strings.TrimPrefix(text, line+": "))
}

// replayLines play a script again: on the screen, and without one.
func replayLines(name string, simulated bool) []string {
	word := printable(Quote(name))
	if simulated {
		return []string{"splitbrain --sim --open " + word, "splitbrain run " + word}
	}
	return []string{"splitbrain --open " + word, "splitbrain run --live " + word}
}
