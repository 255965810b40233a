package engine

import "fmt"

// LimitError says that something was given up that would have taken too much.
type LimitError struct {
	Of   string // what there is a limit of, as in "steps"
	Most string // with its unit
}

func (l *LimitError) Error() string {
	return fmt.Sprintf("the limit of %s is reached, %s", l.Of, l.Most)
}

// HeapLimit is the error of a program whose heap has grown to most bytes.
func HeapLimit(most uint64) *LimitError {
	return &LimitError{"memory", fmt.Sprintf("%d MiB", most>>20)}
}
