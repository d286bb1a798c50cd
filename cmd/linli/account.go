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
	"linli.dev/linli/api"
	"linli.dev/linli/role"
	"linli.dev/linli/store"
)

// dataFlags are shared by the short commands, which work beside a running server.
type dataFlags struct {
	Data     string `placeholder:"DIR" required:""`
	Database string `placeholder:"URL"`
}

// identity opens accounts and tokens on the server's database, without its lock.
func (f dataFlags) identity(ctx context.Context, log *slog.Logger, act command) (*identity.Service, func(), error) {
	s, db, err := f.open(ctx, log, act)
	if err != nil {
		return nil, nil, err
	}
	return s, func() { _ = db.Close() }, nil
}

// command is what a command is about to change, and of whom or what; the zero one only reads.
type command struct{ name, what string }

func (f dataFlags) open(ctx context.Context, log *slog.Logger, act command) (*identity.Service, *store.DB, error) {
	dir, err := filepath.Abs(f.Data)
	if err != nil {
		return nil, nil, err
	}
	if err := dataFolder(dir); err != nil {
		return nil, nil, err
	}
	db, err := role.OpenDB(ctx, role.Config{Data: dir, Database: f.Database}, log)
	if err != nil {
		return nil, nil, err
	}
	s, err := identity.New(ctx, db, identity.Options{Log: log, Dir: dir})
	if err == nil && act != (command{}) {
		err = role.Act(ctx, db, act.name, act.what)
	}
	if err != nil {
		_ = db.Close()
		return nil, nil, err
	}
	return s, db, nil
}

type accountCmd struct {
	List     accountListCmd     `cmd:""`
	Create   accountCreateCmd   `cmd:""`
	Password accountPasswordCmd `cmd:""`
	Lock     accountLockCmd     `cmd:""`
	Unlock   accountUnlockCmd   `cmd:""`
	Appoint  accountAppointCmd  `cmd:""`
	Withdraw accountWithdrawCmd `cmd:""`
	Held     accountHeldCmd     `cmd:""`
}

type accountListCmd struct{ dataFlags }

func (c accountListCmd) Run(ctx context.Context, log *slog.Logger, v *api.Voice) error {
	s, done, err := c.identity(ctx, log, command{})
	if err != nil {
		return err
	}
	defer done()
	list, err := s.ListAccounts(ctx)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, v.Say("cli.account.head"))
	for _, a := range list {
		state, seen := v.Say("cli.account.active"), v.Say("cli.account.never")
		switch {
		case a.Disabled:
			state = v.Say("cli.account.locked")
		case a.MustChange:
			state = v.Say("cli.account.first")
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
	Name    string `arg:""`
	Role    string `enum:"operator,guard,staff" default:"guard"`
	Display string
}

func (c accountCreateCmd) Run(ctx context.Context, log *slog.Logger, v *api.Voice) error {
	s, done, err := c.identity(ctx, log, command{"account create", c.Name})
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
	fmt.Println(v.Say("cli.account.made", "name", a.Name, "role", a.Role, "password", password))
	return nil
}

type accountPasswordCmd struct {
	dataFlags
	Name string `arg:""`
}

func (c accountPasswordCmd) Run(ctx context.Context, log *slog.Logger, v *api.Voice) error {
	s, done, err := c.identity(ctx, log, command{"account password", c.Name})
	if err != nil {
		return err
	}
	defer done()
	password, err := s.ResetPassword(ctx, c.Name)
	if err != nil {
		return err
	}
	fmt.Println(v.Say("cli.account.reset", "name", c.Name, "password", password))
	return nil
}

type accountLockCmd struct {
	dataFlags
	Name string `arg:""`
}

func (c accountLockCmd) Run(ctx context.Context, log *slog.Logger) error {
	return setLocked(ctx, log, c.dataFlags, c.Name, true)
}

type accountUnlockCmd struct {
	dataFlags
	Name string `arg:""`
}

func (c accountUnlockCmd) Run(ctx context.Context, log *slog.Logger) error {
	return setLocked(ctx, log, c.dataFlags, c.Name, false)
}

func setLocked(ctx context.Context, log *slog.Logger, f dataFlags, name string, locked bool) error {
	what := "account unlock"
	if locked {
		what = "account lock"
	}
	s, done, err := f.identity(ctx, log, command{what, name})
	if err != nil {
		return err
	}
	defer done()
	return s.Disable(ctx, name, locked)
}
