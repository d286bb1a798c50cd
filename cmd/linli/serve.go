package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"linli.dev/linli/people/place"
	"linli.dev/linli/role"
)

// serveFlags are shared by serve and demo.
type serveFlags struct {
	Data      string   `help:"Folder for rows, keys and footage." placeholder:"DIR" required:""`
	Listen    string   `help:"Address of the web pages and the API." default:"127.0.0.1:8080"`
	RTSP      string   `help:"Address for desktop players; empty turns it off." default:"127.0.0.1:8554" name:"rtsp"`
	WebRTC    string   `help:"UDP address for live pictures; TCP on the same number." default:"127.0.0.1:8189" name:"webrtc"`
	PublicURL string   `help:"What browsers type, when it is not the listen address." placeholder:"URL"`
	Database  string   `help:"postgres://… instead of SQLite in the data folder." placeholder:"URL"`
	Disk      []string `help:"Folder for footage, DIR or DIR=QUOTA (500G, 2T); repeatable; default: the data folder." placeholder:"DIR[=QUOTA]"`
	TLS       string   `help:"Transport: off, local (own certificate authority), acme; or give --tls-cert and --tls-key." default:"off" enum:"off,local,acme" name:"tls"`
	TLSCert   string   `help:"Certificate chain, PEM." type:"existingfile" name:"tls-cert"`
	TLSKey    string   `help:"Its private key, PEM." type:"existingfile" name:"tls-key"`
	PlainHTTP string   `help:"Address that answers ACME's question and sends browsers on to https; default: :80." default:":80" placeholder:"ADDR" name:"plain-http"`
	ACMEDir   string   `help:"Directory of an ACME authority of your own; default: Let's Encrypt. Its certificate must be one that this machine trusts." placeholder:"URL" name:"acme-directory"`
	ACMEEmail string   `help:"Where the ACME authority may write to." placeholder:"ADDRESS" name:"acme-email"`
	Announce  []string `help:"Further address under which viewers reach --webrtc, behind a NAT say; repeatable." placeholder:"HOST"`

	AsOf string `help:"Day on which the programme's clock stands, such as 2017-09-27; default: today. Video and sign-in use the machine's clock." placeholder:"DATE"`

	AllowLoopbackCameras bool          `help:"Accept cameras on this machine's own addresses (simulators, tests)."`
	SyncEvery            string        `help:"How often footage is forced to disk; 'never' for measurements." default:"5s"`
	CheckRate            int64         `help:"MB per second that the background check of footage reads of each disk; 0 turns it off." default:"8" placeholder:"MB"`
	NoHash               bool          `help:"Do not hash fragments (measurements only)." hidden:""`
	NoRecord             bool          `help:"Keep no footage (measurements only)." hidden:""`
	Arm                  time.Duration `help:"Let footage lie on a hard disk whose arm takes so long for each movement (measurements only)." hidden:""`
	LeasesPerAccount     int           `help:"Leases that an account may hold at a time (measurements only)." hidden:""`
}

func (f serveFlags) config() (role.Config, error) {
	if f.TLS == "acme" && !strings.HasPrefix(f.PublicURL, "https://") {
		return role.Config{}, errors.New("--tls acme needs --public-url https://NAME, the name to get a certificate for")
	}
	if f.TLS != "acme" && f.ACMEDir+f.ACMEEmail != "" {
		return role.Config{}, errors.New("--acme-directory and --acme-email go with --tls acme")
	}
	if (f.TLSCert == "") != (f.TLSKey == "") {
		return role.Config{}, errors.New("--tls-cert and --tls-key go together")
	}
	c := role.Config{
		Data: f.Data, Listen: f.Listen, RTSP: f.RTSP, WebRTC: f.WebRTC, PublicURL: strings.TrimSuffix(f.PublicURL, "/"),
		Database: f.Database, TLS: f.TLS, TLSCert: f.TLSCert, TLSKey: f.TLSKey, PlainHTTP: f.PlainHTTP, Announce: f.Announce,
		ACMEDirectory: f.ACMEDir, ACMEEmail: f.ACMEEmail, AllowLoopbackCameras: f.AllowLoopbackCameras,
		NoHash: f.NoHash, NoRecord: f.NoRecord, LeasesPerAccount: f.LeasesPerAccount, Arm: f.Arm, Version: version,
	}
	var err error
	if f.AsOf != "" {
		if c.AsOf, err = place.ParseDay(f.AsOf); err != nil {
			return c, fmt.Errorf("--as-of: %w", err)
		}
	}
	if c.SyncEvery, err = role.ParseSync(f.SyncEvery); err != nil {
		return c, fmt.Errorf("--sync-every: %w", err)
	}
	if c.CheckRate = f.CheckRate << 20; f.CheckRate <= 0 {
		c.CheckRate = -1
	}
	for _, d := range f.Disk {
		disk, err := role.ParseDisk(d)
		if err != nil {
			return c, fmt.Errorf("--disk %s: %w", d, err)
		}
		c.Disks = append(c.Disks, disk)
	}
	return c, nil
}

type serveCmd struct {
	serveFlags
	PprofListen string `help:"Address of Go's profiler, for the developers." hidden:""`
}

func (s serveCmd) Run(ctx context.Context, log *slog.Logger) error {
	c, err := s.config()
	if err != nil {
		return err
	}
	c.Profile = s.PprofListen
	all, err := role.Open(ctx, c, log)
	if err != nil {
		return err
	}
	return all.Run(ctx, func(url string) { announce(all, url) })
}

// announce prints what a person needs to begin: the address and, once, the first passwords.
func announce(all *role.All, url string) {
	fmt.Fprintf(os.Stdout, "\n  邻里 Linli %s\n\n  %s\n", version, url)
	if first := all.FirstPasswords(); len(first) > 0 {
		fmt.Fprintf(os.Stdout, "\n  %-12s %s\n", "account", "first password (shown once; also in "+all.FirstPasswordsFile()+")")
		for _, p := range first {
			fmt.Fprintf(os.Stdout, "  %-12s %s\n", p.Name, p.Password)
		}
	} else if file := all.FirstPasswordsFile(); file != "" {
		if _, err := os.Stat(file); err == nil {
			fmt.Fprintf(os.Stdout, "\n  first passwords not yet changed: %s\n", file)
		}
	}
	fmt.Fprintln(os.Stdout, "\n  Ctrl-C stops everything in order.")
}
