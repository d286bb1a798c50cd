package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"linli.dev/linli/access/identity"
)

type tokenCmd struct {
	Create tokenCreateCmd `cmd:"" help:"Create a token; it is printed once. Use: Authorization: Bearer TOKEN."`
	List   tokenListCmd   `cmd:"" help:"Tokens, what they may do, and when they were last used."`
	Revoke tokenRevokeCmd `cmd:"" help:"End a token at once."`
}

type tokenCreateCmd struct {
	dataFlags
	Name  string        `help:"What it is for." required:""`
	Can   []string      `help:"Permissions, with commas: camera.read,system.read … No token can hold one for pictures." required:"" placeholder:"PERMISSION"`
	Lasts time.Duration `help:"How long it is good for; default: until revoked."`
}

func (c tokenCreateCmd) Run(ctx context.Context, log *slog.Logger) error {
	s, done, err := c.identity(ctx, log)
	if err != nil {
		return err
	}
	defer done()
	t, secret, err := s.CreateToken(ctx, identity.NewToken{Name: c.Name, Permissions: c.Can, Lasts: c.Lasts})
	if err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "%s may %s. The token, shown once:\n", t.Name, strings.Join(t.Permissions, ", "))
	fmt.Println(secret)
	return nil
}

type tokenListCmd struct{ dataFlags }

func (c tokenListCmd) Run(ctx context.Context, log *slog.Logger) error {
	s, done, err := c.identity(ctx, log)
	if err != nil {
		return err
	}
	defer done()
	list, err := s.ListTokens(ctx)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "NAME\tMAY\tCREATED\tUNTIL\tLAST USED")
	when := func(t *time.Time, none string) string {
		if t == nil {
			return none
		}
		return t.Local().Format(time.DateTime)
	}
	for _, t := range list {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", t.Name, strings.Join(t.Permissions, ","), when(&t.Created, ""), when(t.Until, "revoked"), when(t.Used, "never"))
	}
	return w.Flush()
}

type tokenRevokeCmd struct {
	dataFlags
	Name string `arg:"" help:"Its name or id."`
}

func (c tokenRevokeCmd) Run(ctx context.Context, log *slog.Logger) error {
	s, done, err := c.identity(ctx, log)
	if err != nil {
		return err
	}
	defer done()
	return s.RevokeToken(ctx, c.Name)
}
