package play

import (
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// limits are set by the shell that becomes the program: before its first instruction, and without the right to set
// another process's limits. A limit that is lower already stays.
const limits = `ulimit -v 1048576; ulimit -t 6; ulimit -f 0; ulimit -c 0; ulimit -n 32; exec "$0" "$@"`

// sandboxed runs a program on input: with little memory and time, no file to write, no network where the kernel lets us
// take it away, nobody's rights when we are root. It dies with us.
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
	cmd := exec.CommandContext(ctx, "/bin/sh", append([]string{"-c", limits, program}, args...)...)
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
	cmd.Stdin = bytes.NewReader(input)
	if err := cmd.Start(); err != nil {
		return startError{err}
	}
	return cmd.Wait()
}
