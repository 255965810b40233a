package search

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/sim"
	"cluster/splitbrain/netsim/world"
)

// savedBranch is a branch of a saved world.
type savedBranch struct {
	parent   string
	from     int
	commands map[int]string // "time event", by their steps
}

// ReadRecording goes to the moment at which a world was saved, as engine.Replayer.Save writes it, time standing still. The
// error is that of sim.Open, if it is one.
func ReadRecording(ctx context.Context, r io.Reader) (*Recording, error) {
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	e, err := sim.Open(bytes.NewReader(text), sim.ManualTime())
	if err != nil {
		return nil, err
	}
	defer e.Close()
	s, err := e.Observe(ctx, engine.Window{})
	if err != nil {
		return nil, err
	}
	rec := &Recording{world: world.NewWorld(s.Config), cfg: s.Config}
	branch, steps, commands := readBranches(string(text))
	rec.follow(commands(branch, steps), steps)
	if rec.world.Hash() != e.Hash() {
		return nil, errors.New("the world can't be gone through again")
	}
	return rec, nil
}

// Servers is how many the world has.
func (rec *Recording) Servers() int { return rec.cfg.Servers }

// readBranches reads what sim.Open has accepted: the branch and the step at which the world was, and the commands up to a
// step of a branch.
func readBranches(text string) (branch string, steps int, commands func(branch string, until int) map[int]string) {
	branches := map[string]*savedBranch{}
	var now *savedBranch
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		if words[0][0] == '#' {
			continue
		}
		switch words[0] {
		case "branch":
			from, _ := strconv.Atoi(words[3])
			now = &savedBranch{parent: words[2], from: from, commands: map[int]string{}}
			branches[words[1]] = now
		case "at":
			branch = words[1]
			steps, _ = strconv.Atoi(words[2])
		case "splitbrain", "config", "end":
		default:
			step, _ := strconv.Atoi(words[0])
			_, now.commands[step], _ = strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		}
	}
	commands = func(branch string, until int) map[int]string {
		b := branches[branch]
		if b == nil {
			return map[int]string{}
		}
		all := commands(b.parent, min(b.from, until))
		for step, command := range b.commands {
			if step <= until {
				all[step] = command
			}
		}
		return all
	}
	return branch, steps, commands
}

// follow lets so many steps happen: those that are commands, and between them what happens by itself.
func (rec *Recording) follow(commands map[int]string, steps int) {
	for rec.steps < steps {
		command, ok := commands[rec.steps+1]
		if !ok {
			rec.world.Step()
			rec.steps++
			continue
		}
		when, event, _ := strings.Cut(command, " ")
		at, _ := strconv.ParseInt(when, 10, 64)
		e, err := world.ParseEvent(event)
		must(err)
		rec.world.Pass(time.Duration(at))
		rec.applyNow(e)
	}
}
