//go:build !linux

package play

import (
	"context"
	"errors"
	"io"
)

// noSandbox: nothing was run, as too little could be taken from it.
type noSandbox struct{ error }

// sandboxed runs nothing where the means of the Linux build are not to be had.
func sandboxed(context.Context, string, []string, []byte, io.Writer, io.Writer) error {
	return noSandbox{errors.New("this system has no sandbox that is known here")}
}
