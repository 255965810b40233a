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
)

// Found is what a search came to: the world in which a promise was broken, as it is saved, nil if none was, and the
// story in lines.
type Found struct {
	World []byte
	Story []string
}

// Searcher looks from where the world is for an order of events that breaks a promise. It tells how far it is.
type Searcher func(ctx context.Context, world engine.Replayer, tell func(progress string)) (Found, error)

// Progress is the search under way, or the last one. Safe for concurrent use.
type Progress struct {
	mu     sync.Mutex // guards what follows
	now    *Attempt   // under way; nil while none is
	story  []string
	opened bool // the story came with a world that was opened, and nobody has seen it
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
func (h *Progress) Opened(story []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.now != nil {
		h.now.cancel(errGone)
	}
	h.now, h.story, h.opened = nil, story, len(story) > 0
}

// IsNew reports whether there is a story that came with a world, once.
func (h *Progress) IsNew() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	was := h.opened
	h.opened = false
	return was
}

// look is how the search stands.
func (h *Progress) look() (running bool, far string, story []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.now != nil {
		return true, h.now.far, h.story
	}
	return false, "", h.story
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
	h.now, h.story = &Attempt{of: h, cancel: cancel, far: "begins"}, nil
	return ctx, h.now
}

// Tell says how far the search is.
func (a *Attempt) Tell(far string) {
	a.of.mu.Lock()
	defer a.of.mu.Unlock()
	a.far = far
}

// End says that the search is over, and what it came to.
func (a *Attempt) End(story []string) {
	a.of.mu.Lock()
	defer a.of.mu.Unlock()
	a.cancel(context.Canceled)
	if a.of.now == a {
		a.of.now, a.of.story = nil, story
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

	running bool
	far     string // it has come
	story   []string
	rows    []string // the story's, in lines of w cells
	w, room int
}

func (p *Search) Resize(w, h int) {
	p.w, p.room = w, h
	p.arrange()
}

// arrange breaks the story into rows, below those that tell how far the search is.
func (p *Search) arrange() {
	const most, indent = 4, "     " // rows of one step
	p.rows = p.rows[:0]
	for _, line := range p.story {
		for i, row := range canvas.Wrap(line, max(p.w-2-len(indent), p.w/2), most) {
			if i > 0 && p.w > 4*len(indent) {
				row = indent + row
			}
			p.rows = append(p.rows, row)
		}
	}
	p.n = len(p.rows)
	above := 0
	if p.running {
		above = 2
	}
	p.list.Resize(p.w, max(p.room-above, 0))
}

func (p *Search) Name() string { return "search" }

func (p *Search) Observe(o Observation, _ *Index) {
	p.replays = o.Past != nil && o.Past.Branches != nil
	p.running, p.far, p.story = p.Progress.look()
	p.arrange()
}

func (p *Search) Draw(b *canvas.Canvas, _ *Index) {
	switch {
	case p.running:
		b.Next().Space(1).Put(canvas.Warning, "… "+p.far)
		b.Next().Space(1).Put(canvas.Keycap, "esc").Put(canvas.Muted, " cancels   each round begins anew: few operations and faults first")
	case len(p.story) == 0:
		b.Next().Space(1).Put(canvas.Keycap, "S").Put(canvas.Plain, " looks from here for an order of events that breaks a promise")
	}
	from, to := p.window()
	for _, row := range p.rows[from:to] {
		b.Next().Space(1).Put(canvas.Plain, row)
	}
}

func (p *Search) Actions() []Action {
	return []Action{{
		Keys: []string{"S"}, Shown: "S", Name: "search", Help: "simulated: look from here for events that break a promise",
		Works: func(Place) (string, bool) { return "", p.replays && !p.running },
		Do: func(at Place) Wish {
			if !at.Now.used() {
				return Wish{Line: "search", Job: func(context.Context) (script.Result, error) { return script.Result{}, errUnused }}
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

// begin searches in the background. What is found becomes a branch.
func (p *Search) begin() Wish {
	return Wish{Line: "search", Front: p.Name(), Job: func(ctx context.Context) (script.Result, error) {
		while, attempt := p.Progress.Begin(ctx)
		if attempt == nil {
			return script.Result{}, errSearches
		}
		found, err := p.Searcher(while, p.World, attempt.Tell)
		if cause := context.Cause(while); cause == errGone {
			err = cause
		}
		attempt.End(found.Story)
		switch {
		case err != nil:
			return failedSearch(err)
		case found.World == nil:
			return script.Result{Text: strings.Join(found.Story[:min(1, len(found.Story))], "")}, nil
		}
		return p.open(ctx, found.World)
	}}
}

// open goes to the end of what was found, on a branch of its own.
func (p *Search) open(ctx context.Context, found []byte) (script.Result, error) {
	past := p.World.Timeline()
	name := freeName("found", past)
	err := p.Plays(ctx)
	if err == nil {
		err = p.World.ImportBranch(ctx, name, bytes.NewReader(found))
	}
	if err != nil {
		return failedSearch(err)
	}
	return script.Result{Text: "found, paused at its end on branch " + name + ": , goes back, visit " + script.Quote(past.Branch) + " returns"}, nil
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
