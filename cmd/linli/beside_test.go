package main

import (
	"context"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"linli.dev/linli/media/archive"
	"linli.dev/linli/store"
)

// linli gives a command of the test's own binary.
func linli(ctx context.Context, t *testing.T, args ...string) (*exec.Cmd, *spoken) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd, said := exec.CommandContext(ctx, self, args...), &spoken{}
	cmd.Env = []string{"LINLI_TEST_IS_LINLI=1", "LANG=en_US.UTF-8", "PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir()}
	cmd.Stdout, cmd.Stderr = said, said
	return cmd, said
}

// Only the server holds the folder's lock: a second one is refused, short commands work beside it, and what would change
// footage under it waits until it has stopped.
func TestCommandsBesideAServer(t *testing.T) {
	data := t.TempDir()
	ctx, stop := context.WithTimeout(t.Context(), 90*time.Second)
	defer stop()
	serve := []string{"serve", "--data", data, "--listen", "127.0.0.1:0", "--rtsp", "127.0.0.1:0", "--webrtc", ""}
	begin := func() (*exec.Cmd, *spoken) {
		t.Helper()
		server, log := linli(ctx, t, serve...)
		if err := server.Start(); err != nil {
			t.Fatal(err)
		}
		address := ""
		for address == "" {
			if ctx.Err() != nil || strings.Contains(log.String(), "linli:") {
				t.Fatalf("it does not start:\n%s", log)
			}
			address = regexp.MustCompile(`http://127\.0\.0\.1:\d+`).FindString(log.String())
			time.Sleep(20 * time.Millisecond)
		}
		if resp, err := http.Get(address + "/readyz"); err != nil || resp.StatusCode != 200 {
			t.Fatal(err, resp)
		}
		return server, log
	}
	end := func(server *exec.Cmd, log *spoken) {
		t.Helper()
		_ = server.Process.Signal(syscall.SIGINT)
		if err := server.Wait(); err != nil {
			t.Errorf("%v\n%s", err, log)
		}
	}
	server, log := begin()
	for _, c := range []struct {
		args []string
		ok   bool
		says string
	}{
		{serve, false, "in use by another process"},
		{[]string{"fsck", "--data", data}, true, ""},
		{[]string{"fsck", "--data", data, "--mend"}, false, "stop"},
		{[]string{"token", "create", "--data", data, "--name", "grafana", "--can", "system.read"}, true, ""},
		{[]string{"token", "create", "--data", data, "--name", "puller", "--can", "look.begin"}, false, "look.begin"},
		{[]string{"account", "list", "--data", data}, true, "operator"},
	} {
		cmd, said := linli(ctx, t, c.args...)
		err := cmd.Run()
		t.Logf("%s: %v\n%s", strings.Join(c.args[:2], " "), err, said)
		if (err == nil) != c.ok || !strings.Contains(strings.ToLower(said.String()), c.says) {
			t.Errorf("%v: %v, want a word of %q", c.args, err, c.says)
		}
	}
	end(server, log)
	// Now that nobody holds the folder, it is mended.
	cmd, said := linli(ctx, t, "fsck", "--data", data, "--mend")
	if err := cmd.Run(); err != nil {
		t.Errorf("%v\n%s", err, said)
	}

	// A check that only reports takes days on a full archive: a server starts beside it, and it goes on.
	k := &killing{house: &house{t: t, data: data}}
	k.ageing(400)
	gone := ""
	k.archive(func(ctx context.Context, a *archive.Archive, _ *store.DB) {
		list, err := a.Segments(ctx, "old", archive.Main, time.Now().AddDate(-1, 0, 0), time.Now())
		if err != nil || len(list) != 400 {
			t.Fatal(len(list), err)
		}
		gone = list[0].Path
		if err := os.Remove(filepath.Join(a.Disks()[0].Path, gone)); err != nil {
			t.Fatal(err)
		}
	})
	for lang, words := range map[string]*regexp.Regexp{
		"zh": regexp.MustCompile(`文件缺失\t` + gone + `\t缺 \d+ 个片段，自 \d{4}-[\s\S]*文件缺失：1\n`),
		"en": regexp.MustCompile(`file missing\t` + gone + `\t\d+ fragments? from \d{4}-[\s\S]*file missing: 1\n`),
	} {
		cmd, said := linli(ctx, t, "fsck", "--data", data, "--quick", "--lang", lang)
		if err := cmd.Run(); err == nil || !words.MatchString(said.String()) {
			t.Errorf("%s: %v\n%s", lang, err, said)
		}
	}
	check, found := linli(ctx, t, "fsck", "--data", data, "--rate", "1") // 16 MB: sixteen seconds
	if err := check.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- check.Wait() }()
	for !strings.Contains(found.String(), gone) { // it is in the midst of them
		if ctx.Err() != nil {
			t.Fatalf("what is missing is not found:\n%s", found)
		}
		time.Sleep(20 * time.Millisecond)
	}
	server, log = begin()
	select {
	case err := <-ended:
		t.Errorf("the check ended before the server began: %v\n%s", err, found)
	default:
		_ = check.Process.Kill()
		<-ended
	}
	end(server, log)
}
