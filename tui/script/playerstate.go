package script

import (
	"fmt"
	"slices"

	"cluster/splitbrain/netsim/engine"
)

// PlayerState is what a Player shows at one moment. It must not be changed.
type PlayerState struct {
	Script  *Script
	Session *Session // nil before the first move
	Step    int      // that is shown, from 1; Steps + 1 when all have been
	Steps   int
	Played  bool         // its commands have run, and what is told after them is shown
	Open    bool         // it asks something that nobody has answered or skipped
	Look    Look         // where the eye is to go
	Running string       // the line that runs; "" while no move is under way
	Ran     []LineResult // the lines of the step that runs, or ran last, so far
	Pace    float64      // at which it is played; 0 is as fast as it goes
	Repeats bool         // what was shown before is only repeated, as fast as it goes
	Free    bool         // the cluster's time goes by itself, and the step waits
	Over    bool         // all steps have been shown: Script.Tries are
	// Predictions are the answers that were given, in the order of their steps.
	Predictions []Prediction
	Past        []Passage // the steps that have been played on this cluster
	Unkept      string    // at the end: why it is not kept that the lesson was played; "" if it is
}

// LineResult is a line of a step that ran.
type LineResult struct {
	Line string
	Text string // what it came to
	Err  error
}

// Prediction is what a reader has answered to the question of a step.
type Prediction struct {
	Step        int
	Asked       string
	Said, Right string
}

// OK reports whether it was right.
func (p Prediction) OK() bool { return p.Said == p.Right }

func (p Prediction) String() string {
	if p.OK() {
		return "predicted " + p.Said + ", which is right"
	}
	return "predicted " + p.Said + "; right is " + p.Right
}

// among is p in its place among others, and instead of an earlier one of its step.
func (p Prediction) among(all []Prediction) []Prediction {
	i, found := slices.BinarySearchFunc(all, p.Step, func(o Prediction, step int) int { return o.Step - step })
	if !found {
		return slices.Insert(slices.Clone(all), i, p)
	}
	all = slices.Clone(all)
	all[i] = p
	return all
}

// Shown is the step that is shown; nil before the first and after the last one.
func (s *PlayerState) Shown() *Step {
	if s.Step < 1 || s.Step > s.Steps {
		return nil
	}
	return &s.Script.Steps[s.Step]
}

// Text is the note or question that is shown; "" if none is.
func (s *PlayerState) Text() string {
	if step := s.Shown(); step != nil {
		return step.Text
	}
	return ""
}

// Asks is the question of the step that is shown, which must be one.
func (s *PlayerState) Asks() *Question { return &s.Shown().Asks }

// Choices are what the question offers that is open; none if none is, or there is nothing to choose.
func (s *PlayerState) Choices() []string {
	if !s.Open {
		return nil
	}
	return s.Asks().Choices
}

// predict is the prediction that the choice of that number is right.
func (s *PlayerState) predict(n int) Prediction {
	q := s.Asks()
	return Prediction{Step: s.Step, Asked: s.Text(), Said: q.Choices[n], Right: q.Choices[q.Right]}
}

// Predicted is what was answered to the question that is shown.
func (s *PlayerState) Predicted() (p Prediction, ok bool) {
	i := slices.IndexFunc(s.Predictions, func(p Prediction) bool { return p.Step == s.Step })
	if i < 0 {
		return Prediction{}, false
	}
	return s.Predictions[i], true
}

// Score is how the reader's predictions fared.
type Score struct {
	Right   int
	Made    int // predictions
	Skipped int // questions that can be answered, and were not
}

// Score counts the predictions so far.
func (s *PlayerState) Score() Score {
	c := Score{Made: len(s.Predictions), Skipped: s.Script.Questions() - len(s.Predictions)}
	for _, p := range s.Predictions {
		if p.OK() {
			c.Right++
		}
	}
	return c
}

// String is the score as a sentence, as in "4 of 7 questions answered correctly, 1 skipped."; "" where nothing was asked.
func (c Score) String() string {
	of := c.Made + c.Skipped
	switch {
	case of == 0:
		return ""
	case c.Skipped > 0:
		return fmt.Sprintf("%s, %d skipped.", Correctly(c.Right, of), c.Skipped)
	}
	return Correctly(c.Right, of) + "."
}

// Correctly tells how many of the questions of a lesson were answered so.
func Correctly(right, of int) string {
	return fmt.Sprintf("%d of %s answered correctly", right, engine.Plural(of, "question"))
}

// turn shows step n, which has not run.
func (s *PlayerState) turn(n int) {
	s.Step, s.Played, s.Over, s.Look, s.Open = n, false, n > s.Steps, Look{}, false
	if step := s.Shown(); step != nil {
		s.Look, s.Open = step.Look(), step.Question
	}
}
