//go:build race

package search

// raced reports whether the race detector looks at the tests.
const raced = true
