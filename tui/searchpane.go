package tui

import (
	"bytes"
	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/tui/canvas"
	"cluster/splitbrain/tui/script"
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"

	tea "github.com/charmbracelet/bubbletea"
)

// Found is what a search came to: the world in which a promise was broken, as it is saved, nil if none was, and the
// story in lines.
type Found struct {
	World []byte
	Story []string
}

// Searcher looks from where the world is for an order of events that breaks a promise. It tells how far it is.
type Searcher func(ctx context.Context, world engine.Replayer, tell func(progress string)) (Found, error)

// hunt is the search under way, or the last one. Safe for concurrent use.
type hunt struct {
	mu       sync.Mutex // guards what follows
	running  bool
	progress string
	story    []string
	opened   bool // the story came with a world that was opened, and nobody has seen it
}

// opens takes the story of a world that was opened, if it has one.
func (h *hunt) opens(story []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.running && len(story) > 0 {
		h.story, h.opened = story, true
	}
}

// isNew reports whether there is a story that came with a world, once.
func (h *hunt) isNew() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	was := h.opened
	h.opened = false
	return was
}

// look is how the search stands.
func (h *hunt) look() (running bool, progress string, story []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.running, h.progress, h.story
}

func (h *hunt) tell(progress string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.progress = progress
}

func (h *hunt) end(story []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.running, h.progress, h.story = false, "", story
}

// begin reports whether no other search is under way.
func (h *hunt) begin() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.running {
		return false
	}
	h.running, h.progress, h.story = true, "begins", nil
	return true
}

// search shows the search: how far it is, and the story of what it has found.
type search struct {
	list
	hunt     *hunt
	running  bool
	progress string
	story    []string
	rows     []string // the story's, in lines of w cells
	w, room  int
}

func (p *search) resize(w, h int) {
	p.w, p.room = w, h
	p.arrange()
}

// arrange breaks the story into rows, below those that tell how far the search is.
func (p *search) arrange() {
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
	p.list.resize(p.w, max(p.room-above, 0))
}

func (p *search) name() string { return "search" }

func (p *search) observe(observed, *scene) {
	p.running, p.progress, p.story = p.hunt.look()
	p.arrange()
}

func (p *search) draw(b *canvas.Canvas, _ *scene) {
	switch {
	case p.running:
		b.Next().Space(1).Put(canvas.Warning, "… "+p.progress)
		b.Next().Space(1).Put(canvas.Keycap, "esc").Put(canvas.Muted, " cancels")
	case len(p.story) == 0:
		b.Next().Space(1).Put(canvas.Keycap, "S").Put(canvas.Plain, " looks from here for an order of events that breaks a promise")
	}
	from, to := p.window()
	for _, row := range p.rows[from:to] {
		b.Next().Space(1).Put(canvas.Plain, row)
	}
}

func searchActions() []action {
	return []action{{
		keys: []string{"S"}, shown: "S", name: "search", help: "simulated: look from here for events that break a promise",
		works: func(m *Model) (string, bool) { return "", replays(m) && m.opts.Search != nil && !m.search.running },
		do:    (*Model).searchFromHere,
		late:  func(m *Model) bool { return !inTimeline(m) && !m.paneShownMain(m.search) },
	}}
}

// searchFromHere searches in the background. What is found becomes a branch.
func (m *Model) searchFromHere() tea.Cmd {
	world, ok := m.session.Engine.(engine.Replayer)
	h, look := m.search.hunt, m.opts.Search
	if !ok || !h.begin() {
		return nil
	}
	m.bring(m.search)
	begun := make(chan struct{}) // nobody waits for it
	return tea.Batch(m.watch.now(m), m.carry("search", m.runs.begun, begun, func(ctx context.Context) (script.Result, error) {
		found, err := look(ctx, world, h.tell)
		h.end(found.Story)
		switch {
		case err != nil:
			return script.Result{}, errors.New("search: " + err.Error())
		case found.World == nil:
			return script.Result{Text: strings.Join(found.Story, " ")}, nil
		}
		name := freeName("found", world.Timeline())
		if err := world.Graft(name, bytes.NewReader(found.World)); err != nil {
			return script.Result{}, errors.New("search: " + err.Error())
		}
		return script.Result{Text: "found: branch " + name + " ends with it, and its past can be gone through"}, nil
	}))
}

// freeName is a name that no branch has: name, or name2, name3, …
func freeName(name string, t engine.Timeline) string {
	free := name
	for i := 2; slices.ContainsFunc(t.Branches, func(b engine.Branch) bool { return b.Name == free }); i++ {
		free = name + strconv.Itoa(i)
	}
	return free
}
