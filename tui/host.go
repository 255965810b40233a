package tui

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/history/invariant"
	"cluster/splitbrain/tui/pane"
	"cluster/splitbrain/tui/record"
	"cluster/splitbrain/tui/script"
	"cluster/splitbrain/tui/wholefile"
)

// host has the cluster that is shown, which open, reset and lessons exchange for a fresh one, and is what command
// lines can ask of the program around them. They run in the background: the model sees what became of the host when
// it looks at the cluster. Safe for concurrent use.
type host struct {
	make     func(engine.Config) (engine.Engine, error)
	open     func(ctx context.Context, file string) (engine.Engine, error)
	recorder *record.Recorder // nil where nothing can be recorded
	search   *pane.Progress
	files    *wholefile.Folder // where scripts may write files; nil for nowhere
	bounds   script.Bounds     // of what lines of scripts may take

	timing   script.Timing // of scripts
	progress *script.Progress

	mu      sync.Mutex // guards what follows
	session *script.Session
	player  *script.Player // nil while no script is shown
	told    []ran          // what commands came to whose end nobody waits for
	opened  opened         // of the session
	ended   bool           // no other cluster is shown any more

	closing sync.WaitGroup // clusters that were exchanged

	watcher invariant.Watcher // of whoever looks, one look at a time
	watched *script.Session   // whose cluster it has seen

	broken func(ctx context.Context, world engine.Engine, story []string) []invariant.Violation // nil: nobody knows
}

// opened is what is broken where a saved world was opened.
type opened struct {
	at     time.Duration
	broken []invariant.Violation
}

var _ script.Host = (*host)(nil)

var errNoOther = errors.New("no other cluster can be made here")

// newHost shows eng.
func newHost(ctx context.Context, eng engine.Engine, opts Options) *host {
	s := &host{broken: opts.Broken, make: opts.New, open: opts.OpenWorld, recorder: opts.Recorder, files: opts.Files, bounds: opts.Bounds, search: &pane.Progress{}, progress: script.OpenProgress(opts.Progress)}
	s.session = s.sessionOn(eng)
	s.opened = s.openedAt(ctx, eng, opts.Story)
	return s
}

// sessionOn tells of what ends in the background, but not of what ends because another cluster is shown. From now on
// messages are recorded: whoever opens the pane of messages, or exports them, wants to see what was before.
func (s *host) sessionOn(eng engine.Engine) *script.Session {
	if trace := eng.Trace(); trace != nil {
		trace.Watch()
	}
	session := &script.Session{Engine: eng, Host: s, Files: s.files, Bounds: s.bounds, Picture: Pictures(eng)}
	session.Ended = func(line string, r script.Result, err error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.session == session {
			s.told = append(s.told, ran{task: read(line), result: r, err: err, at: eng.Now()})
		}
	}
	return session
}

// now is the session of the cluster that is shown.
func (s *host) now() *script.Session {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.session
}

// run carries a task out. In a lesson that waits for its reader, what is done by hand to the cluster begins free play.
func (s *host) run(ctx context.Context, t task) (script.Result, error) {
	if t.bad == nil && t.inv.PlaysFreely() {
		if err := s.playFreely(ctx); err != nil {
			return script.Result{}, err
		}
	}
	session := s.now()
	world, replays := session.Engine.(engine.Replayer)
	if !replays {
		return t.run(ctx, session)
	}
	before := world.Timeline()
	r, err := t.run(ctx, session)
	if text := newBranch(before, world.Timeline()); text != "" && err == nil {
		r.Text = strings.TrimPrefix(r.Text+". "+text, ". ")
	}
	return r, err
}

// newBranch says that what was done between two moments has begun a branch; "" if it has not.
func newBranch(before, now engine.Timeline) string {
	is := func(b engine.Branch) bool { return b.Name == now.Branch }
	i := slices.IndexFunc(now.Branches, is)
	if i < 0 || slices.ContainsFunc(before.Branches, is) || now.Branches[i].Parent != before.Branch || len(now.Branches) == len(before.Branches) {
		return ""
	}
	b := now.Branches[i]
	return "This begins branch " + b.Name + " at step " + engine.Count(b.From) + " of " + b.Parent + ": visit " + script.Quote(b.Parent) + " returns"
}

// playFreely lets a lesson wait that leads.
func (s *host) playFreely(ctx context.Context) error {
	if p := s.shown(); p != nil && !p.State().Free {
		return p.Move(ctx, script.Free)
	}
	return nil
}

// begin exchanges the cluster for a fresh one.
func (s *host) begin(config engine.Config) (*script.Session, error) {
	if s.make == nil {
		return nil, errNoOther
	}
	eng, err := s.make(config)
	if err != nil {
		return nil, err
	}
	s.search.Opened(nil)
	return s.take(eng, opened{}), nil
}

// take shows another cluster, and closes the one before in the background. After end it closes the other one instead: a command that
// has exchanged clusters may end later than the program.
func (s *host) take(eng engine.Engine, o opened) *script.Session {
	fresh := s.sessionOn(eng)
	s.mu.Lock()
	if s.ended {
		s.mu.Unlock()
		fresh.Close()
		eng.Close()
		return fresh
	}
	defer s.mu.Unlock()
	old := s.session
	s.session, s.told, s.opened = fresh, nil, o
	s.closing.Go(func() { // ends when the cluster has
		old.Close()
		old.Engine.Close()
	})
	return fresh
}

// end closes all clusters.
func (s *host) end() {
	s.mu.Lock()
	s.ended = true
	session := s.session
	s.mu.Unlock()
	s.closing.Wait()
	session.Close()
	session.Engine.Close()
}

// Open shows a script, up to its first text.
func (s *host) Open(ctx context.Context, sc *script.Script) error {
	if err := sc.CheckRunnable(script.Runner{Screen: true, Files: s.files != nil, Bounds: s.bounds}); err != nil {
		return err
	}
	p, before := script.NewPlayer(sc, s.begin), s.shown()
	p.Timing = s.timing
	s.show(p)
	err := s.moved(p, p.Move(ctx, script.Again))
	if err != nil && p.State().Session == nil {
		s.show(before)
	}
	return err
}

func (s *host) show(p *script.Player) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.player = p
}

// OpenWorld shows a saved world.
func (s *host) OpenWorld(ctx context.Context, file string) error {
	if s.open == nil {
		return errNoOther
	}
	eng, err := s.open(ctx, file)
	if err == nil {
		story := script.Story(file)
		s.search.Opened(story)
		s.take(eng, s.openedAt(ctx, eng, story))
		s.show(nil)
	}
	return err
}

// openedAt says what is broken where a world with that story was opened.
func (s *host) openedAt(ctx context.Context, eng engine.Engine, story []string) (o opened) {
	if s.broken != nil && len(story) > 0 {
		o = opened{eng.Now(), s.broken(ctx, eng, story)}
	}
	return o
}

// Reset begins anew, in free play: a lesson waits, unless it has come to its end.
func (s *host) Reset(ctx context.Context) error {
	seen, err := s.now().Engine.Observe(ctx, engine.Window{})
	if err != nil {
		return err
	}
	waits, err := s.letWait(ctx)
	if err != nil {
		return err
	}
	seen.Config.Standing = false
	if _, err = s.begin(seen.Config); err == nil && !waits {
		s.show(nil)
	}
	return err
}

// letWait lets a lesson wait that can be returned to, and reports whether there is one.
func (s *host) letWait(ctx context.Context) (waits bool, err error) {
	p := s.shown()
	if p == nil {
		return false, nil
	}
	if now := p.State(); now.Shown() == nil {
		return false, nil
	}
	return true, p.Move(ctx, script.Free)
}

// Lesson moves in the script that is shown. Who leaves it keeps its cluster, whose time goes on.
func (s *host) Lesson(ctx context.Context, move script.Move) error {
	p := s.shown()
	if p == nil {
		return errNoLesson
	}
	if move != script.Leave {
		return s.moved(p, p.Move(ctx, move))
	}
	err := p.Move(ctx, script.Free)
	s.show(nil)
	return err
}

// Answer answers the question of the script that is shown.
func (s *host) Answer(ctx context.Context, said string) error {
	p := s.shown()
	if p == nil {
		return errNoLesson
	}
	return s.moved(p, p.Answer(ctx, said))
}

// moved notes a lesson that a move has brought to its end.
func (s *host) moved(p *script.Player, err error) error {
	if now := p.State(); now.Over {
		s.progress.Note(now)
	}
	return err
}

var errNoLesson = errors.New("no lesson is open: lessons lists them, open begins one")

func (s *host) shown() *script.Player {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.player
}

var errNoScreen = errors.New("there is no screen here: splitbrain run --cast FILE draws one, and records it")

// Record writes what the terminal shows.
func (s *host) Record(create wholefile.Creator, file string) error {
	if s.recorder == nil {
		return errNoScreen
	}
	return s.recorder.Start(create, file, record.Header{Title: "splitbrain"})
}

// StopRecording says where the recording is.
func (s *host) StopRecording() (string, error) {
	if s.recorder == nil {
		return "", errNoScreen
	}
	file, err := s.recorder.Stop()
	return "recorded to " + file, err
}

// recording is the file that is recorded to; "" if none is.
func (s *host) recording() string {
	if s.recorder == nil {
		return ""
	}
	return s.recorder.Recording()
}

// hostState is what one look sees of the host.
type hostState struct {
	session *script.Session
	told    []ran
	load    *script.LoadState // that runs; nil while none does

	recording string // the file; "" while nothing is recorded
}

// look takes in what has happened on the host.
func (s *host) look() (seen hostState, showing *script.PlayerState) {
	s.mu.Lock()
	defer s.mu.Unlock()
	seen = hostState{session: s.session, told: slices.Clone(s.told), load: s.session.Load(), recording: s.recording()}
	s.told = s.told[:0]
	if s.player != nil {
		state := s.player.State()
		if state.Over {
			state.Unkept = s.progress.Unkept()
		}
		showing = &state
	}
	return seen, showing
}

// watch says what must never happen, and is seen to have happened in a snapshot. One look at a time may ask.
func (s *host) watch(session *script.Session, snap engine.Snapshot, rewound bool) []invariant.Violation {
	if rewound { // snap may be from before or after that
		s.watcher.Reset()
		return nil
	}
	if session != s.watched {
		s.watched = session
		s.watcher.Reset()
	}
	return append(s.brokenWhereOpened(session, snap.At), s.watcher.Watch(snap)...)
}

// brokenWhereOpened is what is broken where a saved world was opened, for a look at that moment.
func (s *host) brokenWhereOpened(session *script.Session, at time.Duration) []invariant.Violation {
	s.mu.Lock()
	defer s.mu.Unlock()
	if session != s.session || at != s.opened.at {
		return nil
	}
	return s.opened.broken
}
