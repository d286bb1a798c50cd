package storetest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx", to make a database for each test
)

// server is the PostgreSQL of this test process: one, started by the first test that needs it. It listens on a
// socket in its own folder only, and ends by itself when this process does, however it ends.
var server = sync.OnceValues(start)

type postgres struct{ socket string }

// errNone: PostgreSQL is not installed.
var errNone = errors.New("PostgreSQL is not installed (Debian: postgresql)")

// database makes an empty database for a test and returns its address.
func database(t testing.TB) string {
	t.Helper()
	url, drop, err := Database()
	if errors.Is(err, errNone) && os.Getenv("LINLI_REQUIRE_POSTGRES") != "1" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal("PostgreSQL for tests: ", err)
	}
	t.Cleanup(func() {
		if err := drop(); err != nil {
			t.Error(err)
		}
	})
	return url
}

// Database makes an empty PostgreSQL database in a server that lives as long as this process, for measurements.
func Database() (url string, drop func() error, err error) {
	s, err := server()
	if err != nil {
		return "", nil, err
	}
	name := databaseName()
	if err := s.run("CREATE DATABASE " + name + " TEMPLATE template0 ENCODING 'UTF8'"); err != nil {
		return "", nil, err
	}
	return s.url(name), func() error { return s.run("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)") }, nil
}

func (s *postgres) url(database string) string {
	return fmt.Sprintf("postgres://postgres@/%s?host=%s", database, s.socket)
}

func (s *postgres) run(query string) error {
	ctx, stop := context.WithTimeout(context.Background(), 30*time.Second)
	defer stop()
	db, err := sql.Open("pgx", s.url("postgres"))
	if err != nil {
		return err
	}
	defer db.Close()
	if _, err := db.ExecContext(ctx, query); err != nil {
		return fmt.Errorf("%s: %w", query, err)
	}
	return nil
}

func start() (*postgres, error) {
	bin, err := programs()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "linli-pg-") // not t.TempDir: it outlives the first test
	if err != nil {
		return nil, err
	}
	who, err := unprivileged()
	if err != nil {
		return nil, err
	}
	if who != nil {
		if err := os.Chown(dir, int(who.Uid), int(who.Gid)); err != nil {
			return nil, err
		}
	}
	data := filepath.Join(dir, "data")
	if err := makeCluster(bin, data, who); err != nil {
		return nil, err
	}

	// The server must not outlive this process, which may end by a panic, a time limit or kill -9. A shell waits
	// for the end of its input, which is the end of this process, and then stops the server and tidies up.
	const keeper = `"$1" -D "$2" -k "$3" -c listen_addresses= -c fsync=off -c full_page_writes=off -c synchronous_commit=off \
 -c max_connections=200 -c shared_buffers=16MB -c dynamic_shared_memory_type=mmap -c autovacuum=off -c logging_collector=off </dev/null >"$3/log" 2>&1 &
pg=$!
read -r _
kill -QUIT $pg 2>/dev/null
kill -CONT $pg 2>/dev/null
wait $pg
rm -rf "$3"`
	keep := exec.Command("/bin/sh", "-c", keeper, "sh", filepath.Join(bin, "postgres"), data, dir)
	keep.Dir = dir
	// A group of its own: Ctrl-C in the terminal reaches the tests, not the server in the middle of a test.
	keep.SysProcAttr = &syscall.SysProcAttr{Credential: who, Setpgid: true}
	life, err := keep.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := keep.Start(); err != nil {
		return nil, err
	}
	s := &postgres{socket: dir}
	alive = append(alive, life)
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		db, err := sql.Open("pgx", s.url("postgres"))
		if err == nil {
			err = db.Ping()
			db.Close()
		}
		if err == nil {
			return s, nil
		}
		if time.Now().After(end) {
			log, _ := os.ReadFile(filepath.Join(dir, "log"))
			return nil, fmt.Errorf("it does not answer: %w\n%s", err, log)
		}
	}
}

// makeCluster makes the folder of an empty server. The first one for this user and version is kept beside the other things that tests
// need once ($XDG_CACHE_HOME/linli), as initdb works for seconds, and later ones are copied from it.
func makeCluster(bin, data string, who *syscall.Credential) error {
	copied := func(from, to string) error {
		if out, err := exec.Command("cp", "-a", from, to).CombinedOutput(); err != nil {
			return fmt.Errorf("%w\n%s", err, out)
		}
		return nil
	}
	program, kept := filepath.Join(bin, "initdb"), ""
	version, err := exec.Command(program, "--version").Output() // initdb (PostgreSQL) 15.18 …
	cache, err2 := os.UserCacheDir()
	if words := strings.Fields(string(version)); err == nil && err2 == nil && len(words) > 2 {
		kept = filepath.Join(cache, "linli", "postgres-"+words[2])
		if _, err := os.Stat(kept); err == nil && copied(kept, data) == nil {
			return nil
		}
		_ = os.RemoveAll(data)
	}
	initdb := exec.Command(program, "-D", data, "-U", "postgres", "--auth=trust", "--no-sync", "-E", "UTF8", "--locale=C")
	initdb.Dir = filepath.Dir(data)
	initdb.SysProcAttr = &syscall.SysProcAttr{Credential: who}
	if out, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, out)
	}
	if kept == "" || os.MkdirAll(filepath.Dir(kept), 0o700) != nil {
		return nil
	}
	// Whole, or not at all; whoever was first is not disturbed.
	own := fmt.Sprintf("%s.%d", kept, os.Getpid())
	if copied(data, own) != nil || os.Rename(own, kept) != nil {
		_ = os.RemoveAll(own)
	}
	return nil
}

// alive keeps the pipes from being collected, which would close them.
var alive []any

// programs finds the newest installed version.
func programs() (string, error) {
	if path, err := exec.LookPath("postgres"); err == nil {
		if _, err := os.Stat(filepath.Join(filepath.Dir(path), "initdb")); err == nil {
			return filepath.Dir(path), nil
		}
	}
	found, err := fs.Glob(os.DirFS("/"), "usr/lib/postgresql/*/bin/initdb")
	if err != nil || len(found) == 0 {
		return "", errNone
	}
	version := func(path string) int {
		n, _ := strconv.Atoi(strings.Split(path, "/")[3])
		return n
	}
	slices.SortFunc(found, func(a, b string) int { return version(b) - version(a) })
	return filepath.Dir("/" + found[0]), nil
}

// unprivileged: PostgreSQL refuses to run as root, so root's tests run it as the user of Debian's package.
func unprivileged() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
		gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
		if err1 == nil && err2 == nil {
			return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
		}
	}
	return nil, errors.New("neither a user postgres nor a user nobody to run it as")
}
