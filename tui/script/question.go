package script

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"cluster/splitbrain/netsim/engine"
	"cluster/splitbrain/netsim/engine/lex"
	"cluster/splitbrain/netsim/engine/spelling"
)

// Question is what an ask line asks.
type Question struct {
	Choices []string // none of a question without any: then Answer is all that there is
	Right   int      // the number of the right one, from 0
	Because string   // why it is
	Answer  string   // of a question without choices
	Hides   []string // panes that would give the answer away
}

// Numbers of choices.
const leastChoices, mostChoices = 2, 4

// Words that end the choices of a question.
const because, hides = "because", "hides"

// Panes are the panes of the playground that a script can speak of.
var Panes = []string{"stage", "maps", "messages", "network", "events", "views", "history", "charts", "notes"}

// readQuestion reads what stands behind the text of a question.
func readQuestion(r *reader, a *Args) error {
	var all [][]string
	one, right := []string(nil), -1
	for len(r.Words) > 0 && !r.Words[0].Is(because) && !r.Words[0].Is(hides) {
		w, _ := r.Next("CHOICE")
		if w.Is("|") {
			all, one = append(all, one), nil
			continue
		}
		text, starred := strings.CutPrefix(w.Text, "*")
		switch {
		case starred && right >= 0:
			return lex.Wrong(w, "is starred, too: only one choice is right")
		case starred && len(one) > 0:
			return lex.Wrong(w, "is starred: the star stands before the choice, or quote it")
		case starred:
			right = len(all)
		}
		one = append(one, text)
	}
	all = append(all, one)
	if err := a.Asks.take(all, right); err != nil {
		return err
	}
	return readAside(r, &a.Asks)
}

// take takes in the choices as they were written.
func (q *Question) take(all [][]string, right int) error {
	for _, words := range all {
		choice := strings.TrimSpace(strings.Join(words, " "))
		switch {
		case len(all) == 1 && choice == "":
			return &lex.Error{What: "CHOICE"}
		case choice == "":
			return errors.New("ask: a choice is empty, as nothing stands beside a |")
		case slices.Contains(q.Choices, choice):
			return fmt.Errorf("ask: %s is there twice", Quote(choice))
		}
		q.Choices = append(q.Choices, choice)
	}
	if len(all) == 1 && right < 0 {
		q.Answer, q.Choices = q.Choices[0], nil
		return nil
	}
	if n := len(q.Choices); n < leastChoices || n > mostChoices {
		return fmt.Errorf("ask: a question has %d to %d choices, not %d: write them as in s1 | *s2 | nobody", leastChoices, mostChoices, n)
	}
	if right < 0 {
		return fmt.Errorf("ask: none of the choices is right: put a * before one, as in *%s", Quote(q.Choices[0]))
	}
	q.Right = right
	return nil
}

// readAside reads why the answer is right, and what would give it away.
func readAside(r *reader, q *Question) error {
	if r.Skip(because) {
		w, err := r.Next("TEXT after because")
		if err != nil {
			return err
		}
		if q.Because = w.Text; len(q.Choices) == 0 {
			return lex.Wrong(w, "explains a question without choices: its answer can say why")
		}
	}
	if !r.Skip(hides) {
		return nil
	}
	for first := true; first || len(r.Words) > 0; first = false {
		w, err := r.Next("PANE after hides")
		if err != nil {
			return err
		}
		if err := checkPane(w); err != nil {
			return err
		}
		q.Hides = append(q.Hides, w.Text)
	}
	return nil
}

func checkPane(w word) error {
	if slices.Contains(Panes, w.Text) {
		return nil
	}
	if near, ok := spelling.Nearest(w.Text, Panes); ok {
		return lex.Wrong(w, "is no pane: did you mean "+near+"?")
	}
	return lex.Wrong(w, "is no pane: there are "+engine.Listing(Panes))
}

// Explained is the right answer and why it is so, in one text.
func (q *Question) Explained() string {
	switch {
	case len(q.Choices) == 0:
		return q.Answer
	case q.Because == "":
		return q.Choices[q.Right] + "."
	}
	return q.Choices[q.Right] + ". " + q.Because
}

// Chosen is the number of the choice that was said: by its number from 1, or by its first words.
func (q *Question) Chosen(said string) (int, error) {
	if n, err := strconv.Atoi(strings.TrimSpace(said)); err == nil && n >= 1 && n <= len(q.Choices) {
		return n - 1, nil
	}
	found := -1
	for i, choice := range q.Choices {
		switch {
		case strings.EqualFold(strings.TrimSpace(said), choice):
			return i, nil
		case beginsWith(choice, said) && found >= 0:
			return 0, fmt.Errorf("%s could be %s or %s", brief(said, 40), Quote(q.Choices[found]), Quote(choice))
		case beginsWith(choice, said):
			found = i
		}
	}
	if found < 0 {
		return 0, fmt.Errorf("%s is no answer to this: %s", brief(said, 40), q.offered())
	}
	return found, nil
}

// offered lists the choices with their numbers.
func (q *Question) offered() string {
	var all []string
	for i, choice := range q.Choices {
		all = append(all, fmt.Sprintf("%d %s", i+1, choice))
	}
	return printable(strings.Join(all, ", "))
}

// beginsWith reports whether the first words of a text were said, however they are written.
func beginsWith(text, said string) bool {
	words := func(s string) []string {
		return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	}
	some, all := words(said), words(text)
	return len(some) > 0 && len(some) <= len(all) && slices.Equal(some, all[:len(some)])
}
