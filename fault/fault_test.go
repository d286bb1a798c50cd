package fault_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"

	"linli.dev/linli/fault"
)

func TestChain(t *testing.T) {
	err := fmt.Errorf("saving: %w", fault.Wrap(io.ErrUnexpectedEOF, fault.Conflict, "store.lock", "store.locked", "pid", 12, "dir", "d"))
	if got, want := err.Error(), "saving: store.lock: store.locked dir=d pid=12: unexpected EOF"; got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if !errors.Is(err, io.ErrUnexpectedEOF) || !errors.Is(err, &fault.Error{Code: "store.locked"}) {
		t.Error("the cause or the code is lost on the way")
	}
	if errors.Is(err, &fault.Error{}) || errors.Is(err, &fault.Error{Code: "store.other"}) {
		t.Error("a fault is taken for another one")
	}
}

func TestKindOf(t *testing.T) {
	for _, c := range []struct {
		err  error
		kind fault.Kind
		code string
	}{
		{nil, "", ""},
		{io.EOF, fault.Internal, ""},
		{context.Canceled, fault.Unavailable, ""},
		{fmt.Errorf("x: %w", context.DeadlineExceeded), fault.Unavailable, ""},
		{fault.New(fault.Gone, "a", "a.b"), fault.Gone, "a.b"},
		{fault.Wrap(fault.New(fault.Gone, "a", "a.b"), fault.Denied, "c", "c.d"), fault.Denied, "c.d"},
	} {
		if k, code := fault.KindOf(c.err), fault.CodeOf(c.err); k != c.kind || code != c.code {
			t.Errorf("%v: got %q %q, want %q %q", c.err, k, code, c.kind, c.code)
		}
	}
}

func TestWrongPairsAreSeen(t *testing.T) {
	for _, args := range [][]any{{"odd"}, {7, "x"}} {
		if _, ok := fault.New(fault.Invalid, "o", "o.c", args...).Args["!bad"]; !ok {
			t.Errorf("%v went unseen", args)
		}
	}
	if f := fault.At("name", "x.required", "max", 3); f.Path != "name" || f.Args["max"] != 3 {
		t.Errorf("field: %+v", f)
	}
}
