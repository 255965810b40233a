package sim

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"io"
	"time"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/world"
)

// ImportBranch adds the first branch of a world that was saved as a branch of this one, and goes to its end. It pauses the
// world. The two must be alike in all but their commands; what they have in common becomes the branch's past. The
// name is as for Rename. After an error the world is where it was; when ctx ends that is its cause.
func (e *Engine) ImportBranch(ctx context.Context, name string, saved io.Reader) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if err := cmp.Or(e.ready(), e.whole()); err != nil {
		return err
	}
	if err := e.checkNew(name); err != nil {
		return err
	}
	f := &file{in: bufio.NewReader(saved), ctx: ctx}
	commands, end, err := f.first(e)
	if err != nil {
		return &BadLine{f.line, err}
	}
	e.reading = true
	defer func() { e.reading = false }()
	was, step, known := e.branch, e.step, len(e.branches)
	base, from := e.commonPrefix(commands, end.length)
	e.seek(base, from)
	e.branch = base.fork(name, from, e.world.Now())
	e.branches = append(e.branches, e.branch)
	if err := e.replay(f.ctx, commands[base.commandsUntil(from):], end); err != nil {
		e.branches = e.branches[:known]
		e.seek(was, step)
		return err
	}
	e.provenance = "branch " + name + " came from another world"
	return nil
}

// Provenance says what of the past came from elsewhere: a file, or another world's branch.
func (e *Engine) Provenance() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.provenance
}

// first reads the first branch of a world of e's configuration.
func (f *file) first(e *Engine) (commands []Entry, end branchEnd, err error) {
	cfg, err := f.header()
	switch {
	case err != nil:
		return nil, branchEnd{}, err
	case cfg != e.saved():
		return nil, branchEnd{}, fmt.Errorf("a world of another configuration: %s, this one has %s", configWords(cfg), configWords(e.saved()))
	}
	if err := f.next(); err != nil {
		return nil, branchEnd{}, err
	}
	if f.now[0] != "branch" {
		return nil, branchEnd{}, f.bad("a branch")
	}
	end, err = f.steps(0, func(c Entry) error {
		commands = append(commands, c)
		return nil
	})
	return commands, end, err
}

// saved is e's configuration as a saved world has it: whether e is led is no part of a world.
func (e *Engine) saved() engine.Config {
	cfg := e.cfg
	cfg.Standing = false
	return cfg
}

func configWords(c engine.Config) string {
	text := c.Words()
	if c.Disabled != 0 {
		text += " without " + c.Disabled.String()
	}
	return text
}

// commonPrefix is the branch that has most in common with the commands of a future of that length, and the last step up to
// which it has.
func (e *Engine) commonPrefix(commands []Entry, length int) (best *branch, from int) {
	from = -1
	for _, b := range append([]*branch{e.branch}, e.branches...) {
		shared := min(b.length, length)
		for i := range max(len(commands), b.commands.len()) {
			if i < len(commands) && i < b.commands.len() && commands[i].String() == b.commands.at(i).String() {
				continue
			}
			if i < len(commands) {
				shared = min(shared, commands[i].Step-1)
			}
			if i < b.commands.len() {
				shared = min(shared, b.commands.at(i).Step-1)
			}
			break
		}
		if shared > from {
			best, from = b, shared
		}
	}
	return best, from
}

// replay lets a future happen on the present branch, from its end.
func (e *Engine) replay(ctx context.Context, commands []Entry, end branchEnd) error {
	for _, c := range commands {
		if err := e.repeat(ctx, c); err != nil {
			return err
		}
	}
	return e.finish(ctx, end)
}

// repeat lets happen what happens by itself up to a command, and then the command.
func (e *Engine) repeat(ctx context.Context, c Entry) error {
	if err := e.mayGoOn(ctx); err != nil {
		return err
	}
	if err := e.goTo(ctx, c.Step-1); err != nil {
		return err
	}
	if next, ok := e.nextDue(); ok && c.At > max(next, e.world.Now()+Apart) || c.At < e.world.Now() {
		return fmt.Errorf("at %v: the step before is at %v, the next at %v", c.At, e.world.Now(), next)
	}
	e.world.AdvanceTo(c.At)
	if err := e.command(c.Action); err != nil {
		return fmt.Errorf("%.80q: %w", c.Action, err)
	}
	return nil
}

// goTo lets happen what happens by itself up to a step.
func (e *Engine) goTo(ctx context.Context, step int) error {
	for e.step < step {
		if err := e.mayGoOn(ctx); err != nil {
			return err
		}
		if !e.makeStep(world.Never) {
			return fmt.Errorf("there is no step %d: nothing happens any more", step)
		}
	}
	return nil
}

// branchEnd is what a branch must have come to.
type branchEnd struct {
	length int
	at     time.Duration
	hash   uint64
}

// finish goes on to the end of the branch.
func (e *Engine) finish(ctx context.Context, end branchEnd) error {
	if err := e.goTo(ctx, end.length); err != nil {
		return err
	}
	if b := e.branch; b.end != end.at || e.end(b).HashAt(b.end) != end.hash {
		return fmt.Errorf("branch %s ends in another world than it did: the file was changed, or the program was", b.name)
	}
	return nil
}
