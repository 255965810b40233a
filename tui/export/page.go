package export

import (
	"cmp"
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"math"
	"slices"
	"strings"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/engine/lex"
	"cluster/splitbrain/netsim/history"
	"cluster/splitbrain/tui/record"
)

//go:embed page.tmpl
var pageText string

//go:embed page.css
var pageStyle string

var pageTemplate = template.Must(template.New("page").Funcs(template.FuncMap{"clock": shortClock}).Parse(pageText))

// page is what the template shows. What is template.HTML in it was drawn by this package, with all texts escaped.
type page struct {
	Style        template.CSS
	Forgotten    string // what is missing
	Title, About string
	Shape        string
	Story        *Story // nil if nothing was played
	Steps        []pageStep
	Done         []Command // by hand
	DoneLeftOut  int
	Picture      figure // of the end, where no story has shown it
	Diagram      figure // likewise
	History      pageHistory
	Broken       []string
	Script       string
}

type pageStep struct {
	Step
	Heading  string
	Verdict  string // on what the reader has predicted; "" without a question
	Moment   figure
	Messages figure
}

// figure is a picture with its title and what its marks mean; the zero figure is none.
type figure struct {
	Drawn  []template.HTML
	Title  string
	Legend []sign
}

type sign struct{ Sign, Meaning string }

type pageHistory struct {
	Result        string // in one word
	Text          string
	Blamed        []string
	BlamedLeftOut int
	Chart         figure
	LeftOut       string
}

// Limits of a page that somebody is to read.
const (
	mostDone         = 200
	mostStepMessages = 24
	mostPageMessages = 60
	mostPageMarks    = 80
)

// MostBlamed is how many operations are listed as those to blame. A reader learns nothing from more.
const MostBlamed = 24

// writePage writes a page that needs nothing else: what was told, asked and answered, done and seen.
func writePage(w io.Writer, s Source) error { return pageTemplate.Execute(w, newPage(&s)) }

func newPage(s *Source) *page {
	p := &page{Style: template.CSS(pageStyle + svgRules), Title: cmp.Or(lex.Safe(s.Title), "A session"), Shape: shape(s.Config), Story: s.Story, Broken: s.Broken, Script: s.Script}
	if gone := s.forgotten(ofClients | ofMessages); gone != "" {
		p.Forgotten = "Not all is here: " + gone + "."
	}
	p.History = judged(s)
	p.Done = s.Done
	if s.Story != nil {
		p.Title, p.About = s.Story.Title, s.Story.About
		for i := range s.Story.Steps {
			p.Steps = append(p.Steps, newPageStep(s, i))
		}
		p.Done = s.afterStory()
	}
	pictured := slices.ContainsFunc(p.Steps, func(s pageStep) bool { return len(s.Moment.Drawn) > 0 })
	if len(p.Done) > 0 || !pictured {
		p.Picture = moment(s.Picture, "The screen at the end")
		p.Diagram = messages(s.afterAll(), mostPageMessages, "Who sent what, and when")
	}
	if n := len(p.Done) - mostDone; n > 0 {
		p.Done, p.DoneLeftOut = p.Done[n:], n+s.DoneEarlier
	}
	return p
}

// afterStory is what was done in free play.
func (s *Source) afterStory() []Command {
	if !s.Story.Free {
		return nil
	}
	i := slices.IndexFunc(s.Done, func(c Command) bool { return c.At > s.Story.end() })
	if i < 0 {
		return nil
	}
	return s.Done[i:]
}

// end is when the last step that was played had ended.
func (t *Story) end() time.Duration {
	if t == nil || len(t.Steps) == 0 {
		return 0
	}
	return t.Steps[len(t.Steps)-1].To
}

func newPageStep(s *Source, i int) pageStep {
	step := s.Story.Steps[i]
	p := pageStep{Step: step, Heading: fmt.Sprintf("Step %d", step.Number)}
	if step.Number == 0 {
		p.Heading = "Before"
	}
	if step.Question {
		p.Verdict = verdictOn(step.Choices)
	}
	p.Moment = moment(step.Picture, fmt.Sprintf("The screen after step %d, at %s s", step.Number, shortClock(step.To)))
	p.Messages = messages(s.during(step), mostStepMessages, "The messages of this step")
	return p
}

// verdictOn says how the reader has answered.
func verdictOn(choices []Choice) string {
	said := slices.IndexFunc(choices, func(c Choice) bool { return c.Said })
	switch {
	case len(choices) == 0:
		return ""
	case said < 0:
		return "No prediction was made."
	case choices[said].Right:
		return "Predicted, and right."
	}
	return "Predicted: " + choices[said].Text + ". That was not so."
}

// signs are the marks on a screen that don't explain themselves.
var signs = []sign{
	{"»", "what the text speaks of"}, {"+", "has just changed"}, {"≠", "not as on the primary"}, {"█", "silence: a full bar counts as dead"},
	{"✗", "crashed, or lost"}, {"❄", "frozen"}, {"⊘", "cut"}, {"●", "a ping has arrived"}, {"·", "nobody, or idle"},
}

const mostSigns = 5

// moment is a picture of the screen.
func moment(frame, title string) figure {
	if frame == "" {
		return figure{}
	}
	var b strings.Builder
	_ = record.Inline(&b, frame, title) // a Builder takes all
	f := figure{Drawn: []template.HTML{template.HTML(b.String())}, Title: title}
	for _, s := range signs {
		if strings.Contains(frame, s.Sign) && len(f.Legend) < mostSigns {
			f.Legend = append(f.Legend, s)
		}
	}
	return f
}

// during is what happened in a step. The steps after it begin at the very time at which it ends.
func (s *Source) during(step Step) Source {
	own := func(c Command) bool {
		return c.At >= step.From && c.At <= step.To &&
			slices.ContainsFunc(step.Commands, func(o Command) bool { return o.Line == c.Line })
	}
	return s.span(step.Events, step.From, step.To, own)
}

// afterAll is what happened after the last step of a story that was played.
func (s *Source) afterAll() Source {
	events, end := [2]uint64{0, math.MaxUint64}, s.Story.end()
	if s.Story != nil && len(s.Story.Steps) > 0 {
		events[0] = s.Story.Steps[len(s.Story.Steps)-1].Events[1]
	}
	return s.span(events, end, s.At, func(c Command) bool { return c.At > end })
}

// span is what happened between two times, and in the trace behind one event, up to another.
func (s *Source) span(events [2]uint64, from, to time.Duration, done func(Command) bool) Source {
	span := *s
	span.Events = slices.DeleteFunc(slices.Clone(s.Events), func(e netsim.TraceEvent) bool { return e.Seq <= events[0] || e.Seq > events[1] })
	span.Changes = slices.DeleteFunc(slices.Clone(s.Changes), func(c Change) bool { return c.At < from || c.At > to })
	if b := s.Verdict.Blame; b != nil && (b.Culprit.Return < from || b.Culprit.Return > to) {
		span.Verdict.Blame = nil
	}
	span.Done = slices.DeleteFunc(slices.Clone(s.Done), func(c Command) bool { return !done(c) })
	return span
}

// messages is a diagram of what was sent.
func messages(s Source, most int, title string) figure {
	d := newDiagram(s, most)
	if !slices.ContainsFunc(d.rows, func(r row) bool { return r.message != nil }) {
		return figure{}
	}
	d.narrow()
	return figure{Drawn: []template.HTML{template.HTML(d.draw(""))}, Title: title, Legend: d.signs()}
}

// shape is the cluster in words.
func shape(c engine.Config) string {
	if c.Servers == 0 {
		return ""
	}
	return fmt.Sprintf("A viewservice, %s and %s; pings every %v, and after %d missed ones a server counts as dead.",
		engine.Plural(c.Servers, "server"), engine.Plural(c.Clients, "client"), c.PingInterval, c.DeadPings)
}

func shortClock(at time.Duration) string { return fmt.Sprintf("%.3f", at.Seconds()) }

// judged tells the verdict, and draws what it is about.
func judged(s *Source) pageHistory {
	h := pageHistory{Result: s.Verdict.Result.String()}
	if len(s.Bars) == 0 && !s.Verdict.Unjudged {
		h.Text = "No client has asked for anything, so that there is nothing to judge."
		return h
	}
	if h.Text = verdictWords(s); len(s.Bars) == 0 {
		return h
	}
	if b := s.Verdict.Blame; b != nil {
		all := append([]history.Operation{b.Culprit}, b.Because...)
		for _, o := range all[:min(len(all), MostBlamed)] {
			h.Blamed = append(h.Blamed, lex.Safe(o.String())+span(o))
		}
		h.BlamedLeftOut = len(all) - len(h.Blamed)
	}
	bars, leftOut := charted(s.Bars, s.Verdict)
	h.LeftOut = leftOut
	c := newChart(bars, marksFor(s, bars), s.Verdict.Blame)
	for _, strip := range c.svg() {
		h.Chart.Drawn = append(h.Chart.Drawn, template.HTML(strip))
	}
	h.Chart.Title = "Who asked when, and what was answered"
	h.Chart.Legend = c.signs()
	return h
}

// span tells when an operation ran.
func span(o history.Operation) string {
	if !o.Known {
		return fmt.Sprintf(" (from %s s on)", shortClock(o.Call))
	}
	return fmt.Sprintf(" (%s to %s s)", shortClock(o.Call), shortClock(o.Return))
}

// verdictWords say what the verdict means.
func verdictWords(s *Source) string {
	v, n := s.Verdict, len(s.Bars)+s.Earlier
	switch {
	case v.Blame != nil:
		return "Not linearizable: " + lex.Safe(v.Blame.Text) + "."
	case v.Result == history.Violated:
		return "Not linearizable: no order of the operations on key " + lex.Quote(v.Key) + " explains what the clients were told."
	case v.Unjudged:
		return "Undecided: the beginning of the history is forgotten."
	case v.Result == history.Undecided && v.Key == "":
		return "Undecided: the time for judging ran out."
	case v.Result == history.Undecided:
		return "Undecided: the operations on key " + lex.Quote(v.Key) + " can have happened in too many orders to try them all."
	case n == 1:
		return "Linearizable: the one operation can have happened at a moment between its call and its answer."
	}
	return fmt.Sprintf("Linearizable: each of the %d operations can have happened at one moment between its call and its answer, "+
		"in an order in which every Get reads what was written last.", n)
}

// charted chooses the operations that are drawn: those around the ones to blame, on their key, or the newest.
func charted(all []history.Bar, v history.Verdict) (shown []history.Bar, leftOut string) {
	if len(all) <= mostBars {
		return all, ""
	}
	bars, of := all, ""
	if v.Result == history.Violated {
		bars = slices.DeleteFunc(slices.Clone(all), func(b history.Bar) bool { return b.Key != v.Key })
		of = ", of those on key " + lex.Quote(v.Key)
	}
	to := len(bars)
	for i, b := range slices.Backward(bars) {
		if b.Blamed {
			to = min(i+mostBars/4, len(bars))
			break
		}
	}
	from := max(to-mostBars, 0)
	shown = slices.Concat(earlier(bars[:from], v.Blame), bars[from:to])
	return shown, fmt.Sprintf("%d of %d operations are drawn%s.", len(shown), len(all), of)
}

// earlier are the newest of those to blame, and the one that can't be explained.
func earlier(bars []history.Bar, blame *history.Blame) (shown []history.Bar) {
	for _, b := range slices.Backward(bars) {
		if b.Blamed && (len(shown) < mostBars/2 || blame != nil && blame.IsCulprit(&b)) {
			shown = append(shown, b)
		}
	}
	slices.Reverse(shown)
	return shown
}

// marksFor are what befell the cluster while the operations ran that are drawn.
func marksFor(s *Source, bars []history.Bar) []happening {
	from, to := bars[0].Call, time.Duration(0)
	for _, b := range bars {
		to = max(to, b.Call, b.Return)
	}
	if len(bars) == len(s.Bars) && s.Earlier == 0 {
		from, to = 0, max(to, s.At)
	}
	all := slices.DeleteFunc(happenings(s), func(h happening) bool {
		return h.at < from || h.at > to || h.sort == violation || h.birth && (len(s.Done) == 0 || h.at < s.Done[0].At)
	})
	return all[max(len(all)-mostPageMarks, 0):]
}
