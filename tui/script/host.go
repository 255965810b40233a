package script

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"

	"cluster/splitbrain/netsim/engine/lex"
	"cluster/splitbrain/tui/export"
	"cluster/splitbrain/tui/wholefile"
)

// Host is the program around a session: it can do what the session can't. Safe for concurrent use. What its methods
// return is one line that can be shown.
type Host interface {
	// Open shows a script, on a cluster of its own.
	Open(ctx context.Context, s *Script) error
	// OpenWorld shows a saved world.
	OpenWorld(ctx context.Context, file string) error
	// Reset begins anew, with a fresh cluster like the one that there is.
	Reset(ctx context.Context) error
	// Record writes what is seen from now on to a file, which create begins, until StopRecording.
	Record(create wholefile.Creator, file string) error
	StopRecording() (what string, err error)
	// Lesson moves in the script that is shown, Answer answers the question that it asks.
	Lesson(ctx context.Context, move Move) error
	Answer(ctx context.Context, said string) error
}

// Move is a way to go in a script.
type Move uint8

// The moves.
const (
	Next   Move = iota // run the step that is shown, and show the next
	Back               // to how it was one step before
	Again              // from the beginning
	Free               // let the cluster's time go by itself, and the step wait
	Resume             // back from free play, to the moment at which it began
	Leave              // end it, and keep the cluster
)

var moveNames = []string{"next", "back", "again", "free", "resume", "leave"}

func (m Move) String() string { return moveNames[m] }

// files are the commands about files, scripts and lessons, and those that need the program around.
func files() []Command {
	file := param{usage: "FILE", takes: 1, read: readFile}
	source := param{usage: "FILE|LESSON", takes: 1, read: readFile, offers: offering(lessonNames()...)}
	all := []Command{{
		Name: "save", Help: "writes what was done so far to a file, as a script that runs again", Example: "save demo.sb",
		params: []param{file}, run: save,
	}, {
		Name: "open", Help: "shows a script or a lesson, on a cluster of its own", Example: "open first-view",
		params: []param{source}, run: open, hosted: true,
	}, {
		Name: "export", Help: "writes page.html to take home, the history (history.html .jsonl .edn), the trace (.jsonl .shiviz), or the diagram (.svg .mmd .puml .txt)", Example: "export page.html",
		params: []param{{usage: "FILE", takes: 1, read: readExport}}, run: exportTo,
	}, {
		Name: "record", Help: "writes what is seen to an asciicast file", Example: "record demo.cast",
		params: []param{file}, run: record, hosted: true,
	}, {
		Name: "record off", Help: "ends the recording", Example: "record off", run: stopRecording, hosted: true,
	}, {
		Name: "reset", Help: "begins anew, with a fresh cluster; a lesson waits", Example: "reset", run: reset, hosted: true,
	}, {
		Name: "lessons", Help: "lists the lessons", Example: "lessons", run: listLessons,
	}, {
		Name: "lesson", Help: "moves in the lesson or script that is shown", Example: "lesson next",
		params: []param{oneOf(moveNames...).as(strings.Join(moveNames, "|"))}, run: lesson, hosted: true,
	}, {
		Name: "answer", Help: "answers the question that a lesson asks, by the number or the first words of a choice", Example: "answer s2",
		params: []param{{usage: "CHOICE", takes: 1, read: readText}}, run: answer, hosted: true,
	}}
	for i := range all {
		all[i].unsaved = true
	}
	return all
}

var readFile = lex.OneWord("FILE", func(w word, a *Args) error {
	if w.Text == "" || strings.ContainsRune(w.Text, 0) {
		return errors.New("is no name of a file")
	}
	a.File = w.Text
	return nil
})

// readExport reads a name whose ending says what to write.
var readExport = lex.OneWord("FILE", func(w word, a *Args) error {
	if strings.ContainsRune(w.Text, 0) || !export.Known(w.Text) {
		return errors.New("must end in .html, .jsonl, .edn, .shiviz, .svg, .mmd, .puml or .txt")
	}
	a.File = w.Text
	return nil
})

// ErrNoHost says that a command needs a program around its session that there is not.
var ErrNoHost = errors.New("not here: it needs the playground")

// hosted runs do if there is a program around the session.
func (s *Session) hosted(inv Invocation, do func(h Host) (text string, err error)) (Result, error) {
	if s.Host == nil {
		return Result{}, of(inv, ErrNoHost)
	}
	text, err := do(s.Host)
	if err != nil {
		return Result{}, of(inv, err)
	}
	return Result{Text: text}, nil
}

func open(ctx context.Context, s *Session, inv Invocation) (Result, error) {
	file := inv.Args.File
	if IsWorld(file) {
		return s.hosted(inv, func(h Host) (string, error) { return "opened the world " + printable(file), h.OpenWorld(ctx, file) })
	}
	found, err := Reading(ctx, file, func() (*Script, error) { return Find(file) })
	if err != nil {
		return Result{}, of(inv, err)
	}
	return s.hosted(inv, func(h Host) (string, error) { return "opened: " + found.Heading(), h.Open(ctx, found) })
}

// Unreadable says why the line can't be carried out, if that is plain before its turn comes: it opens what can't be read.
func (inv Invocation) Unreadable(ctx context.Context) error {
	file := inv.Args.File
	if info, err := os.Stat(file); inv.Command.Name != "open" || IsWorld(file) || err == nil && !info.Mode().IsRegular() {
		return nil
	}
	if _, err := Reading(ctx, file, func() (*Script, error) { return Find(file) }); err != nil {
		return clean(of(inv, err))
	}
	return nil
}

func reset(ctx context.Context, s *Session, inv Invocation) (Result, error) {
	return s.hosted(inv, func(h Host) (string, error) { return "a fresh cluster", h.Reset(ctx) })
}

func record(_ context.Context, s *Session, inv Invocation) (Result, error) {
	file := inv.Args.File
	return s.hosted(inv, func(h Host) (string, error) { return "recording to " + printable(file), h.Record(s.creator(inv), file) })
}

func stopRecording(_ context.Context, s *Session, inv Invocation) (Result, error) {
	return s.hosted(inv, Host.StopRecording)
}

// lessonMove is the move in a lesson that a line of that command makes.
func (inv Invocation) lessonMove() (Move, bool) {
	return Move(max(slices.Index(moveNames, inv.Args.Word), 0)), inv.Command.Name == "lesson"
}

// LessonMove is the move that a line makes in the lesson or script that is shown, if it makes one.
func LessonMove(line string) (Move, bool) {
	inv, err := Parse(line)
	if err != nil {
		return 0, false
	}
	return inv.lessonMove()
}

func lesson(ctx context.Context, s *Session, inv Invocation) (Result, error) {
	move, _ := inv.lessonMove()
	return s.hosted(inv, func(h Host) (string, error) { return "lesson: " + inv.Args.Word, h.Lesson(ctx, move) })
}

func answer(ctx context.Context, s *Session, inv Invocation) (Result, error) {
	return s.hosted(inv, func(h Host) (string, error) {
		return "answered: " + printable(inv.Args.Text), h.Answer(ctx, inv.Args.Text)
	})
}

func listLessons(context.Context, *Session, Invocation) (Result, error) {
	var groups []string
	for _, g := range Groups() {
		var names []string
		for _, l := range g.Lessons {
			names = append(names, l.Name)
		}
		groups = append(groups, g.Name+": "+strings.Join(names, ", "))
	}
	return Result{Text: "open one of these. About " + strings.Join(groups, "; about "), List: LessonList}, nil
}
