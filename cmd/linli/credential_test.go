package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// TestMain lets the test's binary be linli itself, so that a test can start it as the system does.
func TestMain(m *testing.M) {
	if os.Getenv("LINLI_TEST_IS_LINLI") != "" {
		main()
	}
	os.Exit(m.Run())
}

// spoken collects what a process says.
type spoken struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *spoken) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *spoken) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// unprivileged runs linli as the user of a service: nobody, where the test itself may do everything.
func unprivileged(ctx context.Context, t *testing.T, credentials string, args ...string) (*exec.Cmd, *spoken) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd, said := exec.CommandContext(ctx, self, args...), &spoken{}
	cmd.Env = []string{"LINLI_TEST_IS_LINLI=1", "LANG=en_US.UTF-8", "PATH=/usr/bin:/bin", "CREDENTIALS_DIRECTORY=" + credentials}
	cmd.Stdout, cmd.Stderr = said, said
	if os.Geteuid() == 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	}
	return cmd, said
}

const nobody = 65534

// open lets nobody through to a folder of the test, whose parents are the tester's alone.
func opened(t *testing.T, dir string, owner bool) string {
	t.Helper()
	if os.Geteuid() != 0 {
		return dir
	}
	for at := filepath.Dir(dir); at != os.TempDir() && at != "/"; at = filepath.Dir(at) {
		if err := os.Chmod(at, 0o711); err != nil {
			t.Fatal(err)
		}
	}
	if owner {
		if err := os.Chown(dir, nobody, nobody); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// systemd hands a service its credentials as files of mode 0400 in a folder of mode 0500 that only the service's user can
// open, and that nobody can write to. The key comes from there and is left nowhere else; without leave to read it there is no start.
func TestKeyFromSystemd(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	opened(t, self, false)
	data, creds := opened(t, t.TempDir(), true), opened(t, t.TempDir(), true)
	key := filepath.Join(creds, "linli.secret.key")
	if err := os.WriteFile(key, []byte(strings.Repeat("0f", 32)+"\n"), 0o400); err != nil {
		t.Fatal(err)
	}
	opened(t, key, true)
	if err := os.Chmod(creds, 0o500); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(creds, 0o700) })
	args := []string{"serve", "--data", data, "--listen", "127.0.0.1:0", "--rtsp", "127.0.0.1:0", "--webrtc", ""}

	ctx, stop := context.WithTimeout(t.Context(), 60*time.Second)
	defer stop()
	cmd, said := unprivileged(ctx, t, creds, args...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for !strings.Contains(said.String(), "http://127.0.0.1:") {
		if ctx.Err() != nil {
			t.Fatalf("it does not start:\n%s", said)
		}
		time.Sleep(20 * time.Millisecond)
	}
	_ = cmd.Process.Signal(syscall.SIGTERM)
	if err := cmd.Wait(); err != nil {
		t.Errorf("%v\n%s", err, said)
	}
	if _, err := os.Stat(filepath.Join(data, "linli.db")); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(data, "secret.key")); err == nil {
		t.Error("a key was left in the data folder")
	}

	if err := os.Chmod(key, 0); err != nil {
		t.Fatal(err)
	}
	cmd, said = unprivileged(ctx, t, creds, args...)
	if err := cmd.Run(); err == nil || !strings.Contains(said.String(), key) || !strings.Contains(said.String(), "permission denied") && !strings.Contains(said.String(), "cannot be read") {
		t.Errorf("%v\n%s", err, said)
	}
	if _, err := os.Stat(filepath.Join(data, "secret.key")); err == nil {
		t.Error("where the credential cannot be read, a new key was made")
	}
}
