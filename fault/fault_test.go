package fault_test

import (
	"errors"
	"fmt"
	"io"
	"testing"

	"linli.dev/linli/fault"
)

func TestKindSurvivesWrapping(t *testing.T) {
	inner := fault.Wrap(io.ErrUnexpectedEOF, fault.Unavailable, "archive.open", "archive.disk-gone", "disk", "/srv/a")
	err := fmt.Errorf("playing: %w", inner)
	if got := fault.KindOf(err); got != fault.Unavailable {
		t.Errorf("kind = %q", got)
	}
	if got := fault.CodeOf(err); got != "archive.disk-gone" {
		t.Errorf("code = %q", got)
	}
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error("the cause is lost")
	}
	if inner.Args["disk"] != "/srv/a" {
		t.Errorf("args = %v", inner.Args)
	}
}

func TestUnknownErrorsAreInternal(t *testing.T) {
	if got := fault.KindOf(io.EOF); got != fault.Internal {
		t.Errorf("kind = %q", got)
	}
	if fault.Is(nil, fault.Internal) {
		t.Error("no error has no kind")
	}
}
