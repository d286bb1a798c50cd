package play

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// curious tries what a program on a camera's bytes might try, and says what it could do.
const curious = `#!/bin/bash
read -r line
echo "limit $(ulimit -v)"
echo "uid $(id -u) $(id -G)"
[ -n "$HOME$PATH_OF_OURS" ] && echo ENVIRONMENT
cat "$1/secret.key" 2>/dev/null
cat "$1/footage.mp4" 2>/dev/null
cat /etc/passwd >/dev/null 2>&1 && echo PASSWD
cat /proc/"$2"/environ >/dev/null 2>&1 && echo PROC
ls "$1" >/dev/null 2>&1 && echo LISTED
(echo x > "$1/out") 2>/dev/null && echo WROTE
(exec 3<>/dev/tcp/127.0.0.1/"$3") 2>/dev/null && echo TCP
(echo x > /dev/udp/127.0.0.1/"$4") 2>/dev/null && echo UDP
kill -0 "$2" 2>/dev/null && echo SIGNAL
echo done
exit 1
`

// house is what lies on the machine of a program that is curious.
type house struct {
	dir, script string
	tcp, udp    string // ports that listen
	heard       atomic.Int64
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{dir: t.TempDir()}
	h.script = filepath.Join(h.dir, "curious")
	for name, text := range map[string]string{"secret.key": "KEY", "footage.mp4": "FOOTAGE", "curious": curious} {
		if err := os.WriteFile(filepath.Join(h.dir, name), []byte(text), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	// The folder is open to everybody, so that nothing but the sandbox stands in the way.
	for d := h.dir; d != "/" && d != os.TempDir(); d = filepath.Dir(d) {
		_ = os.Chmod(d, 0o777)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	u, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ears := make(chan struct{}, 2)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				ears <- struct{}{}
				return
			}
			h.heard.Add(1)
			c.Close()
		}
	}()
	go func() {
		for {
			if _, _, err := u.ReadFrom(make([]byte, 10)); err != nil {
				ears <- struct{}{}
				return
			}
			h.heard.Add(1)
		}
	}()
	t.Cleanup(func() { l.Close(); u.Close(); <-ears; <-ears })
	_, h.tcp, _ = net.SplitHostPort(l.Addr().String())
	_, h.udp, _ = net.SplitHostPort(u.LocalAddr().String())
	return h
}

func (h *house) args() []string { return []string{h.dir, fmt.Sprint(os.Getpid()), h.tcp, h.udp} }

// What is drawn comes from a camera and may be anything: the process that reads it may do nothing. It is let loose without a
// sandbox first, so that it is known to be able to.
func TestTheDrawingProcessIsLocked(t *testing.T) {
	h := newHouse(t)
	var free bytes.Buffer
	cmd := exec.Command(h.script, h.args()...)
	cmd.Stdin, cmd.Stdout, cmd.Env = strings.NewReader("go\n"), &free, []string{"HOME=/root", "PATH=/usr/bin:/bin"}
	_ = cmd.Run()
	for _, word := range []string{"KEY", "FOOTAGE", "PASSWD", "LISTED", "WROTE", "TCP", "UDP", "SIGNAL", "ENVIRONMENT", "PROC"} {
		if !strings.Contains(free.String(), word) {
			t.Fatalf("without a sandbox it cannot do %s, so nothing is shown by that: %s", word, free.String())
		}
	}
	for end := time.Now().Add(5 * time.Second); h.heard.Load() < 2 && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
	root := os.Getuid() == 0
	for _, c := range []struct {
		says string
		m    means
		may  string // beyond what is always denied
		runs bool
	}{
		{"all means", allMeans, "", true},
		{"a container that forbids namespaces", means{landlock: true, seccomp: true}, "", true},
		{"a system without seccomp", means{namespaces: true, landlock: true}, "", true},
		{"neither namespaces nor seccomp", means{landlock: true}, "", false},
		// Nobody's rights keep what is its owner's alone, no more: the files of this house are open to all.
		{"a kernel without landlock", means{namespaces: true, seccomp: true}, "KEY FOOTAGE PASSWD LISTED WROTE", root},
		{"nothing at all", means{}, "", false},
	} {
		t.Run(c.says, func(t *testing.T) {
			h.heard.Store(0)
			var said, complaint bytes.Buffer
			err := sandboxedBy(t.Context(), c.m, h.script, h.args(), []byte("go\n"), &said, &complaint)
			text := said.String()
			if without := (noSandbox{}); errors.As(err, &without) == c.runs {
				t.Fatalf("it runs: %v, want %v: %v", !c.runs, c.runs, err)
			}
			if !c.runs {
				if text != "" {
					t.Errorf("it was run all the same: %s", text)
				}
				return
			}
			if !strings.Contains(text, "limit 1048576") || !strings.HasSuffix(text, "done\n") {
				t.Fatalf("%v: %s%s", err, text, complaint.String())
			}
			for _, word := range []string{"KEY", "FOOTAGE", "PASSWD", "LISTED", "WROTE", "TCP", "UDP", "ENVIRONMENT"} {
				if strings.Contains(text, word) && !strings.Contains(c.may, word) {
					t.Errorf("it may do %s", word)
				}
			}
			if root && !strings.Contains(text, "uid 65534 65534\n") {
				t.Errorf("whose rights it has: %s", text)
			}
			if c.m.seccomp && strings.Contains(text, "SIGNAL") {
				t.Error("it may signal this program")
			}
			if h.heard.Load() > 0 {
				t.Errorf("%d connections and packets came out", h.heard.Load())
			}
		})
	}
}

// As root, what keeps the key where a kernel has no landlock is that it is root's alone.
func TestWithoutLandlockTheKeyIsItsOwners(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("not root: nothing is run without landlock")
	}
	h := newHouse(t)
	if err := os.Chmod(filepath.Join(h.dir, "secret.key"), 0o600); err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	err := sandboxedBy(t.Context(), means{namespaces: true, seccomp: true}, h.script, h.args(), []byte("go\n"), &said, io.Discard)
	if text := said.String(); strings.Contains(text, "KEY") || !strings.HasSuffix(text, "done\n") {
		t.Errorf("%v: %s", err, text)
	}
}

func TestADrawingProcessThatHangsIsEnded(t *testing.T) {
	h := newHouse(t)
	slow := filepath.Join(h.dir, "slow")
	if err := os.WriteFile(slow, []byte("#!/bin/sh\nsleep 60\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	begun := time.Now()
	if err := sandboxed(ctx, slow, nil, nil, io.Discard, io.Discard); err == nil || time.Since(begun) > 3*time.Second {
		t.Errorf("%v after %v", err, time.Since(begun))
	}
}

// The same as the user of a service: it has no rights to give up, and a user namespace takes the place of nobody.
func TestTheSandboxOfAService(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("the tests run as such a user already")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for at := filepath.Dir(self); at != os.TempDir() && at != "/"; at = filepath.Dir(at) {
		if err := os.Chmod(at, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(self, "-test.run", "^(TestTheDrawingProcessIsLocked|TestAKeyFrameIsDrawn|TestADrawingProcessThatHangsIsEnded)$", "-test.v")
	cmd.Dir = os.TempDir()
	cmd.Env = []string{"PATH=/usr/bin:/bin", "TMPDIR=" + os.TempDir()}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65533, Gid: 65533}}
	out, err := cmd.CombinedOutput()
	if err != nil || strings.Contains(string(out), "--- SKIP") || strings.Count(string(out), "--- PASS") < 9 {
		t.Errorf("%v\n%s", err, out)
	}
}
