// Package input makes whole keys of the bytes that a terminal sends. It stands between the terminal and Bubble Tea, whose
// own reader takes the end of every short read for the end of a sequence, and knows no strings: it takes an answer about
// colours for a dozen keys, and the second half of a mouse report for text.
//
// A Reader hands Bubble Tea one whole sequence at a time. What is no key is told to its owner (a paste, an answer to a
// question) or dropped: strings that nobody asked for, sequences that end in their middle.
package input
