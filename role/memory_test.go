package role

import (
	"os"
	"strconv"
	"strings"
	"testing"
)

// What is given back is read again where it is needed: the program goes on, smaller.
func TestDropProgram(t *testing.T) {
	resident := func() (kb int) {
		raw, err := os.ReadFile("/proc/self/status")
		if err != nil {
			t.Fatal(err)
		}
		_, rest, _ := strings.Cut(string(raw), "RssFile:")
		kb, err = strconv.Atoi(strings.Fields(rest)[0])
		if err != nil {
			t.Fatal(err)
		}
		return kb
	}
	before := resident()
	dropProgram()
	after := resident()
	if after >= before {
		t.Errorf("%d kB of the file are mapped, %d before", after, before)
	}
	if strings.Repeat("linli ", 2) != "linli linli " {
		t.Error("the program is not what it was")
	}
}
