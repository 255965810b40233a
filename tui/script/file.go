package script

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/engine/spelling"
)

// Limits of a script.
const (
	MaxScript = 1 << 20   // bytes
	MaxLine   = 256 << 10 // bytes
)

// Script is a file of commands that was understood: no line of it is malformed or names a node that will not be
// there. It must not be changed.
type Script struct {
	Name  string // of its file, or of the lesson
	Title string
	About string        // one line
	Shape engine.Config // of its cluster
	Lines []Line        // all commands, in their order
	Steps []Step        // the first one has no text: it is what comes before any note or question
	Tries []string      // what to try afterwards
}

// Line is one command of a script.
type Line struct {
	Number int // in its file, from 1
	Invocation
}

// Expects reports whether the line demands something of the cluster.
func (inv Invocation) Expects() bool {
	return inv.Command.verb() == "expect" || inv.Command.Name == "wait view"
}

// Waits reports whether the line lets time go by until something is so, without which the lines after it make no sense.
func (inv Invocation) Waits() bool { return inv.Command.verb() == "wait" }

// Step is what follows a note or a question, up to the next one.
type Step struct {
	Text     string
	Question bool
	Asks     Question
	Then     string // what is told at its end
	Lines    []Line // the note or question itself first, unless it is what stands before any
}

// After is what is told when the step has been seen: the answer to its question, and what stands behind then.
func (s *Step) After() string {
	after := s.Then
	if s.Question {
		after = strings.TrimSuffix(s.Asks.Explained()+"\n"+after, "\n")
	}
	return after
}

// Look is where the eye is to go before the step runs: where lines before its first command say.
func (s *Step) Look() (where Look) {
	for _, l := range s.Lines {
		switch l.Command.Name {
		case "look":
			where = l.Args.Look
		case "note", "ask", "pace":
		default:
			return where
		}
	}
	return where
}

// Heading is the title, or the name of a script that has none.
func (s *Script) Heading() string {
	if s.Title != "" {
		return printable(s.Title)
	}
	return printable(s.Name)
}

// Uses reports whether a command of that name is in the script.
func (s *Script) Uses(name string) bool {
	return slices.ContainsFunc(s.Lines, func(l Line) bool { return l.Command.Name == name })
}

// Questions counts the questions that offer choices.
func (s *Script) Questions() int {
	n := 0
	for i := range s.Steps {
		if len(s.Steps[i].Asks.Choices) > 0 {
			n++
		}
	}
	return n
}

// Runner is what a script can have of whoever runs it.
type Runner struct {
	Live   bool // the cluster has no past that can be returned to
	Screen bool // there is a playground around
	Files  bool // it may write files
	Bounds Bounds
}

var errSteers = errors.New("a script can't steer the program that plays it")

// CheckRunnable says which line can't be carried out there.
func (s *Script) CheckRunnable(by Runner) error {
	var waits time.Duration
	for _, l := range s.Lines {
		waits += l.asksFor()
		err := Limited(by.Bounds.overTime(waits))
		switch films := l.Command.verb() == "record"; {
		case l.Command.hosted && !by.Screen:
			err = ErrNoHost
		case l.Command.hosted && !films:
			err = errSteers
		case l.Command.replays && by.Live:
			err = errNoPast
		case (films || l.Writes() != "") && !by.Files:
			err = ErrFiles
		}
		if err != nil {
			return clean(fmt.Errorf("%s:%d: %w", s.Name, l.Number, of(l.Invocation, err)))
		}
	}
	return nil
}

// Find returns the lesson or rule script of that name, or reads the file.
func Find(name string) (*Script, error) {
	if text, ok := embedded(name); ok {
		return ParseScript(name, text)
	}
	s, err := LoadScript(name)
	if errors.Is(err, fs.ErrNotExist) {
		hint := "lessons lists the lessons"
		if near, ok := spelling.Nearest(name, lessonNames()); ok {
			hint = "did you mean the lesson " + near + "?"
		}
		return nil, fmt.Errorf("no file or lesson %s: %s", brief(name, 80), hint)
	}
	return s, err
}

// Reading returns what read returns, unless ctx ends before: then only the cause of that, while read goes on by itself. A
// pipe that nobody writes to can be waited for in no other way.
func Reading[T any](ctx context.Context, name string, read func() (T, error)) (T, error) {
	type outcome struct {
		what T
		err  error
	}
	done := make(chan outcome, 1)
	go func() { // ends with read
		what, err := read()
		done <- outcome{what, err}
	}()
	select {
	case o := <-done:
		return o.what, o.err
	case <-ctx.Done():
		var none T
		return none, fmt.Errorf("%s was not read to its end: %w", printable(name), context.Cause(ctx))
	}
}

// LoadScript reads a script from a file. The error is one line that names the file, and the line in it.
func LoadScript(name string) (*Script, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return nil, fmt.Errorf("%s is a directory", printable(name))
	}
	text, err := io.ReadAll(io.LimitReader(f, MaxScript+1))
	if err != nil {
		return nil, err
	}
	return ParseScript(name, string(text))
}

// ParseScript understands a script. The error is one line that names the first line that is wrong, as in
// "demo.sb:3: kill: NODE is missing".
func ParseScript(name, text string) (*Script, error) {
	if len(text) > MaxScript {
		return nil, fmt.Errorf("%s is no script: it has more than %d bytes", printable(name), MaxScript)
	}
	text = strings.TrimPrefix(text, "\ufeff") // some editors begin a file with it
	s := &Script{Name: name, Shape: engine.Defaults, Steps: []Step{{}}}
	p := parser{script: s, nodes: nodesOf(s.Shape)}
	for i, line := range splitLines(text) {
		if err := p.line(i+1, line); err != nil {
			return nil, clean(fmt.Errorf("%s:%d: %w", name, i+1, err))
		}
	}
	if len(s.Lines) == 0 {
		return nil, fmt.Errorf("%s has no commands", printable(name))
	}
	return s, nil
}

type parser struct {
	script *Script
	nodes  []string // that there are so far
	added  int      // servers
	begun  bool     // the cluster can no longer be described
}

func (p *parser) line(number int, text string) error {
	switch {
	case len(text) > MaxLine:
		return fmt.Errorf("a line of %d bytes: at most %d", len(text), MaxLine)
	case strings.ContainsRune(text, 0) || !utf8.ValidString(text):
		return errors.New("this is no text: write bytes as \"\\xff\" in double quotes")
	}
	inv, err := Parse(text)
	if err != nil || inv.Empty() {
		return err
	}
	return p.add(Line{Number: number, Invocation: inv.OfOthers()})
}

func (p *parser) add(l Line) error {
	s, step := p.script, len(p.script.Steps)-1
	switch l.Command.Name {
	case "title":
		s.Title = l.Args.Text
	case "about":
		s.About = l.Args.Text
	case "try":
		s.Tries = append(s.Tries, l.Args.Text)
	case "cluster":
		if p.begun {
			return errors.New("cluster: only the first command says what cluster a script needs")
		}
		p.begun, s.Shape, p.nodes = true, l.Args.Shape, nodesOf(l.Args.Shape)
	case "note", "ask":
		s.Steps = append(s.Steps, Step{Text: l.Args.Text, Question: l.Command.Name == "ask", Asks: l.Args.Asks, Lines: []Line{l}})
		s.Lines = append(s.Lines, l)
	case "then":
		if step == 0 {
			return errors.New("then: no note and no question stands before it")
		}
		s.Steps[step].Then = strings.TrimPrefix(s.Steps[step].Then+"\n"+l.Args.Text, "\n")
		s.Steps[step].Lines = append(s.Steps[step].Lines, l)
		s.Lines = append(s.Lines, l)
	default:
		if s.Steps[step].Then != "" && l.Command.Name != "look" {
			return fmt.Errorf("%s: then has ended this step: begin another with note or ask", l.Command.Name)
		}
		p.begun = true
		if err := p.known(l.Invocation); err != nil {
			return err
		}
		s.Steps[step].Lines = append(s.Steps[step].Lines, l)
		s.Lines = append(s.Lines, l)
	}
	return nil
}

// known says that a line names a node that will not be there.
func (p *parser) known(inv Invocation) error {
	if inv.Command.Name == "add" {
		return p.another(inv)
	}
	for _, w := range inv.nodes {
		if err := unknownNode(w, inv.Command.Name, p.nodes); err != nil {
			return err
		}
	}
	if name := inv.Args.Client; name != "" && !slices.Contains(Names{Nodes: p.nodes}.clients(), name) {
		return noClient(inv, name, p.nodes)
	}
	return nil
}

// another notes that a server is added.
func (p *parser) another(inv Invocation) error {
	next := Names{Nodes: p.nodes}.next()
	switch name := inv.Args.Command.Node; {
	case len(next) == 0:
		return fmt.Errorf("add: there are %d servers then, and no more fit", engine.MaxServers)
	case name != "" && name != next[0]:
		return notNext(inv, next[0])
	}
	p.added++
	cfg := p.script.Shape
	cfg.Servers += p.added
	p.nodes = nodesOf(cfg)
	return nil
}

// nodesOf are the nodes of such a cluster.
func nodesOf(cfg engine.Config) []string {
	nodes := []string{engine.ViewAddr}
	for i := range cfg.Servers {
		nodes = append(nodes, fmt.Sprintf("s%d", i+1))
	}
	for i := range cfg.Clients {
		nodes = append(nodes, fmt.Sprintf("c%d", i+1))
	}
	return nodes
}
