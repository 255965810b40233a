package canvas

import "strings"

// Large letters are five high, each of them drawn as a rectangle of the screen's cells, or of half cells.
const (
	LetterH = 5
	blockW  = 2 // cells of the screen for one of a letter, so that it looks square

	// Halved is the scale of letters whose cells are half cells of the screen.
	Halved = 0
)

// letters are the capitals, with what names of servers, numbers of views and questions need besides, row by row.
var letters = inRows(map[rune]string{
	'0': "###|# #|# #|# #|###", '1': " # |## | # | # |###", '2': "###|  #|###|#  |###", '3': "###|  #|###|  #|###", '4': "# #|# #|###|  #|  #",
	'5': "###|#  |###|  #|###", '6': "###|#  |###|# #|###", '7': "###|  #|  #|  #|  #", '8': "###|# #|###|# #|###", '9': "###|# #|###|  #|###",
	's': "   | ##|## | ##|## ", '·': "   |   | # |   |   ", '?': "###|  #| ##|   | # ", ' ': " | | | | ",
	'A': "###|# #|###|# #|# #", 'B': "## |# #|## |# #|## ", 'C': "###|#  |#  |#  |###", 'E': "###|#  |## |#  |###", 'F': "###|#  |## |#  |#  ",
	'G': "####|#   |# ##|#  #|####", 'I': "###| # | # | # |###", 'K': "#  #|# # |##  |# # |#  #", 'N': "#  #|## #|# ##|#  #|#  #", 'O': "###|# #|# #|# #|###",
	'P': "###|# #|###|#  |#  ", 'R': "## |# #|## |# #|# #", 'S': "###|#  |###|  #|###", 'T': "###| # | # | # | # ", 'U': "# #|# #|# #|# #|###",
	'D': "## |# #|# #|# #|## ", 'H': "# #|# #|###|# #|# #", 'J': "  #|  #|  #|# #|###", 'L': "#  |#  |#  |#  |###", 'M': "#   #|## ##|# # #|#   #|#   #",
	'Q': "####|#  #|#  #|# ##|####", 'X': "# #|# #| # |# #|# #", 'Y': "# #|# #|###| # | # ", 'Z': "###|  #| # |#  |###",
	'.': " | | | |#", ',': "  |  |  | #|# ", ':': " |#| |#| ", '=': "   |###|   |###|   ", '\'': "#|#| | | ", '’': "#|#| | | ", '-': "   |   |###|   |   ",
	'V': "# #|# #|# #|# #| # ", 'W': "#   #|#   #|# # #|## ##|#   #",
})

func inRows(drawn map[rune]string) map[rune][]string {
	all := map[rune][]string{}
	for r, rows := range drawn {
		all[r] = strings.Split(rows, "|")
	}
	return all
}

// LargeHeight is how many rows large letters of a scale take.
func (k *Styles) LargeHeight(scale int) int {
	switch {
	case scale > Halved:
		return LetterH * scale
	case k.ASCII:
		return LetterH
	}
	return (LetterH + 1) / 2
}

// LargeWidth is how many cells a text takes in large letters of a scale, Halved or more; 0 if it can't be written so.
func (k *Styles) LargeWidth(text string, scale int) int {
	n := 0
	for _, r := range text {
		if letters[r] == nil {
			return 0
		}
		n += len(letters[r][0]) + 1
	}
	return max(n-1, 0) * max(blockW*scale, 1)
}

// LargeRow is one row of a text in large letters, of LargeHeight.
func (k *Styles) LargeRow(text string, row, scale int) string {
	var b strings.Builder
	for i, r := range []rune(text) {
		if i > 0 {
			b.WriteString(strings.Repeat(" ", max(blockW*scale, 1)))
		}
		rows := letters[r]
		switch {
		case scale > Halved:
			writeBlocks(&b, rows[row/scale], blockW*scale)
		case k.ASCII:
			writeBlocks(&b, rows[row], 1)
		default:
			writeHalves(&b, rows, 2*row)
		}
	}
	return b.String()
}

func writeBlocks(b *strings.Builder, cells string, w int) {
	for _, cell := range cells {
		sign := " "
		if cell == '#' {
			sign = "█"
		}
		b.WriteString(strings.Repeat(sign, w))
	}
}

// writeHalves writes two rows of a letter in one of the screen.
func writeHalves(b *strings.Builder, rows []string, upper int) {
	for i := range rows[upper] {
		up, down := rows[upper][i] == '#', upper+1 < LetterH && rows[upper+1][i] == '#'
		switch {
		case up && down:
			b.WriteRune('█')
		case up:
			b.WriteRune('▀')
		case down:
			b.WriteRune('▄')
		default:
			b.WriteByte(' ')
		}
	}
}
