package engine

import (
	"context"
	"io"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/viewservice"
)

// Replayer is an Engine whose past can be returned to: the simulated one. Whoever acts at an earlier step begins a
// new branch there; the old future stays under its own name.
type Replayer interface {
	Engine
	// Timeline says where in which branch the world is.
	Timeline() Timeline
	// Rewind goes to a step of the present branch, First to its Length. It pauses the world.
	Rewind(step int) error
	// Visit goes to the end of a branch. It pauses the world.
	Visit(branch string) error
	// Rename gives a branch another name.
	Rename(branch, name string) error
	// ObservePast is what Observe would have seen of the present branch at some times, which go up and end before now.
	ObservePast(w Window, times []time.Duration) ([]Snapshot, error)
	// Compare says in lines what differs between the ends of two branches: views, maps, verdict.
	Compare(a, b string) ([]string, error)
	// Choices are the events that are possible now: first those that happen by themselves, in the order of their times,
	// in an order that is the same whenever the world is.
	Choices() []Choice
	// Choose lets one of them happen, out of its time, and says what happened. It pauses the world.
	Choose(name string) (happened string, err error)
	// ImportBranch adds the first branch of a world that was saved, alike in all but its commands, as a branch, and goes to
	// its end, unless ctx ends before. It pauses the world.
	ImportBranch(ctx context.Context, name string, saved io.Reader) error
	// Provenance says what of the past came from elsewhere and can't be repeated by commands, in words like "the world was
	// opened with its past"; "" if nothing did.
	Provenance() string
	// Save writes world, seed, commands and branches as text. Open of the same version reads it.
	Save(w io.Writer) error
}

// Timeline is the tree of branches and the place in it.
type Timeline struct {
	Branch   string // the present one
	Step     int    // events so far on it, those of its ancestors included
	First    int    // of the present branch that can be returned to: what was before is forgotten, if it is not 0
	Length   int    // of the present branch
	Branches []Branch
	// Marks are the steps of the present branch that are worth naming, oldest first: a few hundred at most.
	Marks []Mark
}

// Branch is one future.
type Branch struct {
	Name   string
	Parent string // "" of the first
	From   int    // the step of the parent at which it begins
	First  int    // that can be returned to, see Timeline.First
	Length int
	End    time.Duration // the time at its end
}

// Mark is a step worth naming: a command, or the forming of a view.
type Mark struct {
	Step int
	At   time.Duration
	Text string
	View viewservice.Number // that was formed; 0 if it is a command
}

// Choice is one event that is possible now. Name stands for it in commands: "tick s1", "deliver 17", "lose 17",
// "duplicate 17", "silence s1", "timer c1".
type Choice struct {
	Name string
	Text string          // in plain words
	Due  time.Duration   // when it would happen by itself; negative: never by itself
	Kind netsim.StepKind // StepMessage, StepPing or StepEvent
}
