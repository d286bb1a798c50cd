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
	"linli.dev/linli/api"
)

type tokenCmd struct {
	Create tokenCreateCmd `cmd:""`
	List   tokenListCmd   `cmd:""`
	Revoke tokenRevokeCmd `cmd:""`
}

type tokenCreateCmd struct {
	dataFlags
	Name  string   `required:""`
	Can   []string `required:"" placeholder:"PERMISSION"`
	At    string
	Lasts time.Duration
}

func (c tokenCreateCmd) Run(ctx context.Context, log *slog.Logger, v *api.Voice) error {
	s, city, done, err := c.offices(ctx, log, command{"token create", c.Name + ": " + strings.Join(c.Can, ",")})
	if err != nil {
		return err
	}
	defer done()
	n := identity.NewToken{Name: c.Name, Permissions: c.Can, Lasts: c.Lasts}
	if c.At != "" {
		if n.Place, err = anyPlaceNamed(ctx, city, c.At); err != nil {
			return err
		}
	}
	t, secret, err := s.CreateToken(ctx, n)
	if err != nil {
		return err
	}
	fmt.Fprintln(os.Stderr, v.Say("cli.token.made", "name", t.Name, "can", t.Permissions))
	if t.At != "" {
		fmt.Fprintln(os.Stderr, v.Say("cli.token.at", "at", t.At))
	}
	fmt.Println(secret)
	return nil
}

type tokenListCmd struct{ dataFlags }

func (c tokenListCmd) Run(ctx context.Context, log *slog.Logger, v *api.Voice) error {
	s, _, done, err := c.offices(ctx, log, command{})
	if err != nil {
		return err
	}
	defer done()
	list, err := s.ListTokens(ctx)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, v.Say("cli.token.head"))
	when := func(t *time.Time, none string) string {
		if t == nil {
			return none
		}
		return t.Local().Format(time.DateTime)
	}
	for _, t := range list {
		at := t.At
		if at == "" {
			at = t.Place
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", t.Name, strings.Join(t.Permissions, ","), at, when(&t.Created, ""), when(t.Until, v.Say("cli.token.revoked")), when(t.Used, v.Say("cli.account.never")))
	}
	return w.Flush()
}

type tokenRevokeCmd struct {
	dataFlags
	Name string `arg:""`
}

func (c tokenRevokeCmd) Run(ctx context.Context, log *slog.Logger) error {
	s, done, err := c.identity(ctx, log, command{"token revoke", c.Name})
	if err != nil {
		return err
	}
	defer done()
	return s.RevokeToken(ctx, c.Name)
}
