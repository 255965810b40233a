package lex

import (
	"fmt"
	"strconv"
	"unicode/utf8"
)

// Reader hands out the words of a line that stand behind the verb.
type Reader struct {
	Words []Word // not read yet
	Nodes []Word // read so far, and must name nodes
}

// Error says what is wrong with the arguments of a line.
type Error struct {
	Word Word   // that is wrong; the zero Word if one is missing
	What string // is wrong with it, or is missing
}

func (e *Error) Error() string {
	if e.Word.At == 0 {
		return e.What + " is missing"
	}
	return fmt.Sprintf("word %d %s %s", e.Word.At, Show(e.Word), e.What)
}

// Wrong says what is wrong with a word.
func Wrong(w Word, how string) error { return &Error{w, how} }

// Next returns the next word, which is to be what, or an *Error that says that it is missing.
func (r *Reader) Next(what string) (Word, error) {
	if len(r.Words) == 0 {
		return Word{}, &Error{What: what}
	}
	w := r.Words[0]
	r.Words = r.Words[1:]
	return w, nil
}

// OneWord reads an argument that is one word, which is to be what. take keeps the word in args, or says what is wrong
// with it: that goes on behind the word.
func OneWord[Args any](what string, take func(w Word, args *Args) error) func(*Reader, *Args) error {
	return func(r *Reader, args *Args) error {
		w, err := r.Next(what)
		if err != nil {
			return err
		}
		if err := take(w, args); err != nil {
			return Wrong(w, err.Error())
		}
		return nil
	}
}

// Node returns the next word, which must name a node.
func (r *Reader) Node() (string, error) {
	w, err := r.Next("NODE")
	if err != nil {
		return "", err
	}
	if w.Text == "" || w.Is(">") || w.Is("<") || w.Is("|") {
		return "", Wrong(w, "is not a node")
	}
	r.Nodes = append(r.Nodes, w)
	return w.Text, nil
}

// Skip takes the next word if it is the mark, and reports whether it was.
func (r *Reader) Skip(mark string) bool {
	is := len(r.Words) > 0 && r.Words[0].Is(mark)
	if is {
		r.Words = r.Words[1:]
	}
	return is
}

// Show is a word as it appears in an error.
func Show(w Word) string {
	const most = 40 // bytes
	shown, more := Clip(w.Text, most)
	return strconv.Quote(shown) + more
}

// Clip cuts s down to most bytes, and says so in more.
func Clip(s string, most int) (shown, more string) {
	if len(s) <= most {
		return s, ""
	}
	for most > 0 && !utf8.RuneStart(s[most]) {
		most--
	}
	return s[:most], fmt.Sprintf("… (%d bytes)", len(s))
}
