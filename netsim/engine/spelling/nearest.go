package spelling

import "strings"

// Nearest returns the candidate that name was probably meant to be: one that it begins or that begins it, or one
// that few letters turn it into. Of those that are equally near, one that begins with the same letter comes first.
func Nearest(name string, candidates []string) (string, bool) {
	name = strings.ToLower(name)
	const longest = 32 // no name is as long, and distance takes the product of the lengths
	if name == "" || len(name) > longest {
		return "", false
	}
	best, least := "", 1+max(1, len(name)/3)
	for _, c := range candidates {
		word := strings.ToLower(c)
		d := distance(name, word)
		if strings.HasPrefix(word, name) || len(c) > 2 && strings.HasPrefix(name, word) {
			d = min(d, 1)
		}
		alike := strings.HasPrefix(word, name[:1]) && !strings.HasPrefix(strings.ToLower(best), name[:1])
		if d < least || d == least && best != "" && alike {
			best, least = c, d
		}
	}
	return best, best != ""
}

// distance counts the letters to insert, delete, replace or swap with their neighbour to turn a into b.
func distance(a, b string) int {
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			replace := rows[i-1][j-1]
			if a[i-1] != b[j-1] {
				replace++
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, replace)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(a)][len(b)]
}

// Meant says which of names was probably meant, or which there are.
func Meant(name string, names []string) string {
	if near, ok := Nearest(name, names); ok {
		return "did you mean " + near + "?"
	}
	return "there are " + strings.Join(names, ", ")
}
