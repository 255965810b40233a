//go:build race

package envtest

// Raced reports whether the race detector looks at the tests, which makes them up to ten times slower. `make check` runs the
// packages that ask for it without the detector, too.
const Raced = true
