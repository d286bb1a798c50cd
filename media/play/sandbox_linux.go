package play

import (
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// sandboxed runs a program on input. It gets its limits before it gets a byte, no network where the kernel lets us take
// it away, nobody's rights when we are root, and dies with us.
func sandboxed(ctx context.Context, program string, args []string, input []byte, out, complaint io.Writer) error {
	err := runSandboxed(ctx, program, args, input, out, complaint, true)
	if errNoNamespace(err) { // containers often forbid new namespaces; the other limits still hold
		return runSandboxed(ctx, program, args, input, out, complaint, false)
	}
	return err
}

type startError struct{ error }

func (e startError) Unwrap() error { return e.error }

func errNoNamespace(err error) bool {
	s, ok := err.(startError)
	return ok && s.error != nil
}

func runSandboxed(ctx context.Context, program string, args []string, input []byte, out, complaint io.Writer, namespaces bool) error {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env = []string{}
	cmd.Dir = "/"
	cmd.Stdout, cmd.Stderr = out, complaint
	cmd.WaitDelay = time.Second
	attr := &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setsid: true}
	if namespaces {
		attr.Cloneflags = syscall.CLONE_NEWNET | syscall.CLONE_NEWIPC
		if os.Getuid() == 0 {
			attr.Credential = &syscall.Credential{Uid: 65534, Gid: 65534}
		} else {
			attr.Cloneflags |= syscall.CLONE_NEWUSER
		}
	}
	cmd.SysProcAttr = attr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return startError{err}
	}
	limits := map[int]uint64{
		unix.RLIMIT_AS: drawMemory, unix.RLIMIT_CPU: uint64(drawTime / time.Second), unix.RLIMIT_FSIZE: 0,
		unix.RLIMIT_CORE: 0, unix.RLIMIT_NOFILE: 32,
	}
	for what, n := range limits {
		if err := unix.Prlimit(cmd.Process.Pid, what, &unix.Rlimit{Cur: n, Max: n}, nil); err != nil {
			stdin.Close()
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
			return err
		}
	}
	_, _ = io.Copy(stdin, bytes.NewReader(input)) // a program that has seen enough closes its end
	stdin.Close()
	return cmd.Wait()
}
