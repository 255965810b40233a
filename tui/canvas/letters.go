package canvas

import "strings"

// Large letters are three cells wide and five high, each of them drawn as a rectangle of the screen's cells.
const (
	letterW, LetterH = 3, 5
	blockW           = 2 // cells of the screen for one of a letter, so that it looks square
)

// letters are all that names of servers and numbers of views need, row by row.
var letters = map[rune]string{
	'0': "###|# #|# #|# #|###", '1': " # |## | # | # |###", '2': "###|  #|###|#  |###", '3': "###|  #|###|  #|###", '4': "# #|# #|###|  #|  #",
	'5': "###|#  |###|  #|###", '6': "###|#  |###|# #|###", '7': "###|  #|  #|  #|  #", '8': "###|# #|###|# #|###", '9': "###|# #|###|  #|###",
	's': "   | ##|## | ##|## ", '·': "   |   | # |   |   ",
}

// BigWidth is how many cells a text takes in large letters; 0 if it can't be written so.
func BigWidth(text string, scale int) int {
	n := 0
	for _, r := range text {
		if letters[r] == "" {
			return 0
		}
		n++
	}
	return max(n*(letterW+1)-1, 0) * blockW * scale
}

// BigRow is one row of a text in large letters, of LetterH × scale.
func BigRow(text string, row, scale int) string {
	var b strings.Builder
	for i, r := range []rune(text) {
		if i > 0 {
			b.WriteString(strings.Repeat(" ", blockW*scale))
		}
		at := row / scale * (letterW + 1)
		for _, cell := range letters[r][at : at+letterW] {
			if cell == '#' {
				b.WriteString(strings.Repeat("█", blockW*scale))
			} else {
				b.WriteString(strings.Repeat(" ", blockW*scale))
			}
		}
	}
	return b.String()
}
