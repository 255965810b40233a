package guard

import (
	"os"
	"os/exec"
	"strconv"
	"syscall"
)

// handle in the environment is the number of the child's lifeline: there is no other way to tell it.
const handle = "SPLITBRAIN_LIFELINE"

// giveLifeline lets a child have what ends when its parent does. Where it can't be inherited, the child ends at once.
func giveLifeline(child *exec.Cmd, r *os.File) {
	h := syscall.Handle(r.Fd())
	_ = syscall.SetHandleInformation(h, syscall.HANDLE_FLAG_INHERIT, syscall.HANDLE_FLAG_INHERIT)
	child.SysProcAttr = &syscall.SysProcAttr{AdditionalInheritedHandles: []syscall.Handle{h}}
	child.Env = append(child.Env, handle+"="+strconv.FormatUint(uint64(h), 10))
}

// lifeline is what the child was given.
func lifeline() *os.File {
	h, _ := strconv.ParseUint(os.Getenv(handle), 10, 64)
	return os.NewFile(uintptr(h), "lifeline")
}
