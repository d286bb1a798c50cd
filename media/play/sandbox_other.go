//go:build !linux

package play

import (
	"bytes"
	"context"
	"io"
	"os/exec"
)

// sandboxed runs a program on input; the limits of the Linux build are not to be had here.
func sandboxed(ctx context.Context, program string, args []string, input []byte, out, complaint io.Writer) error {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env = []string{}
	cmd.Dir = "/"
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(input), out, complaint
	return cmd.Run()
}
