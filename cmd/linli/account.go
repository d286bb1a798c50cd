package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"text/tabwriter"
	"time"

	"linli.dev/linli/access/identity"
	"linli.dev/linli/role"
)

// dataFlags are shared by the short commands, which work beside a running server.
type dataFlags struct {
	Data     string `help:"Data folder of the server." placeholder:"DIR" required:""`
	Database string `help:"postgres://… when the server uses one." placeholder:"URL"`
}

// identity opens accounts and tokens on the server's database, without its lock.
func (f dataFlags) identity(ctx context.Context, log *slog.Logger) (*identity.Service, func(), error) {
	dir, err := filepath.Abs(f.Data)
	if err != nil {
		return nil, nil, err
	}
	if _, err := os.Stat(dir); err != nil {
		return nil, nil, fmt.Errorf("data folder: %w", err)
	}
	db, err := role.OpenDB(ctx, role.Config{Data: dir, Database: f.Database}, log)
	if err != nil {
		return nil, nil, err
	}
	s, err := identity.New(ctx, db, identity.Options{Log: log, Dir: dir})
	if err != nil {
		_ = db.Close()
		return nil, nil, err
	}
	return s, func() { _ = db.Close() }, nil
}

type accountCmd struct {
	List     accountListCmd     `cmd:"" help:"Who may sign in."`
	Create   accountCreateCmd   `cmd:"" help:"Create an account; its first password is printed once."`
	Password accountPasswordCmd `cmd:"" help:"Give an account a new first password, printed once; its sessions end."`
	Lock     accountLockCmd     `cmd:"" help:"Lock an account; its sessions and looks end."`
	Unlock   accountUnlockCmd   `cmd:"" help:"Let a locked account sign in again."`
}

type accountListCmd struct{ dataFlags }

func (c accountListCmd) Run(ctx context.Context, log *slog.Logger) error {
	s, done, err := c.identity(ctx, log)
	if err != nil {
		return err
	}
	defer done()
	list, err := s.ListAccounts(ctx)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "NAME\tROLE\tSTATE\tLAST SIGN-IN\tSHOWN AS")
	for _, a := range list {
		state, seen := "active", "never"
		switch {
		case a.Disabled:
			state = "locked"
		case a.MustChange:
			state = "first password"
		}
		if a.SignedIn != nil {
			seen = a.SignedIn.Local().Format(time.DateTime)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", a.Name, a.Role, state, seen, a.Display)
	}
	return w.Flush()
}

type accountCreateCmd struct {
	dataFlags
	Name    string `arg:"" help:"What is typed at sign-in."`
	Role    string `help:"operator or guard." enum:"operator,guard" default:"guard"`
	Display string `help:"What others see; default: the name."`
}

func (c accountCreateCmd) Run(ctx context.Context, log *slog.Logger) error {
	s, done, err := c.identity(ctx, log)
	if err != nil {
		return err
	}
	defer done()
	if c.Display == "" {
		c.Display = c.Name
	}
	a, password, err := s.CreateAccount(ctx, identity.NewAccount{Name: c.Name, Display: c.Display, Role: identity.Role(c.Role)})
	if err != nil {
		return err
	}
	fmt.Printf("%s (%s)  first password, shown once: %s\n", a.Name, a.Role, password)
	return nil
}

type accountPasswordCmd struct {
	dataFlags
	Name string `arg:"" help:"The account."`
}

func (c accountPasswordCmd) Run(ctx context.Context, log *slog.Logger) error {
	s, done, err := c.identity(ctx, log)
	if err != nil {
		return err
	}
	defer done()
	password, err := s.ResetPassword(ctx, c.Name)
	if err != nil {
		return err
	}
	fmt.Printf("%s  first password, shown once: %s\n", c.Name, password)
	return nil
}

type accountLockCmd struct {
	dataFlags
	Name string `arg:"" help:"The account."`
}

func (c accountLockCmd) Run(ctx context.Context, log *slog.Logger) error {
	return setLocked(ctx, log, c.dataFlags, c.Name, true)
}

type accountUnlockCmd struct {
	dataFlags
	Name string `arg:"" help:"The account."`
}

func (c accountUnlockCmd) Run(ctx context.Context, log *slog.Logger) error {
	return setLocked(ctx, log, c.dataFlags, c.Name, false)
}

func setLocked(ctx context.Context, log *slog.Logger, f dataFlags, name string, locked bool) error {
	s, done, err := f.identity(ctx, log)
	if err != nil {
		return err
	}
	defer done()
	return s.Disable(ctx, name, locked)
}
