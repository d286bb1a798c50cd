package demo

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"

	"linli.dev/linli/demo/camsim"
)

// Free is a simulated camera that nobody has registered, for a newcomer to try it. It is the same at each start, so that
// one that was registered comes back.
type Free struct {
	sim *camsim.Simulator

	Main, Sub      string // addresses
	Usual          string // "" where they are the usual ones; else the address that another program has
	Left           string // the address of the last start, which another program has taken since; "" where it is the same
	User, Password string
}

// ErrAddress says that the address that was asked for cannot be listened at.
var ErrAddress = errors.New("no such address is free")

// FreeAddress is camsim's usual one.
const FreeAddress = "127.0.0.1:8600"

// freeFile remembers in the data folder which address another one was chosen for.
const freeFile = "demo-free-camera"

// freeCamera guards nothing but a drawing on this machine: its password is known so that it can be typed. It listens where it
// is told, and a port that is taken is a fault then. Told nothing, it listens at the address of the last start, the first time
// at the usual one; where another program has that, at any, which is remembered.
func freeCamera(dir, address string, log *slog.Logger) (*Free, error) {
	f := &Free{User: "demo", Password: "try-a-camera"}
	if address != "" {
		if err := f.listen(address, log); err != nil {
			return nil, fmt.Errorf("free camera: %w: %w", ErrAddress, err)
		}
		return f, nil
	}
	path := filepath.Join(dir, freeFile)
	last := FreeAddress
	if raw, err := os.ReadFile(path); err == nil {
		if kept := strings.TrimSpace(string(raw)); local(kept) {
			last = kept
		}
	} else if !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("free camera: %w", err)
	}
	if err := f.listen(last, log); err != nil {
		if err := f.listen("127.0.0.1:0", log); err != nil {
			return nil, fmt.Errorf("free camera: %w", err)
		}
		if last != FreeAddress {
			f.Left = last
		}
	}
	is := f.sim.Addr()
	if is == last {
		last = ""
	}
	if is != FreeAddress {
		f.Usual = FreeAddress
	}
	if last != "" {
		if err := os.WriteFile(path, []byte(is+"\n"), 0o600); err != nil {
			_ = f.sim.Close()
			return nil, fmt.Errorf("free camera: %w", err)
		}
	}
	return f, nil
}

// local reports whether an address is one of this machine alone; a file says what somebody wrote into it.
func local(address string) bool {
	host, port, err := net.SplitHostPort(address)
	return err == nil && host == "127.0.0.1" && port != "" && port != "0"
}

// listen starts it.
func (f *Free) listen(address string, log *slog.Logger) (err error) {
	f.sim, err = camsim.New(camsim.Options{Count: 1, Listen: address, User: f.User, Password: f.Password, Log: log})
	if err == nil {
		f.Main, f.Sub = f.sim.URL(0, "main"), f.sim.URL(0, "sub")
	}
	return err
}
