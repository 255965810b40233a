package search

import "slices"

// shrink leaves elements out of way as long as try still finds a violation. In least no single element can be left out;
// violation is the one after least. try carries out what is possible of a way, up to the first violation, and returns
// what it carried out and the violation.
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
