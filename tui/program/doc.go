// Package program holds the program, as it is built, to what people see of it: in pseudo-terminals, on pipes, by signals, and
// in the lines and pictures of the README. It consists of tests.
package program
