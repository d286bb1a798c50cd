package role

import (
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"linli.dev/linli/media/record"
	"linli.dev/linli/people/place"
)

// Config is what an operator decides. The zero value of a field is its default, except Data, which must be given.
type Config struct {
	Data          string   // folder for rows, keys and, without Disks, footage
	Listen        string   // address of pages and API
	RTSP          string   // address for desktop players; "" = off
	WebRTC        string   // UDP and TCP address for live pictures; "" = off
	Announce      []string // further addresses under which viewers reach WebRTC
	PublicURL     string   // what browsers type; "" = derived from Listen
	Database      string   // postgres://…; "" = SQLite in Data
	Disks         []record.Disk
	TLS           string // "", "off", "local", "acme"
	TLSCert       string // own certificate, with TLSKey
	TLSKey        string
	ACMEDirectory string // of the authority; "" = Let's Encrypt
	ACMEEmail     string // where the authority may write to
	Hub           string // of the city, to which this compound's machine reports its cameras; "" = none
	HubTokenFile  string // with a token that is for this compound
	HubCA         string // a further authority that the hub's certificate may be from, PEM
	PlainHTTP     string // address that answers ACME and sends browsers on to https; "" = none

	KeepDays             int // what the form of a new camera offers; 0 = 30
	AllowLoopbackCameras bool
	SyncEvery            time.Duration // 0 = 5 s, negative = never
	CheckRate            int64         // bytes per second and disk that the background check reads; 0 = 8 MiB, negative = no check
	NoHash               bool
	NoRecord             bool          // cameras are read and shown, nothing is kept
	Arm                  time.Duration // what a movement of a hard disk's arm is made to cost, for measurements; 0 = what it costs
	LeasesPerAccount     int           // 0 = 96; another number only in a program that is built to be measured
	Profile              string        // address of the profiler; "" = off
	Version              string

	// AsOf is the day on whose evening the programme's clock stands at the start; 0 = the machine's clock. It runs on
	// from there, and never stands before what is known already. Video and sign-in use the machine's clock.
	AsOf place.Day
}

// ParseSync reads "5s" or "never".
func ParseSync(s string) (time.Duration, error) {
	if s == "never" {
		return -1, nil
	}
	d, err := time.ParseDuration(s)
	if err != nil {
		return 0, fmt.Errorf("%q is neither a duration such as 5s nor never", s)
	}
	if d < 100*time.Millisecond || d > time.Minute {
		return 0, fmt.Errorf("%s is outside 100ms to 1m", d)
	}
	return d, nil
}

// ParseDisk reads DIR or DIR=QUOTA, where QUOTA is bytes with an optional K, M, G or T (powers of ten, as disks are sold).
func ParseDisk(s string) (record.Disk, error) {
	dir, quota, limited := strings.Cut(s, "=")
	if dir == "" {
		return record.Disk{}, errors.New("the folder is missing")
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return record.Disk{}, err
	}
	d := record.Disk{Path: abs}
	if !limited {
		return d, nil
	}
	units := map[byte]int64{'K': 1e3, 'M': 1e6, 'G': 1e9, 'T': 1e12}
	number, unit := quota, int64(1)
	if n := len(quota); n > 0 {
		if u, ok := units[quota[n-1]&^0x20]; ok {
			number, unit = quota[:n-1], u
		}
	}
	n, err := strconv.ParseFloat(number, 64)
	if err != nil || n <= 0 || n*float64(unit) > 1e18 {
		return d, fmt.Errorf("%q is not a size such as 500G or 2T", quota)
	}
	d.Quota = int64(n * float64(unit))
	return d, nil
}
