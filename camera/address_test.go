package camera

import (
	"context"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseGiven(t *testing.T) {
	for _, c := range []struct {
		in   string
		want given
		code string
	}{
		{"/Streaming/Channels/101", given{path: "/Streaming/Channels/101"}, ""},
		{"cam0001/main", given{path: "/cam0001/main"}, ""},
		{"rtsp://192.168.1.64/h264?a=b", given{scheme: "rtsp", host: "192.168.1.64", path: "/h264?a=b"}, ""},
		{"RTSPS://Cam-1.lan:8322/x", given{scheme: "rtsps", host: "cam-1.lan", port: 8322, path: "/x"}, ""},
		{"rtsp://admin:Ab#1%4012@10.0.0.2:554/live", given{scheme: "rtsp", host: "10.0.0.2", port: 554, path: "/live", secret: Secret{"admin", "Ab#1@12"}}, ""},
		{"rtsp://admin:p@ss:w@10.0.0.2/live", given{scheme: "rtsp", host: "10.0.0.2", path: "/live", secret: Secret{"admin", "p@ss:w"}}, ""},
		{"rtsp://admin:a/b@10.0.0.2/live", given{scheme: "rtsp", host: "10.0.0.2", path: "/live", secret: Secret{"admin", "a/b"}}, ""},
		{"rtsp://10.0.0.2:554/x@y", given{scheme: "rtsp", host: "10.0.0.2", port: 554, path: "/x@y"}, ""},
		{"rtsp://[fd00::5]:554/x", given{scheme: "rtsp", host: "fd00::5", port: 554, path: "/x"}, ""},
		{"rtsp://10.0.0.2?ch=1", given{scheme: "rtsp", host: "10.0.0.2", path: "/?ch=1"}, ""},
		{"", given{}, "camera.field.required"},
		{"192.168.1.2:554/x", given{}, "camera.source.shape"},
		{"file:/etc/passwd", given{}, "camera.source.shape"},
		{"rtsp://10.0.0.2:99999/x", given{}, "camera.source.port"},
		{"/a b", given{}, "camera.source.blank"},
		{"/监控", given{}, "camera.source.path"},
		{"/%zz", given{}, "camera.source.path"},
		{strings.Repeat("a", 1001), given{}, "camera.source.too-long"},
	} {
		got, code := parseGiven(c.in)
		if code != c.code {
			t.Errorf("%q: code %q, want %q", c.in, code, c.code)
			continue
		}
		if code == "" && cmp.Diff(c.want, got, cmp.AllowUnexported(given{})) != "" {
			t.Errorf("%q: %s", c.in, cmp.Diff(c.want, got, cmp.AllowUnexported(given{})))
		}
	}
}

func TestSourceStaysOnItsDevice(t *testing.T) {
	d := &Device{Host: "10.0.0.2", Port: 554}
	for in, want := range map[string]string{
		"/ch/{channel}01":                "rtsp://10.0.0.2:554/ch/301",
		"rtsp://10.0.0.2/x":              "rtsp://10.0.0.2:554/x",
		"rtsp://10.0.0.2:8554/x":         "rtsp://10.0.0.2:8554/x",
		"rtsps://10.0.0.2/x":             "rtsps://10.0.0.2:322/x",
		"rtsp://10.0.0.3/x":              "camera.source.other-host",
		"rtsp://attacker.example/x":      "camera.source.other-host",
		"http://10.0.0.2/x":              "camera.source.scheme",
		"gopher://10.0.0.2/x":            "camera.source.scheme",
		"rtsp://10.0.0.2@attacker.net/x": "camera.source.other-host",
	} {
		g, code := parseGiven(in)
		if code == "" {
			var a address
			if a, code = g.onDevice(d, 3, "rtsp", "rtsps"); code == "" {
				code = a.url(d, "rtsp")
			}
		}
		if code != want {
			t.Errorf("%s: %s, want %s", in, code, want)
		}
	}
	g, _ := parseGiven("http://10.0.0.2/onvif/snap.jpg")
	a, code := g.onDevice(d, 1, "http", "https")
	if got := a.url(d, "http"); code != "" || got != "http://10.0.0.2:80/onvif/snap.jpg" {
		t.Errorf("snapshot: %s %s", got, code)
	}
	g, _ = parseGiven("/snap.jpg")
	a, _ = g.onDevice(d, 1, "http", "https")
	if got := a.url(d, "http"); got != "http://10.0.0.2:80/snap.jpg" {
		t.Errorf("snapshot path: %s", got)
	}
}

func TestTargets(t *testing.T) {
	closed, open := Targets{}, Targets{AllowLoopback: true}
	for host, want := range map[string]string{
		"192.168.1.64":           "",
		"10.0.0.2":               "",
		"cam-1.lan":              "",
		"nvr":                    "",
		"fd00::5":                "",
		"127.0.0.1":              "camera.target.loopback",
		"127.255.0.9":            "camera.target.loopback",
		"::1":                    "camera.target.loopback",
		"::ffff:127.0.0.1":       "camera.target.loopback",
		"64:ff9b::7f00:1":        "camera.target.loopback",
		"localhost":              "camera.target.loopback",
		"x.localhost":            "camera.target.loopback",
		"169.254.169.254":        "camera.target.link-local",
		"fe80::1":                "camera.target.link-local",
		"fe80::1%eth0":           "camera.target.link-local",
		"224.0.0.1":              "camera.target.multicast",
		"255.255.255.255":        "camera.target.multicast",
		"2130706433":             "camera.target.host",
		"127.1":                  "camera.target.host",
		"0x7f.1":                 "camera.target.host",
		"0x7f000001":             "camera.target.host",
		"-x.lan":                 "camera.target.host",
		"a b":                    "camera.target.host",
		strings.Repeat("a", 300): "camera.target.host",
	} {
		if got := closed.refuseHost(normaliseHost(host)); got != want {
			t.Errorf("%s: %q, want %q", host, got, want)
		}
	}
	// 0.0.0.0 is this machine too, and no demo needs it.
	for _, h := range []string{"0.0.0.0", "0.1.2.3", "::"} {
		if open.refuseHost(h) == "" {
			t.Errorf("%s allowed", h)
		}
	}
	if got := open.refuseHost("127.0.0.1"); got != "" {
		t.Errorf("demo: %s", got)
	}
	if _, err := closed.Resolve(context.Background(), "127.0.0.1"); err == nil {
		t.Error("resolved loopback")
	}
	if a, err := closed.Resolve(context.Background(), "10.1.2.3"); err != nil || a[0] != netip.MustParseAddr("10.1.2.3") {
		t.Error(a, err)
	}
}

func FuzzGiven(f *testing.F) {
	for _, s := range []string{"rtsp://a:b@10.0.0.2:554/x?y", "/x", "rtsp://[::1", "rtsp://a:b/c@d/e", "rtsp://@/", "{channel}"} {
		f.Add(s)
	}
	d := &Device{Host: "10.0.0.2", Port: 554}
	f.Fuzz(func(t *testing.T, s string) {
		g, code := parseGiven(s)
		if code != "" {
			return
		}
		a, code := g.onDevice(d, 1, "rtsp", "rtsps")
		if code != "" {
			return
		}
		// What is stored always opens the device and nothing else, and
		// carries no credentials.
		u, err := url.Parse(a.url(d, "rtsp"))
		if err != nil || u.Hostname() != d.Host || u.User != nil || (u.Scheme != "rtsp" && u.Scheme != "rtsps") {
			t.Fatalf("%q → %v %v", s, u, err)
		}
	})
}
