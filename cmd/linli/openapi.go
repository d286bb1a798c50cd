package main

import (
	"context"
	"log/slog"
	"os"

	"linli.dev/linli/role"
)

type openapiCmd struct{}

// Run opens a compound in a folder of its own, listening nowhere, as the document is made from the routes themselves.
func (openapiCmd) Run(ctx context.Context) error {
	dir, err := os.MkdirTemp("", "linli-openapi-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	doc, err := role.OpenAPI(ctx, dir, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	_, err = os.Stdout.Write(doc)
	return err
}
