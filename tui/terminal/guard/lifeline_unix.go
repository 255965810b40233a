//go:build unix

package guard

import (
	"os"
	"os/exec"
)

// giveLifeline lets a child have what ends when its parent does.
func giveLifeline(child *exec.Cmd, r *os.File) { child.ExtraFiles = []*os.File{r} }

// lifeline is what the child was given.
func lifeline() *os.File { return os.NewFile(3, "lifeline") }
