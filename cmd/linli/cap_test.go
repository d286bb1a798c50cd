package main

import (
	"strings"
	"testing"
)

// How many pictures an account may open at a time is no setting: not a flag, not a variable, not a line of a file.
func TestNothingLiftsTheCapOnLeases(t *testing.T) {
	code, _, bad := typed(t, "C", "serve", "--data", t.TempDir(), "--leases-per-account", "2000")
	if code != 2 || !strings.Contains(bad, "--leases-per-account") {
		t.Errorf("%d %s", code, bad)
	}
	t.Setenv("LINLI_LEASES_PER_ACCOUNT", "2000")
	c, err := serveFlags{SyncEvery: "5s"}.config()
	if err != nil || c.LeasesPerAccount != 0 {
		t.Errorf("%d leases, %v", c.LeasesPerAccount, err)
	}
}
