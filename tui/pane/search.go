package pane

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/tui/canvas"
	"cluster/splitbrain/tui/script"

	"github.com/charmbracelet/x/ansi"
)

// Found is what a search came to: the world in which a promise was broken, as it is saved, nil if none was, and the
// story in lines.
type Found struct {
	World   []byte
	Story   []string
	Already bool // a promise is broken where the search began: World is nil
}

// Searcher looks from where the world is for an order of events that breaks a promise. It tells how far it is.
type Searcher func(ctx context.Context, world engine.Replayer, tell func(progress string)) (Found, error)

// Progress is the search under way, or the last one. Safe for concurrent use.
type Progress struct {
	mu     sync.Mutex // guards what follows
	now    *Attempt   // under way; nil while none is
	told   telling
	finds  []telling // the story of each branch that was found, and of a world that was opened
	opened bool      // the story came with a world that was opened, and nobody has seen it
}

// telling is what is told of a search, or of a world.
type telling struct {
	lines  []string
	branch string // on which its steps are; "" if that is the branch on which the world is when the story is first seen
}

// Attempt is one search. Nothing is told of it once another cluster is shown than the one in which it began.
type Attempt struct {
	of     *Progress
	cancel context.CancelCauseFunc
	far    string // guarded by of.mu
}

// errGone is why a search ended whose cluster is shown no more.
var errGone = errors.New("another cluster is shown now")

// Opened takes the story of a cluster that is shown from now on; there is none of most. What was told of the one before is
// not true of this one: a search of it ends.
func (h *Progress) Opened(lines []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.now != nil {
		h.now.cancel(errGone)
	}
	h.now, h.told, h.finds, h.opened = nil, telling{lines: lines}, nil, len(lines) > 0
}

// News are the lines of a story that came with a world, once.
func (h *Progress) News() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.opened {
		return nil
	}
	h.opened = false
	return h.told.lines
}

// look is how the search stands, seen where the world is on a branch; "" if that is not known. What was told last is told, but on
// a branch that has a story of its own.
func (h *Progress) look(branch string) (running bool, far string, told telling) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.now != nil {
		return true, h.now.far, telling{}
	}
	if h.told.branch == "" && len(h.told.lines) > 0 && branch != "" {
		h.told.branch = branch
		h.keep(h.told)
	}
	if story := h.storyOf(branch); h.told.branch != branch && story != nil {
		return false, "", *story
	}
	return false, "", h.told
}

// storyOf is the story of a branch; nil if it has none.
func (h *Progress) storyOf(branch string) *telling {
	if i := slices.IndexFunc(h.finds, func(t telling) bool { return t.branch == branch }); i >= 0 {
		return &h.finds[i]
	}
	return nil
}

// keep remembers a story of a branch, in place of an older one.
func (h *Progress) keep(t telling) {
	if old := h.storyOf(t.branch); old != nil {
		*old = t
		return
	}
	h.finds = append(h.finds, t)
}

// Begin begins a search, with a context that ends with ctx, with the search, or when another cluster is shown. It returns nil
// if another search is under way.
func (h *Progress) Begin(ctx context.Context) (context.Context, *Attempt) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.now != nil {
		return nil, nil
	}
	ctx, cancel := context.WithCancelCause(ctx)
	h.now = &Attempt{of: h, cancel: cancel, far: "begins"}
	return ctx, h.now
}

// Tell says how far the search is.
func (a *Attempt) Tell(far string) {
	a.of.mu.Lock()
	defer a.of.mu.Unlock()
	a.far = far
}

// Find says that the search is over, what it has found, and the branch that was made of that.
func (a *Attempt) Find(story []string, branch string) {
	a.end(func(h *Progress) {
		h.told = telling{story, branch}
		h.keep(h.told)
	})
}

// InVain says that the search is over and has found nothing on a branch. A story of that branch stays below.
func (a *Attempt) InVain(lines []string, branch string) {
	a.end(func(h *Progress) {
		if len(lines) == 0 {
			return
		}
		h.told = telling{lines, branch}
		if story := h.storyOf(branch); story != nil {
			h.told.lines = slices.Concat(lines, []string{""}, story.lines)
		}
	})
}

// Already says that the search is over since a promise is broken where it began. A story of that branch stays as it is, which
// is reported.
func (a *Attempt) Already(lines []string, branch string) (kept bool) {
	a.end(func(h *Progress) {
		h.told = telling{lines, branch}
		if story := h.storyOf(branch); story != nil {
			h.told, kept = *story, true
		}
	})
	return kept
}

// end takes in what the search came to, unless another cluster is shown.
func (a *Attempt) end(take func(*Progress)) {
	a.of.mu.Lock()
	defer a.of.mu.Unlock()
	a.cancel(context.Canceled)
	if a.of.now == a {
		a.of.now = nil
		take(a.of)
	}
}

// Search shows the search: how far it is, and the story of what it has found.
type Search struct {
	list
	Progress *Progress
	Searcher Searcher
	World    engine.Replayer
	// Plays lets a lesson wait that leads: what is found is nothing that it can go on from.
	Plays   func(context.Context) error
	replays bool // the world's past was seen

	past    engine.Timeline
	running bool
	far     string // it has come
	told    telling
	steps   []int      // of the lines of told, the step that a line is about; 0 for none
	rows    []storyRow // the story's, in lines of w cells
	w, room int
}

// storyRow is a row of a story.
type storyRow struct {
	text string
	step int // that it is about; 0 for none
}

func (p *Search) Resize(w, h int) {
	if w == p.w && h == p.room { // or else it would not stay where it was scrolled to
		return
	}
	p.w, p.room = w, h
	p.arrange()
	p.follow()
}

// arrange breaks the story into rows, below those that tell how far the search is.
func (p *Search) arrange() {
	const most = 40 // rows of one line
	p.rows = p.rows[:0]
	for n, line := range p.told.lines {
		for _, row := range canvas.Hang(line, max(p.w-2, 1), most) {
			p.rows = append(p.rows, storyRow{row, p.steps[n]})
		}
	}
	p.n = len(p.rows)
	above := 0
	if p.running {
		above += 2
	}
	if p.aside() != "" {
		above++
	}
	p.list.Resize(p.w, max(p.room-above, 0))
}

// stepsOf are the steps that the lines of a story are about: a line that begins with a number is about that step, and so are those
// below it that are indented.
func stepsOf(lines []string) []int {
	steps := make([]int, len(lines))
	for i, line := range lines {
		text := strings.TrimLeft(line, " ")
		number, _, told := strings.Cut(text, "  ")
		switch n, err := strconv.Atoi(number); {
		case err == nil && told && n > 0:
			steps[i] = n
		case i > 0 && len(text) < len(line):
			steps[i] = steps[i-1]
		}
	}
	return steps
}

// last is the last step that the story is about; 0 for none.
func (p *Search) last() int { return slices.Max(append(slices.Clone(p.steps), 0)) }

// onStory reports whether the world is on the branch of which the story tells step by step.
func (p *Search) onStory() bool { return p.last() > 0 && p.told.branch == p.past.Branch }

// here is the step whose lines are marked; 0 if the world is at none of them.
func (p *Search) here() int {
	if !p.onStory() || !slices.Contains(p.steps, p.past.Step) {
		return 0
	}
	return p.past.Step
}

// aside says where the world is, if the story does not tell of that.
func (p *Search) aside() string {
	switch {
	case p.last() == 0 || p.past.Branch == "":
		return ""
	case !p.onStory():
		return "this is of branch " + p.told.branch + ": visit " + script.Quote(p.told.branch) + " goes to its end"
	case p.past.Step > p.last():
		return "what has happened since step " + engine.Count(p.last()) + " is no part of this: , goes back"
	}
	return ""
}

// follow scrolls to the lines of the step at which the world is, with what comes before them if there is room.
func (p *Search) follow() {
	first := slices.IndexFunc(p.rows, func(r storyRow) bool { return r.step == p.here() && r.step > 0 })
	if first < 0 {
		return
	}
	top := max(first-p.h/3, 0)
	if p.here() == p.last() { // what the story comes to follows
		end := p.n - p.h
		top = max(min(end, first), top)
	}
	p.above = p.n - p.h - top
	p.clamp()
}

func (p *Search) Name() string { return "search" }

func (p *Search) Status() string {
	if here := p.here(); here > 0 {
		return strings.TrimSpace("step " + engine.Count(here) + " of " + engine.Count(p.last()) + "  " + p.list.Status())
	}
	return p.list.Status()
}

// Far is how far the search is that runs; "" if none does.
func (p *Search) Far() string {
	if !p.running {
		return ""
	}
	return p.far
}

func (p *Search) Observe(o Observation, _ *Index) {
	was, before := p.past, p.told
	p.replays = o.Past != nil && o.Past.Branches != nil
	if o.Past != nil {
		p.past = *o.Past
	}
	p.running, p.far, p.told = p.Progress.look(p.past.Branch)
	news := !slices.Equal(before.lines, p.told.lines)
	if news {
		p.steps = stepsOf(p.told.lines)
	}
	p.arrange()
	if news || was.Step != p.past.Step || was.Branch != p.past.Branch {
		p.follow()
	}
}

func (p *Search) Draw(b *canvas.Canvas, _ *Index) {
	switch {
	case p.running:
		p.drawFar(b)
	case len(p.told.lines) == 0:
		b.Next().Space(1).Put(canvas.Keycap, "S").Put(canvas.Plain, " looks from here for an order of events that breaks a promise")
	}
	if aside := p.aside(); aside != "" {
		b.Next().Space(1).Put(canvas.Warning, aside)
	}
	from, to := p.window()
	here := p.here()
	for i, row := range p.rows[from:to] {
		switch b.Next(); {
		case row.step != here || here == 0:
			b.Space(1).Put(canvas.Plain, row.text)
		case from+i == 0 || p.rows[from+i-1].step != here:
			b.Put(canvas.Selected, "▸").Put(canvas.Strong, row.text)
		default:
			b.Space(1).Put(canvas.Strong, row.text)
		}
	}
}

// drawFar says how far the search is, in as many rows as it takes, and how it ends.
func (p *Search) drawFar(b *canvas.Canvas) {
	const cancels = " cancels   each round begins anew: few operations and faults first"
	for i, line := range b.Wrap(b.UnderWay()+p.far, b.W-2, max(b.H-1, 1)) {
		b.Next().Space(1+min(i, 1)*ansi.StringWidth(b.UnderWay())).Put(canvas.Warning, line)
	}
	b.Next().Space(1).Put(canvas.Keycap, "esc")
	for i, line := range b.Wrap(cancels, b.Left-1, max(b.Room(), 1)) {
		if i > 0 {
			b.Next().Space(5)
		}
		b.Put(canvas.Muted, line)
	}
}

// stepFrom is the step of the story before the present one, or after it; ok is false if there is none.
func (p *Search) stepFrom(by int) (step int, ok bool) {
	if !p.onStory() {
		return 0, false
	}
	for _, s := range p.steps {
		switch {
		case s == 0 || s < p.past.First || s > p.past.Length:
		case by > 0 && s > p.past.Step && (!ok || s < step), by < 0 && s < p.past.Step && (!ok || s > step):
			step, ok = s, true
		}
	}
	return step, ok
}

// toStep goes to the step of the story before the present one, or after it.
func (p *Search) toStep(by int) Action {
	shown := func(at Place) bool { return at.Front == p.Name() && p.onStory() }
	return Action{
		Works: func(at Place) (string, bool) { return "", shown(at) },
		Do: func(Place) Wish {
			step, ok := p.stepFrom(by)
			if !ok {
				return Wish{Note: p.endOfStory(by)}
			}
			w := Command("rewind " + strconv.Itoa(step))
			w.Begins = func() { p.past.Step = step; p.follow() }
			return w
		},
		Urgent: shown,
	}
}

// endOfStory says where the story has no step before the present one, or after it, and which key goes the other way.
func (p *Search) endOfStory(by int) string {
	text, other := "this is the first line", "J goes on"
	switch {
	case by < 0 && p.here() == 0:
		text = "the story begins later"
	case by > 0 && p.here() == 0:
		text, other = "the story has ended", "K goes back"
	case by > 0:
		text, other = "this is the last line", "K goes back"
	}
	if _, ok := p.stepFrom(-by); ok {
		text += ": " + other
	}
	return text
}

func (p *Search) Actions() []Action {
	above, below := p.toStep(-1), p.toStep(+1)
	above.Keys, above.Shown, above.Name, above.Help = []string{"K"}, "K J", "story", "search: to the step that the story tells above, or below"
	below.Keys = []string{"J"}
	return []Action{above, below, {
		Keys: []string{"S"}, Shown: "S", Name: "search", Help: "simulated: look from here for events that break a promise",
		Works: func(Place) (string, bool) { return "", p.replays && !p.running },
		Do: func(at Place) Wish {
			if !at.Now.used() {
				return Wish{Line: SearchLine, Job: p.unlessUnused}
			}
			return p.begin()
		},
		Late: func(at Place) bool { return at.Front != "timeline" && at.Front != p.Name() },
	}}
}

var (
	errUnused   = errors.New("no client has done anything that could go wrong: put first, as in  put a 1")
	errSearches = errors.New("a search is under way already: esc cancels it")
)

// used reports whether any client has done something, or does.
func (s *Index) used() bool {
	return slices.ContainsFunc(s.Clients, func(c engine.ClientState) bool { return c.Running || len(c.Last) > 0 })
}

// unlessUnused searches if a client has done something since the screen was drawn.
func (p *Search) unlessUnused(ctx context.Context) (script.Result, error) {
	now, err := p.World.Observe(ctx, engine.Window{})
	if err != nil {
		return failedSearch(err)
	}
	if !NewIndex(now, nil).used() {
		return script.Result{}, errUnused
	}
	return p.begin().Job(ctx)
}

// SearchLine is how the search is called beside its result. It is no command.
const SearchLine = "search (key S)"

// begin searches in the background. What is found becomes a branch.
func (p *Search) begin() Wish {
	return Wish{Line: SearchLine, Front: p.Name(), Job: func(ctx context.Context) (script.Result, error) {
		while, attempt := p.Progress.Begin(ctx)
		if attempt == nil {
			return script.Result{}, errSearches
		}
		found, err := p.Searcher(while, p.World, attempt.Tell)
		if cause := context.Cause(while); cause == errGone {
			err = cause
		}
		here := p.World.Timeline()
		switch {
		case err != nil:
			attempt.InVain(found.Story, here.Branch)
			return failedSearch(err)
		case found.Already:
			text := "a promise is broken here already: , goes back, and S looks from there"
			if attempt.Already(found.Story, here.Branch) {
				text = "a promise is broken here already, as the story tells: , goes back, and S looks from there"
			}
			return script.Result{Text: text}, nil
		case found.World == nil:
			attempt.InVain(found.Story, here.Branch)
			return script.Result{Text: strings.Join(found.Story[:min(1, len(found.Story))], "")}, nil
		}
		name := freeName("found", here)
		defer attempt.Find(found.Story, name)
		return p.open(ctx, name, found.World)
	}}
}

// open goes to the end of what was found, on a branch of that name.
func (p *Search) open(ctx context.Context, name string, found []byte) (script.Result, error) {
	was := p.World.Timeline().Branch
	err := p.Plays(ctx)
	if err == nil {
		err = p.World.ImportBranch(ctx, name, bytes.NewReader(found))
	}
	if err != nil {
		return failedSearch(err)
	}
	return script.Result{Text: "found, paused at its end on branch " + name + ": , goes back, visit " + script.Quote(was) + " returns"}, nil
}

func failedSearch(err error) (script.Result, error) {
	return script.Result{}, errors.New("search: " + strings.ReplaceAll(err.Error(), context.Canceled.Error(), "cancelled"))
}

// freeName is a name that no branch has: name, or name2, name3, …
func freeName(name string, t engine.Timeline) string {
	free := name
	for i := 2; slices.ContainsFunc(t.Branches, func(b engine.Branch) bool { return b.Name == free }); i++ {
		free = name + strconv.Itoa(i)
	}
	return free
}
