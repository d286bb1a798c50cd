package identity

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"linli.dev/linli/fault"
	"linli.dev/linli/store"
)

// First is an account that a fresh installation begins with.
type First struct {
	Name     string
	Display  string
	Role     Role
	Password string // "" makes one, to be changed at first sign-in; a given one is kept (a demo's)
}

// FirstPassword is shown once in the terminal.
type FirstPassword struct{ Name, Password string }

const firstFile = "first-passwords"

// EnsureFirst makes these accounts where there is none yet, and gives the passwords that were made;
// they also lie in dir/first-passwords, readable by the owner of the folder only, until they are
// changed. On a later start it does nothing.
func (s *Service) EnsureFirst(ctx context.Context, dir string, who []First) ([]FirstPassword, error) {
	if dir == "" {
		dir = s.opt.Dir
	} else if s.opt.Dir == "" {
		s.opt.Dir = dir
	}
	if any, err := s.db.NewSelect().Model((*accountRow)(nil)).Exists(ctx); err != nil || any {
		return nil, err
	}
	var rows []accountRow
	var made []FirstPassword
	for _, f := range who {
		n := NewAccount{Name: f.Name, Display: f.Display, Role: f.Role}
		if err := n.check(); err != nil {
			return nil, err
		}
		password := f.Password
		if password == "" {
			password = firstPassword()
			made = append(made, FirstPassword{n.Name, password})
		}
		hash, err := s.kitchen.hash(ctx, password)
		if err != nil {
			return nil, err
		}
		rows = append(rows, accountRow{
			ID: AccountID(store.NewID()), Name: n.Name, Display: n.Display, Role: n.Role, Password: hash,
			MustChange: f.Password == "", CreatedUS: store.Micros(s.opt.Now()),
		})
	}
	// The file first: accounts whose passwords nobody knows would shut everybody out.
	if dir != "" && len(made) > 0 {
		if err := writeFirst(filepath.Join(dir, firstFile), made); err != nil {
			return nil, fault.Wrap(err, fault.Internal, "identity.first", "identity.first-passwords")
		}
	}
	err := s.db.Change(ctx, func(ctx context.Context, tx *store.Tx) error {
		if any, err := tx.NewSelect().Model((*accountRow)(nil)).Exists(ctx); err != nil || any {
			made = nil
			return err
		}
		for _, row := range rows {
			if err := s.insertAccount(ctx, tx, row); err != nil {
				return err
			}
		}
		return nil
	})
	if (err != nil || made == nil) && dir != "" {
		_ = os.Remove(filepath.Join(dir, firstFile))
	}
	if err != nil {
		return nil, err
	}
	return made, nil
}

// AddFirst makes those of the accounts that are not there yet, each with a first password, which lies beside the others
// until it is changed. It is for a demo, whose offices come along with its city.
func (s *Service) AddFirst(ctx context.Context, who []First) (made []FirstPassword, err error) {
	var missing []NewAccount
	for _, f := range who {
		_, err := findAccount(ctx, s.db.DB, "name = ?", f.Name)
		if fault.KindOf(err) == fault.NotFound {
			missing = append(missing, NewAccount{Name: f.Name, Display: f.Display, Role: f.Role})
			err = nil
		}
		if err != nil {
			return nil, err
		}
	}
	for _, n := range missing {
		_, password, err := s.CreateAccount(ctx, n)
		if err != nil {
			return nil, err
		}
		made = append(made, FirstPassword{n.Name, password})
	}
	if s.opt.Dir == "" || len(made) == 0 {
		return made, nil
	}
	path := filepath.Join(s.opt.Dir, firstFile)
	list, err := readFirst(path)
	if err == nil {
		err = writeFirst(path, append(list, made...))
	}
	if err != nil {
		return made, fault.Wrap(err, fault.Internal, "identity.first", "identity.first-passwords")
	}
	return made, nil
}

// readFirst is what lies in the file; nothing when there is none.
func readFirst(path string) (list []FirstPassword, err error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	for line := range strings.Lines(string(text)) {
		if name, password, ok := strings.Cut(strings.TrimSpace(line), "\t"); ok && !strings.HasPrefix(name, "#") {
			list = append(list, FirstPassword{name, password})
		}
	}
	return list, err
}

const firstHead = `# 邻里：初始密码。首次登录时须修改；改一个，删一行，全部改完后本文件自动删除。
# Linli: first passwords, to be changed at the first sign-in. This file goes when all are changed.
`

func writeFirst(path string, list []FirstPassword) error {
	var b strings.Builder
	b.WriteString(firstHead)
	for _, p := range list {
		fmt.Fprintf(&b, "%s\t%s\n", p.Name, p.Password)
	}
	// A new file each time: one that somebody laid there with wider rights is not written into.
	tmp, err := os.CreateTemp(filepath.Dir(path), ".first-*") // 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(tmp.Name()) }()
	if _, err := tmp.WriteString(b.String()); err != nil {
		_ = tmp.Close()
		return err
	}
	if err := errors.Join(tmp.Sync(), tmp.Close()); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), path)
}

// tidyFirst takes a name whose password was changed out of the file, and names that are gone; the
// file goes with the last one.
func (s *Service) tidyFirst(ctx context.Context, changed string) error {
	if s.opt.Dir == "" {
		return nil
	}
	path := filepath.Join(s.opt.Dir, firstFile)
	list, err := readFirst(path)
	if err != nil || list == nil {
		return err
	}
	var left []FirstPassword
	for _, p := range list {
		if p.Name == changed {
			continue
		}
		row, err := findAccount(ctx, s.db.DB, "name = ?", p.Name)
		if fault.KindOf(err) == fault.NotFound || (err == nil && !row.MustChange) {
			continue
		}
		if err != nil {
			return err
		}
		left = append(left, p)
	}
	if len(left) == 0 {
		return os.Remove(path)
	}
	return writeFirst(path, left)
}
