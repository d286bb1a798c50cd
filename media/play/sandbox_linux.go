package play

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// limits are set by the shell that becomes the program: before its first instruction, and without the right to set
// another process's limits. A limit that is lower already stays.
const limits = `ulimit -v 1048576; ulimit -t 6; ulimit -f 0; ulimit -c 0; ulimit -n 32; exec "$0" "$@"`

// nobody's rights are all that a program has when this one is root.
const nobody = 65534

// means are what the kernel may be asked for. A test leaves some out, to see what then holds.
type means struct {
	namespaces bool // no network, no shared memory of others
	landlock   bool // no file but the program and its libraries
	seccomp    bool // no socket
}

var allMeans = means{namespaces: true, landlock: true, seccomp: true}

// sandboxed runs a program on input: with little memory and time, no file to write, none to read but itself and its
// libraries, no network, nobody's rights when we are root. It dies with us.
//
// What a kernel or a container refuses is made up for, in this order, or the program does not run at all:
//  1. no network: a network namespace of its own, and no socket (seccomp). One of the two must hold.
//  2. no files: landlock. Without it, only where this program is root: then the other rights of nobody keep what is ours,
//     as the data folder and the key are their owner's alone.
//  3. nobody's rights, when we are root: always.
func sandboxed(ctx context.Context, program string, args []string, input []byte, out, complaint io.Writer) error {
	return sandboxedBy(ctx, allMeans, program, args, input, out, complaint)
}

func sandboxedBy(ctx context.Context, m means, program string, args []string, input []byte, out, complaint io.Writer) error {
	done := make(chan error, 1)
	go onOwnThread(done, func() error {
		files, sockets := m.landlock, m.seccomp
		// What is asked of this thread holds for what it starts, and for nothing else: the thread goes afterwards.
		if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
			return noSandbox{err}
		}
		var why []error
		if files {
			if err := readNothingBut(program); err != nil {
				files, why = false, append(why, err)
			}
		}
		if sockets {
			if err := openNoSocket(); err != nil {
				sockets, why = false, append(why, err)
			}
		}
		if !files && os.Getuid() != 0 {
			return noSandbox{errors.Join(append(why, errors.New("files cannot be kept from the program (landlock)"))...)}
		}
		err := error(startError{errors.New("no namespaces")})
		if m.namespaces {
			err = start(ctx, program, args, input, out, complaint, true)
		}
		var refused startError
		if !errors.As(err, &refused) {
			return err
		}
		if !sockets {
			return noSandbox{errors.Join(append(why, refused, errors.New("the network cannot be kept from the program (namespaces, seccomp)"))...)}
		}
		if err = start(ctx, program, args, input, out, complaint, false); errors.As(err, &refused) {
			return noSandbox{refused}
		}
		return err
	})
	return <-done
}

// onOwnThread runs f on a thread that nothing else runs on and that ends with it. The process's first thread cannot end:
// who finds himself on it holds it while another does the work.
func onOwnThread(done chan<- error, f func() error) {
	runtime.LockOSThread()
	if unix.Gettid() == os.Getpid() {
		defer runtime.UnlockOSThread()
		inner := make(chan error, 1)
		go onOwnThread(inner, f)
		done <- <-inner
		return
	}
	done <- f()
}

// noSandbox: nothing was run, as too little could be taken from it.
type noSandbox struct{ error }

func (e noSandbox) Unwrap() error { return e.error }

// startError: the kernel did not let it begin like this.
type startError struct{ error }

func (e startError) Unwrap() error { return e.error }

func start(ctx context.Context, program string, args []string, input []byte, out, complaint io.Writer, namespaces bool) error {
	cmd := exec.CommandContext(ctx, "/bin/sh", append([]string{"-c", limits, program}, args...)...)
	cmd.Env = []string{}
	cmd.Dir = "/"
	cmd.Stdout, cmd.Stderr = out, complaint
	cmd.WaitDelay = time.Second
	attr := &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setsid: true}
	if os.Getuid() == 0 {
		attr.Credential = &syscall.Credential{Uid: nobody, Gid: nobody}
	}
	if namespaces {
		attr.Cloneflags = syscall.CLONE_NEWNET | syscall.CLONE_NEWIPC
		if os.Getuid() != 0 {
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
