//go:build !race

package envtest

// Raced reports whether the race detector looks at the tests.
const Raced = false
