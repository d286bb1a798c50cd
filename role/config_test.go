package role

import (
	"testing"
	"time"
)

func TestParseDisk(t *testing.T) {
	for in, quota := range map[string]int64{"/srv/a": 0, "/srv/a=500G": 500e9, "/srv/a=2t": 2e12, "/srv/a=1.5T": 1.5e12, "/srv/a=4096": 4096} {
		d, err := ParseDisk(in)
		if err != nil || d.Path != "/srv/a" || d.Quota != quota {
			t.Errorf("%s: %+v, %v", in, d, err)
		}
	}
	for _, in := range []string{"", "=5G", "/srv/a=", "/srv/a=lots", "/srv/a=-5G", "/srv/a=9999999T"} {
		if d, err := ParseDisk(in); err == nil {
			t.Errorf("%q was taken as %+v", in, d)
		}
	}
}

func TestParseSync(t *testing.T) {
	for in, want := range map[string]time.Duration{"5s": 5 * time.Second, "never": -1, "200ms": 200 * time.Millisecond} {
		if got, err := ParseSync(in); err != nil || got != want {
			t.Errorf("%s: %v, %v", in, got, err)
		}
	}
	for _, in := range []string{"", "5", "0s", "1h", "-5s"} {
		if got, err := ParseSync(in); err == nil {
			t.Errorf("%q was taken as %v", in, got)
		}
	}
}
