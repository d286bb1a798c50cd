package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// written puts a configuration file somewhere.
func written(t *testing.T, yaml string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "linli.yaml")
	if err := os.WriteFile(path, []byte(yaml), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// read parses a command line as run does, with these variables.
func read(t *testing.T, env map[string]string, args ...string) commands {
	t.Helper()
	for name, value := range env {
		t.Setenv(name, value)
	}
	var c commands
	parser, _, err := grammar(&c, args, false)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parser.Parse(args); err != nil {
		t.Fatal(err)
	}
	return c
}

// What is typed goes before a variable, a variable before the file, the file before the default.
func TestConfigurationFile(t *testing.T) {
	path := written(t, `
data: /in/the/file
listen: 127.0.0.1:1111
rtsp: 127.0.0.1:2222
webrtc:
disk: [/mnt/a=500G, "/mnt/b,c"]
announce: [cameras.example]
tls: local
as-of: 2017-09-27
check-rate: 3
allow-loopback-cameras: true
log-level: warn
`)
	t.Run("file before default", func(t *testing.T) {
		c := read(t, nil, "serve", "--config", path)
		want := serveFlags{
			Data: "/in/the/file", Listen: "127.0.0.1:1111", RTSP: "127.0.0.1:2222", WebRTC: "127.0.0.1:8189",
			Disk: []string{"/mnt/a=500G", "/mnt/b,c"}, Announce: []string{"cameras.example"}, TLS: "local", PlainHTTP: ":80",
			AsOf: "2017-09-27", CheckRate: 3, AllowLoopbackCameras: true, SyncEvery: "5s",
		}
		if diff := cmp.Diff(want, c.Serve.serveFlags); diff != "" || c.LogLevel != "warn" {
			t.Errorf("log level %s (-want +got):\n%s", c.LogLevel, diff)
		}
	})
	t.Run("variable before file", func(t *testing.T) {
		c := read(t, map[string]string{
			"LINLI_DATA": "/in/a/variable", "LINLI_DISK": "/mnt/v,/mnt/w", "LINLI_CHECK_RATE": "5", "LINLI_ALLOW_LOOPBACK_CAMERAS": "false", "LINLI_LOG_LEVEL": "error",
		}, "serve", "--config", path)
		f := c.Serve.serveFlags
		if f.Data != "/in/a/variable" || cmp.Diff([]string{"/mnt/v", "/mnt/w"}, f.Disk) != "" || f.CheckRate != 5 || f.AllowLoopbackCameras || c.LogLevel != "error" {
			t.Errorf("%+v, %s", f, c.LogLevel)
		}
		if f.Listen != "127.0.0.1:1111" || f.TLS != "local" {
			t.Errorf("the rest of the file is gone: %+v", f)
		}
	})
	t.Run("flag before variable", func(t *testing.T) {
		c := read(t, map[string]string{"LINLI_DATA": "/in/a/variable", "LINLI_DISK": "/mnt/v", "LINLI_LISTEN": "127.0.0.1:3333"},
			"serve", "--config="+path, "--data", "/typed", "--disk", "/mnt/x", "--disk", "/mnt/y")
		f := c.Serve.serveFlags
		if f.Data != "/typed" || cmp.Diff([]string{"/mnt/x", "/mnt/y"}, f.Disk) != "" || f.Listen != "127.0.0.1:3333" || f.RTSP != "127.0.0.1:2222" {
			t.Errorf("%+v", f)
		}
	})
	t.Run("named by a variable", func(t *testing.T) {
		c := read(t, map[string]string{"LINLI_CONFIG": path}, "serve")
		if f := c.Serve.serveFlags; f.Data != "/in/the/file" || len(f.Disk) != 2 {
			t.Errorf("%+v", f)
		}
		other := written(t, "data: /in/another\n")
		c = read(t, map[string]string{"LINLI_CONFIG": path}, "serve", "--config", other)
		if f := c.Serve.serveFlags; f.Data != "/in/another" || f.Listen != "127.0.0.1:8080" {
			t.Errorf("a file that is typed goes before the variable's: %+v", f)
		}
	})
}

// The same through the program itself: fsck says in which folder it has found nothing.
func TestProgramGoesByItsFile(t *testing.T) {
	path := written(t, "data: /none/file\nlang: zh\n")
	for _, c := range []struct{ config, data, args, want string }{
		{path, "", "fsck", "/none/file"},
		{path, "/none/variable", "fsck", "/none/variable"},
		{path, "/none/variable", "fsck --data /none/typed", "/none/typed"},
		{"", "", "fsck --config " + path, "/none/file"},
		{"", "", "fsck", "--data"},
	} {
		t.Run(c.config+" "+c.data+" "+c.args, func(t *testing.T) {
			var o, b strings.Builder
			for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LINLI_LANG", "LINLI_DATA", "LINLI_CONFIG"} {
				t.Setenv(name, "")
				_ = os.Unsetenv(name)
			}
			t.Setenv("LANG", "C")
			if c.data != "" {
				t.Setenv("LINLI_DATA", c.data)
			}
			if c.config != "" {
				t.Setenv("LINLI_CONFIG", c.config)
			}
			code := run(t.Context(), strings.Fields(c.args), &o, &b)
			if said := b.String(); code == 0 || !strings.Contains(said, c.want) {
				t.Errorf("%d %s", code, said)
			}
			if c.want != "--data" && !strings.Contains(b.String(), "没有数据目录") {
				t.Errorf("the file's language is not heard: %s", b.String())
			}
		})
	}
	t.Setenv("LINLI_CONFIG", "/none.yaml")
	var o, b strings.Builder
	if code := run(t.Context(), []string{"version"}, &o, &b); code == 0 || !strings.Contains(b.String(), "/none.yaml") {
		t.Errorf("a file that the variable names and that is not there: %d %s", code, b.String())
	}
}
