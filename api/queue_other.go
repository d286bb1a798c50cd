//go:build !linux

package api

import (
	"context"
	"net"
)

func shortQueue(ctx context.Context, _ net.Conn) context.Context { return ctx }
