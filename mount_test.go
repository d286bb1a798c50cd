package linli_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// Where no disk can be mounted, the proofs about full and lost disks cannot run. That is not green, unless somebody says why.
func TestDisksAreNotLeftOutInSilence(t *testing.T) {
	run := func(why string) (string, error) {
		cmd := exec.Command("bash", "scripts/may-mount.sh")
		if os.Getuid() == 0 { // as somebody who may not
			cmd = exec.Command("setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "bash", "-s")
			script, err := os.Open("scripts/may-mount.sh") // nobody may not be let into the folder
			if err != nil {
				t.Fatal(err)
			}
			defer script.Close()
			cmd.Stdin, cmd.Dir = script, "/"
		}
		cmd.Env = append(os.Environ(), "TMPDIR=/tmp", "LINLI_NO_MOUNT="+why)
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	if out, err := run(""); err == nil || !strings.Contains(out, "LINLI_NO_MOUNT") {
		t.Errorf("without a reason: %v, %s", err, out)
	}
	if out, err := run("a desk without root"); err != nil || !strings.Contains(out, "left out: a desk without root") {
		t.Errorf("with a reason: %v, %s", err, out)
	}
	for _, runner := range []string{"scripts/test-go.sh", "scripts/test-browser.sh"} {
		text, err := os.ReadFile(runner)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(text), "scripts/may-mount.sh ||") {
			t.Errorf("%s does not ask whether disks can be mounted", runner)
		}
	}
}
