package tui

import (
	"strings"
	"unicode"
)

// fuzzy says how well text has all letters of typed in it, in their order; 0: it does not. Whole words and
// beginnings of words are worth more than scattered letters. What was not typed at all is in everything.
func fuzzy(typed, text string) int {
	score := 1
	text = strings.ToLower(text)
	for _, word := range strings.Fields(strings.ToLower(typed)) {
		s := fuzzyWord([]rune(word), []rune(text))
		if s == 0 {
			return 0
		}
		score += s
	}
	return score
}

// contains is 1 if text has all words that were typed somewhere, else 0.
func contains(typed, text string) int {
	text = strings.ToLower(text)
	for _, word := range strings.Fields(strings.ToLower(typed)) {
		if !strings.Contains(text, word) {
			return 0
		}
	}
	return 1
}

func fuzzyWord(word, text []rune) int {
	if i := strings.Index(string(text), string(word)); i >= 0 {
		before := []rune(string(text)[:i])
		return 10*len(word) + atWord(text, len(before)) + max(0, 5-len(before))
	}
	score, at, run := 0, 0, 0
	for _, r := range word {
		found := false
		for ; at < len(text) && !found; at++ {
			if found = text[at] == r; !found {
				run = 0
				continue
			}
			run++
			score += run + atWord(text, at)/4
		}
		if !found {
			return 0
		}
	}
	if score < 3*len(word)/2 { // letters from everywhere mean nothing
		return 0
	}
	return score
}

// atWord is what it is worth that a word begins at i.
func atWord(text []rune, i int) int {
	const begins = 8
	if i == 0 {
		return 2 * begins
	}
	if !unicode.IsLetter(text[i-1]) && !unicode.IsDigit(text[i-1]) {
		return begins
	}
	return 0
}
