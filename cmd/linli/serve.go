package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"time"

	"linli.dev/linli/api"
	"linli.dev/linli/link"
	"linli.dev/linli/people/place"
	"linli.dev/linli/role"
)

// serveFlags are shared by serve and demo.
type serveFlags struct {
	Data      string   `placeholder:"DIR" required:""`
	Listen    string   `default:"127.0.0.1:8080"`
	RTSP      string   `default:"127.0.0.1:8554" name:"rtsp"`
	WebRTC    string   `default:"127.0.0.1:8189" name:"webrtc"`
	PublicURL string   `placeholder:"URL"`
	Database  string   `placeholder:"URL"`
	Disk      []string `placeholder:"DIR[=QUOTA]"`
	TLS       string   `default:"off" enum:"off,local,acme" name:"tls"`
	TLSCert   string   `type:"existingfile" name:"tls-cert"`
	TLSKey    string   `type:"existingfile" name:"tls-key"`
	PlainHTTP string   `default:":80" placeholder:"ADDR" name:"plain-http"`
	ACMEDir   string   `placeholder:"URL" name:"acme-directory"`
	ACMEEmail string   `placeholder:"ADDRESS" name:"acme-email"`
	Announce  []string `placeholder:"HOST"`

	Hub          string `placeholder:"URL"`
	HubTokenFile string `placeholder:"FILE" type:"existingfile"`
	HubCA        string `placeholder:"FILE" type:"existingfile" name:"hub-ca"`

	AsOf string `placeholder:"DATE"`

	AllowLoopbackCameras bool
	SyncEvery            string        `default:"5s"`
	CheckRate            int64         `default:"8" placeholder:"MB"`
	NoHash               bool          `hidden:""`
	NoRecord             bool          `hidden:""`
	Arm                  time.Duration `hidden:""`
}

func (f serveFlags) config() (role.Config, error) {
	if f.TLS == "acme" && !strings.HasPrefix(f.PublicURL, "https://") {
		return role.Config{}, wrong("acme-url")
	}
	if f.TLS != "acme" && f.ACMEDir+f.ACMEEmail != "" {
		return role.Config{}, wrong("acme-flags")
	}
	if (f.TLSCert == "") != (f.TLSKey == "") {
		return role.Config{}, wrong("tls-pair")
	}
	if err := f.hub(); err != nil {
		return role.Config{}, err
	}
	c := role.Config{
		Data: f.Data, Listen: f.Listen, RTSP: f.RTSP, WebRTC: f.WebRTC, PublicURL: strings.TrimSuffix(f.PublicURL, "/"),
		Database: f.Database, TLS: f.TLS, TLSCert: f.TLSCert, TLSKey: f.TLSKey, PlainHTTP: f.PlainHTTP, Announce: f.Announce,
		ACMEDirectory: f.ACMEDir, ACMEEmail: f.ACMEEmail, Hub: f.Hub, HubTokenFile: f.HubTokenFile, HubCA: f.HubCA, AllowLoopbackCameras: f.AllowLoopbackCameras,
		NoHash: f.NoHash, NoRecord: f.NoRecord, Arm: f.Arm, Version: version,
	}
	c.LeasesPerAccount, _ = strconv.Atoi(leasesPerAccount)
	var err error
	if f.AsOf != "" {
		if c.AsOf, err = place.ParseDay(f.AsOf); err != nil {
			return c, err
		}
	}
	if c.SyncEvery, err = role.ParseSync(f.SyncEvery); err != nil {
		return c, wrong("sync", "is", f.SyncEvery)
	}
	if c.CheckRate = f.CheckRate << 20; f.CheckRate <= 0 {
		c.CheckRate = -1
	}
	for _, d := range f.Disk {
		disk, err := role.ParseDisk(d)
		if err != nil {
			return c, wrong("disk", "is", d)
		}
		c.Disks = append(c.Disks, disk)
	}
	return c, nil
}

// hub checks the flags about the hub that this machine reports to.
func (f serveFlags) hub() error {
	if (f.Hub == "") != (f.HubTokenFile == "") || f.Hub == "" && f.HubCA != "" {
		return wrong("hub-flags")
	}
	if f.Hub == "" {
		return nil
	}
	switch _, err := link.CheckURL(f.Hub); {
	case errors.Is(err, link.ErrPlain):
		return wrong("hub-plain", "is", f.Hub)
	case err != nil:
		return wrong("hub-url", "is", f.Hub)
	}
	return nil
}

type serveCmd struct {
	serveFlags
	PprofListen string `hidden:""`
}

func (s serveCmd) Run(ctx context.Context, log *slog.Logger, v *api.Voice) error {
	c, err := s.config()
	if err != nil {
		return err
	}
	c.Profile = s.PprofListen
	all, err := role.Open(ctx, c, log)
	if err != nil {
		return err
	}
	return all.Run(ctx, func(url string) { announce(all, url, v) })
}

// announce prints what a person needs to begin: the address and, once, the first passwords; and what anybody on the network
// could read.
func announce(all *role.All, url string, v *api.Voice) {
	fmt.Printf("\n  邻里 Linli %s\n\n  %s\n", version, url)
	file := all.FirstPasswordsFile()
	if first := all.FirstPasswords(); len(first) > 0 {
		fmt.Printf("\n  %-12s %s\n", v.Say("cli.start.account"), v.Say("cli.start.first", "file", file))
		for _, p := range first {
			fmt.Printf("  %-12s %s\n", p.Name, p.Password)
		}
	} else if _, err := os.Stat(file); err == nil {
		fmt.Printf("\n  %s\n", v.Say("cli.start.first-kept", "file", file))
	}
	for _, open := range all.Config().InTheOpen() {
		fmt.Println()
		for _, line := range wrap(v.Say("cli.start."+open.What, "address", open.Address), 96) {
			fmt.Printf("  %s\n", line)
		}
	}
	fmt.Printf("\n  %s\n", v.Say("cli.start.stop"))
}
