//go:build unix && !linux

package program

// waiting asks how many bytes there are to read: FIONREAD.
const waiting = 0x4004667f
