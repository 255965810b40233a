package script

import (
	"context"
	"fmt"
	"io"
	"os"
)

// worldMark is what the first line of a saved simulated world begins with.
const worldMark = "splitbrain world "

// IsWorld reports whether a file is no script but a simulated world that was saved: what a search has found, say.
func IsWorld(name string) bool {
	if _, ok := embedded(name); ok {
		return false
	}
	if info, err := os.Stat(name); err != nil || !info.Mode().IsRegular() {
		return false // what is read of a pipe is gone
	}
	f, err := os.Open(name)
	if err != nil {
		return false
	}
	defer f.Close()
	start := make([]byte, len(worldMark))
	_, err = io.ReadFull(f, start)
	return err == nil && string(start) == worldMark
}

// WorldHost is a Host that can show saved worlds as well.
type WorldHost interface {
	Host
	OpenWorld(ctx context.Context, file string) error
}

// openWorld shows a saved world.
func openWorld(ctx context.Context, s *Session, inv Invocation) (Result, error) {
	file := inv.Args.File
	return s.hosted(inv, "opened the world "+printable(file), func(h Host) error {
		w, ok := h.(WorldHost)
		if !ok {
			return fmt.Errorf("%s is a simulated world: start the playground with --sim --open %s", printable(file), printable(file))
		}
		return w.OpenWorld(ctx, file)
	})
}
