package search

import "slices"

// shrink leaves out steps of a way as long as it still goes wrong. In what remains no single step can be left out, and
// wrong is what is wrong at its end. try follows a way as far as its steps are possible, leaving out those that are
// not; it returns what it went, up to where it went wrong, and what was wrong.
func shrink[T any](way []T, try func([]T) (went []T, violation string)) (least []T, violation string) {
	least, violation = try(way)
	if violation == "" {
		return way, ""
	}
	for size := len(least) / 2; size > 0; {
		shorter := false
		for at := len(least) - size; at >= 0; at-- {
			without := slices.Concat(least[:at], least[at+size:])
			if went, still := try(without); still != "" {
				least, violation, shorter = went, still, true
				at = min(at, len(least)-size+1)
			}
		}
		if !shorter {
			size /= 2
		}
		size = min(size, len(least)/2+1)
	}
	return least, violation
}
